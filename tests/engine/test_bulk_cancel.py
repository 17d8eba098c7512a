"""Cancelling all that match: by id, by filter, the earliest so many, or everything."""

import pytest

from fakestash.model.messages import Message
from fakestash.model.outcomes import Responded
from fakestash.model.queries import CancelQuery, MessageFilter
from fakestash.model.settings import Extras, FlowControl
from tests.builders import (
    ACTIVE,
    BROKEN,
    CANCEL_REQUESTED,
    CANCELED,
    DELIVERED,
    ERROR,
    FAILED,
    HOUR,
    OK,
    RETRY,
    SECOND,
    START,
    USER,
    Stage,
    story,
)

EVERYTHING = CancelQuery()


def cancel_all(stage: Stage, query: CancelQuery = EVERYTHING, user: str = USER) -> int:
    return stage.engine.cancel_all(user, query, "10.0.0.9")


def by_id(*ids: str) -> CancelQuery:
    return CancelQuery(filter=MessageFilter(message_ids=frozenset(ids)))


def asked(stage: Stage) -> list[str]:
    """The messages that were asked to be cancelled, in this order."""
    return [name for _, name, _ in story(stage, CANCEL_REQUESTED)]


def delayed(stage: Stage, names: str) -> list[Message]:
    """A message for each letter, a second after the other, all due in an hour."""
    messages: list[Message] = []
    for name in names:
        messages.append(stage.send(name, delay=HOUR))
        stage.advance(SECOND)
    return messages


# --- which and how many ----------------------------------------------------------------------


def test_without_a_filter_all_messages_of_the_user_are_cancelled() -> None:
    stage = Stage()
    delayed(stage, "abc")
    stage.send("theirs", user="testUser1", delay=HOUR)

    assert cancel_all(stage) == 3
    stage.driver.run_until_idle()

    assert story(stage, CANCELED, DELIVERED) == [
        (HOUR, "a", CANCELED),
        (HOUR + 1_000, "b", CANCELED),
        (HOUR + 2_000, "c", CANCELED),
    ]
    assert story(stage, CANCELED, DELIVERED, user="testUser1") == [
        (HOUR + 3_000, "theirs", DELIVERED)
    ]


def test_messages_in_every_state_that_is_not_an_end_are_cancelled() -> None:
    stage = Stage(OK, BROKEN, BROKEN, Responded(200, took=60_000))
    stage.send("delivered")
    stage.send("failed", retries=0)
    stage.send("retrying")
    stage.send("active", flow=FlowControl("k", parallelism=1))
    stage.send("held", flow=FlowControl("k", parallelism=1))
    stage.send("waiting", queue="paused")
    stage.engine.queues.pause(USER, "paused")
    stage.send("delayed", delay=HOUR)
    stage.advance(0)

    assert cancel_all(stage) == 5
    stage.driver.run_until_idle()

    assert story(stage, FAILED, RETRY, CANCEL_REQUESTED, CANCELED, DELIVERED) == [
        (0, "delivered", DELIVERED),
        (0, "failed", FAILED),
        (0, "retrying", RETRY),
        (0, "retrying", CANCEL_REQUESTED),
        (0, "active", CANCEL_REQUESTED),
        (0, "held", CANCEL_REQUESTED),
        (0, "held", CANCELED),
        (0, "waiting", CANCEL_REQUESTED),
        (0, "waiting", CANCELED),
        (0, "delayed", CANCEL_REQUESTED),
        (12_000, "retrying", CANCELED),
        (60_000, "active", DELIVERED),
        (HOUR, "delayed", CANCELED),
    ]


def test_cancelling_nothing_counts_nothing() -> None:
    stage = Stage()
    stage.send("a")
    stage.advance(0)

    assert (cancel_all(stage), asked(stage)) == (0, [])


def test_what_was_cancelled_before_is_not_counted_again() -> None:
    stage = Stage()
    first, second, _ = delayed(stage, "abc")

    counts = [cancel_all(stage, by_id(first.id, second.id)), cancel_all(stage), cancel_all(stage)]

    assert counts == [2, 1, 0]


def test_the_request_names_who_asks() -> None:
    stage = Stage()
    delayed(stage, "a")

    cancel_all(stage)

    assert [each.caller_ip for each in stage.log()] == ["127.0.0.1", "10.0.0.9"]


# --- by id -----------------------------------------------------------------------------------


def test_ids_are_cancelled_in_order_of_creation_and_unknown_ones_skipped() -> None:
    stage = Stage(OK)
    first, _, third = delayed(stage, "abc")
    over = stage.send("over")
    theirs = stage.send("theirs", user="testUser1")
    stage.advance(0)

    number = cancel_all(stage, by_id(third.id, "msg_1", over.id, theirs.id, first.id))

    assert (number, asked(stage)) == (2, ["a", "c"])


