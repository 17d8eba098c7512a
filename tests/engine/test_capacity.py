"""An end to a flood: what has ended makes room, and what has not is not forgotten for anything."""

import pytest

from fakestash.clock import VirtualClock
from fakestash.engine.capacity import Capacity
from fakestash.errors import ServiceError
from fakestash.model.messages import PublishCommand, PublishRequest
from fakestash.model.outcomes import Outcome, Responded
from fakestash.model.queries import DeadLetterQuery, Paging
from fakestash.model.settings import Extras, FlowControl
from tests.builders import HOUR, OK, SECOND, START, USER, Stage

FAILS = Responded(500)

FULL = (
    "fakestash keeps 40 messages, dead letters and flow control keys of a user at most: let "
    "messages end, delete dead letters, or reset the server"
)


def stage_for(*answers: Outcome, messages: int = 40, body_bytes: int = 10_000) -> Stage:
    return Stage(*answers, capacity=Capacity(messages, body_bytes))


def refused(stage: Stage, body: bytes = b"") -> str:
    with pytest.raises(ServiceError) as raised:
        stage.publish(body=body)
    assert raised.value.status == 507
    return raised.value.text


def kept(stage: Stage) -> int:
    return len(stage.engine.all_messages(USER))


def test_what_has_ended_makes_room_the_oldest_first() -> None:
    stage = stage_for(OK)
    messages = []
    for _ in range(100):
        messages.append(stage.publish().id)
        stage.advance(SECOND)

    left = [message.id for message in stage.engine.all_messages(USER)]

    assert 30 < len(left) <= 40
    assert left == messages[-len(left) :]
    assert [entry.message.id for entry in stage.log()][-1] == messages[-1]


@pytest.mark.fidelity(
    "publish: as many messages as anybody sends",
    "assumed",
    verdict="different",
    here="the development server keeps a million of each user, or 1 GiB of bodies: those that "
    "ended make room, and if none has a publish is a 507",
)
def test_what_has_not_ended_is_not_forgotten_and_no_more_is_taken() -> None:
    stage = stage_for(OK)
    for _ in range(40):
        stage.publish(delay=HOUR)

    assert [refused(stage) for _ in range(3)] == [FULL] * 3
    assert kept(stage) == 40
    assert len(stage.engine.pending()) == 40

    stage.advance(HOUR)
    assert len(stage.destination.requests) == 40
    stage.publish()
    stage.advance(0)
    assert len(stage.destination.requests) == 41


def test_those_that_wait_stay_while_those_that_ended_go() -> None:
    stage = stage_for(OK)
    waiting = [stage.publish(delay=HOUR).id for _ in range(20)]
    for _ in range(100):
        stage.publish()
        stage.advance(SECOND)

    assert {message.id for message in stage.engine.pending()} == set(waiting)
    stage.advance(HOUR)
    assert len(stage.destination.requests) == 120


def test_bodies_have_a_limit_of_their_own() -> None:
    stage = stage_for(OK)
    for _ in range(10):
        stage.publish(body=bytes(1_000), delay=HOUR)

    assert refused(stage) == (
        "fakestash keeps 10000 bytes of bodies of a user at most: let messages end, or reset the "
        "server"
    )
    stage.advance(HOUR)
    stage.publish(body=bytes(1_000))


def test_dead_letters_and_keys_count_until_they_are_deleted() -> None:
    stage = stage_for(FAILS)
    for number in range(10):
        stage.publish(retries=0, extras=Extras(None, FlowControl(str(number), parallelism=1)))
    for _ in range(15):
        stage.publish(retries=0)
    stage.advance(0)

    for _ in range(5):  # beside 10 keys and 25 dead letters
        stage.publish(delay=HOUR)
    assert refused(stage) == FULL
    stage.engine.delete_dead_letters(USER, DeadLetterQuery(paging=Paging(count=100)))
    stage.publish()


def test_a_batch_takes_what_there_is_room_for() -> None:
    stage = stage_for(OK)
    request = PublishRequest(PublishCommand(url="https://shop.test", delay=HOUR))

    answers = stage.engine.accept_batch(USER, [request] * 42)

    refusals = [answer.text for answer in answers if isinstance(answer, ServiceError)]
    assert refusals == [FULL] * 2
    assert kept(stage) == 40


def test_each_user_is_counted_alone() -> None:
    stage = stage_for(OK, messages=1)
    stage.publish(delay=HOUR)
    stage.publish(delay=HOUR, user="testUser1")

    with pytest.raises(ServiceError):
        stage.accept(PublishRequest(PublishCommand(url="https://shop.test")))


def test_a_branch_has_the_same_capacity() -> None:
    other = stage_for(OK, messages=1).engine.another(VirtualClock(START))
    other.publish(USER, PublishCommand(url="https://shop.test"))

    with pytest.raises(ServiceError):
        other.publish(USER, PublishCommand(url="https://shop.test"))
