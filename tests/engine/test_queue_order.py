"""Queues as an order: who starts when, what keeps a place, and what gives it back."""

import pytest

from fakestash.model.messages import Message
from fakestash.model.outcomes import Outcome, Responded
from fakestash.model.settings import CallbackSettings, Extras, FlowControl
from tests.builders import (
    ACTIVE,
    BROKEN,
    CANCEL_REQUESTED,
    CANCELED,
    CREATED,
    DELIVERED,
    ERROR,
    FAILED,
    HOUR,
    NOT_RETRYABLE,
    OK,
    RETRY,
    SECOND,
    USER,
    Answers,
    Stage,
    after,
    starts,
    story,
    timeline,
)

TAKES_1S = Responded(200, took=1_000)
TAKES_5S = Responded(200, took=5_000)
CALLBACK = CallbackSettings("https://back.test/callback")
FAILURE_CALLBACK = CallbackSettings("https://back.test/failed")


def stage_with_queue(*answers: Outcome, parallelism: int = 1) -> Stage:
    stage = Stage(*answers)
    stage.engine.queues.upsert(USER, "q", parallelism, paused=False)
    return stage


def enqueue(stage: Stage, names: str, retries: int = 3) -> list[Message]:
    """A message for each letter."""
    return [stage.send(name, queue="q", retries=retries) for name in names]


def pause(stage: Stage) -> None:
    stage.engine.queues.pause(USER, "q")


def resume(stage: Stage) -> None:
    stage.engine.queues.resume(USER, "q")


def resume_at(stage: Stage, offset: int) -> None:
    """Have a delivery resume the queue in the instant in which others come due after it."""
    stage.router.add("https://ops.test", Answers(after(lambda _: resume(stage))))
    stage.publish("https://ops.test/resume", delay=offset)


# --- first in, first out ---------------------------------------------------------------------


@pytest.mark.fidelity("queues: first in, first out", "docs")
def test_one_message_after_the_other_as_they_were_accepted() -> None:
    stage = Stage(TAKES_1S)
    enqueue(stage, "abc")

    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (1_000, "b"), (2_000, "c")]


def test_what_waits_is_logged_when_it_is_accepted_and_when_it_starts() -> None:
    stage = Stage(TAKES_1S)
    _, waiting = enqueue(stage, "ab")

    stage.driver.run_until_idle()

    assert timeline(waiting) == [(0, CREATED), (1_000, ACTIVE), (2_000, DELIVERED)]
    assert waiting.entries[0].next_delivery_at == waiting.created_at


def test_messages_outside_the_queue_do_not_wait_for_it() -> None:
    stage = Stage(TAKES_1S)
    enqueue(stage, "ab")
    stage.send("free")

    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (0, "free"), (1_000, "b")]


def test_queues_do_not_wait_for_each_other() -> None:
    stage = Stage(TAKES_1S)
    for name in "ab":
        stage.send(name, queue="q")
        stage.send(name.upper(), queue="Q")

    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (0, "A"), (1_000, "b"), (1_000, "B")]


def test_queues_of_one_name_belong_to_their_users() -> None:
    stage = Stage(TAKES_1S)
    stage.send("mine", queue="q")
    stage.send("theirs", queue="q", user="testUser1")

    stage.advance(0)

    assert (starts(stage), starts(stage, "testUser1")) == ([(0, "mine")], [(0, "theirs")])


@pytest.mark.fidelity("queues: `parallelism` starts in order", "docs")
def test_several_at_a_time_start_in_order_and_end_out_of_order() -> None:
    stage = stage_with_queue(
        Responded(200, took=3_000), TAKES_1S, TAKES_5S, TAKES_1S, parallelism=2
    )
    enqueue(stage, "abcd")

    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (0, "b"), (1_000, "c"), (3_000, "d")]
    assert [name for _, name, _ in story(stage, DELIVERED)] == ["b", "a", "d", "c"]


@pytest.mark.fidelity("queues: scheduled messages with a delay join when it is over", "assumed")
def test_a_delayed_message_joins_when_its_delay_is_over() -> None:
    stage = Stage(TAKES_5S)
    stage.send("delayed", queue="q", delay=2_000)
    enqueue(stage, "ab")
    stage.advance(1_000)
    enqueue(stage, "c")
    stage.advance(2_000)
    enqueue(stage, "d")

    stage.driver.run_until_idle()

    assert starts(stage) == [
        (0, "a"),
        (5_000, "b"),
        (10_000, "c"),
        (15_000, "delayed"),
        (20_000, "d"),
    ]


