"""The cap of the plan on all attempts of a user that are in flight: over it messages wait."""

from dataclasses import replace

import pytest

from fakestash.clock import VirtualClock
from fakestash.model.messages import PublishCommand
from fakestash.model.outcomes import Outcome, Responded
from fakestash.model.resources import GlobalParallelism
from fakestash.model.settings import CallbackSettings, FlowControl
from fakestash.plans import FREE, PAYG, PRO, Plan
from tests.builders import (
    ACTIVE,
    CANCEL_REQUESTED,
    CANCELED,
    CREATED,
    DELIVERED,
    OK,
    START,
    USER,
    Answers,
    Stage,
    starts,
    timeline,
)

TAKES_40S = Responded(200, took=40_000)
TAKES_1S = Responded(200, took=1_000)
KEY = FlowControl("k", parallelism=1)


def stage_for(maximum: int, *answers: Outcome) -> Stage:
    return Stage(*answers, plan=replace(PAYG, global_parallelism=maximum))


def send_all(stage: Stage, names: str) -> None:
    """A message for each letter."""
    for name in names:
        stage.send(name)


def waiting(stage: Stage) -> int:
    """What the key tells of those who wait."""
    return stage.engine.flow_control.get(USER, "k").wait_list_size


@pytest.mark.fidelity("flow control: global parallelism of the plan", "docs")
@pytest.mark.parametrize(("plan", "maximum"), [(FREE, 10), (PAYG, 100), (PRO, 200)])
def test_the_plan_says_how_many_attempts_may_be_in_flight(plan: Plan, maximum: int) -> None:
    stage = Stage(TAKES_40S, plan=plan)
    for number in range(maximum + 1):
        stage.send(str(number))

    stage.advance(0)

    assert len(starts(stage)) == maximum
    assert stage.engine.flow_control.global_parallelism(USER) == GlobalParallelism(maximum, maximum)


def test_over_the_limit_messages_wait_and_go_on_in_order() -> None:
    stage = stage_for(2, Responded(200, took=3_000), Responded(200, took=2_000), TAKES_40S)
    send_all(stage, "abcd")

    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (0, "b"), (2_000, "c"), (3_000, "d")]


def test_a_message_that_has_to_wait_logs_nothing_of_it() -> None:
    stage = stage_for(1, TAKES_40S)
    stage.send("a")
    held = stage.send("b")

    stage.driver.run_until_idle()

    assert timeline(held) == [(0, CREATED), (40_000, ACTIVE), (80_000, DELIVERED)]


def test_what_is_in_flight_is_counted_to_its_end() -> None:
    stage = stage_for(9, TAKES_1S, Responded(500, took=2_000), OK)
    send_all(stage, "ab")
    counts: list[int] = []
    for ms in (0, 1_000, 1_000, 12_000):
        stage.advance(ms)
        counts.append(stage.engine.flow_control.global_parallelism(USER).in_flight)

    assert counts == [2, 1, 0, 0]


def test_users_do_not_wait_for_each_other() -> None:
    stage = stage_for(1, TAKES_40S)
    stage.send("mine")
    stage.send("theirs", user="testUser1")

    stage.advance(0)

    assert (starts(stage), starts(stage, "testUser1")) == ([(0, "mine")], [(0, "theirs")])
    assert stage.engine.flow_control.global_parallelism("testUser2") == GlobalParallelism(1, 0)


def test_retries_and_callbacks_count() -> None:
    stage = stage_for(1, Responded(500, took=1_000), TAKES_1S)
    stage.router.add("https://back.test", Answers(Responded(200, took=20_000), TAKES_1S))
    stage.send("a", callback=CallbackSettings("https://back.test/cb"))

    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (1_000, "cb"), (21_000, "a"), (22_000, "cb")]


def test_what_comes_due_when_an_attempt_ends_does_not_overtake() -> None:
    stage = stage_for(1, TAKES_1S)
    send_all(stage, "ab")
    stage.send("delayed", delay=1_000)

    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (1_000, "b"), (2_000, "delayed")]


