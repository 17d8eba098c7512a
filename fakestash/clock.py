"""Clocks, and the only reader of the machine's time.

The engine asks a clock for the instant and tells it which instant has been reached. A
virtual clock stands still until told; a paced one runs by itself, at a rate that may change.
"""

import sys
import time
from collections.abc import Callable
from typing import NamedTuple, Protocol

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


class _Pace(NamedTuple):
    """What a clock showed, at what instant of the machine's steady clock, and its rate since."""

    shown: int
    since_ns: int
    rate: float


class PacedClock(VirtualClock):
    """A clock that runs by itself, ``rate`` times as fast as the machine's; at 0 it stands still.

    It starts at the machine's time (or ``start``, unix ms) and follows its monotonic clock, so it
    never goes back when the machine's time is set. While it stands still it is moved by hand.
    """

    def __init__(self, rate: float = 1.0, start: int | None = None) -> None:
        super().__init__(int(machine_seconds() * 1000) if start is None else start)
        # One tuple, replaced as a whole: other threads read it at any time.
        self._pace = _Pace(self._now, time.monotonic_ns(), rate)

    @property
    def rate(self) -> float:
        """How many times as fast as the machine's clock it runs."""
        return self._pace.rate

    def now(self) -> int:
        """The instant."""
        shown, since_ns, rate = self._pace
        return shown + int((time.monotonic_ns() - since_ns) * rate) // 1_000_000

    def retime(self, rate: float) -> None:
        """Run at another rate from now on; what it shows does not jump."""
        self._pace = _Pace(self.now(), time.monotonic_ns(), rate)

    def reach(self, instant: int) -> None:
        """Move forward to ``instant`` if it stands still and has not got there.

        What came due while it ran may come up late.
        """
        if not self.rate and instant > self._pace.shown:
            self.show(instant)

    def show(self, instant: int) -> None:
        """Show ``instant``, be it an earlier one, and go on from there as before."""
        self._pace = _Pace(instant, time.monotonic_ns(), self.rate)

    def another(self) -> VirtualClock:
        """One that shows the same, and stands still."""
        return VirtualClock(self.now())

    def real_seconds_until(self, instant: int) -> float | None:
        """Seconds of the machine's time from now to ``instant``; 0 if it is past.

        None if it never comes, because the clock stands still.
        """
        left = (instant - self.now()) / 1000
        if left <= 0:
            return 0.0
        return left / self.rate if self.rate else None


def process_seconds() -> int:
    """Unix seconds as code in this process sees them: frozen if a test froze time.

    A receiver in this process checks tokens against this clock, so tokens for it are stamped
    with it. The attribute is looked up at each call because freezegun replaces it.
    """
    return int(time.time())


def process_millis() -> int:
    """Unix ms as code in this process sees them: frozen if a test froze time."""
    return int(time.time() * 1000)


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
