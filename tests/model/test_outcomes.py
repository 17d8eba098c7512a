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
)


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


def test_what_was_broken_off_got_no_answer_and_remembers_why() -> None:
    error = KeyboardInterrupt()

    assert broken_off(error) == Unreachable("EOF", 0, error)
