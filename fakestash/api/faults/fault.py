"""What can go wrong with a call of the API, and with which calls.

A fault is a value: Python makes one from keywords, the development server from JSON.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final, TypedDict, Unpack, cast

from fakestash.api.faults.routes import checked_route
from fakestash.errors import UsageError, shown_where_it_was_made
from fakestash.matching.selection import Selection
from fakestash.syntax.moments import DurationLike, millis_of
from fakestash.wire.places import place

__tracebackhide__ = shown_where_it_was_made

_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_STATUSES: Final = range(400, 600)
_QUOTAS: Final = (
    *("maxDelay", "maxMessageSize", "maxRetries", "maxTimeout", "maxParallelism"),
    *("maxQueues", "maxSchedules", "maxTopics", "maxEndpointsPerTopic"),
)


class ApiFaultKind(StrEnum):
    """What the caller sees."""

    DAILY = "daily"
    """A 429: no more messages today."""

    BURST = "burst"
    """A 429: too many calls within a second."""

    CHAT = "chat"
    """A 429 with the headers of the language model that the service had."""

    QUOTA = "quota"
    """A 412: a quota of the plan is exceeded."""

    ERROR = "error"
    """A 500, or another status."""

    SLOW = "slow"
    """The usual answer, late. The call takes effect at once."""

    DROPPED = "dropped"
    """No answer: the connection is closed."""


_ONLY_FOR: Final[Mapping[str, frozenset[ApiFaultKind]]] = {
    "status": frozenset({ApiFaultKind.ERROR}),
    "text": frozenset({ApiFaultKind.ERROR}),
    "quota": frozenset({ApiFaultKind.QUOTA}),
    "limit": frozenset(
        {ApiFaultKind.DAILY, ApiFaultKind.BURST, ApiFaultKind.CHAT, ApiFaultKind.QUOTA}
    ),
}
"""The kinds that have use for a field; the others are refused with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiFault(Selection):
    """A fault of the API, and the calls that it is for: those that meet all that is set.

    ``FakeQStash.faults.add`` says what each field means.
    """

    kind: ApiFaultKind
    route: str | None = None
    method: str | None = None
    destination: str | None = None
    user: str | None = None
    took: timedelta = timedelta(0)
    takes_effect: bool = False
    status: int | None = None
    text: str | None = None
    quota: str | None = None
    limit: int | None = None

    def __str__(self) -> str:
        """As the call that adds it: ``faults.add('burst', route='publish', times=2)``."""
        given = [
            f"{each.name}={_plain(getattr(self, each.name))!r}"
            for each in fields(self)
            if each.name != "kind" and getattr(self, each.name) != each.default
        ]
        return f"faults.add({', '.join([repr(str(self.kind)), *given])})"


class FaultFields(TypedDict, total=False):
    """All of a fault but its kind."""

    route: str | None
    method: str | None
    destination: str | None
    user: str | None
    after: int
    every: int
    times: int | None
    probability: float
    took: DurationLike
    takes_effect: bool
    status: int | None
    text: str | None
    quota: str | None
    limit: int | None


def api_fault(kind: str, **given: Unpack[FaultFields]) -> ApiFault:
    """A fault from what is written in Python.

    Raises:
        UsageError: naming the field and its value.
    """
    return _made(kind, dict(given))


def fault_of_json(value: object) -> ApiFault:
    """A fault from a JSON object: the same fields, in camel case, ``kind`` among them.

    Raises:
        UsageError: naming the field and its value.
    """
    if not isinstance(value, dict):
        raise UsageError(
            f'a fault is a JSON object, such as {{"kind": "burst"}}, got {value!r:.80}'
        )
    given = {_snake(name): each for name, each in cast("dict[str, object]", value).items()}
    if "kind" not in given:
        raise UsageError(f"kind is missing: one of {', '.join(ApiFaultKind)}")
    return _made(given.pop("kind"), given)


def json_of_fault(fault: ApiFault) -> dict[str, Any]:
    """The JSON object that ``fault_of_json`` makes the same fault of; durations are seconds."""
    set_ones = {
        _camel(each.name): _plain(getattr(fault, each.name))
        for each in fields(fault)
        if each.name != "kind" and getattr(fault, each.name) != each.default
    }
    return {"kind": str(fault.kind), **set_ones}


def _made(kind: object, given: dict[str, object]) -> ApiFault:
    unknown = sorted(given.keys() - FaultFields.__annotations__.keys())
    if unknown:
        raise UsageError(
            f"a fault has no {unknown[0]!r}: it has kind, {', '.join(FaultFields.__annotations__)}"
        )
    if kind not in tuple(ApiFaultKind):
        raise UsageError(f"kind must be one of {', '.join(ApiFaultKind)}, got {kind!r}")
    kind = ApiFaultKind(cast("str", kind))
    found: dict[str, Any] = {
        name: _READERS[name](value) for name, value in given.items() if value is not None
    }
    for name, kinds in _ONLY_FOR.items():
        if name in found and kind not in kinds:
            raise UsageError(
                f"{name}={found[name]!r} means nothing for the kind {kind}: it is for "
                f"{', '.join(each for each in ApiFaultKind if each in kinds)}"
            )
    if kind is ApiFaultKind.SLOW:
        if not found.get("took"):
            raise UsageError('took is missing: how late the answer is, such as took="3s"')
        found["takes_effect"] = True
    return ApiFault(kind=kind, **found)


def _text(name: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not isinstance(value, str) or not value:
            raise UsageError(f"{name} must be a text that is not empty, got {value!r:.80}")
        return value

    return read


def _whole(name: str, least: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if type(value) is not int or value < least:
            raise UsageError(f"{name} must be a whole number from {least} on, got {value!r:.80}")
        return value

    return read


def _one_of(name: str, known: tuple[str, ...]) -> Callable[[object], str]:
    def read(value: object) -> str:
        by_lower = {each.lower(): each for each in known}
        found = by_lower.get(_text(name)(value).lower())
        if found is None:
            raise UsageError(f"{name} must be one of {', '.join(known)}, got {value!r:.80}")
        return found

    return read


def _status(value: object) -> int:
    if type(value) is not int or value not in _STATUSES:
        raise UsageError(f"status must be that of a failure, from 400 to 599, got {value!r:.80}")
    return value


def _destination(value: object) -> str:
    text = _text("destination")(value)
    return place(text) if re.search("[:/]", text) else text


def _took(value: object) -> timedelta:
    return timedelta(milliseconds=millis_of(cast("DurationLike", value), name="took"))


def _takes_effect(value: object) -> bool:
    if not isinstance(value, bool):
        raise UsageError(f"takes_effect must be true or false, got {value!r:.80}")
    return value


def _as_it_is(value: object) -> object:
    """For ``Selection`` to judge."""
    return value


_READERS: Final[Mapping[str, Callable[[object], object]]] = {
    "route": lambda value: checked_route(_text("route")(value)),
    "method": _one_of("method", _METHODS),
    "destination": _destination,
    "user": _text("user"),
    **dict.fromkeys((each.name for each in fields(Selection)), _as_it_is),
    "took": _took,
    "takes_effect": _takes_effect,
    "status": _status,
    "text": _text("text"),
    "quota": _one_of("quota", _QUOTAS),
    "limit": _whole("limit", 0),
}


def _plain(value: object) -> object:
    """A value as JSON has it."""
    return value.total_seconds() if isinstance(value, timedelta) else value


def _snake(name: str) -> str:
    return re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", name)


def _camel(name: str) -> str:
    return re.sub("_([a-z])", lambda found: found[1].upper(), name)