def test_no_ids_are_none() -> None:
    stage = Stage()
    delayed(stage, "a")

    assert cancel_all(stage, by_id()) == 0


# --- by filter -------------------------------------------------------------------------------


def published(stage: Stage) -> None:
    """One message for each thing that can be asked for."""
    for name, extras in (
        ("topic", Extras(topic="t")),
        ("schedule", Extras(schedule_id="s")),
        ("queue", Extras(queue="q")),
        ("flow", Extras(flow_control=FlowControl("k", rate=1))),
    ):
        stage.publish(f"https://shop.test/{name}", delay=HOUR, extras=extras)
    stage.publish("https://shop.test/label", delay=HOUR, labels=("x", "y"))
    stage.publish("https://shop.test/ip", delay=HOUR, caller_ip="10.0.0.1")
    stage.publish("https://other.test:8443/path?x=1", delay=HOUR)


@pytest.mark.fidelity("bulk cancel: filters", "docs")
@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (MessageFilter(topics=frozenset({"t", "u"})), ["topic"]),
        (MessageFilter(schedule_ids=frozenset({"s"})), ["schedule"]),
        (MessageFilter(queues=frozenset({"q"})), ["queue"]),
        (MessageFilter(flow_control_keys=frozenset({"k"})), ["flow"]),
        (MessageFilter(labels=frozenset({"y", "z"})), ["label"]),
        (MessageFilter(caller_ips=frozenset({"10.0.0.1"})), ["ip"]),
        (MessageFilter(urls=frozenset({"https://shop.test/label"})), ["label"]),
        (MessageFilter(hosts=frozenset({"other.test"})), ["path?x=1"]),
        (MessageFilter(paths=frozenset({"/path", "/ip"})), ["ip", "path?x=1"]),
        (MessageFilter(labels=frozenset({"x"}), topics=frozenset({"t"})), []),
        (
            MessageFilter(labels=frozenset({"x"}), hosts=frozenset({"shop.test"})),
            ["label"],
        ),
    ],
)
def test_a_filter_finds_its_own(wanted: MessageFilter, expected: list[str]) -> None:
    stage = Stage()
    published(stage)

    number = cancel_all(stage, CancelQuery(filter=wanted))

    assert (number, asked(stage)) == (len(expected), expected)


@pytest.mark.parametrize(
    ("from_at", "to_at", "expected"),
    [
        (1_000, None, "bcd"),
        (1_001, None, "cd"),
        (None, 2_000, "abc"),
        (None, 1_999, "ab"),
        (1_000, 1_000, "b"),
        (3_001, None, ""),
    ],
)
def test_dates_are_those_of_the_creation_and_included(
    from_at: int | None, to_at: int | None, expected: str
) -> None:
    stage = Stage()
    delayed(stage, "abcd")

    cancel_all(
        stage,
        CancelQuery(
            from_at=None if from_at is None else START + from_at,
            to_at=None if to_at is None else START + to_at,
        ),
    )

    assert asked(stage) == list(expected)


# --- the earliest so many --------------------------------------------------------------------


@pytest.mark.fidelity(
    "bulk cancel: which ones `count` leaves out",
    "assumed",
    verdict="approximate",
    here="those accepted last",
)
@pytest.mark.parametrize(("count", "expected"), [(1, "b"), (2, "bc"), (9, "bcd")])
def test_the_earliest_that_can_be_cancelled_are_taken(count: int, expected: str) -> None:
    stage = Stage()
    first = delayed(stage, "abcd")[0]
    stage.cancel(first)

    number = cancel_all(stage, CancelQuery(count=count))

    assert (number, asked(stage)) == (len(expected), ["a", *expected])


def test_a_count_counts_those_that_match() -> None:
    stage = Stage()
    delayed(stage, "abcd")
    wanted = MessageFilter(urls=frozenset({"https://shop.test/b", "https://shop.test/d"}))

    number = cancel_all(stage, CancelQuery(filter=wanted, count=1))

    assert (number, asked(stage)) == (1, ["b"])


# --- places ----------------------------------------------------------------------------------


def test_those_who_are_left_go_on_in_order() -> None:
    stage = Stage(BROKEN, OK)
    for name in ("a", "b", "c", "d"):
        stage.publish(f"https://shop.test/{name}", labels=(name,), extras=Extras(queue="q"))
    stage.advance(5_000)

    cancel_all(stage, CancelQuery(filter=MessageFilter(labels=frozenset({"a", "c"}))))
    stage.driver.run_until_idle()

    assert story(stage, ACTIVE, ERROR, CANCELED) == [
        (0, "a", ACTIVE),
        (0, "a", ERROR),
        (5_000, "c", CANCELED),
        (5_000, "b", ACTIVE),
        (5_000, "d", ACTIVE),
        (12_000, "a", CANCELED),
    ]
