"""Disturbances of deliveries, as values and as text that people read and paste into a test.

QStash delivers at least once: a request may be made again after it has been answered, may come
later than it is due, and, outside a queue, may come after others that were published later. A
disturbance is one such thing that happens to one attempt of one message.
"""

import re
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Self, overload

from fakestash.errors import UsageError, shown_where_it_was_made
from fakestash.syntax.moments import duration_text, millis_of

__tracebackhide__ = shown_where_it_was_made


class DisturbanceKind(StrEnum):
    """What may happen.

    ``twice``: the answer of a success is lost inside the service, and the same request goes out
    again, with the same ``Upstash-Message-Id`` and the same ``Upstash-Retried``. ``lost``: it is
    lost on its way to the service, which sees a closed connection and retries: ``Upstash-Retried``
    is one more. ``late``: the attempt starts later than it is due. ``overtaken``: all else that is
    due at the same instant goes first.
    """

    TWICE = "twice"
    LOST = "lost"
    LATE = "late"
    OVERTAKEN = "overtaken"


_SECOND_MS: Final = 1000

OF_THE_ANSWER: Final = frozenset({DisturbanceKind.TWICE, DisturbanceKind.LOST})
"""The kinds that happen at the end of an attempt; the others do before its start."""


@dataclass(frozen=True, slots=True, order=True)
class Disturbance:
    """One thing that happens to one attempt.

    ``message`` counts the messages of the fake as they were made, and ``attempt`` those of the
    message, both from 1. ``millis`` is how long after the answer the request goes out again, or
    how late the attempt is. ``str`` gives its text.
    """

    message: int
    attempt: int
    kind: DisturbanceKind
    millis: int = 0

    def __str__(self) -> str:
        number = f"#{self.message}"
        what = number if self.attempt == 1 else f"attempt {self.attempt} of {number}"
        match self.kind:
            case DisturbanceKind.TWICE:
                apart = f", {duration_text(self.millis)} apart" if self.millis else ""
                return f"deliver {what} twice{apart}"
            case DisturbanceKind.LOST:
                return f"lose the answer to {what}"
            case DisturbanceKind.LATE:
                return f"deliver {what} {duration_text(self.millis)} late"
            case DisturbanceKind.OVERTAKEN:
                return f"let others overtake {what}"

    @property
    def is_of_the_answer(self) -> bool:
        """Whether it happens at the end of the attempt, not before its start."""
        return self.kind in OF_THE_ANSWER

    def simpler(self) -> Iterator["Disturbance"]:
        """The same with less of it, the least first."""
        shortest = 1 if self.kind is DisturbanceKind.LATE else 0
        for millis in (shortest, _SECOND_MS):
            if millis < self.millis:
                yield replace(self, millis=millis)


_WHAT: Final = r"(?:attempt (?P<attempt>[1-9]\d*) of )?#(?P<message>[1-9]\d*)"
_FORMS: Final = (
    (
        DisturbanceKind.TWICE,
        re.compile(rf"deliver {_WHAT} twice(?:, (?P<time>.+) apart)?", re.ASCII),
    ),
    (DisturbanceKind.LOST, re.compile(rf"lose the answer to {_WHAT}", re.ASCII)),
    (DisturbanceKind.LATE, re.compile(rf"deliver {_WHAT} (?P<time>.+) late", re.ASCII)),
    (DisturbanceKind.OVERTAKEN, re.compile(rf"let others overtake {_WHAT}", re.ASCII)),
)
_HINT: Final = (
    "write 'deliver #3 twice', 'deliver #3 twice, 2 s apart', 'lose the answer to #3', "
    "'deliver #3 4 s late' or 'let others overtake #3'; 'attempt 2 of #3' stands for a later "
    "attempt, and ';' between two disturbances"
)


def disturbance(text: str) -> Disturbance:
    """Read the text of one disturbance.

    Raises:
        UsageError: if it is none.
    """
    words = " ".join(text.split())
    for kind, form in _FORMS:
        found = form.fullmatch(words)
        if found is not None:
            said = found.groupdict()
            time = said.get("time")
            millis = 0 if time is None else millis_of(time, name=f"the time in {words!r}")
            if kind is DisturbanceKind.LATE and not millis:
                raise UsageError(f"{words!r} is no disturbance: late by nothing is on time")
            return Disturbance(int(said["message"]), int(said["attempt"] or 1), kind, millis)
    raise UsageError(f"{words!r} is no disturbance: {_HINT}")


class Disturbances(Sequence[Disturbance]):
    """What happens in one run: a schedule of disturbances, in the order in which they happen.

    Immutable. ``str`` gives its text, which makes an equal one again.

    Args:
        what: the disturbances, or the text of them.

    Raises:
        UsageError: if the text cannot be read, or two are of the same end of the same attempt.
    """

    __slots__ = ("_items", "_places")

    def __init__(self, what: str | Iterable[Disturbance] = ()) -> None:
        self._items = tuple(_read(what) if isinstance(what, str) else what)
        self._places: dict[tuple[int, int, bool], Disturbance] = {}
        for each in self._items:
            place = (each.message, each.attempt, each.is_of_the_answer)
            other = self._places.setdefault(place, each)
            if other is not each:
                raise UsageError(
                    f"'{other}' and '{each}' cannot both happen: leave one of them out"
                )

    def find(self, message: int, attempt: int, *, of_the_answer: bool) -> Disturbance | None:
        """What happens to this attempt of this message, at its end or before its start."""
        return self._places.get((message, attempt, of_the_answer))

    def shrunk(self, fails: Callable[["Disturbances"], bool]) -> "Disturbances":
        """The least of these with which something still fails.

        ``fails`` does it again, with what it is given, and says whether it failed.
        """
        smallest, smaller = self, shrinking(self)
        still_fails = None
        while True:
            try:
                tried = next(smaller) if still_fails is None else smaller.send(still_fails)
            except StopIteration:
                return smallest
            still_fails = fails(tried)
            if still_fails:
                smallest = tried

    @overload
    def __getitem__(self, index: int) -> Disturbance: ...

    @overload
    def __getitem__(self, index: slice) -> Self: ...

    def __getitem__(self, index: int | slice) -> Disturbance | Self:
        if isinstance(index, slice):
            return type(self)(self._items[index])
        return self._items[index]

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Disturbance]:
        return iter(self._items)

    def __eq__(self, other: object) -> bool:
        return self._items == other._items if isinstance(other, Disturbances) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._items)

    def __str__(self) -> str:
        return "; ".join(map(str, self._items))

    def __repr__(self) -> str:
        return f"Disturbances({str(self)!r})"


def _read(text: str) -> Iterator[Disturbance]:
    return (disturbance(part) for part in text.split(";") if part.strip())


def shrinking(found: Disturbances) -> Generator[Disturbances, bool, None]:
    """Schedules with less in them, to be tried one after the other.

    Each is to be answered with whether the failure is still there. The last of those for which it
    is is the smallest; none, if that is ``found`` itself.
    """
    kept = list(found)
    size = len(kept)
    while size > 1:
        size = (size + 1) // 2
        end = len(kept)
        while end > 0:  # from the end, so that what is left is early
            fewer = kept[: max(0, end - size)] + kept[end:]
            if fewer and (yield Disturbances(fewer)):
                kept = fewer
            end -= size
    for place, each in enumerate(kept):
        for simpler in each.simpler():
            changed = [*kept[:place], simpler, *kept[place + 1 :]]
            if (yield Disturbances(changed)):
                kept = changed
                break
