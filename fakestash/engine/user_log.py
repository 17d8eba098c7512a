"""The log of one user: whose entry comes when, in order of time and sequence.

The entries themselves are kept by their messages and made when they are read. A log of a million
entries is three lists here instead of a million objects.
"""

from array import array
from bisect import bisect_right
from collections.abc import Sequence, Set
from typing import overload

from fakestash.model.logs import LogEntry, LogState
from fakestash.model.messages import Message
from fakestash.model.outcomes import Outcome


class UserLog(Sequence[LogEntry]):
    """Entries that are only added at the end and removed at the start.

    ``instants`` has the instant of each (unix ms).
    """

    def __init__(self) -> None:
        self.instants = array("q")
        self._messages: list[Message] = []
        self._places = array("L")
        """Where each begins among what its message has logged."""
        self._latest = 0
        self._sequence = -1
        """Of the latest entry: its instant, and its number among those of that ms."""

    def __len__(self) -> int:
        return len(self.instants)

    @overload
    def __getitem__(self, place: int) -> LogEntry: ...

    @overload
    def __getitem__(self, place: slice) -> list[LogEntry]: ...

    def __getitem__(self, place: int | slice) -> LogEntry | list[LogEntry]:
        if isinstance(place, slice):
            pairs = zip(self._messages[place], self._places[place], strict=True)
            return [message.entry_at(its_place) for message, its_place in pairs]
        return self._messages[place].entry_at(self._places[place])

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
        sequence = self._sequence + 1 if now == self._latest else 0
        self._latest = now
        self._sequence = sequence
        self.instants.append(now)
        self._messages.append(message)
        self._places.append(len(message.logged))
        message.logged += (now, sequence, state, caller_ip, next_delivery_at, outcome, duration)

    def latest_sequence(self, now: int) -> int:
        """The number among those of its ms of the latest entry from now; -1 if there is none."""
        return self._sequence if now == self._latest else -1

    def first_after(self, instant: int) -> int:
        """The place of the first entry from after this instant (unix ms)."""
        return bisect_right(self.instants, instant)

    def remove_first(self, count: int) -> list[Message]:
        """Remove so many entries at the start; the messages are returned that have none left."""
        pairs = zip(self._messages[:count], self._places[:count], strict=True)
        done = [message for message, place in pairs if place == message.latest_place]
        del self.instants[:count]
        del self._messages[:count]
        del self._places[:count]
        return done

    def remove_messages(self, ids: Set[str]) -> None:
        """Remove all entries about these messages."""
        stay = [place for place, message in enumerate(self._messages) if message.id not in ids]
        self.instants = array("q", (self.instants[place] for place in stay))
        self._messages = [self._messages[place] for place in stay]
        self._places = array("L", (self._places[place] for place in stay))
