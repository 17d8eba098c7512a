"""Clocks, and the only reader of the machine's time.

The engine asks a clock for the instant and tells it which instant has been reached. A
virtual clock stands still until told; a system clock runs by itself, at a rate.
"""

import sys
import time
from collections.abc import Callable
from typing import Protocol

from fakestash.errors import InternalError, shown_where_it_was_made

__tracebackhide__ = shown_where_it_was_made


class Clock(Protocol):
    """What the engine needs of a clock. Instants are unix ms."""

    def now(self) -> int:
        """The instant."""
        ...

    def reach(self, instant: int) -> None:
        """Move to ``instant`` if this clock is moved by hand; never backwards."""
        ...


class VirtualClock:
    """A clock that stands still until it is told to move."""

    def __init__(self, start: int) -> None:
        self._now = start

    def now(self) -> int:
        """The instant."""
        return self._now

    def reach(self, instant: int) -> None:
        """Move forward to ``instant``.

        Raises:
            InternalError: if that would be backwards.
        """
        if instant < self._now:
            raise InternalError(f"the clock cannot go back from {self._now} to {instant}")
        self._now = instant

    def show(self, instant: int) -> None:
        """Show ``instant``, be it an earlier one: everything else is put back to it as well."""
        self._now = instant

    def another(self) -> "VirtualClock":
        """One that shows the same, and is moved by itself."""
        return VirtualClock(self._now)


class FollowedClock(VirtualClock):
    """A virtual clock with another one that has to show the same.

    ``follow`` gets each instant before this clock shows it.
    """

    def __init__(self, start: int, follow: Callable[[int], object]) -> None:
        super().__init__(start)
        self._follow = follow

    def reach(self, instant: int) -> None:
        """Move forward to ``instant``."""
        self._follow(instant)
        super().reach(instant)

    def show(self, instant: int) -> None:
        """Show ``instant``, be it an earlier one."""
        self._follow(instant)
        super().show(instant)

    def another(self) -> VirtualClock:
        """One that is followed likewise."""
        return FollowedClock(self.now(), self._follow)


class SystemClock:
    """A clock that runs by itself, ``rate`` times as fast as the machine's.

    It starts at the machine's time (or ``start``, unix ms) and follows its monotonic clock, so it
    never goes back when the machine's time is set.
    """

    def __init__(self, rate: float = 1.0, start: int | None = None) -> None:
        self.rate = rate
        self._origin_ns = time.monotonic_ns()
        self._start = int(machine_seconds() * 1000) if start is None else start

    def now(self) -> int:
        """The instant."""
        elapsed_ns = time.monotonic_ns() - self._origin_ns
        return self._start + int(elapsed_ns * self.rate) // 1_000_000

    def reach(self, instant: int) -> None:
        """Do nothing: this clock moves by itself."""

    def real_seconds_until(self, instant: int) -> float:
        """Seconds of the machine's time from now to ``instant``; 0 if it is past."""
        return max(0.0, (instant - self.now()) / 1000 / self.rate)


def process_seconds() -> int:
    """Unix seconds as code in this process sees them: frozen if a test froze time.

    A receiver in this process checks tokens against this clock, so tokens for it are stamped
    with it. The attribute is looked up at each call because freezegun replaces it.
    """
    return int(time.time())


def machine_seconds() -> float:
    """Unix seconds as other processes see them, also while a test has time frozen.

    Freezing libraries replace ``time.time`` but leave the POSIX clock call alone.
    """
    if sys.platform == "win32":
        return time.time()
    return time.clock_gettime(time.CLOCK_REALTIME)


def steady_seconds() -> float:
    """Seconds on a clock that never goes back, also while a test has time frozen."""
    if sys.platform == "win32":
        return time.monotonic()
    return time.clock_gettime(time.CLOCK_MONOTONIC)
