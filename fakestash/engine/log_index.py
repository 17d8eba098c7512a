"""Where in a long log the entries are that a filter asks for.

An index is made for a property when it is first asked for, and brought up to date when it is asked
for again: a log that nobody searches pays nothing, and one that is searched pays once per entry.
"""

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Final, TypeAlias, overload

from fakestash.model.logs import LogEntry
from fakestash.model.queries import LogQuery, hosts_of, path_of

_Values: TypeAlias = Callable[[LogEntry], Iterable[str | None]]

_VALUES: Final[Mapping[str, _Values]] = {
    "state": lambda entry: (entry.state,),
    "url": lambda entry: (entry.message.command.url,),
    "host": lambda entry: hosts_of(entry.message.command.url),
    "path": lambda entry: (path_of(entry.message.command.url),),
    "label": lambda entry: frozenset(entry.message.command.labels),
    "caller_ip": lambda entry: (entry.caller_ip,),
    "topic": lambda entry: (entry.message.command.extras.topic,),
    "schedule_id": lambda entry: (entry.message.command.extras.schedule_id,),
    "queue": lambda entry: (entry.message.command.extras.queue,),
    "flow_control_key": lambda entry: (
        control.key if (control := entry.message.command.extras.flow_control) else None,
    ),
}
"""What an entry can be found by. None is no value."""

_WORTH_IT_FROM: Final = 4096
"""Shorter logs are looked through faster than asked about."""

_RARE: Final = 4
"""An index helps if it leaves less than one part in so many of the log."""


class _Selected(Sequence[LogEntry]):
    """Some entries of a log, in its order, each made when it is read."""

    def __init__(self, log: Sequence[LogEntry], places: Sequence[int]) -> None:
        self._log = log
        self._places = places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, place: int) -> LogEntry: ...

    @overload
    def __getitem__(self, place: slice) -> list[LogEntry]: ...

    def __getitem__(self, place: int | slice) -> LogEntry | list[LogEntry]:
        if isinstance(place, slice):
            return [self._log[each] for each in self._places[place]]
        return self._log[self._places[place]]


class LogIndex:
    """Where in one log entries are, by their properties: places in the order of the log."""

    def __init__(self) -> None:
        self._places: dict[str, dict[str, array[int]]] = {}
        self._indexed: dict[str, int] = {}

    def clear(self) -> None:
        """Forget everything: the log has lost entries."""
        self._places.clear()
        self._indexed.clear()

    def narrowed(self, log: Sequence[LogEntry], query: LogQuery) -> Sequence[LogEntry]:
        """The log, or fewer of its entries that hold all that ``query`` can match."""
        if len(log) < _WORTH_IT_FROM:
            return log
        smallest: list[array[int]] | None = None
        size = len(log) // _RARE
        for name, wanted in _wanted(query).items():
            if wanted:
                by_value = self._up_to_date(name, log)
                places = [by_value[value] for value in wanted if value in by_value]
                found = sum(map(len, places))
                if found < size:
                    smallest, size = places, found
        if smallest is None:
            return log
        if len(smallest) == 1:
            return _Selected(log, smallest[0])
        return _Selected(log, sorted(set(chain.from_iterable(smallest))))

    def _up_to_date(self, name: str, log: Sequence[LogEntry]) -> dict[str, "array[int]"]:
        by_value = self._places.setdefault(name, {})
        values_of = _VALUES[name]
        for place in range(self._indexed.get(name, 0), len(log)):
            for value in values_of(log[place]):
                if value is not None:
                    by_value.setdefault(value, array("L")).append(place)
        self._indexed[name] = len(log)
        return by_value


def _wanted(query: LogQuery) -> dict[str, Iterable[str]]:
    """What the query asks for, by property: any of the values will do."""
    asked = query.filter
    return {
        "state": query.states,
        "url": asked.urls,
        "host": asked.hosts,
        "path": asked.paths,
        "label": asked.labels,
        "caller_ip": asked.caller_ips,
        "topic": asked.topics,
        "schedule_id": asked.schedule_ids,
        "queue": asked.queues,
        "flow_control_key": asked.flow_control_keys,
    }
