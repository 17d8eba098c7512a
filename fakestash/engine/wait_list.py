"""Messages that wait in line, and what is known of each."""

from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from typing import Final, NamedTuple

from fakestash.model.messages import Message

_COMPACT_FROM: Final = 64
"""Up to so many that left a wait list it is not worth rebuilding."""


class Held(NamedTuple):
    """A message that waits: since when it is due (unix ms), and its place among equals."""

    due_at: int
    sequence: int
    message: Message


class WaitList:
    """Messages that wait, earliest first. One that left is skipped when its turn comes."""

    def __init__(self) -> None:
        self._heap: list[Held] = []
        self._live: dict[str, Held] = {}
        """Those who wait, by message id; the heap also has those who left."""

    def __len__(self) -> int:
        return len(self._live)

    def __iter__(self) -> Iterator[Message]:
        return (held.message for held in self._live.values())

    def __contains__(self, message: Message) -> bool:
        return message.id in self._live

    def in_order(self) -> list[Held]:
        """Those who wait, earliest first."""
        return sorted(self._live.values())

    def ahead_of(self, message: Message) -> int:
        """How many are before one who waits."""
        held = self._live[message.id]
        return sum(other < held for other in self._live.values())

    def add(self, held: Held) -> None:
        """Have a message wait."""
        heappush(self._heap, held)
        self._live[held.message.id] = held

    def discard(self, message: Message) -> None:
        """Have it wait no more, if it does."""
        self._live.pop(message.id, None)
        if len(self._heap) - len(self._live) > max(_COMPACT_FROM, len(self._live)):
            self._heap = list(self._live.values())
            heapify(self._heap)

    def is_first(self, held: Held) -> bool:
        """Whether ``held`` is earlier than all who wait."""
        while self._heap and not self._is_live(self._heap[0]):
            heappop(self._heap)
        return not self._heap or held < self._heap[0]

    def pop(self) -> Held:
        """Take the earliest.

        Raises:
            IndexError: if none waits.
        """
        while True:
            held = heappop(self._heap)
            if self._is_live(held):
                del self._live[held.message.id]
                return held

    def _is_live(self, held: Held) -> bool:
        return self._live.get(held.message.id) is held
