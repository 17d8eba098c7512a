"""Queues as a resource: made, changed, counted, deleted. Their order is in ``test_queue_order``."""

from dataclasses import replace

import pytest

from fakestash.errors import ServiceError
from fakestash.model.messages import PublishCommand, PublishRequest
from fakestash.model.outcomes import Responded
from fakestash.model.resources import QueueStatus
from fakestash.model.settings import CallbackSettings, Extras
from fakestash.plans import FREE, PAYG
from tests.builders import (
    ACTIVE,
    BROKEN,
    CANCEL_REQUESTED,
    CANCELED,
    DELIVERED,
    ERROR,
    OK,
    RETRY,
    START,
    URL,
    USER,
    Answers,
    Stage,
    refused,
    starts,
    story,
)

TAKES_1S = Responded(200, took=1_000)


def queues(stage: Stage, user: str = USER) -> list[tuple[str, int, int, bool]]:
    """Name, parallelism, lag and pause of all queues."""
    listed = stage.engine.queues.list(user)
    return [(each.name, each.parallelism, each.lag, each.paused) for each in listed]


def lag(stage: Stage) -> int:
    return stage.engine.queues.get(USER, "q").lag


def into(*names: str | None) -> list[PublishRequest | ServiceError]:
    """A publish into each of the queues."""
    return [PublishRequest(PublishCommand(URL, extras=Extras(queue=name))) for name in names]


# --- making and changing ---------------------------------------------------------------------


def test_a_queue_is_made() -> None:
    stage = Stage()
    stage.advance(500)

    stage.engine.queues.upsert(USER, "q", 3, paused=True)

    expected = QueueStatus(START + 500, START + 500, "q", parallelism=3, lag=0, paused=True)
    assert stage.engine.queues.get(USER, "q") == expected
    assert stage.engine.queues.list(USER) == (expected,)


def test_settings_are_replaced_and_the_age_stays() -> None:
    stage = Stage()
    stage.engine.queues.upsert(USER, "q", 3, paused=True)
    stage.advance(500)

    stage.engine.queues.upsert(USER, "q", 2, paused=False)

    assert stage.engine.queues.get(USER, "q") == QueueStatus(START, START + 500, "q", 2, 0, False)


def test_a_queue_that_is_replaced_unpaused_goes_on() -> None:
    stage = Stage()
    stage.engine.queues.upsert(USER, "q", 1, paused=True)
    stage.send("a", queue="q")
    stage.advance(500)

    stage.engine.queues.upsert(USER, "q", 1, paused=False)
    stage.advance(0)

    assert starts(stage) == [(500, "a")]


def test_a_queue_that_is_replaced_paused_stops() -> None:
    stage = Stage(TAKES_1S)
    stage.send("a", queue="q")
    stage.send("b", queue="q")
    stage.advance(500)

    stage.engine.queues.upsert(USER, "q", 1, paused=True)
    stage.driver.run_until_idle()

    assert (starts(stage), queues(stage)) == ([(0, "a")], [("q", 1, 1, True)])


def test_queues_are_listed_in_order_of_creation() -> None:
    stage = Stage()
    for name in "bca":
        stage.engine.queues.upsert(USER, name, 1, paused=False)
    stage.engine.queues.upsert(USER, "c", 2, paused=False)

    assert queues(stage) == [("b", 1, 0, False), ("c", 2, 0, False), ("a", 1, 0, False)]


def test_queues_belong_to_their_user() -> None:
    stage = Stage()
    stage.engine.queues.upsert(USER, "q", 1, paused=False)

    assert queues(stage, "testUser1") == []
    assert refused(lambda: stage.engine.queues.get("testUser1", "q")) == (404, "queue q not found")


def test_enqueueing_makes_the_queue() -> None:
    stage = Stage()
    stage.advance(500)

    stage.send("a", queue="q")

    assert stage.engine.queues.list(USER) == (
        QueueStatus(START + 500, START + 500, "q", parallelism=1, lag=1, paused=False),
    )


def test_enqueueing_leaves_the_settings_of_a_queue_alone() -> None:
    stage = Stage()
    stage.engine.queues.upsert(USER, "q", 7, paused=True)

    stage.send("a", queue="q")

    assert queues(stage) == [("q", 7, 1, True)]


@pytest.mark.parametrize("name", ["", "a b", "ä", "a/b", "q\n"])
def test_a_bad_name_is_refused(name: str) -> None:
    stage = Stage()

    assert refused(lambda: stage.engine.queues.upsert(USER, name, 1, paused=False)) == (
        400,
        "queue name can only contain alphanumeric characters, hyphens, periods and underscores",
    )
    assert queues(stage) == []


