"""One move of time, as a sequence of decisions: what comes up next, and when to stop.

It calls no destination, so the blocking and the awaiting driver share it and differ in one
``await``.
"""

from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple

from fakestash.delivery.courier import Courier
from fakestash.drive.report import Report, StopReason, counted, culprit, describe_event
from fakestash.drive.wish import WISH
from fakestash.engine import FAR_FUTURE, Engine
from fakestash.engine.due import Firing
from fakestash.errors import (
    ConditionNotMetError,
    InternalError,
    RunawayError,
    UsageError,
    shown_where_it_was_made,
)
from fakestash.model.messages import Attempt
from fakestash.model.outcomes import Outcome, is_delivered
from fakestash.syntax.moments import datetime_of, instant_text

__tracebackhide__ = shown_where_it_was_made

LIMIT: Final = 100_000
"""How many events one move may run, unless told otherwise, before it counts as runaway."""

LIMIT_WITHOUT_END: Final = 10_000
"""The same for a move that has no instant to end at."""

KEPT: Final = LIMIT
"""So many of the latest events of one move are told of in its report: only a move whose limit was
raised can have more."""

LIMIT_AT_ONE_INSTANT: Final = 1_000
"""How often events may lead to further ones while the clock of a move stands still: a handler that
publishes to itself never gets any further, and each round of it takes real time."""


class Progress(NamedTuple):
    """How far a move has got: what deliveries came to, and how many events it has run.

    ``now`` and ``until``, the instant that it goes to, are unix ms; None is without end.
    """

    now: int
    until: int | None
    events: int
    delivered: int
    failed: int


class Move:
    """A move of time up to ``until`` (unix ms, inclusive; None is without end).

    ``steps`` stops it after so many events, ``met`` as soon as it is true, ``to_idleness`` as soon
    as nothing is to come but what recurs for ever (cron firings); ``limit`` takes the place of the
    caps beyond which the history counts as runaway.

    Raises:
        UsageError: if ``limit`` is not a whole number from 1 on.
    """

    def __init__(
        self,
        engine: Engine,
        courier: Courier,
        *,
        until: int | None = None,
        steps: int | None = None,
        met: Callable[[], bool] | None = None,
        to_idleness: bool = False,
        limit: int | None = None,
    ) -> None:
        if limit is not None and (type(limit) is not int or limit < 1):
            raise UsageError(f"limit must be a whole number from 1 on, got {limit!r}")
        self._engine = engine
        self._courier = courier
        self._until = FAR_FUTURE if until is None else until
        self._steps = steps
        self._met = met
        self._to_idleness = to_idleness
        self._limit = limit or (LIMIT_WITHOUT_END if until is None else LIMIT)
        self._limit_at_one_instant = limit or LIMIT_AT_ONE_INSTANT
        self._set_before_round = engine.timers_set
        self._started_at = self._instant = engine.clock.now()
        self._rounds = 0
        self._first_delivery = courier.count
        self._count = self.delivered = self.failed = 0
        self._firings: deque[Firing] = deque(maxlen=KEPT)
        self._reason: StopReason | None = None
        self._wish = WISH.get()

    @property
    def is_over(self) -> bool:
        """Whether it has stopped."""
        return self._reason is not None

    def next_attempt(self, most: int | None = None) -> Attempt | None:
        """Run events up to the next attempt, which the caller must settle; None at the end.

        It is None as well after ``most`` events, if that is given, without an attempt.

        Raises:
            RunawayError: if the cap is reached.
            ConditionNotMetError: if events ran out before ``met`` came true.
        """
        stop_at = None if most is None else self._count + most
        while not self._has_to_stop() and self._count != stop_at:
            firing = self._engine.claim(self._until)
            if firing is None:
                self._run_out()
                continue
            self._note(firing)
            if firing.attempt is not None:
                return firing.attempt
        return None

    def came_back(self, outcome: Outcome) -> None:
        """Count what an attempt came to."""
        if is_delivered(outcome):
            self.delivered += 1
        else:
            self.failed += 1

    def progress(self) -> Progress:
        """How far it has got."""
        until = None if self._until == FAR_FUTURE else self._until
        return Progress(self._engine.clock.now(), until, self._count, self.delivered, self.failed)

    def report(self) -> Report:
        """What happened.

        Raises:
            InternalError: if the move is not over.
        """
        if self._reason is None:
            raise InternalError("a move has no report before it is over")
        timer = self._engine.next_timer()
        return Report(
            started_at=datetime_of(self._started_at),
            ended_at=datetime_of(self._engine.clock.now()),
            reason=self._reason,
            deliveries=self._courier.deliveries_since(self._first_delivery),
            next_at=None if timer is None else datetime_of(timer[0]),
            next_event=None if timer is None else describe_event(timer[2]),
            firings=tuple(self._firings),
        )

    def _note(self, firing: Firing) -> None:
        self._count += 1
        self._firings.append(firing)
        if firing.at != self._instant:
            self._instant = firing.at
            self._rounds = 0
        if firing.sequence > self._set_before_round:  # what was set meanwhile is the next round
            self._set_before_round = self._engine.timers_set
            self._rounds += 1

    def _has_to_stop(self) -> bool:
        """Whether to stop here."""
        if self._met is not None and self._met():
            self._reason = StopReason.MET
        elif self._steps is not None and self._count >= self._steps:
            self._reason = StopReason.STEPPED
        elif self._to_idleness and self._engine.is_idle:
            self._reason = StopReason.IDLE
        elif self._wish is not None and self._wish.is_withdrawn:
            self._reason = StopReason.WITHDRAWN
        elif (
            self._count >= self._limit or self._rounds >= self._limit_at_one_instant
        ) and not self._engine.is_done(self._until):
            raise RunawayError(self._runaway_text())
        return self._reason is not None

    def _run_out(self) -> None:
        """Nothing is due: stop, unless something was published just now."""
        if not self._engine.is_done(self._until):
            return
        if self._met is not None:
            raise ConditionNotMetError(self._not_met_text())
        self._reason = StopReason.IDLE if self._until == FAR_FUTURE else StopReason.REACHED

    def _not_met_text(self) -> str:
        return (
            "run_until: the condition is still false at "
            f"{instant_text(self._engine.clock.now())}, after "
            f"{counted(self._count, 'event', 'events')}, and nothing is due any more"
        )

    def _runaway_text(self) -> str:
        return (
            f"stopped at {instant_text(self._engine.clock.now())} after "
            f"{counted(self._count, 'event', 'events')}: {culprit(self._firings)}. "
            "If so many are meant, pass a larger limit=; if not, something keeps publishing "
            "or failing without an end"
        )