def test_what_is_enqueued_during_a_delivery_goes_to_the_end() -> None:
    stage = Stage(after(lambda _: enqueue(stage, "c") if len(starts(stage)) == 1 else None))
    enqueue(stage, "ab")

    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (0, "b"), (0, "c")]


def test_what_comes_due_when_a_place_gets_free_does_not_overtake() -> None:
    stage = Stage(TAKES_1S)
    enqueue(stage, "ab")
    stage.send("delayed", queue="q", delay=1_000)

    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (1_000, "b"), (2_000, "delayed")]


# --- a place is kept to the end --------------------------------------------------------------


@pytest.mark.fidelity("queues: the place is kept through retries", "docs")
def test_the_place_is_kept_through_retries_and_the_waits_between_them() -> None:
    stage = Stage(BROKEN, BROKEN, OK)
    enqueue(stage, "ab")

    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (12_000, "a"), (160_000, "a"), (160_000, "b")]


def test_a_message_that_fails_for_good_makes_way() -> None:
    stage = Stage(BROKEN, NOT_RETRYABLE, OK)
    enqueue(stage, "a", retries=0)
    enqueue(stage, "bc")

    stage.advance(0)

    assert story(stage, FAILED, DELIVERED) == [
        (0, "a", FAILED),
        (0, "b", FAILED),
        (0, "c", DELIVERED),
    ]


def test_a_time_out_keeps_the_place_as_any_failure_does() -> None:
    stage = Stage(Responded(200, took=HOUR), OK)
    stage.publish("https://shop.test/a", timeout=1_000, extras=Extras(queue="q"))
    enqueue(stage, "b")

    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (13_000, "a"), (13_000, "b")]


def test_the_place_is_kept_until_the_callback_has_ended() -> None:
    stage = Stage(OK)
    stage.router.add("https://back.test", Answers(BROKEN, TAKES_5S))
    stage.send("a", queue="q", callback=CALLBACK)
    enqueue(stage, "b")

    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (0, "callback"), (12_000, "callback"), (17_000, "b")]


@pytest.mark.fidelity("queues: the place is kept until callbacks have ended", "docs")
def test_the_place_is_kept_until_both_callbacks_have_ended() -> None:
    stage = Stage(BROKEN, OK)
    stage.router.add("https://back.test/callback", Answers(TAKES_5S))
    stage.router.add("https://back.test/failed", Answers(Responded(200, took=7_000)))
    stage.send("a", queue="q", retries=0, callback=CALLBACK, failure_callback=FAILURE_CALLBACK)
    enqueue(stage, "b")

    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (0, "callback"), (0, "failed"), (7_000, "b")]


def test_a_callback_of_an_earlier_attempt_keeps_the_place_as_well() -> None:
    stage = Stage(BROKEN, OK)
    stage.router.add("https://back.test", Answers(Responded(200, took=30_000), OK))
    stage.send("a", queue="q", callback=CALLBACK)
    enqueue(stage, "b")

    stage.driver.run_until_idle()

    assert starts(stage) == [
        (0, "a"),
        (0, "callback"),
        (12_000, "a"),
        (12_000, "callback"),
        (30_000, "b"),
    ]


def test_a_callback_that_fails_for_good_gives_the_place_back() -> None:
    stage = Stage(OK)
    stage.router.add("https://back.test", Answers(Responded(500, took=5_000)))
    stage.send("a", queue="q", callback=CALLBACK._replace(retries=0))
    enqueue(stage, "b")

    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (0, "callback"), (5_000, "b")]


@pytest.mark.parametrize("answer", [BROKEN, Responded(500, took=500)])
def test_a_callback_that_is_cancelled_gives_the_place_back_before_its_next_attempt(
    answer: Responded,
) -> None:
    stage = Stage(OK)
    stage.router.add("https://back.test", Answers(answer))
    stage.send("a", queue="q", callback=CALLBACK)
    enqueue(stage, "b")
    stage.advance(0)

    stage.cancel(next(each for each in stage.engine.pending() if each.attempts))
    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (0, "callback"), (answer.took, "b")]
    assert story(stage, CANCELED) == [(answer.took + 12_000, "callback", CANCELED)]


