"""Flow control keys: what is told of them, pausing, pinning, resetting."""

import pytest

from fakestash.model.outcomes import Responded
from fakestash.model.queries import Pin
from fakestash.model.resources import FlowControlStatus
from fakestash.model.settings import FlowControl
from tests.builders import (
    BROKEN,
    DELIVERED,
    HOUR,
    OK,
    START,
    USER,
    Stage,
    refused,
    starts,
    story,
)

TAKES_40S = Responded(200, took=40_000)
START_S = START // 1_000
ONE_AT_A_TIME = FlowControl("k", parallelism=1)
ONE_IN_60S = FlowControl("k", rate=1, period=60)
LIMITS = FlowControl("k", parallelism=2, rate=3, period=60)

UNUSED = FlowControlStatus(
    key="k",
    wait_list_size=0,
    parallelism_max=0,
    parallelism_count=0,
    rate_max=0,
    rate_count=0,
    rate_period=1,
    rate_period_start=0,
    is_paused=False,
    is_pinned_parallelism=False,
    is_pinned_rate=False,
)
IDLE = UNUSED._replace(parallelism_max=2, rate_max=3, rate_period=60)


def send_all(stage: Stage, names: str, flow: FlowControl) -> None:
    """A message for each letter."""
    for name in names:
        stage.send(name, flow=flow)


def status(stage: Stage) -> FlowControlStatus:
    return stage.engine.flow_control.get(USER, "k")


# --- what is told ----------------------------------------------------------------------------


def test_a_key_tells_what_starts_what_runs_and_what_waits() -> None:
    stage = Stage(TAKES_40S)
    stage.advance(1_500)
    send_all(stage, "abcde", LIMITS)
    stage.send("delayed", flow=LIMITS, delay=HOUR)
    told = [status(stage)]
    for ms in (0, 40_000, 20_000):
        stage.advance(ms)
        told.append(status(stage))

    assert told == [
        IDLE,
        IDLE._replace(
            wait_list_size=3, parallelism_count=2, rate_count=2, rate_period_start=START_S + 1
        ),
        IDLE._replace(
            wait_list_size=2, parallelism_count=1, rate_count=3, rate_period_start=START_S + 1
        ),
        IDLE._replace(
            wait_list_size=1, parallelism_count=2, rate_count=1, rate_period_start=START_S + 61
        ),
    ]


def test_a_period_that_is_over_counts_nothing() -> None:
    stage = Stage()
    stage.send("a", flow=ONE_IN_60S)
    counts: list[int] = []
    for ms in (0, 59_999, 1):
        stage.advance(ms)
        counts.append(status(stage).rate_count)

    assert counts == [1, 1, 0]


def test_only_limits_that_the_message_names_are_told() -> None:
    stage = Stage()

    stage.send("a", flow=FlowControl("k", parallelism=2))
    first = status(stage)
    stage.send("b", flow=FlowControl("k", rate=3, period=60))

    assert (first, status(stage)) == (
        UNUSED._replace(parallelism_max=2),
        UNUSED._replace(rate_max=3, rate_period=60),
    )


def test_a_key_that_nothing_has_named_is_not_found() -> None:
    stage = Stage()

    assert refused(lambda: status(stage)) == (404, "flow control key k not found")


def test_a_key_stays_when_its_messages_are_gone() -> None:
    stage = Stage()
    stage.send("a", flow=LIMITS)

    stage.advance(30 * 24 * HOUR)

    assert status(stage) == IDLE._replace(rate_period_start=START_S)


def test_keys_are_listed_by_name_and_found_by_a_part_of_it_in_any_case() -> None:
    stage = Stage(TAKES_40S)
    for key in ("user-B", "USER-a", "order", "user-c"):
        for _ in range(2):
            stage.send("x", flow=FlowControl(key, parallelism=1))
    stage.send("x", flow=FlowControl("user-z", parallelism=1), user="testUser1")
    stage.advance(0)

    def listed(search: str, user: str = USER) -> list[tuple[str, int]]:
        found = stage.engine.flow_control.list(user, search)
        return [(each.key, each.wait_list_size) for each in found]

    assert listed("") == [("USER-a", 1), ("order", 1), ("user-B", 1), ("user-c", 1)]
    assert listed("user") == listed("USER") == [("USER-a", 1), ("user-B", 1), ("user-c", 1)]
    assert (listed("order-"), listed("", "testUser1")) == ([], [("user-z", 0)])


# --- pausing ---------------------------------------------------------------------------------


@pytest.mark.fidelity("flow control: a pause lets nothing start", "docs")
def test_nothing_starts_while_a_key_is_paused() -> None:
    stage = Stage(BROKEN, OK)
    send_all(stage, "a", LIMITS)
    stage.advance(0)

    stage.engine.flow_control.pause(USER, "k")
    send_all(stage, "b", LIMITS)
    stage.advance(HOUR)
    held = status(stage)
    stage.engine.flow_control.resume(USER, "k")
    stage.advance(0)

    assert held == IDLE._replace(wait_list_size=2, rate_period_start=START_S, is_paused=True)
    assert starts(stage) == [(0, "a"), (HOUR, "b"), (HOUR, "a")]


