"""The log as text: a line for each entry, the same for the same history whatever the ids."""

import pytest

from fakestash.model.outcomes import Outcome, Responded, TimedOut, Unreachable
from fakestash.testing.chronicle import numbered, render
from tests.builders import BROKEN, OK, START, Stage


def lines(stage: Stage) -> list[str]:
    """The text line by line, without the list of ids."""
    return [line for line in render(stage.log(), START).splitlines() if " is msg_" not in line]


def test_without_messages_it_says_so() -> None:
    assert render([], START) == "  nothing was published"


def test_a_history_is_told_with_offsets() -> None:
    stage = Stage(BROKEN, Responded(204, took=70), Unreachable("EOF", took=1_500))
    stage.advance(250)
    first = stage.publish("https://shop.test/hook")
    second = stage.publish("https://shop.test/items/7?x=1", method="PUT", retries=0, delay=60_000)
    third = stage.publish("https://shop.test/late", delay=90_000)
    stage.cancel(third, "10.0.0.1")
    stage.driver.run_until_idle()

    assert render(stage.log(), START) == (
        "  from 2026-01-01T00:00:00Z:\n"
        "  +250 ms         #1   CREATED          POST https://shop.test/hook\n"
        "  +250 ms         #2   CREATED          PUT https://shop.test/items/7?x=1\n"
        "  +250 ms         #3   CREATED          POST https://shop.test/late\n"
        "  +250 ms         #3   CANCEL_REQUESTED\n"
        "  +250 ms         #1   ACTIVE\n"
        "  +250 ms         #1   ERROR            HTTP status 500\n"
        "  +250 ms         #1   RETRY            again in 12 s\n"
        "  +12.25 s        #1   ACTIVE\n"
        "  +12.32 s        #1   DELIVERED\n"
        "  +1 m 250 ms     #2   ACTIVE\n"
        "  +1 m 1.75 s     #2   ERROR            EOF\n"
        f"  +1 m 1.75 s     #2   FAILED           in the dead letter queue as {START + 61_750}-0\n"
        "  +1 m 30.25 s    #3   CANCELED\n"
        f"  #1 is {first.id}\n"
        f"  #2 is {second.id}\n"
        f"  #3 is {third.id}"
    )


@pytest.mark.parametrize(
    ("outcome", "text"),
    [
        (Responded(404), "HTTP status 404"),
        (Unreachable("tls: no"), "tls: no"),
        (TimedOut(took=0), "context deadline exceeded"),
        (Responded(500, exception=ValueError("no tea")), "HTTP status 500 (ValueError: no tea)"),
        (
            Responded(500, exception=AssertionError("one\ntwo\nthree")),
            "HTTP status 500 (AssertionError: one)",
        ),
        (Responded(500, exception=KeyError()), "HTTP status 500 (KeyError: )"),
    ],
)
def test_a_failure_says_why_in_one_line(outcome: Outcome, text: str) -> None:
    stage = Stage(outcome)
    stage.publish(retries=0)
    stage.advance(0)

    assert lines(stage)[3] == f"  +0 s            #1   ERROR            {text}"


def test_the_text_is_the_same_for_every_seed() -> None:
    def told(seed: int) -> list[str]:
        stage = Stage(BROKEN, OK, seed=seed)
        stage.publish()
        stage.publish(delay=5)
        stage.driver.run_until_idle()
        return lines(stage)

    assert told(1) == told(2)


def test_of_some_messages_it_is_told_with_the_numbers_they_have_among_all() -> None:
    stage = Stage(OK)
    stage.publish(delay=5)
    second = stage.publish("https://shop.test/other")

    assert render(stage.log(), START, {second.id}) == (
        "  from 2026-01-01T00:00:00Z:\n"
        "  +0 s            #2   CREATED          POST https://shop.test/other\n"
        f"  #2 is {second.id}"
    )


def test_messages_are_numbered_in_the_order_in_which_they_appear() -> None:
    stage = Stage(OK)
    first, second = stage.publish(delay=5), stage.publish()
    stage.driver.run_until_idle()

    assert numbered(stage.log()) == {first.id: 1, second.id: 2}
    assert numbered([]) == {}