def test_callbacks_take_no_place_themselves() -> None:
    stage = Stage(BROKEN, OK)
    stage.send("a", queue="q", retries=1, callback=CALLBACK)

    stage.advance(0)

    assert story(stage, DELIVERED) == [(0, "callback", DELIVERED)]


# --- cancelling ------------------------------------------------------------------------------


def test_a_cancelled_message_that_waits_for_its_turn_is_passed_over_at_once() -> None:
    stage = Stage(TAKES_1S)
    _, b, _ = enqueue(stage, "abc")
    stage.advance(500)

    stage.cancel(b)
    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (1_000, "c")]
    assert timeline(b) == [(0, CREATED), (500, CANCEL_REQUESTED), (500, CANCELED)]


def test_a_cancelled_message_that_waits_for_a_retry_makes_way_at_once() -> None:
    stage = Stage(BROKEN, OK)
    a, _ = enqueue(stage, "ab")
    stage.advance(5_000)

    stage.cancel(a)
    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (5_000, "b")]
    assert timeline(a)[-2:] == [(5_000, CANCEL_REQUESTED), (12_000, CANCELED)]


def test_a_cancelled_message_whose_retry_is_held_makes_way_at_once() -> None:
    stage = Stage(BROKEN, OK)
    a, _ = enqueue(stage, "ab")
    stage.advance(0)
    pause(stage)
    stage.advance(12_000)

    stage.cancel(a)
    resume(stage)
    stage.advance(0)

    assert starts(stage) == [(0, "a"), (12_000, "b")]
    assert timeline(a)[-2:] == [(12_000, CANCEL_REQUESTED), (12_000, CANCELED)]


@pytest.mark.parametrize("status", [200, 500])
def test_a_message_cancelled_during_an_attempt_makes_way_when_that_is_over(status: int) -> None:
    stage = Stage(Responded(status, took=1_000), OK)
    a, _ = enqueue(stage, "ab")
    stage.advance(500)

    stage.cancel(a)
    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (1_000, "b")]


def test_a_message_cancelled_during_its_last_attempt_makes_way_when_its_callbacks_are_over() -> (
    None
):
    stage = Stage(Responded(500, took=1_000), OK)
    stage.router.add("https://back.test", Answers(TAKES_5S))
    a = stage.send("a", queue="q", retries=0, failure_callback=FAILURE_CALLBACK)
    enqueue(stage, "b")
    stage.advance(500)

    stage.cancel(a)
    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (1_000, "failed"), (6_000, "b")]


def test_a_cancelled_message_makes_way_although_a_callback_of_it_is_under_way() -> None:
    stage = Stage(BROKEN, OK)
    stage.router.add("https://back.test", Answers(Responded(200, took=HOUR)))
    a = stage.send("a", queue="q", callback=CALLBACK)
    enqueue(stage, "b")
    stage.advance(SECOND)

    stage.cancel(a)
    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (0, "callback"), (1_000, "b")]


# --- paused ----------------------------------------------------------------------------------


@pytest.mark.fidelity("queues: a pause lets nothing start, and all goes on in order", "docs")
def test_nothing_starts_while_the_queue_is_paused_and_all_goes_on_in_order() -> None:
    stage = stage_with_queue(OK)
    pause(stage)
    enqueue(stage, "abc")

    stage.advance(HOUR)
    before = starts(stage)
    resume(stage)
    stage.advance(0)

    assert (before, starts(stage)) == ([], [(HOUR, "a"), (HOUR, "b"), (HOUR, "c")])


def test_an_attempt_under_way_ends_while_the_queue_is_paused_and_nobody_follows() -> None:
    stage = Stage(TAKES_1S)
    enqueue(stage, "ab")
    stage.advance(500)

    pause(stage)
    stage.driver.run_until_idle()

    assert story(stage, ACTIVE, DELIVERED) == [(0, "a", ACTIVE), (1_000, "a", DELIVERED)]


def test_a_retry_waits_while_the_queue_is_paused() -> None:
    stage = Stage(BROKEN, OK)
    (a,) = enqueue(stage, "a")
    stage.advance(0)

    pause(stage)
    stage.advance(60_000)
    resume(stage)
    stage.advance(0)

    assert timeline(a) == [
        (0, CREATED),
        (0, ACTIVE),
        (0, ERROR),
        (0, RETRY),
        (60_000, ACTIVE),
        (60_000, DELIVERED),
    ]