def test_a_cancelled_message_is_passed_over_and_ends_at_once() -> None:
    stage = stage_for(1, TAKES_1S)
    stage.send("a")
    held = stage.send("b")
    stage.send("c")
    stage.advance(500)

    stage.cancel(held)
    stage.driver.run_until_idle()

    assert timeline(held) == [(0, CREATED), (500, CANCEL_REQUESTED), (500, CANCELED)]
    assert starts(stage) == [(0, "a"), (1_000, "c")]


def test_when_all_who_wait_are_cancelled_nothing_is_due_but_the_answer() -> None:
    stage = stage_for(1, TAKES_1S)
    stage.send("a")
    held = stage.send("b")
    stage.advance(0)

    stage.cancel(held)
    stage.advance(1_000)

    assert stage.engine.next_timer() is None


# --- together with queues and flow control ---------------------------------------------------


def test_a_message_that_waits_for_the_limit_has_its_place_in_the_queue() -> None:
    stage = stage_for(1, TAKES_1S)
    stage.send("first")
    for name in "ab":
        stage.send(name, queue="q")
    stage.send("free", delay=500)

    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "first"), (1_000, "a"), (2_000, "b"), (3_000, "free")]


@pytest.mark.parametrize("flow", [None, KEY])
def test_the_earliest_goes_on_wherever_it_waits(flow: FlowControl | None) -> None:
    stage = stage_for(1, TAKES_1S)
    for name in "ab":
        stage.send(name, flow=flow, queue=None if flow else "q")
    stage.send("free")

    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (1_000, "b"), (2_000, "free")]


def test_a_message_that_waits_for_the_limit_does_not_start_in_a_queue_paused_meanwhile() -> None:
    stage = stage_for(1, TAKES_1S)
    stage.send("first")
    stage.send("a", queue="q")
    stage.advance(0)

    stage.engine.queues.pause(USER, "q")
    stage.advance(5_000)
    before = starts(stage)
    stage.engine.queues.resume(USER, "q")
    stage.driver.run_until_idle()

    assert (before, starts(stage)) == ([(0, "first")], [(0, "first"), (5_000, "a")])


def test_a_message_that_waits_for_the_limit_does_not_start_under_a_key_paused_meanwhile() -> None:
    stage = stage_for(1, TAKES_1S)
    stage.send("first")
    stage.send("a", flow=KEY)
    stage.send("b")
    stage.advance(0)

    stage.engine.flow_control.pause(USER, "k")
    counted = waiting(stage)
    stage.driver.run_until_idle()
    before = (starts(stage), counted, waiting(stage))
    stage.engine.flow_control.resume(USER, "k")
    stage.driver.run_until_idle()

    assert before == ([(0, "first"), (1_000, "b")], 1, 1)
    assert starts(stage)[2:] == [(2_000, "a")]


def test_a_key_uses_nothing_up_for_a_message_that_waits_for_the_limit() -> None:
    stage = stage_for(1, TAKES_40S)
    stage.send("first")
    flow = FlowControl("k", rate=1, period=60)
    stage.send("a", flow=flow)
    stage.advance(0)
    told = stage.engine.flow_control.get(USER, "k")

    stage.send("b", flow=flow)
    stage.driver.run_until_idle()

    assert (told.wait_list_size, told.rate_count, told.rate_period_start) == (1, 0, 0)
    assert starts(stage) == [(0, "first"), (40_000, "a"), (100_000, "b")]


def test_nobody_of_a_key_overtakes_on_the_way_through_both_limits() -> None:
    stage = stage_for(2, Responded(200, took=2_000), TAKES_1S)
    stage.send("x", flow=KEY)
    stage.send("other")
    for name in "abc":
        stage.send(name, flow=KEY)
    for name in "def":
        stage.send(name)

    stage.driver.run_until_idle()

    assert [name for _, name in starts(stage) if name in "abc"] == ["a", "b", "c"]
    assert starts(stage) == [
        (0, "x"),
        (0, "other"),
        (1_000, "d"),
        (2_000, "a"),
        (2_000, "e"),
        (3_000, "b"),
        (3_000, "f"),
        (4_000, "c"),
    ]


def test_the_wait_list_of_a_key_counts_all_who_are_held_wherever_that_is() -> None:
    stage = stage_for(1, TAKES_1S)
    stage.send("x", flow=KEY)
    for name in "abc":
        stage.send(name, flow=KEY)
    stage.send("other")
    sizes: list[int] = []
    for _ in range(5):
        stage.advance(0)
        sizes.append(waiting(stage))
        stage.advance(1_000)

    assert [name for _, name in starts(stage)] == ["x", "a", "b", "c", "other"]
    assert sizes == [3, 2, 1, 0, 0]


