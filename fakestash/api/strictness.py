"""What clients ask for that the service does not have: noted, and refused on demand.

The service ignores a header that it does not know and answers an unknown route with a 404 that
many clients take for "gone". Both are mostly slips of the pen, which is why they are kept here,
with the name that was probably meant.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import SequenceMatcher
from enum import StrEnum
from functools import partial
from threading import Lock
from typing import Any, Final

from fakestash import refusals
from fakestash.api.guard import OURS
from fakestash.clock import Clock
from fakestash.syntax.moments import datetime_of, instant_of
from fakestash.wire.forwarding import RawHeaders
from fakestash.wire.known import meant_by, nearest, unknown_names
from fakestash.wire.names import canonical
from fakestash.wire.values import shown

MOST_NOTES: Final = 1000
"""So many different ones are kept; of all others only how many there were."""

_LONGEST: Final = 200
"""Characters of a value that are kept."""

_LIKENESS: Final = 0.75
_SAME_METHOD: Final = 0.01


class NoteKind(StrEnum):
    """What the service does not have."""

    ROUTE = "unknown_route"
    METHOD = "unknown_method"
    HEADER = "unknown_header"
    PARAMETER = "unknown_parameter"
    KEY = "unknown_key"


@dataclass(frozen=True, slots=True, kw_only=True)
class StrictnessNote:
    """Something that was sent to the API and that the service does not know.

    It ignores a header, a parameter or a key of JSON, and answers a route with a 404 or 405.
    """

    kind: NoteKind
    value: str
    """The name; or the route, with its method."""

    where: str
    """What it came with first; empty if the value is a route."""

    suggestion: str | None
    """What was probably meant."""

    count: int
    """How often it came."""

    first: datetime
    last: datetime

    def __str__(self) -> str:
        place = f" of {self.where}" if self.where else ""
        meant = f": did you mean {self.suggestion}?" if self.suggestion else ""
        return f"{self.kind.replace('_', ' ')} {self.value}{place}{meant}"


class Strictness:
    """The notes of one service. It is the ``Watch`` of whoever reads bodies.

    Args:
        clock: the clock of the service.
        is_fatal: whether what is unknown is refused with a 400, beside being noted.
    """

    def __init__(self, clock: Clock, *, is_fatal: bool = False) -> None:
        self._clock = clock
        self._is_fatal = is_fatal
        self._lock = Lock()
        self._notes: dict[tuple[NoteKind, str], StrictnessNote] = {}
        self.omitted = 0
        """How many more there were than are kept."""

    @property
    def notes(self) -> tuple[StrictnessNote, ...]:
        """All that was noted, in the order of its first instant."""
        with self._lock:
            return tuple(self._notes.values())

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._notes.clear()
            self.omitted = 0

    def another(self, clock: Clock) -> "Strictness":
        """One with the same notes for a service on another clock."""
        other = Strictness(clock, is_fatal=self._is_fatal)
        other.put_back(self.notes)
        return other

    def put_back(self, notes: Iterable[StrictnessNote]) -> None:
        """Know of these alone."""
        with self._lock:
            self._notes = {(note.kind, note.value): note for note in notes}

    def route(
        self, method: str, path: str, known: Mapping[str, Collection[str]], allowed: str
    ) -> None:
        """A request for which there is no endpoint.

        Args:
            method: of the request.
            path: of the request, undecoded.
            known: the methods of all routes, by template.
            allowed: what is allowed there instead; empty if the path is unknown.

        Raises:
            ServiceError: 400 if that is fatal.
        """
        if path.lower().startswith(OURS):
            return
        value = f"{method} {shown(path)}"
        if allowed:
            self._note(NoteKind.METHOD, value, "", lambda: allowed)
        else:
            self._note(NoteKind.ROUTE, value, "", lambda: _nearest_route(method, path, known))

    def headers(self, headers: RawHeaders, where: str) -> None:
        """Look at the header fields of a publish.

        Raises:
            ServiceError: 400 for one that is unknown, if that is fatal.
        """
        for name in unknown_names(headers):
            text = canonical(shown(name.decode("latin-1")))
            self._note(NoteKind.HEADER, text, where, partial(meant_by, name))

    def parameters(self, settings: RawHeaders, where: str) -> None:
        """Look at query parameters that stand for header fields.

        Raises:
            ServiceError: 400 for one that is unknown, if that is fatal.
        """
        for name in unknown_names(settings):
            text = shown(name.decode("latin-1"))
            self._note(NoteKind.PARAMETER, text, where, partial(_parameter_meant_by, name))

    def keys(self, keys: Iterable[str], known: frozenset[str], where: str) -> None:
        """Look at the keys of a JSON object of which these are ``known``.

        Raises:
            ServiceError: 400 for one that is unknown, if that is fatal.
        """
        for key in keys:
            if key not in known:
                self._note(NoteKind.KEY, key, where, partial(nearest, key, sorted(known)))

    def _note(
        self, kind: NoteKind, value: str, where: str, suggest: Callable[[], str | None]
    ) -> None:
        """``suggest`` takes a while, and is asked about each value once."""
        value = value if len(value) <= _LONGEST else f"{value[:_LONGEST]}..."
        now = datetime_of(self._clock.now())
        with self._lock:
            note = self._notes.get((kind, value))
            if note is not None:
                note = replace(note, count=note.count + 1, last=now)
            elif self._is_fatal or len(self._notes) < MOST_NOTES:
                note = StrictnessNote(
                    kind=kind,
                    value=value,
                    where=where,
                    suggestion=suggest(),
                    count=1,
                    first=now,
                    last=now,
                )
            if note is not None and (note.count > 1 or len(self._notes) < MOST_NOTES):
                self._notes[kind, value] = note
            else:
                self.omitted += 1
        if note is not None and self._is_fatal:
            raise refusals.unknown_to_the_service(str(note))


def notes_json(strictness: Strictness) -> dict[str, Any]:
    """The notes as JSON."""
    found = [_shown(note) for note in strictness.notes]
    more = {"omitted": strictness.omitted} if strictness.omitted else {}
    return {"notes": found, **more}


def _shown(note: StrictnessNote) -> dict[str, str | int]:
    """A note as JSON, without what it does not have."""
    shown_note: dict[str, str | int | None] = {
        "kind": str(note.kind),
        "value": note.value,
        "where": note.where or None,
        "suggestion": note.suggestion,
        "count": note.count,
        "first": instant_of(note.first),
        "last": instant_of(note.last),
    }
    return {key: value for key, value in shown_note.items() if value is not None}


def _parameter_meant_by(name: bytes) -> str | None:
    meant = meant_by(name)
    return None if meant is None else meant.lower()


def _nearest_route(method: str, path: str, known: Mapping[str, Collection[str]]) -> str | None:
    """The route whose fixed words are most like those of ``path``, in version 2 if it has none."""
    words = path.strip("/").split("/")
    best, found = _LIKENESS, None
    for template, methods in known.items():
        parts = template.strip("/").split("/")
        for wanted, asked in _fixed_words(parts, words):
            likeness = SequenceMatcher(None, wanted, asked).ratio()
            likeness += _SAME_METHOD if method in methods else 0
            if likeness > best:
                best, found = likeness, template
    return found


def _fixed_words(parts: list[str], words: list[str]) -> Iterator[tuple[str, str]]:
    """The fixed words of a template, and what stands in their places."""
    for candidate in (words, ["v2", *words]):
        fixed = [place for place, part in enumerate(parts) if not part.startswith("{")]
        if len(candidate) <= fixed[-1]:
            continue
        takes_rest = parts[-1] == "{destination}"
        left = [] if takes_rest else candidate[len(parts) :]
        yield (
            "/".join(parts[place] for place in fixed).lower(),
            "/".join([*(candidate[place] for place in fixed), *left]).lower(),
        )