def test_a_retry_that_is_not_due_yet_keeps_its_instant_after_a_pause() -> None:
    stage = Stage(BROKEN, OK)
    enqueue(stage, "ab")
    stage.advance(0)

    pause(stage)
    stage.advance(5_000)
    resume(stage)
    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (12_000, "a"), (12_000, "b")]


def test_after_a_pause_retries_go_before_those_that_never_started() -> None:
    stage = stage_with_queue(BROKEN, Responded(500, took=2_000), OK, parallelism=3)
    enqueue(stage, "ab")
    stage.advance(3_000)
    pause(stage)
    enqueue(stage, "cd")

    stage.advance(60_000)
    resume(stage)
    stage.advance(0)

    assert starts(stage)[2:] == [(63_000, name) for name in "abcd"]


@pytest.mark.parametrize("parallelism", [1, 2])
def test_what_comes_due_in_the_instant_of_the_resumption_does_not_overtake(
    parallelism: int,
) -> None:
    stage = stage_with_queue(OK, parallelism=parallelism)
    pause(stage)
    enqueue(stage, "ab")
    resume_at(stage, 1_000)
    stage.send("delayed", queue="q", delay=1_000)

    stage.driver.run_until_idle()

    assert starts(stage)[1:] == [(1_000, "a"), (1_000, "b"), (1_000, "delayed")]


def test_a_retry_that_comes_due_with_the_resumption_does_not_overtake_an_earlier_one() -> None:
    stage = stage_with_queue(BROKEN, Responded(500, took=1_000), OK, parallelism=2)
    enqueue(stage, "ab")
    resume_at(stage, 13_000)
    stage.advance(0)

    pause(stage)
    stage.driver.run_until_idle()

    assert starts(stage) == [
        (0, "a"),
        (0, "b"),
        (13_000, "resume"),
        (13_000, "a"),
        (13_000, "b"),
    ]


def test_a_message_that_waits_for_its_limits_does_not_start_in_a_paused_queue() -> None:
    stage = Stage(TAKES_1S)
    key = FlowControl("k", parallelism=1)
    stage.send("first", flow=key)
    stage.send("a", queue="q", flow=key)
    stage.advance(0)

    pause(stage)
    stage.advance(60_000)
    before = starts(stage)
    resume(stage)
    stage.driver.run_until_idle()

    assert (before, starts(stage)) == ([(0, "first")], [(0, "first"), (60_000, "a")])


def test_a_message_cancelled_in_a_paused_queue_is_gone_at_once() -> None:
    stage = stage_with_queue(OK)
    pause(stage)
    a, _ = enqueue(stage, "ab")
    stage.advance(SECOND)

    stage.cancel(a)
    resume(stage)
    stage.advance(0)

    assert (starts(stage), timeline(a)[-1]) == ([(1_000, "b")], (1_000, CANCELED))


# --- more and less at a time -----------------------------------------------------------------


def test_more_parallelism_lets_those_who_wait_start_at_once_and_in_order() -> None:
    stage = Stage(TAKES_5S)
    enqueue(stage, "abcd")
    stage.advance(1_000)

    stage.engine.queues.upsert(USER, "q", 3, paused=False)
    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (1_000, "b"), (1_000, "c"), (5_000, "d")]


def test_less_parallelism_lets_running_ones_finish() -> None:
    stage = stage_with_queue(
        TAKES_1S, Responded(200, took=3_000), TAKES_5S, TAKES_1S, parallelism=3
    )
    enqueue(stage, "abcde")
    stage.advance(0)

    stage.engine.queues.upsert(USER, "q", 1, paused=False)
    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (0, "b"), (0, "c"), (5_000, "d"), (6_000, "e")]


def test_less_parallelism_holds_up_no_retry_of_those_that_have_a_place() -> None:
    stage = stage_with_queue(BROKEN, BROKEN, OK, parallelism=2)
    enqueue(stage, "abc")
    stage.advance(0)

    stage.engine.queues.upsert(USER, "q", 1, paused=False)
    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (0, "b"), (12_000, "a"), (12_000, "b"), (12_000, "c")]