def test_an_attempt_under_way_ends_while_its_key_is_paused() -> None:
    stage = Stage(TAKES_40S)
    send_all(stage, "ab", ONE_AT_A_TIME)
    stage.advance(1_000)

    stage.engine.flow_control.pause(USER, "k")
    stage.driver.run_until_idle()

    assert story(stage, DELIVERED) == [(40_000, "a", DELIVERED)]
    assert (starts(stage), stage.offset) == ([(0, "a")], 40_000)


def test_the_period_runs_on_and_the_count_stays_during_a_pause() -> None:
    stage = Stage()
    send_all(stage, "ab", ONE_IN_60S)
    stage.advance(0)

    stage.engine.flow_control.pause(USER, "k")
    stage.advance(10_000)
    paused = status(stage)
    stage.engine.flow_control.resume(USER, "k")
    stage.driver.run_until_idle()

    assert (paused.rate_count, paused.rate_period_start) == (1, START_S)
    assert starts(stage) == [(0, "a"), (60_000, "b")]


def test_the_clock_does_not_run_on_to_the_end_of_a_period_while_paused() -> None:
    stage = Stage()
    send_all(stage, "ab", ONE_IN_60S)
    stage.advance(1_000)

    stage.engine.flow_control.pause(USER, "k")
    stage.driver.run_until_idle()

    assert (stage.offset, stage.engine.next_timer()) == (1_000, None)


@pytest.mark.parametrize("flow", [ONE_AT_A_TIME, ONE_IN_60S])
def test_after_a_pause_the_limits_count(flow: FlowControl) -> None:
    stage = Stage(Responded(200, took=60_000))
    stage.engine.flow_control.pause(USER, "k")
    send_all(stage, "abc", flow)
    stage.advance(0)

    stage.engine.flow_control.resume(USER, "k")
    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (60_000, "b"), (120_000, "c")]


def test_pausing_twice_and_resuming_what_runs_change_nothing() -> None:
    stage = Stage(TAKES_40S)
    send_all(stage, "ab", ONE_AT_A_TIME)
    stage.advance(0)

    stage.engine.flow_control.resume(USER, "k")
    stage.engine.flow_control.pause(USER, "k")
    stage.engine.flow_control.pause(USER, "k")
    stage.engine.flow_control.resume(USER, "k")
    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (40_000, "b")]


# --- pinning ---------------------------------------------------------------------------------


@pytest.mark.fidelity("flow control: pinned limits beat those of messages", "docs")
def test_pinned_limits_show_at_once_and_outlive_what_messages_bring() -> None:
    stage = Stage()
    send_all(stage, "a", LIMITS)
    stage.advance(5_000)

    stage.engine.flow_control.pin(USER, "k", Pin(parallelism=5, rate=7, period=9))
    pinned = status(stage)
    send_all(stage, "b", LIMITS)

    assert pinned == UNUSED._replace(
        parallelism_max=5,
        rate_max=7,
        rate_period=9,
        rate_period_start=START_S + 5,
        is_pinned_parallelism=True,
        is_pinned_rate=True,
    )
    assert status(stage) == pinned


def test_parallelism_is_pinned_by_itself() -> None:
    stage = Stage()
    send_all(stage, "a", LIMITS)

    stage.engine.flow_control.pin(USER, "k", Pin(parallelism=5))
    stage.send("b", flow=FlowControl("k", parallelism=1, rate=8, period=4))

    assert status(stage) == UNUSED._replace(
        parallelism_max=5,
        rate_max=8,
        rate_period=4,
        rate_period_start=START_S,
        is_pinned_parallelism=True,
    )


def test_the_rate_is_pinned_by_itself() -> None:
    stage = Stage()
    send_all(stage, "a", LIMITS)

    stage.engine.flow_control.pin(USER, "k", Pin(rate=7))
    stage.send("b", flow=FlowControl("k", parallelism=1, rate=8, period=4))

    assert status(stage) == UNUSED._replace(
        parallelism_max=1,
        rate_max=7,
        rate_period=1,
        rate_period_start=START_S,
        is_pinned_rate=True,
    )


def test_a_pin_starts_a_new_period() -> None:
    stage = Stage()
    send_all(stage, "abc", ONE_IN_60S)
    stage.advance(10_000)

    stage.engine.flow_control.pin(USER, "k", Pin(parallelism=1))
    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (10_000, "b"), (70_000, "c")]


def test_wider_pinned_limits_let_those_who_wait_go_on() -> None:
    stage = Stage(TAKES_40S)
    send_all(stage, "abcd", ONE_AT_A_TIME)
    stage.advance(10_000)

    stage.engine.flow_control.pin(USER, "k", Pin(parallelism=3))
    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (10_000, "b"), (10_000, "c"), (40_000, "d")]


def test_a_pin_may_be_there_before_any_message() -> None:
    stage = Stage(TAKES_40S)
    stage.engine.flow_control.pin(USER, "k", Pin(parallelism=1))

    send_all(stage, "ab", FlowControl("k", parallelism=9))
    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (40_000, "b")]


