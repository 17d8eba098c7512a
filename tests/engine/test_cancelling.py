"""Cancelling: honoured when the message next comes due, too late for an attempt under way."""

from collections.abc import Callable

import pytest

from fakestash.delivery.outbound import OutboundRequest
from fakestash.errors import ServiceError
from fakestash.model.messages import Message
from fakestash.model.outcomes import Outcome, Responded
from tests.builders import (
    ACTIVE,
    BROKEN,
    CANCEL_REQUESTED,
    CANCELED,
    CREATED,
    DELIVERED,
    ERROR,
    FAILED,
    OK,
    RETRY,
    START,
    USER,
    Stage,
    timeline,
)


def is_readable(stage: Stage, message: Message) -> bool:
    try:
        stage.engine.message(USER, message.id)
    except ServiceError:
        return False
    return True


@pytest.mark.fidelity("log: cancelled while it waits", "measured")
def test_a_message_cancelled_while_it_waits_ends_when_it_was_due() -> None:
    stage = Stage(OK)
    message = stage.publish(delay=12_600)

    stage.advance(11_200)
    stage.cancel(message)
    stage.driver.run_until_idle()

    assert timeline(message) == [(0, CREATED), (11_200, CANCEL_REQUESTED), (12_600, CANCELED)]
    assert (message.ended_at, stage.destination.requests) == (START + 12_600, [])


def test_a_message_cancelled_in_the_instant_in_which_it_is_due_is_not_delivered() -> None:
    stage = Stage(OK)
    message = stage.publish()

    stage.cancel(message)
    stage.advance(0)

    assert timeline(message) == [(0, CREATED), (0, CANCEL_REQUESTED), (0, CANCELED)]


def test_a_message_cancelled_between_two_attempts_ends_when_the_retry_was_due() -> None:
    stage = Stage(BROKEN)
    message = stage.publish()

    stage.advance(5_000)
    stage.cancel(message)
    stage.driver.run_until_idle()

    assert timeline(message) == [
        (0, CREATED),
        (0, ACTIVE),
        (0, ERROR),
        (0, RETRY),
        (5_000, CANCEL_REQUESTED),
        (12_000, CANCELED),
    ]
    assert len(stage.destination.requests) == 1


@pytest.mark.fidelity("log: cancelled during an attempt that succeeds", "docs")
def test_cancelling_during_an_attempt_is_too_late_if_it_succeeds() -> None:
    stage = Stage(Responded(200, took=800))
    message = stage.publish()

    stage.advance(300)
    stage.cancel(message)
    stage.driver.run_until_idle()

    assert timeline(message) == [
        (0, CREATED),
        (0, ACTIVE),
        (300, CANCEL_REQUESTED),
        (800, DELIVERED),
    ]


def test_cancelling_during_an_attempt_that_fails_takes_effect_at_its_retry() -> None:
    stage = Stage(Responded(500, took=800))
    message = stage.publish(retries=1)

    stage.advance(300)
    stage.cancel(message)
    stage.driver.run_until_idle()

    assert timeline(message) == [
        (0, CREATED),
        (0, ACTIVE),
        (300, CANCEL_REQUESTED),
        (800, ERROR),
        (800, RETRY),
        (12_800, CANCELED),
    ]
    assert stage.engine.all_dead_letters(USER) == []


def test_cancelling_during_the_last_attempt_does_not_keep_it_from_failing_for_good() -> None:
    stage = Stage(Responded(500, took=800))
    message = stage.publish(retries=0)

    stage.advance(300)
    stage.cancel(message)
    stage.driver.run_until_idle()

    assert timeline(message) == [
        (0, CREATED),
        (0, ACTIVE),
        (300, CANCEL_REQUESTED),
        (800, ERROR),
        (800, FAILED),
    ]
    assert [letter.message for letter in stage.engine.all_dead_letters(USER)] == [message]


@pytest.mark.parametrize("outcome", [OK, BROKEN])
def test_a_destination_may_cancel_the_message_that_it_is_given(outcome: Outcome) -> None:
    def cancel_and_answer(request: OutboundRequest) -> Outcome:
        stage.engine.cancel(USER, request.message_id, "10.0.0.9")
        return outcome

    stage = Stage(cancel_and_answer)
    message = stage.publish(retries=0)
    stage.driver.run_until_idle()

    assert timeline(message)[2:] == [
        (0, CANCEL_REQUESTED),
        *([(0, DELIVERED)] if outcome == OK else [(0, ERROR), (0, FAILED)]),
    ]


def test_the_request_names_who_cancels_and_the_rest_who_published() -> None:
    stage = Stage()
    message = stage.publish(caller_ip="10.0.0.1")

    stage.cancel(message, caller_ip="10.0.0.2")
    stage.advance(0)

    assert [(entry.state, entry.caller_ip) for entry in message.entries] == [
        (CREATED, "10.0.0.1"),
        (CANCEL_REQUESTED, "10.0.0.2"),
        (CANCELED, "10.0.0.1"),
    ]


# --- what is seen of it ----------------------------------------------------------------------


def refusal(call: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(ServiceError) as raised:
        call()
    return raised.value.status, raised.value.text


def test_a_cancelled_message_is_gone_at_once() -> None:
    stage = Stage()
    message = stage.publish(delay=1_000)

    stage.cancel(message)

    gone = (404, f"message {message.id} not found")
    assert refusal(lambda: stage.engine.message(USER, message.id)) == gone
    assert refusal(lambda: stage.cancel(message)) == gone


def test_a_cancelled_message_stays_gone_after_its_end() -> None:
    stage = Stage()
    message = stage.publish()

    stage.cancel(message)
    stage.advance(0)

    assert not is_readable(stage, message)
    assert refusal(lambda: stage.cancel(message))[0] == 404


@pytest.mark.parametrize("outcome", [OK, BROKEN])
def test_a_message_cancelled_too_late_stays_gone_too(outcome: Responded) -> None:
    stage = Stage(outcome._replace(took=800))
    message = stage.publish(retries=0)

    stage.advance(300)
    stage.cancel(message)
    seen = [is_readable(stage, message)]
    stage.advance(500)
    seen.append(is_readable(stage, message))

    assert seen == [False, False]
    assert refusal(lambda: stage.cancel(message))[0] == 404


def test_what_is_over_cannot_be_cancelled() -> None:
    stage = Stage(OK, BROKEN)
    delivered, failed = stage.publish(), stage.publish(retries=0)

    stage.advance(0)

    assert refusal(lambda: stage.cancel(delivered)) == (404, f"message {delivered.id} not found")
    assert refusal(lambda: stage.cancel(failed)) == (404, f"message {failed.id} not found")
    assert [entry.state for entry in stage.log()].count(CANCEL_REQUESTED) == 0


def test_what_was_never_there_cannot_be_cancelled() -> None:
    stage = Stage()

    assert refusal(lambda: stage.engine.cancel(USER, "msg_1", "127.0.0.1")) == (
        404,
        "message msg_1 not found",
    )


def test_nobody_cancels_the_messages_of_another_user() -> None:
    stage = Stage()
    message = stage.publish()

    assert refusal(lambda: stage.engine.cancel("testUser1", message.id, "127.0.0.1"))[0] == 404
    assert is_readable(stage, message)
