"""Flow control: how many attempts of a key may be in flight, how many may start in a period.

What is done to a key and told of it is in ``test_flow_control_keys``.
"""

import pytest

from fakestash.model.outcomes import Responded
from fakestash.model.settings import CallbackSettings, Extras, FlowControl
from tests.builders import (
    ACTIVE,
    BROKEN,
    CANCEL_REQUESTED,
    CANCELED,
    CREATED,
    DELIVERED,
    HOUR,
    OK,
    SECOND,
    USER,
    Answers,
    Stage,
    starts,
    story,
    timeline,
)

TAKES_40S = Responded(200, took=40_000)
ONE_AT_A_TIME = FlowControl("k", parallelism=1)
TWO_AT_A_TIME = FlowControl("k", parallelism=2)
TWO_IN_10S = FlowControl("k", rate=2, period=10)


def send_all(stage: Stage, names: str, flow: FlowControl) -> None:
    """A message for each letter."""
    for name in names:
        stage.send(name, flow=flow)


def waiting(stage: Stage) -> int:
    return stage.engine.flow_control.get(USER, "k").wait_list_size


# --- parallelism -----------------------------------------------------------------------------


@pytest.mark.fidelity("flow control: `parallelism` counts attempts in flight", "docs")
def test_as_many_attempts_are_in_flight_as_the_limit_says() -> None:
    stage = Stage(TAKES_40S)
    send_all(stage, "abcde", TWO_AT_A_TIME)

    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (0, "b"), (40_000, "c"), (40_000, "d"), (80_000, "e")]


def test_a_message_that_has_to_wait_logs_nothing_of_it() -> None:
    stage = Stage(TAKES_40S)
    stage.send("a", flow=ONE_AT_A_TIME)
    held = stage.send("b", flow=ONE_AT_A_TIME)

    stage.driver.run_until_idle()

    assert timeline(held) == [(0, CREATED), (40_000, ACTIVE), (80_000, DELIVERED)]
    assert held.entries[0].next_delivery_at == held.created_at


def test_an_attempt_that_has_ended_makes_way_also_if_it_failed() -> None:
    stage = Stage(Responded(500, took=1_000), OK)
    send_all(stage, "ab", ONE_AT_A_TIME)

    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (1_000, "b"), (13_000, "a")]


def test_nobody_else_is_held_up_by_a_message_that_waits_for_its_retry() -> None:
    stage = Stage(BROKEN, OK)
    send_all(stage, "ab", ONE_AT_A_TIME)

    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (0, "b"), (12_000, "a")]


def test_a_retry_needs_a_place_as_well() -> None:
    stage = Stage(BROKEN, TAKES_40S)
    send_all(stage, "ab", ONE_AT_A_TIME)

    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (0, "b"), (40_000, "a")]


@pytest.mark.fidelity("flow control: those who wait go on in order", "docs")
def test_those_who_wait_go_on_in_the_order_in_which_they_came_due() -> None:
    stage = Stage(TAKES_40S)
    stage.send("first", flow=ONE_AT_A_TIME)
    stage.send("late", flow=ONE_AT_A_TIME, delay=3_000)
    stage.send("early", flow=ONE_AT_A_TIME, delay=1_000)
    stage.send("at the end", flow=ONE_AT_A_TIME, delay=40_000)

    stage.driver.run_until_idle()

    assert [name for _, name in starts(stage)] == ["first", "early", "late", "at the end"]


def test_a_retry_that_is_due_at_once_lines_up_behind_those_who_wait() -> None:
    stage = Stage(Responded(500, (("Retry-After", "0"),), took=1_000), OK)
    send_all(stage, "abc", ONE_AT_A_TIME)

    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (1_000, "b"), (1_000, "c"), (1_000, "a")]


def test_a_time_out_ends_an_attempt() -> None:
    stage = Stage(Responded(200, took=HOUR), OK)
    stage.publish("https://shop.test/a", timeout=5_000, extras=Extras(flow_control=ONE_AT_A_TIME))
    stage.send("b", flow=ONE_AT_A_TIME)

    stage.advance(5_000)

    assert starts(stage) == [(0, "a"), (5_000, "b")]


# --- rate ------------------------------------------------------------------------------------


@pytest.mark.fidelity("flow control: `rate` counts starts in a fixed period", "docs")
def test_as_many_attempts_start_in_a_period_as_the_limit_says() -> None:
    stage = Stage()
    send_all(stage, "abcde", TWO_IN_10S)

    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (0, "b"), (10_000, "c"), (10_000, "d"), (20_000, "e")]


