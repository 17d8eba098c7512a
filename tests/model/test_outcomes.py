"""Outcomes: which of them is a delivery, and the service's words for the others."""

import pytest

from fakestash.model.outcomes import (
    Outcome,
    Responded,
    TimedOut,
    Unreachable,
    broken_off,
    error_text,
    is_delivered,
    outcome_text,
)


@pytest.mark.fidelity("deliveries: 200 to 299 is a success", "docs")
@pytest.mark.parametrize(
    ("outcome", "delivered"),
    [
        (Responded(199), False),
        (Responded(200), True),
        (Responded(204), True),
        (Responded(299), True),
        (Responded(300), False),
        (Responded(404), False),
        (Responded(489), False),
        (Unreachable("EOF"), False),
        (TimedOut(), False),
    ],
)
def test_only_an_answer_from_200_to_299_is_a_delivery(outcome: Outcome, delivered: bool) -> None:
    assert is_delivered(outcome) is delivered


@pytest.mark.fidelity("log: `error` of a status and of a time-out", "measured")
@pytest.mark.parametrize(
    ("outcome", "text"),
    [
        (Responded(404), "HTTP status 404"),
        (Responded(302, exception=ValueError()), "HTTP status 302"),
        (Unreachable("tls: bad certificate"), "tls: bad certificate"),
        (TimedOut(), "context deadline exceeded"),
        (TimedOut(took=0), "context deadline exceeded"),
    ],
)
def test_the_error_of_an_outcome_is_in_the_words_of_the_service(
    outcome: Outcome, text: str
) -> None:
    assert error_text(outcome) == text


@pytest.mark.parametrize(
    ("outcome", "text"),
    [
        (Responded(201), "201"),
        (Responded(404), "HTTP status 404"),
        (Unreachable("EOF"), "EOF"),
        (TimedOut(), "context deadline exceeded"),
    ],
)
def test_an_outcome_is_told_in_a_word_or_two(outcome: Outcome, text: str) -> None:
    assert outcome_text(outcome) == text


def test_an_outcome_takes_no_time_unless_told_but_a_timeout_takes_all() -> None:
    assert Responded(200) == (200, (), b"", 0, None)
    assert Unreachable("EOF") == ("EOF", 0, None)
    assert TimedOut() == (None, None)


def test_what_was_broken_off_got_no_answer_and_remembers_why() -> None:
    error = KeyboardInterrupt()

    assert broken_off(error) == Unreachable("EOF", 0, error)
