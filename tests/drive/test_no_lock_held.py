"""Nothing is held while a destination is called: it may use the fake like anybody else.

Everything happens in threads that are waited for, so that a lock that is held fails the test
instead of stopping the suite.
"""

import threading
from collections.abc import Callable

import pytest

from fakestash.delivery.outbound import OutboundRequest
from fakestash.model.messages import Message, MessageState
from fakestash.model.outcomes import Outcome
from fakestash.model.queries import DeadLetterQuery, LogQuery, Paging
from tests.builders import (
    ACTIVE,
    BROKEN,
    CANCEL_REQUESTED,
    CREATED,
    DELIVERED,
    OK,
    START,
    USER,
    Stage,
    timeline,
)

PATIENCE = 5.0


def finishes(work: Callable[[], object]) -> bool:
    """Whether ``work`` comes to an end in a thread of its own."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(timeout=PATIENCE)
    return not thread.is_alive()


def here(work: Callable[[], object]) -> None:
    work()


def in_another_thread(work: Callable[[], object]) -> None:
    assert finishes(work)


@pytest.mark.parametrize("place", [here, in_another_thread])
def test_a_destination_may_use_everything(
    place: Callable[[Callable[[], object]], None],
) -> None:
    answered: list[object] = []
    published: list[Message] = []

    def use_everything(message_id: str) -> None:
        engine = stage.engine
        published.append(stage.publish("https://shop.test/other"))
        answered.append(engine.message(USER, message_id).state)
        answered.append(len(engine.log(USER, LogQuery(paging=Paging(count=10))).rows))
        answered.append(len(engine.whole_log(USER)))
        answered.append(
            len(engine.dead_letters(USER, DeadLetterQuery(paging=Paging(count=1))).rows)
        )
        answered.append(len(engine.all_dead_letters(USER)))
        dlq_id = engine.all_dead_letters(USER)[0].dlq_id
        answered.append(engine.dead_letter(USER, dlq_id).message.state)
        engine.delete_dead_letter(USER, dlq_id)
        answered.append(len(engine.pending()))
        answered.append(engine.rotate_signing_keys(USER) == engine.signing_keys(USER))
        engine.register(str, lambda event, now: None)
        answered.append(engine.cancel_timer(engine.at(START, "tea")))
        answered.append(engine.next_timer() is not None)
        engine.cancel(USER, message_id, "10.0.0.9")

    def deliver(request: OutboundRequest) -> Outcome:
        if request.url == "https://shop.test/broken":
            return BROKEN
        if request.url == "https://shop.test/hook":
            place(lambda: use_everything(request.message_id))
        return OK

    stage = Stage(deliver)
    stage.publish("https://shop.test/broken", retries=0)
    message = stage.publish("https://shop.test/hook")

    assert finishes(lambda: stage.advance(0))

    assert answered == [
        MessageState.ACTIVE,
        7,
        7,
        1,
        1,
        MessageState.FAILED,
        2,
        True,
        True,
        True,
    ]
    assert timeline(message) == [
        (0, CREATED),
        (0, ACTIVE),
        (0, CANCEL_REQUESTED),
        (0, DELIVERED),
    ]
    assert [timeline(other) for other in published] == [[(0, CREATED), (0, ACTIVE), (0, DELIVERED)]]


def test_two_threads_may_publish_while_time_is_moved() -> None:
    stage = Stage()
    together = threading.Barrier(3)

    def publish_many() -> None:
        together.wait(timeout=PATIENCE)
        for _ in range(200):
            stage.publish()

    def move() -> None:
        together.wait(timeout=PATIENCE)
        for _ in range(100):
            stage.advance(1)

    publishers = [threading.Thread(target=publish_many, daemon=True) for _ in range(2)]
    for thread in publishers:
        thread.start()
    assert finishes(move)
    for thread in publishers:
        thread.join(timeout=PATIENCE)
    stage.driver.run_until_idle()

    assert [entry.state for entry in stage.log()].count(DELIVERED) == 400
    assert len({request.message_id for request in stage.destination.requests}) == 400
    places = [(entry.at, entry.sequence) for entry in stage.log()]
    assert places == sorted(set(places))