def test_every_character_that_a_name_may_have_is_taken() -> None:
    stage = Stage()

    stage.engine.queues.upsert(USER, "aZ09._-", 1, paused=False)

    assert queues(stage) == [("aZ09._-", 1, 0, False)]


# --- pausing ---------------------------------------------------------------------------------


def test_pause_and_resume_change_the_queue() -> None:
    stage = Stage()
    stage.engine.queues.upsert(USER, "q", 2, paused=False)

    stage.advance(100)
    stage.engine.queues.pause(USER, "q")
    paused = stage.engine.queues.get(USER, "q")
    stage.advance(100)
    stage.engine.queues.resume(USER, "q")

    assert paused == QueueStatus(START, START + 100, "q", 2, 0, True)
    assert stage.engine.queues.get(USER, "q") == QueueStatus(START, START + 200, "q", 2, 0, False)


@pytest.mark.parametrize("paused", [True, False])
def test_what_is_so_already_is_not_changed(paused: bool) -> None:
    stage = Stage()
    stage.engine.queues.upsert(USER, "q", 2, paused=paused)
    stage.advance(100)

    (stage.engine.queues.pause if paused else stage.engine.queues.resume)(USER, "q")

    assert stage.engine.queues.get(USER, "q") == QueueStatus(START, START, "q", 2, 0, paused)


def test_a_missing_queue_is_neither_found_nor_paused_nor_resumed() -> None:
    queues_of = Stage().engine.queues
    missing = (404, "queue q not found")

    assert refused(lambda: queues_of.get(USER, "q")) == missing
    assert refused(lambda: queues_of.pause(USER, "q")) == missing
    assert refused(lambda: queues_of.resume(USER, "q")) == missing


# --- what it counts --------------------------------------------------------------------------


@pytest.mark.fidelity("queues: `lag` counts what has not ended", "docs")
def test_the_lag_counts_all_that_have_not_ended() -> None:
    stage = Stage(BROKEN, TAKES_1S)
    for name in "abc":
        stage.send(name, queue="q")
    counted = [lag(stage)]

    for ms in (0, 12_000, 1_000, 1_000, 1_000):  # a fails, a is tried again, a, b and c end
        stage.advance(ms)
        counted.append(lag(stage))

    assert counted == [3, 3, 3, 2, 1, 0]


def test_the_lag_counts_no_callbacks() -> None:
    stage = Stage(OK)
    stage.router.add("https://back.test", Answers(TAKES_1S))
    stage.send("a", queue="q", callback=CallbackSettings("https://back.test"))
    stage.send("b", queue="q")

    stage.advance(0)

    assert (starts(stage), lag(stage)) == ([(0, "a"), (0, "back.test")], 1)


# --- deleting --------------------------------------------------------------------------------


@pytest.mark.fidelity("queues: a deletion cancels their messages", "assumed")
def test_deleting_a_queue_cancels_its_messages() -> None:
    stage = Stage(BROKEN, Responded(500, took=1_000), OK)
    stage.engine.queues.upsert(USER, "q", 2, paused=False)
    for name in ("retrying", "active", "waiting"):
        stage.send(name, queue="q")
    stage.send("delayed", queue="q", delay=5_000)
    stage.send("outside")
    stage.advance(500)

    stage.engine.queues.delete(USER, "q", "10.0.0.9")
    stage.driver.run_until_idle()

    assert story(stage, CANCEL_REQUESTED, CANCELED, DELIVERED, ERROR, RETRY) == [
        (0, "retrying", ERROR),
        (0, "retrying", RETRY),
        (0, "outside", DELIVERED),
        (500, "retrying", CANCEL_REQUESTED),
        (500, "active", CANCEL_REQUESTED),
        (500, "waiting", CANCEL_REQUESTED),
        (500, "waiting", CANCELED),
        (500, "delayed", CANCEL_REQUESTED),
        (1_000, "active", ERROR),
        (1_000, "active", RETRY),
        (5_000, "delayed", CANCELED),
        (12_000, "retrying", CANCELED),
        (13_000, "active", CANCELED),
    ]
    assert {each.caller_ip for each in stage.log() if each.state == CANCEL_REQUESTED} == {
        "10.0.0.9"
    }
    assert refused(lambda: lag(stage)) == (404, "queue q not found")


def test_without_an_address_a_deletion_names_that_of_the_publisher() -> None:
    stage = Stage()
    message = stage.publish(caller_ip="10.0.0.1", extras=Extras(queue="q"))

    stage.engine.queues.delete(USER, "q")

    assert [(each.state, each.caller_ip) for each in message.entries[1:]] == [
        (CANCEL_REQUESTED, "10.0.0.1")
    ]