def test_unpinned_limits_stay_until_a_message_brings_others() -> None:
    stage = Stage()
    stage.engine.flow_control.pin(USER, "k", Pin(parallelism=5, rate=7, period=9))

    stage.engine.flow_control.unpin(USER, "k", parallelism=True, rate=True)
    unpinned = status(stage)
    send_all(stage, "a", LIMITS)

    expected = UNUSED._replace(rate_period_start=START_S)
    assert unpinned == expected._replace(parallelism_max=5, rate_max=7, rate_period=9)
    assert status(stage) == expected._replace(parallelism_max=2, rate_max=3, rate_period=60)


@pytest.mark.parametrize("parallelism", [True, False])
def test_each_limit_is_unpinned_by_itself(parallelism: bool) -> None:
    stage = Stage()
    stage.engine.flow_control.pin(USER, "k", Pin(parallelism=5, rate=7, period=9))

    stage.engine.flow_control.unpin(USER, "k", parallelism=parallelism, rate=not parallelism)
    send_all(stage, "a", LIMITS)

    told = status(stage)
    assert (told.parallelism_max, told.is_pinned_parallelism) == (
        (2, False) if parallelism else (5, True)
    )
    assert (told.rate_max, told.rate_period, told.is_pinned_rate) == (
        (7, 9, True) if parallelism else (3, 60, False)
    )


# --- resetting -------------------------------------------------------------------------------


@pytest.mark.fidelity(
    "flow control: a reset takes a moment", "docs", verdict="different", here="at once"
)
def test_a_reset_of_the_rate_starts_a_new_period_at_once() -> None:
    stage = Stage()
    send_all(stage, "abc", ONE_IN_60S)
    stage.advance(10_000)

    stage.engine.flow_control.reset_rate(USER, "k")
    reset = status(stage)
    stage.driver.run_until_idle()

    assert (reset.rate_count, reset.rate_period_start) == (0, START_S + 10)
    assert starts(stage) == [(0, "a"), (10_000, "b"), (70_000, "c")]


def test_after_a_reset_the_clock_does_not_run_on_to_the_end_of_the_period_before() -> None:
    stage = Stage()
    send_all(stage, "ab", ONE_IN_60S)
    stage.advance(10_000)

    stage.engine.flow_control.reset_rate(USER, "k")
    stage.driver.run_until_idle()

    assert (starts(stage), stage.offset) == ([(0, "a"), (10_000, "b")], 10_000)


def test_a_reset_of_the_rate_leaves_attempts_in_flight_alone() -> None:
    stage = Stage(TAKES_40S)
    send_all(stage, "ab", ONE_AT_A_TIME)
    stage.advance(10_000)

    stage.engine.flow_control.reset_rate(USER, "k")
    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (40_000, "b")]


def test_a_reset_forgets_attempts_in_flight_as_well() -> None:
    stage = Stage(TAKES_40S)
    send_all(stage, "abc", FlowControl("k", parallelism=1, rate=1, period=60))
    stage.advance(10_000)

    stage.engine.flow_control.reset(USER, "k")
    reset = status(stage)
    stage.advance(0)
    after_it = status(stage)

    assert (reset.parallelism_count, reset.rate_count, reset.wait_list_size) == (0, 0, 2)
    assert (after_it.parallelism_count, after_it.rate_count, after_it.wait_list_size) == (1, 1, 1)


def test_an_attempt_that_was_forgotten_gives_no_place_back() -> None:
    stage = Stage(TAKES_40S)
    send_all(stage, "abc", ONE_AT_A_TIME)
    stage.advance(10_000)

    stage.engine.flow_control.reset(USER, "k")
    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (10_000, "b"), (50_000, "c")]
    assert status(stage).parallelism_count == 0


def test_a_message_whose_attempt_was_forgotten_counts_when_it_is_tried_again() -> None:
    stage = Stage(Responded(500, took=10_000), TAKES_40S)
    send_all(stage, "a", ONE_AT_A_TIME)
    stage.advance(5_000)
    stage.engine.flow_control.reset(USER, "k")
    stage.advance(17_000)  # a is tried again, 12 s after its end
    stage.send("b", flow=ONE_AT_A_TIME)

    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (22_000, "a"), (62_000, "b")]


@pytest.mark.parametrize("action", ["resume", "reset_rate", "reset", "unpin", "pause"])
def test_an_action_makes_a_key_that_nothing_has_named(action: str) -> None:
    stage = Stage()
    stage.advance(2_000)
    keys = stage.engine.flow_control
    actions = {
        "pause": lambda: keys.pause(USER, "k"),
        "resume": lambda: keys.resume(USER, "k"),
        "reset_rate": lambda: keys.reset_rate(USER, "k"),
        "reset": lambda: keys.reset(USER, "k"),
        "unpin": lambda: keys.unpin(USER, "k", parallelism=True, rate=True),
    }

    actions[action]()

    began = START_S + 2 if action.startswith("reset") else 0
    assert keys.list(USER) == (
        UNUSED._replace(is_paused=action == "pause", rate_period_start=began),
    )
