"""The timeline: a heap of future events in a total order. It knows nothing of messages.

The order is (due, sequence): equal instants run in the order in which they were set. A
cancelled timer stays where it is and is skipped when it comes up, never searched for.

A heap of a million timers is slow: each step through it reads memory that no cache holds. So
when there are many, only those of the next seconds are kept in the heap, and the others in
drawers by the seconds in which they are due, unsorted until their turn comes.
"""

from collections.abc import Callable, Iterator
from heapq import heapify, heappop, heappush
from itertools import chain
from typing import Final, TypeAlias

Timer: TypeAlias = tuple[int, int, object]
"""When it is due (unix ms), its sequence number, and the event. A plain tuple: a timer is made
for every message, and the heap compares tuples without calling Python code."""

_FAR_PAST: Final = -(2**62)
"""An instant before every other: clocks may start before 1970, where unix time is negative."""

_FAR_FUTURE: Final = 2**62
"""An instant after every other."""

_MANY: Final = 4_096
_DRAWER_BITS: Final = 13
"""Drawers of some 8 seconds: with a million timers in an hour, each holds a few thousand."""

_CANCELED_KEPT: Final = 64
"""Up to so many cancelled timers are not worth clearing away."""


class Timeline:
    """Future events. Not safe for threads: its owner holds the lock.

    ``sequence`` is the number of the timer that was set last.

    Args:
        many: more timers than this are worth drawers.
        drawer_bits: a drawer holds what is due within 2 to the power of this ms.
    """

    def __init__(self, many: int = _MANY, drawer_bits: int = _DRAWER_BITS) -> None:
        self.sequence = 0
        self._many = self._most_near = many
        self._bits = drawer_bits
        self._near: list[Timer] = []
        """A heap of what is due before the horizon."""
        self._horizon = _FAR_FUTURE
        self._far: dict[int, list[Timer]] = {}
        """The drawers, by their number, which is that of their first ms without its last bits."""
        self._drawers: list[int] = []
        """A heap of the numbers of the drawers."""
        self._count = 0
        """How many timers are in the heap and the drawers, cancelled ones included."""
        self._canceled_count = 0
        """How many of them are cancelled."""
        self._canceled: dict[int, int] = {}
        """When cancelled timers were due, by their sequence; past ones may have been forgotten."""
        self._most_canceled = _CANCELED_KEPT
        self._recurring: set[int] = set()
        """The sequence numbers of timers that will be followed by another of their kind."""
        self._latest = (_FAR_PAST, 0)
        """Due and sequence of the latest timer that came up. What is before it came up as well."""

    def __len__(self) -> int:
        return self._count - self._canceled_count

    @property
    def is_idle(self) -> bool:
        """Whether nothing is to come up but what recurs for ever."""
        return len(self) == len(self._recurring)

    def at(self, due: int, event: object, *, is_recurring: bool = False) -> Timer:
        """Set ``event`` for the instant ``due``; one that is already past comes up next."""
        # Never before the latest timer that came up: the order of what happened is total.
        if due < self._latest[0]:  # noqa: PLR1730 - max() is slower, and this runs for every timer
            due = self._latest[0]
        sequence = self.sequence = self.sequence + 1
        timer = (due, sequence, event)
        if is_recurring:
            self._recurring.add(sequence)
        self._count += 1
        if due >= self._horizon:
            self._put_away(timer)
        else:
            heappush(self._near, timer)
            if len(self._near) > self._most_near:
                self._spread()
        return timer

    def cancel(self, timer: Timer) -> bool:
        """Take ``timer`` back. False if it has come up or was cancelled before."""
        due, sequence, _ = timer
        if (due, sequence) <= self._latest or sequence in self._canceled:
            return False
        self._canceled[sequence] = due
        self._canceled_count += 1
        self._recurring.discard(sequence)
        if (
            self._canceled_count > max(_CANCELED_KEPT, len(self))
            or len(self._canceled) > self._most_canceled
        ):
            self._clear_away()
        return True

    def next_timer(self) -> Timer | None:
        """The timer that comes up next, left in place."""
        while self._near or self._open_drawer():
            if self._near and self._near[0][1] not in self._canceled:
                return self._near[0]
            if self._near:
                heappop(self._near)
                self._count -= 1
                self._canceled_count -= 1
        return None

    def pop_until(self, instant: int) -> Timer | None:
        """Take the next timer if it is due at or before ``instant``."""
        if (self._canceled_count or not self._near) and self.next_timer() is None:
            return None
        if self._near[0][0] > instant:
            return None
        timer = heappop(self._near)
        self._count -= 1
        self._latest = timer[:2]
        if self._recurring:
            self._recurring.discard(timer[1])
        return timer

    def ahead(self, until: int) -> list[Timer]:
        """The timers that are due at or before ``until``, in no order."""
        return [timer for timer in self._all() if timer[0] <= until]

    def find(self, test: Callable[[object], bool]) -> Timer | None:
        """A timer that is still to come up, and whose event passes ``test``; None if none does."""
        return next((timer for timer in self._all() if test(timer[2])), None)

    def _all(self) -> Iterator[Timer]:
        """The timers that are still to come up, in no order."""
        every = chain(self._near, *self._far.values())
        return (timer for timer in every if timer[1] not in self._canceled)

    # --- the drawers -------------------------------------------------------------------------

    def _put_away(self, timer: Timer) -> None:
        number = timer[0] >> self._bits
        drawer = self._far.get(number)
        if drawer is None:
            self._far[number] = [timer]
            heappush(self._drawers, number)
        else:
            drawer.append(timer)

    def _spread(self) -> None:
        """Put away what is not due in the next seconds."""
        self._most_near = _FAR_FUTURE  # once is enough until all drawers were opened
        self._horizon = ((self._near[0][0] >> self._bits) + 1) << self._bits
        for timer in self._near:
            if timer[0] >= self._horizon:
                self._put_away(timer)
        self._near = [timer for timer in self._near if timer[0] < self._horizon]
        heapify(self._near)

    def _open_drawer(self) -> bool:
        """Take the next drawer's timers for the heap, which is empty; whether there was one."""
        if not self._drawers:
            self._horizon, self._most_near = _FAR_FUTURE, self._many
            return False
        number = heappop(self._drawers)
        self._near = self._far.pop(number)
        heapify(self._near)
        self._horizon = (number + 1) << self._bits
        return True

    def _clear_away(self) -> None:
        """Drop the cancelled timers. Those that are not past yet stay known as such."""
        self._near = [timer for timer in self._near if timer[1] not in self._canceled]
        heapify(self._near)
        for number, drawer in self._far.items():
            self._far[number] = [timer for timer in drawer if timer[1] not in self._canceled]
        self._count -= self._canceled_count
        self._canceled_count = 0
        self._canceled = {
            sequence: due
            for sequence, due in self._canceled.items()
            if (due, sequence) > self._latest
        }
        self._most_canceled = max(_CANCELED_KEPT, 2 * len(self._canceled))
