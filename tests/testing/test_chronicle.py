"""The log as text: a line for each entry, the same for the same history whatever the ids."""

from dataclasses import replace

import pytest

from fakestash.model.outcomes import Outcome, Responded, TimedOut, Unreachable
from fakestash.model.settings import FlowControl
from fakestash.plans import PAYG
from fakestash.testing.chronicle import numbered, render
from tests.builders import BROKEN, OK, START, USER, Stage


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


def told(stage: Stage) -> list[str]:
    """The whole text line by line, with what the log does not tell, without the list of ids."""
    text = render(stage.log(), START, notes=stage.engine.stories.notes(USER))
    return [line for line in text.splitlines() if " is msg_" not in line]


def test_who_is_held_is_told_with_the_reason_and_how_long_it_was() -> None:
    stage = Stage(OK._replace(took=12_000))
    for name in ("a", "b", "c"):
        stage.send(name, queue="orders", flow=FlowControl("tenant", rate=2, period=60))
    stage.driver.run_until_idle()

    by_its_key = "flow control key tenant has started 2 in 60 s, which is its limit"
    assert told(stage) == [
        "  from 2026-01-01T00:00:00Z:",
        "  +0 s            #1   CREATED          POST https://shop.test/a",
        "  +0 s            #2   CREATED          POST https://shop.test/b",
        "  +0 s            #3   CREATED          POST https://shop.test/c",
        "  +0 s            #1   ACTIVE",
        "  +0 s            #2   HELD             1 other is before it in queue orders",
        "  +0 s            #3   HELD             2 others are before it in queue orders",
        "  +12 s           #1   DELIVERED",
        "  +12 s           #2   ACTIVE           12 s after it came due",
        "  +24 s           #2   DELIVERED",
        f"  +24 s           #3   HELD             {by_its_key}",
        "  +1 m            #3   ACTIVE           1 m after it came due",
        "  +1 m 12 s       #3   DELIVERED",
    ]


def test_a_retry_that_was_held_is_told_with_how_long_it_was() -> None:
    stage = Stage(BROKEN, OK)
    stage.send("a", queue="orders")
    stage.advance(0)
    stage.engine.queues.pause(USER, "orders")
    stage.advance(20_000)
    stage.engine.queues.resume(USER, "orders")
    stage.driver.run_until_idle()

    assert told(stage)[3:] == [
        "  +0 s            #1   ERROR            HTTP status 500",
        "  +0 s            #1   RETRY            again in 12 s",
        "  +12 s           #1   HELD             queue orders is paused",
        "  +20 s           #1   ACTIVE           8 s after it came due",
        "  +20 s           #1   DELIVERED",
    ]


def test_what_was_done_by_hand_is_told_before_what_came_of_it() -> None:
    stage = Stage(OK._replace(took=12_000))
    message = stage.publish(delay=60_000)
    stage.driver.deliver_now(message.id)
    stage.engine.hand.answer(message.id, BROKEN)

    assert told(stage)[2:] == [
        "  +0 s            #1   BY_HAND          started before its time",
        "  +0 s            #1   ACTIVE",
        "  +0 s            #1   BY_HAND          answered in place of its destination",
        "  +0 s            #1   ERROR            HTTP status 500",
        "  +0 s            #1   RETRY            again in 12 s",
    ]


def test_notes_on_messages_that_the_log_has_lost_are_left_out() -> None:
    stage = Stage(OK._replace(took=12_000))
    stage.send("a", queue="orders")
    stage.send("b", queue="orders")
    stage.advance(0)
    notes = stage.engine.stories.notes(USER)

    assert len(notes) == 1
    assert render([], START, notes=notes) == "  nothing was published"
    first = stage.log()[0].message.id
    assert "HELD" not in render(stage.log(), START, {first}, notes)


def test_notes_are_kept_as_long_as_the_log() -> None:
    stage = Stage(OK._replace(took=12_000), plan=replace(PAYG, log_retention=60))
    stage.send("a", queue="orders")
    stage.send("b", queue="orders")
    stage.advance(59_999)
    assert len(stage.engine.stories.notes(USER)) == 1
    stage.advance(1)

    assert stage.engine.stories.notes(USER) == []