def test_a_period_starts_with_the_first_attempt_after_the_one_before_has_ended() -> None:
    stage = Stage()
    for name, offset in (("a", 3_000), ("b", 12_000), ("c", 12_999), ("d", 14_000)):
        stage.send(name, flow=TWO_IN_10S, delay=offset)
    for name in "ef":
        stage.send(name, flow=TWO_IN_10S, delay=30_000)
    stage.send("g", flow=TWO_IN_10S, delay=39_999)

    stage.driver.run_until_idle()

    assert starts(stage) == [
        (3_000, "a"),
        (12_000, "b"),
        (13_000, "c"),  # the period from 3 s on is over, that from 13 s on begins
        (14_000, "d"),
        (30_000, "e"),  # the next begins with this one, not at 23 s
        (30_000, "f"),
        (40_000, "g"),
    ]


def test_a_period_ends_exactly_when_it_is_over() -> None:
    stage = Stage()
    stage.send("a", flow=FlowControl("k", rate=1, period=10))
    stage.send("just before", flow=FlowControl("k", rate=1, period=10), delay=9_999)
    stage.advance(9_999)
    before = waiting(stage)

    stage.advance(1)

    assert before == 1
    assert starts(stage) == [(0, "a"), (10_000, "just before")]


def test_retries_count() -> None:
    stage = Stage(BROKEN, OK)
    flow = FlowControl("k", rate=1, period=10)
    stage.send("a", flow=flow)
    stage.send("b", flow=flow, delay=12_000)

    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (12_000, "b"), (22_000, "a")]


def test_without_a_period_it_is_a_second() -> None:
    stage = Stage()
    send_all(stage, "abc", FlowControl("k", rate=1))

    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (1_000, "b"), (2_000, "c")]


def test_an_attempt_that_takes_long_uses_up_the_period_in_which_it_started() -> None:
    stage = Stage(TAKES_40S)
    send_all(stage, "ab", FlowControl("k", rate=1, period=10))

    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (10_000, "b")]


# --- both, and other limits beside them ------------------------------------------------------


def test_both_limits_count() -> None:
    stage = Stage(TAKES_40S, Responded(200, took=5_000))
    send_all(stage, "abcde", FlowControl("k", parallelism=2, rate=3, period=60))

    stage.driver.run_until_idle()

    assert starts(stage) == [
        (0, "a"),
        (0, "b"),
        (5_000, "c"),
        (60_000, "d"),
        (60_000, "e"),
    ]


def test_a_place_that_gets_free_after_the_period_is_taken_then() -> None:
    stage = Stage(TAKES_40S)
    send_all(stage, "ab", FlowControl("k", parallelism=1, rate=1, period=10))

    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (40_000, "b")]


def test_keys_do_not_wait_for_each_other() -> None:
    stage = Stage(TAKES_40S)
    for name in "ab":
        stage.send(name, flow=ONE_AT_A_TIME)
        stage.send(name.upper(), flow=FlowControl("K", rate=1, period=60))

    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (0, "A"), (40_000, "b"), (60_000, "B")]


def test_keys_belong_to_their_user() -> None:
    stage = Stage(TAKES_40S)
    stage.send("mine", flow=ONE_AT_A_TIME)
    stage.send("theirs", flow=ONE_AT_A_TIME, user="testUser1")

    stage.advance(0)

    assert (starts(stage), starts(stage, "testUser1")) == ([(0, "mine")], [(0, "theirs")])


@pytest.mark.fidelity("flow control: together with a queue both limits count", "assumed")
def test_the_limits_of_a_queue_and_of_a_key_both_count() -> None:
    stage = Stage(Responded(200, took=4_000))
    flow = FlowControl("k", rate=1, period=10)
    for name in "ab":
        stage.send(name, queue="q", flow=flow)
    stage.send("of the queue", queue="q")
    stage.send("of the key", flow=flow)

    stage.driver.run_until_idle()

    assert starts(stage) == [
        (0, "a"),
        (10_000, "b"),  # "of the key" was due as early, but accepted later
        (14_000, "of the queue"),
        (20_000, "of the key"),
    ]


def test_a_message_of_a_queue_that_waits_for_its_key_holds_up_the_queue() -> None:
    stage = Stage(TAKES_40S)
    stage.send("first", flow=ONE_AT_A_TIME)
    stage.send("held", queue="q", flow=ONE_AT_A_TIME)
    stage.send("behind it", queue="q")

    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "first"), (40_000, "held"), (80_000, "behind it")]


def test_what_waits_for_its_turn_in_a_queue_is_not_on_the_wait_list() -> None:
    stage = Stage(TAKES_40S)
    for name in "abc":
        stage.send(name, queue="q", flow=ONE_AT_A_TIME)

    stage.advance(0)

    assert waiting(stage) == 0


