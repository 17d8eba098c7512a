"""Moving the clock of the fake. Each move runs what comes due, at its own instant."""

from collections.abc import Callable
from datetime import datetime

from fakestash.drive.move import Progress
from fakestash.drive.report import Report
from fakestash.errors import shown_where_it_was_made
from fakestash.syntax.moments import DurationLike, InstantLike, datetime_of
from fakestash.testing.parts import Parts

__tracebackhide__ = shown_where_it_was_made


class Moves(Parts):
    """The fake's clock, and every way to move it."""

    @property
    def now(self) -> datetime:
        """The instant on the fake's clock, in UTC."""
        return datetime_of(self.engine.clock.now())

    @property
    def progress(self) -> Progress | None:
        """How far the move of time that is under way has got; None if there is none."""
        return self._driver.progress

    def advance(self, duration: DurationLike, *, limit: int | None = None) -> Report:
        """Move on by ``duration`` (a ``timedelta``, seconds, or "1h30m"), its end included.

        Raises:
            UsageError: on a bad value, inside a delivery, or where an event loop runs.
            RunawayError: if more than ``limit`` events come up.
        """
        return self._driver.advance(duration, limit=limit)

    async def advance_async(self, duration: DurationLike, *, limit: int | None = None) -> Report:
        """``advance``, awaiting deliveries in the caller's event loop."""
        return await self._driver.advance_async(duration, limit=limit)

    def advance_to(self, instant: InstantLike, *, limit: int | None = None) -> Report:
        """Move on to ``instant`` (aware ``datetime``, unix seconds, ISO 8601 text), included.

        Raises:
            UsageError: on a bad value, inside a delivery, or where an event loop runs.
            RunawayError: if more than ``limit`` events come up.
        """
        return self._driver.advance_to(instant, limit=limit)

    async def advance_to_async(self, instant: InstantLike, *, limit: int | None = None) -> Report:
        """``advance_to``, awaiting deliveries in the caller's event loop."""
        return await self._driver.advance_to_async(instant, limit=limit)

    def next(self) -> Report:
        """Jump to the next event and run it alone.

        Raises:
            UsageError: from inside a delivery, or in a thread that runs an event loop.
        """
        return self._driver.next()

    async def next_async(self) -> Report:
        """``next``, awaiting deliveries in the caller's event loop."""
        return await self._driver.next_async()

    def run_until_idle(self, *, limit: int | None = None) -> Report:
        """Run events until nothing is due any more.

        Raises:
            UsageError: on a bad value, inside a delivery, or where an event loop runs.
            RunawayError: if more than ``limit`` events come up.
        """
        return self._driver.run_until_idle(limit=limit)

    async def run_until_idle_async(self, *, limit: int | None = None) -> Report:
        """``run_until_idle``, awaiting deliveries in the caller's event loop."""
        return await self._driver.run_until_idle_async(limit=limit)

    def run_until(self, condition: Callable[[], bool], *, limit: int | None = None) -> Report:
        """Run events until ``condition()`` is true; it is asked before each of them.

        Raises:
            UsageError: on a bad value, inside a delivery, or where an event loop runs.
            RunawayError: if more than ``limit`` events come up.
            ConditionNotMetError: if events run out before that.
        """
        return self._driver.run_until(condition, limit=limit)

    async def run_until_async(
        self, condition: Callable[[], bool], *, limit: int | None = None
    ) -> Report:
        """``run_until``, awaiting deliveries in the caller's event loop."""
        return await self._driver.run_until_async(condition, limit=limit)
