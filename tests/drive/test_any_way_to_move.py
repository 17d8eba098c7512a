"""However time is moved, the same things happen at the same instants, in the same order."""

from collections.abc import Callable, Coroutine
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakestash.drive.report import StopReason
from fakestash.testing.chronicle import render
from tests.builders import START
from tests.reference import SCRIPTS, Played, Reference, Script, Story

T = TypeVar("T")
END = 400_000_000
"""After everything that a script can bring about, in ms."""

SCRIPT_LISTS = st.lists(SCRIPTS, min_size=1, max_size=4)


def stepped(coroutine: Coroutine[object, object, T]) -> T:
    """What a coroutine returns that never really waits, without any event loop."""
    with pytest.raises(StopIteration) as stopped:
        coroutine.send(None)
    result: T = stopped.value.value
    return result


def in_one_jump(stage: Played) -> None:
    stage.advance(END)


def in_small_steps(stage: Played) -> None:
    for _ in range(40):
        stage.advance(500)
    stage.advance(END - 20_000)


def event_by_event(stage: Played) -> None:
    while stage.driver.next().reason is StopReason.STEPPED:
        pass


def until_idle(stage: Played) -> None:
    stage.driver.run_until_idle()


def until_a_condition(stage: Played) -> None:
    stage.driver.run_until(lambda: stage.engine.next_timer() is None)


def awaiting_in_one_jump(stage: Played) -> None:
    stepped(stage.driver.advance_async(f"{END}ms"))


def awaiting_event_by_event(stage: Played) -> None:
    while stepped(stage.driver.next_async()).reason is StopReason.STEPPED:
        pass


WAYS = [
    in_one_jump,
    in_small_steps,
    event_by_event,
    until_idle,
    until_a_condition,
    awaiting_in_one_jump,
    awaiting_event_by_event,
]


def expected(scripts: list[Script]) -> Story:
    reference = Reference()
    for script in scripts:
        reference.publish(script)
    reference.until(END)
    return reference.story


def played(scripts: list[Script], move: Callable[[Played], None], seed: int = 0) -> Played:
    stage = Played(seed)
    for script in scripts:
        stage.play(script)
    move(stage)
    return stage


@settings(max_examples=30)
@given(scripts=SCRIPT_LISTS)
def test_every_way_to_move_gives_the_same_history(scripts: list[Script]) -> None:
    stages = [played(scripts, move) for move in WAYS]

    assert [stage.story() for stage in stages] == [expected(scripts)] * len(WAYS)
    ids = [[(entry.id, entry.message.id) for entry in stage.log()] for stage in stages]
    assert ids == [ids[0]] * len(WAYS)


@settings(max_examples=30)
@given(scripts=SCRIPT_LISTS, steps=st.lists(st.integers(0, 30_000), min_size=1, max_size=20))
def test_a_jump_is_the_sum_of_any_steps(scripts: list[Script], steps: list[int]) -> None:
    def in_steps(stage: Played) -> None:
        for step in steps:
            stage.advance(step)

    def at_once(stage: Played) -> None:
        stage.advance(sum(steps))

    walked, jumped = played(scripts, in_steps), played(scripts, at_once)

    assert walked.story() == jumped.story()
    assert walked.offset == jumped.offset == sum(steps)


@settings(max_examples=30)
@given(scripts=SCRIPT_LISTS, seed=st.integers(0, 5))
def test_the_same_seed_and_calls_give_the_same_everything(scripts: list[Script], seed: int) -> None:
    first, second = played(scripts, in_one_jump, seed), played(scripts, in_one_jump, seed)

    def everything(stage: Played) -> list[tuple[object, ...]]:
        return [
            *((entry.id, entry.state, entry.message.id, entry.outcome) for entry in stage.log()),
            *((each.at, each.message_id, each.outcome) for each in stage.courier.deliveries),
        ]

    assert everything(first) == everything(second)
    assert render(first.log(), START) == render(second.log(), START)
    assert [letter.dlq_id for letter in first.engine.all_dead_letters("defaultUser")] == [
        letter.dlq_id for letter in second.engine.all_dead_letters("defaultUser")
    ]


@settings(max_examples=30)
@given(scripts=SCRIPT_LISTS)
def test_another_seed_changes_ids_and_nothing_else(scripts: list[Script]) -> None:
    first, second = played(scripts, in_one_jump, 1), played(scripts, in_one_jump, 2)

    assert first.story() == second.story()
    assert {entry.message.id for entry in first.log()}.isdisjoint(
        entry.message.id for entry in second.log()
    )


def test_the_end_of_the_tests_is_after_everything() -> None:
    stage = played([Script(retries=5, delay=160_000)], in_one_jump)

    assert stage.engine.clock.now() == START + END