def test_what_was_cancelled_before_is_not_cancelled_again() -> None:
    stage = Stage()
    message = stage.send("a", queue="q", delay=1_000)
    stage.cancel(message)

    stage.engine.queues.delete(USER, "q")

    assert len(story(stage, CANCEL_REQUESTED)) == 1


def test_deleting_a_missing_queue_does_nothing() -> None:
    stage = Stage()

    stage.engine.queues.delete(USER, "q")

    assert (stage.log(), queues(stage)) == ([], [])


def test_a_deleted_queue_can_come_back_and_what_still_runs_is_not_in_its_way() -> None:
    stage = Stage(TAKES_1S)
    stage.engine.queues.upsert(USER, "q", 1, paused=False)
    stage.send("old", queue="q")
    stage.advance(500)
    stage.engine.queues.delete(USER, "q")

    stage.send("a", queue="q")
    stage.send("b", queue="q")
    stage.advance(0)
    made = queues(stage)
    stage.driver.run_until_idle()

    assert made == [("q", 1, 2, False)]
    assert story(stage, ACTIVE, DELIVERED) == [
        (0, "old", ACTIVE),
        (500, "a", ACTIVE),
        (1_000, "old", DELIVERED),
        (1_500, "a", DELIVERED),
        (1_500, "b", ACTIVE),
        (2_500, "b", DELIVERED),
    ]
    assert queues(stage) == [("q", 1, 0, False)]


def test_nothing_is_due_for_a_queue_that_is_gone() -> None:
    stage = Stage()
    stage.engine.queues.upsert(USER, "q", 1, paused=True)
    stage.send("a", queue="q")
    stage.advance(0)
    stage.engine.queues.resume(USER, "q")

    stage.engine.queues.delete(USER, "q")

    assert stage.engine.next_timer() is None


# --- quotas ----------------------------------------------------------------------------------

TWO_QUEUES = replace(PAYG, max_queues=2)
TOO_MANY = (412, "quota maxQueues exceeded, current limit: 2")


def test_parallelism_up_to_the_plan_is_taken_and_more_refused() -> None:
    stage = Stage(plan=FREE)
    stage.engine.queues.upsert(USER, "q", 2, paused=False)

    assert refused(lambda: stage.engine.queues.upsert(USER, "q", 3, paused=True)) == (
        412,
        "quota maxParallelism exceeded, current limit: 2",
    )
    assert queues(stage) == [("q", 2, 0, False)]


def test_one_queue_too_many_is_refused_however_it_is_made() -> None:
    stage = Stage(plan=TWO_QUEUES)
    stage.engine.queues.upsert(USER, "a", 1, paused=False)
    stage.send("x", queue="b")

    for call in (
        lambda: stage.engine.queues.upsert(USER, "c", 1, paused=False),
        lambda: stage.send("y", queue="c"),
        lambda: stage.engine.accept(USER, PublishRequest(PublishCommand(URL, extras=Extras("c")))),
        lambda: stage.engine.accept_batch(USER, into(None, "a", "c")),
    ):
        assert refused(call) == TOO_MANY
    assert (queues(stage), len(stage.log())) == ([("a", 1, 0, False), ("b", 1, 1, False)], 1)


def test_existing_queues_can_be_used_and_changed_when_there_are_no_more() -> None:
    stage = Stage(plan=TWO_QUEUES)
    for name in "ab":
        stage.engine.queues.upsert(USER, name, 1, paused=False)

    stage.engine.queues.upsert(USER, "a", 2, paused=True)
    stage.engine.accept_batch(USER, into("a", "b", "b"))

    assert queues(stage) == [("a", 2, 1, True), ("b", 1, 2, False)]


def test_a_batch_may_make_as_many_queues_as_are_left() -> None:
    stage = Stage(plan=TWO_QUEUES)

    refusal = refused(lambda: stage.engine.accept_batch(USER, into("a", "b", "a", "c")))
    stage.engine.accept_batch(USER, into("a", "b", "a"))

    assert (refusal, queues(stage)) == (TOO_MANY, [("a", 1, 2, False), ("b", 1, 1, False)])


def test_a_deleted_queue_makes_room_for_another() -> None:
    stage = Stage(plan=TWO_QUEUES)
    for name in "ab":
        stage.engine.queues.upsert(USER, name, 1, paused=False)

    stage.engine.queues.delete(USER, "a")
    stage.send("x", queue="c")

    assert queues(stage) == [("b", 1, 0, False), ("c", 1, 1, False)]