def test_a_shut_key_at_the_head_of_the_line_holds_up_nobody_behind_it() -> None:
    stage = stage_for(2, TAKES_40S, TAKES_1S)
    stage.send("long", flow=KEY)
    stage.send("short")
    for name in "ab":
        stage.send(name, flow=KEY)
    for name in "cd":
        stage.send(name)

    stage.driver.run_until_idle()

    assert starts(stage) == [
        (0, "long"),
        (0, "short"),
        (1_000, "c"),
        (2_000, "d"),
        (40_000, "a"),
        (41_000, "b"),
    ]


# --- a limit for each host, as on the development server -----------------------------------------


def by_host(maximum: int, *answers: Outcome) -> Stage:
    return Stage(*answers, plan=replace(PAYG, global_parallelism=maximum), limits_by_host=True)


def went(stage: Stage) -> list[tuple[int, str]]:
    """When each attempt started, and to which host and path."""
    return [
        (entry.at - START, entry.message.command.url.removeprefix("https://"))
        for entry in stage.engine.whole_log(USER)
        if entry.state is ACTIVE
    ]


def in_flight(stage: Stage) -> int:
    return stage.engine.flow_control.global_parallelism(USER).in_flight


def test_a_host_that_hangs_holds_up_no_other() -> None:
    stage = by_host(2, OK)
    stage.router.add("https://slow.test", Answers(TAKES_40S))
    for number in range(5):
        stage.publish(f"https://slow.test/{number}")
    stage.publish("https://fast.test/a", delay=1_000)

    stage.driver.run_until_idle()

    assert went(stage) == [
        (0, "slow.test/0"),
        (0, "slow.test/1"),
        (1_000, "fast.test/a"),
        (40_000, "slow.test/2"),
        (40_000, "slow.test/3"),
        (80_000, "slow.test/4"),
    ]


def test_a_host_is_the_same_in_any_case_and_another_with_another_port() -> None:
    stage = by_host(1, TAKES_40S)
    for url in ("http://shop.test/a", "https://SHOP.test/b", "https://shop.test:8443?c"):
        stage.publish(url)

    stage.advance(0)

    assert in_flight(stage) == 2
    stage.advance(40_000)
    assert [at for at, _ in went(stage)] == [0, 0, 40_000]


def test_what_is_in_flight_to_all_hosts_is_told() -> None:
    stage = by_host(1, TAKES_40S)
    for host in "abc":
        stage.publish(f"https://{host}.test")

    stage.advance(0)

    assert stage.engine.flow_control.global_parallelism(USER) == GlobalParallelism(1, 3)
    stage.advance(40_000)
    assert in_flight(stage) == 0


def test_one_that_waits_for_its_host_can_be_cancelled() -> None:
    stage = by_host(1, TAKES_40S)
    stage.publish("https://shop.test/a")
    second = stage.publish("https://shop.test/b")
    third = stage.publish("https://shop.test/c")
    stage.advance(0)

    stage.engine.cancel(USER, second.id, "127.0.0.1")
    stage.driver.run_until_idle()

    assert went(stage) == [(0, "shop.test/a"), (40_000, "shop.test/c")]
    assert timeline(second) == [(0, CREATED), (0, CANCEL_REQUESTED), (0, CANCELED)]
    assert timeline(third)[-1] == (80_000, DELIVERED)


def test_those_of_a_key_that_wait_for_their_host_are_in_its_wait_list() -> None:
    stage = by_host(1, TAKES_40S)
    stage.send("a")
    stage.send("b", flow=FlowControl("k", parallelism=9))

    stage.advance(0)

    assert waiting(stage) == 1


def test_a_branch_has_limits_by_host_too() -> None:
    stage = by_host(1, OK)
    other = stage.engine.another(VirtualClock(START))
    for host in "ab":
        other.publish(USER, PublishCommand(url=f"https://{host}.test"))

    while other.claim(START) is not None:
        pass

    assert other.flow_control.global_parallelism(USER).in_flight == 2
