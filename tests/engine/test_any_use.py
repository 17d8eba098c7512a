"""Whatever is asked of the whole engine, in whatever order: what always holds."""

import asyncio
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from fakestash.drive.report import Report
from fakestash.model.settings import FlowControl
from tests.engine.any_use.arranging import (
    Advance,
    During,
    Next,
    PauseKey,
    PauseQueue,
    SetQueue,
)
from tests.engine.any_use.play import Play, Step
from tests.engine.any_use.sending import Ask, Cancel, Send
from tests.engine.any_use.uses import STEPS, uses

MOST_IN_FLIGHT = st.sampled_from([1, 2, 3, 100])
MOST_STEPS = 40


class AnyUse(RuleBasedStateMachine):
    """The engine and one who knows what may happen: nothing is lost, done twice or let through."""

    def __init__(self) -> None:
        super().__init__()
        self.play = Play()

    @initialize(most_in_flight=MOST_IN_FLIGHT)
    def begin(self, most_in_flight: int) -> None:
        self.play = Play(most_in_flight=most_in_flight)

    @rule(step=STEPS)
    def do(self, step: Step) -> None:
        step.do(self.play)

    @invariant()
    def everything_is_where_it_belongs(self) -> None:
        self.play.check()

    def teardown(self) -> None:
        self.play.drain()


TestAnyUse = AnyUse.TestCase
TestAnyUse.settings = settings(max_examples=150, stateful_step_count=MOST_STEPS)


# --- where it is tight -------------------------------------------------------------------

QUEUED = Ask(queue="orders")
LIMITED = Ask(queue="orders", control=FlowControl("tenant", parallelism=1))
AT_TIGHT_PLACES: dict[str, list[Step]] = {
    "one behind another that waits for its key": [
        SetQueue("orders", 2),
        PauseKey("tenant"),
        Send(replace(LIMITED, to="slow")),
        Send(QUEUED),
        Advance(0),
        PauseKey("tenant", paused=False),
        Advance(0),
    ],
    "a queue made narrower while one waits for its key": [
        SetQueue("orders", 2),
        PauseKey("tenant"),
        Send(replace(QUEUED, to="slow")),
        Send(LIMITED),
        Advance(0),
        SetQueue("orders", 1),
        PauseKey("tenant", paused=False),
        Advance(0),
    ],
    "a queue paused while one waits for the next period": [
        Send(Ask(control=FlowControl("tenant", rate=1))),
        Advance(0),
        Send(Ask(queue="orders", control=FlowControl("tenant", rate=1))),
        Advance(0),
        PauseQueue("orders"),
        Next(),
    ],
    "wider limits that come with a message of later": [
        Send(Ask("slow", control=FlowControl("tenant", parallelism=1))),
        Send(Ask(control=FlowControl("tenant", parallelism=1))),
        Advance(0),
        Send(Ask(delay=1_000, control=FlowControl("tenant", parallelism=2))),
        Advance(0),
    ],
    "one that comes due when a place gets free": [
        Send(replace(QUEUED, to="hangs", timeout=1_000)),
        Advance(0),
        Send(QUEUED),
        Send(replace(QUEUED, delay=1_000)),
        Advance(1_000),
    ],
    "a callback that is cancelled before its retry": [
        Send(replace(QUEUED, retries=1, callback="broken")),
        Send(QUEUED),
        Advance(0),
        Cancel(0),
        Advance(0),
    ],
    "one that is cancelled during an attempt that fails": [
        Send(replace(QUEUED, to="broken", retries=1)),
        Send(QUEUED),
        During(Cancel(1)),
        Advance(0),
    ],
}


@pytest.mark.parametrize("steps", AT_TIGHT_PLACES.values(), ids=AT_TIGHT_PLACES)
def test_nothing_is_lost_or_let_through_where_it_is_tight(steps: list[Step]) -> None:
    play = Play()

    play.run(steps)
    play.drain()


# --- time comes in pieces ----------------------------------------------------------------


class PlayInPieces(Play):
    """A play whose time is moved on piece by piece: up to each of the cuts, in thousandths."""

    def __init__(self, cuts: Sequence[int], most_in_flight: int) -> None:
        super().__init__(most_in_flight=most_in_flight)
        self._cuts = sorted(cuts)

    def move(self, ms: int) -> None:
        since = self.now
        for cut in (*self._cuts, 1_000):
            super().move(since + ms * cut // 1_000 - self.now)


CUTS = st.one_of(
    st.lists(st.integers(0, 1_000), min_size=1, max_size=8),
    st.just(range(1_000)),
)


@settings(max_examples=50)
@given(steps=uses(MOST_STEPS), most_in_flight=MOST_IN_FLIGHT, cuts=CUTS)
def test_the_same_happens_in_one_jump_and_in_a_thousand_steps(
    steps: list[Step], most_in_flight: int, cuts: Sequence[int]
) -> None:
    at_once, in_pieces = Play(most_in_flight=most_in_flight), PlayInPieces(cuts, most_in_flight)

    at_once.run(steps)
    in_pieces.run(steps)

    assert in_pieces.dump() == at_once.dump()


# --- the same again ----------------------------------------------------------------------


@settings(max_examples=50)
@given(steps=uses(MOST_STEPS), most_in_flight=MOST_IN_FLIGHT, seed=st.integers(0, 9))
def test_the_same_seed_and_calls_give_the_same_history_to_the_byte(
    steps: list[Step], most_in_flight: int, seed: int
) -> None:
    plays = [Play(most_in_flight=most_in_flight, seed=seed) for _ in range(2)]

    for play in plays:
        play.run(steps)

    first, second = (repr(play.dump()).encode() for play in plays)
    assert first == second


@settings(max_examples=50)
@given(steps=uses(MOST_STEPS), most_in_flight=MOST_IN_FLIGHT)
def test_another_seed_changes_nothing_but_ids(steps: list[Step], most_in_flight: int) -> None:
    plays = [Play(most_in_flight=most_in_flight, seed=seed) for seed in range(2)]

    for play in plays:
        play.run(steps)

    assert plays[0].story() == plays[1].story()


class AwaitingPlay(Play):
    """A play whose time is moved on in an event loop of the caller's."""

    def move(self, ms: int) -> None:
        asyncio.run(self._move(ms))

    def next(self) -> Report:
        return asyncio.run(self.driver.next_async())

    async def _move(self, ms: int) -> None:
        await self.driver.advance_async(f"{ms}ms")


@settings(max_examples=30)
@given(steps=uses(MOST_STEPS), most_in_flight=MOST_IN_FLIGHT)
def test_it_makes_no_difference_who_waits_for_the_destination(
    steps: list[Step], most_in_flight: int
) -> None:
    plain = Play(most_in_flight=most_in_flight)
    own_loop = Play(most_in_flight=most_in_flight, needs_loop=True)
    awaiting = AwaitingPlay(most_in_flight=most_in_flight, needs_loop=True)

    for play in (plain, own_loop, awaiting):
        with closing(play.driver):
            play.run(steps)

    assert own_loop.dump() == plain.dump()
    assert awaiting.dump() == plain.dump()
