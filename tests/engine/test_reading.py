"""Reading a message back: while it is under way, and for a moment after its end."""

import pytest

from fakestash.decisions import D43_READABLE_AFTER_END_MS
from fakestash.errors import ServiceError
from fakestash.model.messages import Message, MessageState
from fakestash.model.outcomes import Responded
from tests.builders import BROKEN, OK, START, USER, Stage


def state_seen(stage: Stage, message: Message) -> MessageState | None:
    """What GET shows; None is a 404."""
    try:
        return stage.engine.message(USER, message.id).state
    except ServiceError:
        return None


def test_a_message_can_be_read_on_its_way() -> None:
    stage = Stage(Responded(500, took=100), OK)
    message = stage.publish(delay=1_000)

    seen = [state_seen(stage, message)]
    stage.advance(1_050)
    seen.append(state_seen(stage, message))
    stage.advance(50)
    seen.append(state_seen(stage, message))
    stage.advance(12_000)
    seen.append(state_seen(stage, message))

    assert seen == [
        MessageState.PENDING,
        MessageState.ACTIVE,
        MessageState.PENDING,
        MessageState.DELIVERED,
    ]


@pytest.mark.parametrize("outcome", [OK, BROKEN])
@pytest.mark.parametrize(("later", "readable"), [(0, True), (1_000, True), (1_001, False)])
def test_a_finished_message_can_be_read_for_a_second(
    outcome: Responded, later: int, readable: bool
) -> None:
    stage = Stage(outcome._replace(took=70))
    message = stage.publish(retries=0)

    stage.advance(70 + later)

    assert (state_seen(stage, message) is not None) is readable


def test_the_second_is_a_decision() -> None:
    assert D43_READABLE_AFTER_END_MS == 1_000


def test_progress_shows_in_what_is_read() -> None:
    failure = Responded(500, took=100)
    stage = Stage(failure)
    message = stage.publish(delay=1_000)

    stage.advance(1_100)
    read = stage.engine.message(USER, message.id)

    assert (read.id, read.command, read.created_at, read.not_before) == (
        message.id,
        message.command,
        START,
        START + 1_000,
    )
    assert (read.attempts, read.retried, read.outcome, read.due_at) == (
        1,
        0,
        failure,
        START + 13_100,
    )


def test_what_is_read_does_not_change_later() -> None:
    stage = Stage(BROKEN)
    message = stage.publish()
    read = stage.engine.message(USER, message.id)

    stage.advance(0)

    assert (read.state, read.attempts) == (MessageState.PENDING, 0)


def test_a_message_that_is_gone_is_not_found() -> None:
    stage = Stage()
    message = stage.publish()
    stage.advance(1_001)

    with pytest.raises(ServiceError, match=f"^message {message.id} not found$") as raised:
        stage.engine.message(USER, message.id)

    assert raised.value.status == 404


def test_the_messages_of_another_user_are_not_there() -> None:
    stage = Stage()
    message = stage.publish()

    with pytest.raises(ServiceError, match=f"^message {message.id} not found$"):
        stage.engine.message("testUser1", message.id)


def test_an_unknown_message_is_not_there() -> None:
    with pytest.raises(ServiceError, match=r"^message msg_1 not found$"):
        Stage().engine.message(USER, "msg_1")


def test_what_has_not_ended_is_pending_user_by_user_as_accepted() -> None:
    stage = Stage(OK, Responded(200, took=100), BROKEN)
    stage.publish()
    active, retried = stage.publish(), stage.publish()
    other = stage.publish(user="testUser1", delay=10_000)
    late = stage.publish(delay=9_000)
    cancelled = stage.publish(delay=5_000)

    stage.advance(0)
    stage.cancel(cancelled)

    assert [message.id for message in stage.engine.pending()] == [
        message.id for message in (active, retried, late, cancelled, other)
    ]


def test_pending_messages_are_copies() -> None:
    stage = Stage()
    stage.publish()
    (pending,) = stage.engine.pending()

    stage.advance(0)

    assert (pending.state, stage.engine.pending()) == (MessageState.PENDING, [])