def test_a_callback_may_have_a_key_of_its_own() -> None:
    stage = Stage(OK)
    stage.router.add("https://back.test", Answers(TAKES_40S))
    for name in "ab":
        stage.send(
            name, callback=CallbackSettings("https://back.test/cb", flow_control=ONE_AT_A_TIME)
        )

    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (0, "b"), (0, "cb"), (40_000, "cb")]


# --- whose limits ----------------------------------------------------------------------------


@pytest.mark.fidelity("flow control: the latest message brings the limits", "docs")
def test_the_latest_message_brings_the_limits_of_all() -> None:
    stage = Stage(TAKES_40S)
    send_all(stage, "abc", ONE_AT_A_TIME)
    stage.advance(1_000)

    stage.send("d", flow=FlowControl("k", parallelism=3))
    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (1_000, "b"), (1_000, "c"), (40_000, "d")]


def test_tighter_limits_let_running_attempts_end() -> None:
    stage = Stage(TAKES_40S)
    send_all(stage, "abc", FlowControl("k", parallelism=2))
    stage.advance(0)

    stage.send("d", flow=ONE_AT_A_TIME)
    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (0, "b"), (40_000, "c"), (80_000, "d")]


def test_a_limit_that_the_latest_message_does_not_name_is_gone() -> None:
    stage = Stage(TAKES_40S)
    send_all(stage, "abc", ONE_AT_A_TIME)

    stage.send("d", flow=FlowControl("k", rate=2, period=60))
    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (0, "b"), (60_000, "c"), (60_000, "d")]


def test_a_delayed_message_brings_its_limits_when_it_is_accepted() -> None:
    stage = Stage(TAKES_40S)
    send_all(stage, "ab", ONE_AT_A_TIME)
    stage.advance(1_000)

    stage.send("delayed", flow=TWO_AT_A_TIME, delay=HOUR)
    stage.advance(0)

    assert starts(stage) == [(0, "a"), (1_000, "b")]


@pytest.mark.parametrize(("period", "second"), [(1, 2_000), (5, 5_000), (60, 60_000)])
def test_a_new_period_counts_from_the_start_of_the_current_one(period: int, second: int) -> None:
    stage = Stage()
    send_all(stage, "ab", FlowControl("k", rate=1, period=10))
    stage.advance(2_000)

    stage.send("c", flow=FlowControl("k", rate=1, period=period))
    stage.driver.run_until_idle()

    assert starts(stage)[:2] == [(0, "a"), (second, "b")]


# --- cancelling ------------------------------------------------------------------------------


def test_a_cancelled_message_leaves_the_wait_list_at_once() -> None:
    stage = Stage(TAKES_40S)
    send_all(stage, "a", ONE_AT_A_TIME)
    held = stage.send("b", flow=ONE_AT_A_TIME)
    send_all(stage, "c", ONE_AT_A_TIME)
    stage.advance(1_000)

    stage.cancel(held)
    left = waiting(stage)
    stage.driver.run_until_idle()

    assert left == 1
    assert timeline(held) == [(0, CREATED), (1_000, CANCEL_REQUESTED), (1_000, CANCELED)]
    assert starts(stage) == [(0, "a"), (40_000, "c")]


def test_an_attempt_that_was_to_be_cancelled_keeps_its_place_to_its_end() -> None:
    stage = Stage(TAKES_40S)
    running = stage.send("a", flow=ONE_AT_A_TIME)
    send_all(stage, "b", ONE_AT_A_TIME)
    stage.advance(1_000)

    stage.cancel(running)
    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (40_000, "b")]


def test_a_cancelled_message_that_waits_for_its_time_takes_no_part_in_the_limits() -> None:
    stage = Stage()
    flow = FlowControl("k", rate=1, period=60)
    delayed = stage.send("a", flow=flow, delay=1_000)
    stage.send("b", flow=flow, delay=2_000)

    stage.cancel(delayed)
    stage.driver.run_until_idle()

    assert story(stage, ACTIVE, CANCELED) == [(1_000, "a", CANCELED), (2_000, "b", ACTIVE)]


def test_the_clock_does_not_run_on_for_a_period_that_nobody_waits_for() -> None:
    stage = Stage()
    stage.send("a", flow=FlowControl("k", rate=1, period=600))
    held = stage.send("b", flow=FlowControl("k", rate=1, period=600))
    stage.advance(SECOND)

    stage.cancel(held)
    stage.driver.run_until_idle()

    assert (stage.offset, stage.engine.next_timer()) == (1_000, None)
