"""Dead letters as a test reads them."""

from datetime import UTC, datetime

import pytest

from fakestash.errors import UsageError
from fakestash.model.outcomes import Outcome, Responded, TimedOut, Unreachable
from fakestash.testing.views import DeadLetter, DeadLetters
from tests.builders import BROKEN, START, USER, Stage


def letters(stage: Stage) -> DeadLetters:
    return DeadLetters(DeadLetter(each) for each in stage.engine.all_dead_letters(USER))


def letter_after(outcome: Outcome) -> DeadLetter:
    """What is left of a message whose only attempt has this outcome."""
    stage = Stage(outcome)
    stage.publish("https://shop.test/hook?x=1", method="PUT", body=b"hello", retries=0)
    stage.driver.run_until_idle()
    return letters(stage)[0]


def test_a_dead_letter_shows_its_message() -> None:
    stage = Stage(BROKEN)
    message = stage.publish("https://shop.test/hook", method="PUT", body=b"hello", retries=1)
    stage.driver.run_until_idle()
    (letter,) = letters(stage)

    assert (letter.dlq_id, letter.message_id) == (f"{START + 12_000}-0", message.id)
    assert (letter.url, letter.method, letter.body) == ("https://shop.test/hook", "PUT", b"hello")
    assert (letter.at, letter.retried) == (datetime(2026, 1, 1, 0, 0, 12, tzinfo=UTC), 1)


def test_a_dead_letter_shows_what_was_forwarded_and_its_json() -> None:
    stage = Stage(BROKEN)
    stage.publish(body=b"[1]", headers=(("X-A", "1"),), retries=0)
    stage.driver.run_until_idle()
    (letter,) = letters(stage)

    assert (dict(letter.headers), letter.json()) == ({"X-A": "1"}, [1])


def test_a_dead_letter_equals_itself_whenever_it_is_asked_for() -> None:
    stage = Stage(BROKEN)
    for _ in range(2):
        stage.publish(retries=0)
    stage.driver.run_until_idle()
    first, second = letters(stage)

    assert letters(stage) == [first, second]
    assert first != second
    assert first != first.dlq_id
    assert len({first, *letters(stage)}) == 2


def test_a_dead_letter_shows_the_last_answer() -> None:
    error = ValueError("no")
    letter = letter_after(Responded(503, (("X-A", "1"),), b"busy", exception=error))

    assert (letter.response_status, dict(letter.response_headers), letter.response_body) == (
        503,
        {"X-A": "1"},
        b"busy",
    )
    assert (letter.error, letter.exception) == ("HTTP status 503", error)


@pytest.mark.parametrize(
    ("outcome", "error"),
    [(Unreachable("EOF"), "EOF"), (TimedOut(), "context deadline exceeded")],
)
def test_a_dead_letter_without_an_answer_says_why(outcome: Outcome, error: str) -> None:
    letter = letter_after(outcome)

    assert (letter.response_status, dict(letter.response_headers), letter.response_body) == (
        0,
        {},
        b"",
    )
    assert (letter.error, letter.exception) == (error, None)


def test_a_dead_letter_is_printed_in_a_line() -> None:
    assert repr(letter_after(BROKEN)) == (
        f"<DeadLetter {START}-0 PUT https://shop.test/hook?x=1: HTTP status 500>"
    )


def test_dead_letters_are_a_sequence_in_order_of_failure() -> None:
    stage = Stage(BROKEN)
    for delay in (3, 1, 2):
        stage.publish(f"https://shop.test/{delay}", retries=0, delay=delay)
    stage.driver.run_until_idle()
    found = letters(stage)

    assert [each.url[-1] for each in found] == ["1", "2", "3"]
    assert (len(found), found[0].url[-1], found[-1].url[-1]) == (3, "1", "3")
    assert isinstance(found[1:], DeadLetters)
    assert [each.url[-1] for each in found[1:]] == ["2", "3"]
    assert repr(found[:1]) == f"DeadLetters([{found[0]!r}])"
    assert not DeadLetters()


def test_dead_letters_for_a_place_are_found() -> None:
    stage = Stage(BROKEN)
    for url in ("https://shop.test/a?x=1", "https://shop.test/a", "https://other.test/a"):
        stage.publish(url, retries=0)
    stage.advance(0)
    found = letters(stage)

    assert isinstance(found.to("https://shop.test"), DeadLetters)
    assert [each.url for each in found.to("https://shop.test/a")] == [
        "https://shop.test/a?x=1",
        "https://shop.test/a",
    ]
    assert [each.url for each in found.to("https://shop.test/a?x=1")] == ["https://shop.test/a?x=1"]
    assert list(found.to("https://shop.test/b")) == []


def test_dead_letters_for_no_place_are_a_mistake() -> None:
    with pytest.raises(UsageError, match=r"^'/a' is not a destination: "):
        DeadLetters().to("/a")
