"""The driver of a virtual clock: time moves when the caller says so, and in the caller.

Each call has a twin that awaits in the caller's own event loop. Both carry out the same
``Move``; in the blocking form, destinations that need an event loop get the fake's own.
"""

from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Final

from fakestash.delivery.base import Destination
from fakestash.delivery.courier import Courier
from fakestash.delivery.outbound import OutboundRequest
from fakestash.drive.carrying import carry, carry_async
from fakestash.drive.loop import refuse_running_loop
from fakestash.drive.move import Move, Progress
from fakestash.drive.report import Report
from fakestash.drive.turn import BY_HAND, MOVES, Ground, Texts, Turn
from fakestash.engine import Engine
from fakestash.errors import NestedMoveError, UsageError, shown_where_it_was_made
from fakestash.model.messages import Attempt
from fakestash.model.outcomes import Outcome, is_delivered
from fakestash.syntax.moments import (
    DurationLike,
    InstantLike,
    datetime_of,
    instant_of,
    instant_text,
    millis_of,
)

__tracebackhide__ = shown_where_it_was_made


EVENTS_PER_BREATH: Final = 100
"""So many events without an attempt are run before others in the event loop get their turn."""


class ManualDriver:
    """Moves a virtual clock and carries what comes due on the way.

    Args:
        engine: where attempts come from and outcomes go.
        courier: carries the attempts.
        ground: that of another driver, which outlives this one; without it this has its own.
        around: entered for each turn, in which time is moved or something is done by hand.
        breathe: awaited by the awaiting moves every few events, for others in the event loop.
    """

    def __init__(
        self,
        engine: Engine,
        courier: Courier,
        ground: Ground | None = None,
        around: Callable[[], AbstractContextManager[None]] = nullcontext,
        breathe: Callable[[], Awaitable[object]] | None = None,
    ) -> None:
        self._engine = engine
        self._courier = courier
        self._is_guest = ground is not None
        self._around = around
        self._breathe = breathe
        self.ground = ground or Ground()
        self._loop = self.ground.loop
        self._moving = self.ground.turn
        self._misuse: NestedMoveError | None = None
        self._move_under_way: Move | None = None
        self.is_closed = False

    # --- the moves, blocking and awaiting ------------------------------------------------

    def advance(self, duration: DurationLike, *, limit: int | None = None) -> Report:
        """Move on by ``duration``, its end included."""
        return self._run("advance", lambda: self._by(duration, limit))

    async def advance_async(self, duration: DurationLike, *, limit: int | None = None) -> Report:
        """``advance`` in the caller's event loop."""
        return await self._run_async("advance_async", lambda: self._by(duration, limit))

    def advance_to(self, instant: InstantLike, *, limit: int | None = None) -> Report:
        """Move on to ``instant``, included."""
        return self._run("advance_to", lambda: self._to(instant, limit))

    async def advance_to_async(self, instant: InstantLike, *, limit: int | None = None) -> Report:
        """``advance_to`` in the caller's event loop."""
        return await self._run_async("advance_to_async", lambda: self._to(instant, limit))

    def next(self) -> Report:
        """Jump to the next event and run it alone."""
        return self._run("next", lambda: self._move(steps=1))

    async def next_async(self) -> Report:
        """``next`` in the caller's event loop."""
        return await self._run_async("next_async", lambda: self._move(steps=1))

    def run_until_idle(self, *, limit: int | None = None) -> Report:
        """Run events until nothing is due any more but what recurs for ever (cron firings)."""
        return self._run("run_until_idle", lambda: self._move(to_idleness=True, limit=limit))

    async def run_until_idle_async(self, *, limit: int | None = None) -> Report:
        """``run_until_idle`` in the caller's event loop."""
        return await self._run_async(
            "run_until_idle_async", lambda: self._move(to_idleness=True, limit=limit)
        )

    def run_until(self, condition: Callable[[], bool], *, limit: int | None = None) -> Report:
        """Run events until ``condition()`` is true; it is asked before each."""
        return self._run("run_until", lambda: self._met(condition, limit))

    async def run_until_async(
        self, condition: Callable[[], bool], *, limit: int | None = None
    ) -> Report:
        """``run_until`` in the caller's event loop."""
        return await self._run_async("run_until_async", lambda: self._met(condition, limit))

    def close(self) -> None:
        """Give back the fake's own event loop; time cannot be moved any more."""
        self.is_closed = True
        if not self._is_guest:
            self._loop.close()

    @property
    def progress(self) -> Progress | None:
        """How far the move that is under way has got, in whatever thread; None if there is none."""
        move = self._move_under_way
        return None if move is None else move.progress()

    # --- without moving time --------------------------------------------------------------

    def deliver_now(self, message_id: str) -> Attempt:
        """Deliver a message that waits for its time; its attempt is returned."""
        with self.turn("deliver_now"):
            refuse_running_loop("deliver_now")
            attempt = self._engine.claim_now(message_id)
            if self._courier.needs_loop(attempt):
                self._loop.run(self._carry_async(attempt))
            else:
                self._carry(attempt)
            return attempt

    async def deliver_now_async(self, message_id: str) -> Attempt:
        """``deliver_now`` in the caller's event loop."""
        with self.turn("deliver_now_async"):
            attempt = self._engine.claim_now(message_id)
            await self._carry_async(attempt)
            return attempt

    def call(self, call: str, made: Iterable[tuple[Destination, OutboundRequest]]) -> list[Outcome]:
        """Call destinations with requests that are no attempts: the engine hears of nothing."""
        with self.turn(call):
            refuse_running_loop(call)
            outcomes: list[Outcome] = []
            for destination, request in made:
                outcome = self._courier.call(destination, request)
                outcomes.append(outcome if isinstance(outcome, tuple) else self._loop.run(outcome))
            return outcomes

    async def call_async(
        self, call: str, made: Iterable[tuple[Destination, OutboundRequest]]
    ) -> list[Outcome]:
        """``call`` in the caller's event loop."""
        with self.turn(call):
            outcomes: list[Outcome] = []
            for destination, request in made:
                outcome = self._courier.call(destination, request)
                outcomes.append(outcome if isinstance(outcome, tuple) else await outcome)
            return outcomes

    def turn(self, call: str, *, moves_time: bool = False) -> Turn:
        """Keep others from moving time, and from doing anything by hand, until it is over.

        Raises:
            NestedMoveError: when entered, if that is going on; the text blames ``call``.
            UsageError: when entered, if the driver is closed.
        """
        texts = MOVES if moves_time else BY_HAND
        return Turn(lambda: self._begin(call, texts), self._around, self._moving)

    # --- where to -------------------------------------------------------------------------

    def _by(self, duration: DurationLike, limit: int | None) -> Move:
        until = self._engine.clock.now() + millis_of(duration)
        datetime_of(until)  # an instant that no report could show is refused before time moves
        return self._move(until=until, limit=limit)

    def _to(self, instant: InstantLike, limit: int | None) -> Move:
        until, now = instant_of(instant), self._engine.clock.now()
        if until < now:
            raise UsageError(
                f"cannot go back to {instant_text(until)}: it is {instant_text(now)} already"
            )
        return self._move(until=until, limit=limit)

    def _met(self, condition: Callable[[], bool], limit: int | None) -> Move:
        if not callable(condition):
            raise UsageError(
                f"run_until takes a function that says whether to stop, such as "
                f"`lambda: len(qstash.dead_letters) == 1`, got {condition!r}"
            )
        return self._move(met=condition, limit=limit)

    def _move(
        self,
        *,
        until: int | None = None,
        steps: int | None = None,
        met: Callable[[], bool] | None = None,
        to_idleness: bool = False,
        limit: int | None = None,
    ) -> Move:
        return Move(
            self._engine,
            self._courier,
            until=until,
            steps=steps,
            met=met,
            to_idleness=to_idleness,
            limit=limit,
        )

    # --- carrying it out ------------------------------------------------------------------

    def _run(self, call: str, plan: Callable[[], Move]) -> Report:
        with self.turn(call, moves_time=True):
            refuse_running_loop(call)
            move = self._move_under_way = plan()
            try:
                attempt = move.next_attempt()
                while attempt is not None:
                    if self._courier.needs_loop(attempt):
                        attempt = self._loop.run(self._stretch(move, attempt))
                    else:
                        self._carry(attempt, move)
                        attempt = move.next_attempt()
            finally:
                self._move_under_way = None
            return move.report()

    async def _run_async(self, call: str, plan: Callable[[], Move]) -> Report:
        most = None if self._breathe is None else EVENTS_PER_BREATH
        with self.turn(call, moves_time=True):
            move = self._move_under_way = plan()
            try:
                while not move.is_over:
                    attempt = move.next_attempt(most)
                    if attempt is not None:
                        await self._carry_async(attempt, move)
                    if self._breathe is not None:
                        await self._breathe()
            finally:
                self._move_under_way = None
            return move.report()

    async def _stretch(self, move: Move, attempt: Attempt) -> Attempt | None:
        """Carry attempts as long as they need a loop; the first that does not is returned.

        Entering an event loop costs as much as a delivery, so a run of them enters it once.
        """
        following: Attempt | None = attempt
        while following is not None and self._courier.needs_loop(following):
            await self._carry_async(following, move)
            following = move.next_attempt()
        return following

    def _carry(self, attempt: Attempt, move: Move | None = None) -> None:
        outcome = carry(self._engine, self._courier, attempt, self._loop.run)
        if move is not None:
            move.came_back(outcome)
        if self._misuse is not None:
            self._tell_of_misuse(outcome)

    async def _carry_async(self, attempt: Attempt, move: Move | None = None) -> None:
        outcome = await carry_async(self._engine, self._courier, attempt)
        if move is not None:
            move.came_back(outcome)
        if self._misuse is not None:
            self._tell_of_misuse(outcome)

    def _tell_of_misuse(self, outcome: Outcome) -> None:
        """Raise what a handler was refused, unless it dealt with that.

        Left to itself its framework makes a 500 of it, which would be retried in silence.
        """
        misuse, self._misuse = self._misuse, None
        if misuse is not None and not is_delivered(outcome):
            raise misuse

    def _begin(self, call: str, texts: Texts) -> None:
        """Take the turn, which the caller gives back.

        Raises:
            NestedMoveError: if it is somebody else's.
            UsageError: if the driver is closed.
        """
        if self.is_closed:
            raise UsageError(f"{call}() was called on a fake that is closed: its test is over")
        if self._courier.is_carrying:
            self._misuse = NestedMoveError(f"{call}() was called {texts.in_a_delivery}")
            raise self._misuse
        if not self._moving.acquire(blocking=False):
            raise NestedMoveError(f"{call}() was called {texts.in_a_move}")
        self._misuse = None  # what outlived its delivery is not blamed on a later one
