"""The timeline: a heap of future events in a total order. It knows nothing of messages.

The order is (due, sequence): equal instants run in the order in which they were set. A
cancelled timer is marked and skipped when it comes up, never searched for.
"""

from heapq import heapify, heappop, heappush
from typing import TypeAlias

Timer: TypeAlias = tuple[int, int, object]
"""When it is due (unix ms), its sequence number, and the event. A plain tuple: a timer is made
for every message, and the heap compares tuples without calling Python code."""

_COMPACT_FROM = 64
"""Below this many cancelled timers the heap is not worth rebuilding."""


class Timeline:
    """Future events. Not safe for threads: its owner holds the lock."""

    def __init__(self) -> None:
        self._heap: list[Timer] = []
        self._sequence = 0
        self._cancelled: set[int] = set()
        self._latest: tuple[int, int] = (0, 0)

    def __len__(self) -> int:
        return len(self._heap) - len(self._cancelled)

    def at(self, due: int, event: object) -> Timer:
        """Set ``event`` for the instant ``due``; one that is already past comes up next."""
        self._sequence += 1
        # Never before the latest timer that came up: the order of what happened is total.
        timer = (max(due, self._latest[0]), self._sequence, event)
        heappush(self._heap, timer)
        return timer

    def cancel(self, timer: Timer) -> bool:
        """Take ``timer`` back. False if it has come up or was cancelled before."""
        due, sequence, _ = timer
        if (due, sequence) <= self._latest or sequence in self._cancelled:
            return False
        self._cancelled.add(sequence)
        if len(self._cancelled) > max(_COMPACT_FROM, len(self._heap) // 2):
            self._compact()
        return True

    def next_timer(self) -> Timer | None:
        """The timer that comes up next, left in place."""
        self._skip_cancelled()
        return self._heap[0] if self._heap else None

    def pop_until(self, instant: int) -> Timer | None:
        """Take the next timer if it is due at or before ``instant``."""
        if self._cancelled:
            self._skip_cancelled()
        if not self._heap or self._heap[0][0] > instant:
            return None
        timer = heappop(self._heap)
        self._latest = timer[:2]
        return timer

    def _skip_cancelled(self) -> None:
        while self._heap and self._heap[0][1] in self._cancelled:
            self._cancelled.discard(heappop(self._heap)[1])

    def _compact(self) -> None:
        self._heap = [timer for timer in self._heap if timer[1] not in self._cancelled]
        heapify(self._heap)
        self._cancelled.clear()
