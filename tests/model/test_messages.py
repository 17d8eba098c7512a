"""Messages: what a publish asks for by default, and what is derived from a message's progress."""

import pytest

from fakestash.engine.user_log import UserLog
from fakestash.model.logs import LogState
from fakestash.model.messages import Message, MessageState, PublishCommand


def message() -> Message:
    return Message("msg_1", "user", PublishCommand("https://shop.test"), 10, 20, 20)


def test_a_publish_asks_by_default_for_an_empty_post_with_three_retries() -> None:
    command = PublishCommand("https://shop.test")

    assert command == (
        "https://shop.test",
        b"",
        "POST",
        (),
        3,
        None,
        None,
        0,
        None,
        (),
        "127.0.0.1",
        (None, None, None, None, None, None, None, None, None),
    )


def test_a_new_message_has_done_nothing() -> None:
    new = message()

    assert (new.state, new.attempts, new.retried) == (MessageState.NEW, 0, 0)
    assert (new.attempt, new.outcome, new.ended_at, new.dlq_id, new.entries) == (
        None,
        None,
        None,
        None,
        [],
    )


@pytest.mark.parametrize(("attempts", "retried"), [(0, 0), (1, 0), (2, 1), (5, 4)])
def test_the_first_attempt_is_no_retry(attempts: int, retried: int) -> None:
    started = message()
    started.attempts = attempts

    assert started.retried == retried


def test_an_attempt_is_closed_by_its_own_entry() -> None:
    logged = message()
    for state in [
        LogState.CREATED,
        LogState.ACTIVE,
        LogState.ERROR,
        LogState.RETRY,
        LogState.ACTIVE,
        LogState.CANCEL_REQUESTED,
        LogState.DELIVERED,
    ]:
        UserLog().add(logged, state, 10, "127.0.0.1")

    assert [logged.closing(number) for number in range(3)] == [
        logged.entries[2],
        logged.entries[6],
        None,
    ]


def test_two_messages_are_never_equal() -> None:
    assert message() != message()


@pytest.mark.parametrize(
    ("states", "asked"),
    [
        ([], False),
        ([LogState.CREATED, LogState.ACTIVE], False),
        ([LogState.CREATED, LogState.CANCEL_REQUESTED], True),
        ([LogState.CREATED, LogState.ACTIVE, LogState.CANCEL_REQUESTED, LogState.FAILED], True),
    ],
)
def test_a_request_to_cancel_is_remembered_to_the_end(states: list[LogState], asked: bool) -> None:
    logged = message()
    for state in states:
        UserLog().add(logged, state, 10, "127.0.0.1")

    assert logged.cancel_asked is asked
