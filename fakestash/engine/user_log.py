"""The log of one user: whose entry comes when, in order of time and sequence.

The entries themselves are kept by their messages and made when they are read. A log of a million
entries is three lists here instead of a million objects.
"""

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from typing import overload

from fakestash.model.logs import LogEntry, LogState
from fakestash.model.messages import Message
from fakestash.model.outcomes import Outcome


class UserLog(Sequence[LogEntry]):
    """Entries that are only added at the end and removed at the start."""

    def __init__(self) -> None:
        self._instants = array("q")
        self._messages: list[Message] = []
        self._numbers = array("L")
        """Which entry of its message each is."""
        self._sequence = 0
        """That of the latest entry."""

    def __len__(self) -> int:
        return len(self._instants)

    @overload
    def __getitem__(self, place: int) -> LogEntry: ...

    @overload
    def __getitem__(self, place: slice) -> list[LogEntry]: ...

    def __getitem__(self, place: int | slice) -> LogEntry | list[LogEntry]:
        if isinstance(place, slice):
            pairs = zip(self._messages[place], self._numbers[place], strict=True)
            return [message.entry(number) for message, number in pairs]
        return self._messages[place].entry(self._numbers[place])

    def add(  # noqa: PLR0917 - by position because it is called for every entry
        self,
        message: Message,
        state: LogState,
        now: int,
        caller_ip: str,
        next_delivery_at: int | None = None,
        outcome: Outcome | None = None,
        duration: int | None = None,
    ) -> None:
        """Add an entry about ``message``. All times in unix ms, ``duration`` in ms."""
        sequence = self._sequence = self.next_sequence(now)
        self._instants.append(now)
        self._messages.append(message)
        self._numbers.append(message.entry_count)
        message.log(now, sequence, state, caller_ip, next_delivery_at, outcome, duration)

    def next_sequence(self, now: int) -> int:
        """The number among those of its ms of an entry that is added now."""
        return self._sequence + 1 if self._instants and self._instants[-1] == now else 0

    def first_after(self, instant: int) -> int:
        """The place of the first entry from after this instant (unix ms)."""
        return bisect_right(self._instants, instant)

    def remove_first(self, count: int) -> list[Message]:
        """Remove so many entries at the start; the messages are returned that have none left."""
        pairs = zip(self._messages[:count], self._numbers[:count], strict=True)
        done = [message for message, number in pairs if number == message.entry_count - 1]
        del self._instants[:count]
        del self._messages[:count]
        del self._numbers[:count]
        return done
