"""The timeline: a heap of future events in a total order. It knows nothing of messages.

The order is (due, sequence): equal instants run in the order in which they were set. A
cancelled timer stays in the heap and is skipped when it comes up, never searched for.
"""

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import Final, TypeAlias

Timer: TypeAlias = tuple[int, int, object]
"""When it is due (unix ms), its sequence number, and the event. A plain tuple: a timer is made
for every message, and the heap compares tuples without calling Python code."""

_FAR_PAST: Final = -(2**62)
"""An instant before every other: clocks may start before 1970, where unix time is negative."""

_COMPACT_FROM: Final = 64
"""Up to so many cancelled timers in it the heap is not worth rebuilding."""


class Timeline:
    """Future events. Not safe for threads: its owner holds the lock.

    ``sequence`` is the number of the timer that was set last.
    """

    def __init__(self) -> None:
        self._heap: list[Timer] = []
        self.sequence = 0
        self._live: set[int] = set()
        """The sequence numbers of the timers that are still to come up."""
        self._recurring: set[int] = set()
        """Those of them that will be followed by another of their kind."""
        self._latest_due = _FAR_PAST

    def __len__(self) -> int:
        return len(self._live)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is to come up but what recurs for ever."""
        return len(self._live) == len(self._recurring)

    def at(self, due: int, event: object, *, is_recurring: bool = False) -> Timer:
        """Set ``event`` for the instant ``due``; one that is already past comes up next."""
        # Never before the latest timer that came up: the order of what happened is total.
        if due < self._latest_due:  # noqa: PLR1730 - max() is slower, and this runs for every timer
            due = self._latest_due
        sequence = self.sequence = self.sequence + 1
        timer = (due, sequence, event)
        self._live.add(sequence)
        if is_recurring:
            self._recurring.add(sequence)
        heappush(self._heap, timer)
        return timer

    def cancel(self, timer: Timer) -> bool:
        """Take ``timer`` back. False if it has come up or was cancelled before."""
        sequence = timer[1]
        if sequence not in self._live:
            return False
        self._live.remove(sequence)
        self._recurring.discard(sequence)
        if len(self._heap) - len(self._live) > max(_COMPACT_FROM, len(self._live)):
            self._compact()
        return True

    def next_timer(self) -> Timer | None:
        """The timer that comes up next, left in place."""
        while self._heap and self._heap[0][1] not in self._live:
            heappop(self._heap)
        return self._heap[0] if self._heap else None

    def pop_until(self, instant: int) -> Timer | None:
        """Take the next timer if it is due at or before ``instant``."""
        while self._heap and self._heap[0][0] <= instant:
            timer = heappop(self._heap)
            if timer[1] in self._live:
                self._live.remove(timer[1])
                if self._recurring:
                    self._recurring.discard(timer[1])
                self._latest_due = timer[0]
                return timer
        return None

    def ahead(self, until: int) -> list[Timer]:
        """The timers that are due at or before ``until``, in no order."""
        return [timer for timer in self._heap if timer[0] <= until and timer[1] in self._live]

    def find(self, test: Callable[[object], bool]) -> Timer | None:
        """A timer that is still to come up, and whose event passes ``test``; None if none does."""
        for timer in self._heap:
            if timer[1] in self._live and test(timer[2]):
                return timer
        return None

    def _compact(self) -> None:
        self._heap = [timer for timer in self._heap if timer[1] in self._live]
        heapify(self._heap)
