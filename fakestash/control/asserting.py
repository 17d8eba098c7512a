"""The route for assertions: those of Python, with their arguments in JSON and their texts.

An assertion that does not hold is no error of the call: it is answered with ``"ok": false`` and
the text that Python would raise. ``?strict=1`` has it answered with 417, for scripts that look at
nothing but the status.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from fakestash.api.openapi_schemas import FLAG, NATURAL, TEXT, array, record
from fakestash.control.asked import Answer, Asked, Endpoint, Json, Routes, told
from fakestash.control.patterns import Read, as_it_is, headers_like, number_like, text_like
from fakestash.control.reading import camel, read_object, text, whole, yes
from fakestash.control.schemas import ANY_JSON, DURATION, HEADERS_LIKE, NUMBER_LIKE, TEXT_LIKE, YES
from fakestash.control.views import (
    dead_letter_json,
    delivery_json,
    message_json,
    schedule_json,
    upcoming_json,
)
from fakestash.drive.report import counted
from fakestash.errors import UsageError
from fakestash.syntax.moments import datetime_of
from fakestash.testing.forecast import UpcomingKind
from fakestash.testing.root import Root
from fakestash.wire.json_values import JsonObject

_UNMET: Final = 417
_MOST_FOUND: Final = 1000
_AHEAD: Final = "7d"


def _moment(value: object, name: str) -> object:
    """An instant (unix ms, or ISO text), or the time since the start as text."""
    if isinstance(value, int) and not isinstance(value, bool):
        return datetime_of(value)
    if not isinstance(value, str):
        raise UsageError(
            f"{name} must be unix ms, ISO 8601 text with a zone, or the time since the start such "
            f'as "1h30m", got {value!r:.80}'
        )
    return value


def _flag(value: object, name: str) -> object:
    if not isinstance(value, bool):
        raise UsageError(f"{name} must be true or false, got {value!r:.80}")
    return value


_SENT: Final[Mapping[str, Read]] = {
    "url": text,
    "times": whole,
    "method": text_like,
    "body": text_like,
    "json": as_it_is,
    "headers": headers_like,
}
_TIMED: Final[Mapping[str, Read]] = {"at": _moment, "within": as_it_is}
_STATUS: Final[Mapping[str, Read]] = {"status": number_like}
_ATTEMPT: Final[Mapping[str, Read]] = {"attempt": number_like, **_STATUS}


class _Kind(NamedTuple):
    """One assertion: what it takes, what makes it, and how what it finds is shown."""

    takes: Mapping[str, Read]
    make: Callable[..., Sequence[Any] | None]
    show: Callable[[Any], Json] = lambda found: found
    required: str | None = "url"


_KINDS: Final[Mapping[str, _Kind]] = {
    "delivered": _Kind({**_SENT, **_TIMED, **_ATTEMPT}, Root.assert_delivered, delivery_json),
    "not_delivered": _Kind(
        {**{name: read for name, read in _SENT.items() if name != "times"}, **_TIMED, **_ATTEMPT},
        Root.assert_not_delivered,
    ),
    "retried": _Kind({**_SENT, **_TIMED, **_STATUS}, Root.assert_retried, delivery_json),
    "dead_lettered": _Kind(
        {**_SENT, **_STATUS, "error": text_like, "at": _moment},
        Root.assert_dead_lettered,
        dead_letter_json,
    ),
    "published": _Kind(
        {
            **_SENT,
            "at": _moment,
            "delay": as_it_is,
            **dict.fromkeys(
                ("queue", "topic", "label", "flow_control_key", "schedule_id"), text_like
            ),
        },
        Root.assert_published,
        message_json,
    ),
    "scheduled": _Kind(
        {
            **{name: read for name, read in _SENT.items() if name != "url"},
            "destination": text,
            **dict.fromkeys(("cron", "schedule_id", "queue"), text_like),
            "is_paused": _flag,
            "next_at": _moment,
        },
        Root.assert_scheduled,
        schedule_json,
        "destination",
    ),
    "nothing_pending": _Kind({"url": text}, Root.assert_nothing_pending, required=None),
}
_UPCOMING: Final = "upcoming"
_UPCOMING_TAKES: Final = ("url", "within", "kind", "times")
_NAMES: Final = (*_KINDS, _UPCOMING)


async def _assert(asked: Asked) -> Answer:
    given = {_snake(name): value for name, value in asked.fields.items()}
    kind = given.pop("assert")
    is_strict = yes(asked.query.get("strict", "0"), "strict")
    if kind not in _NAMES:
        raise UsageError(f"assert must be one of {', '.join(_NAMES)}, got {kind!r:.80}")
    try:
        if kind == _UPCOMING:
            found = _assert_upcoming(asked.fake, given)
        else:
            found = _found(asked.fake, str(kind), given)
    except AssertionError as unmet:
        return told({"ok": False, "text": str(unmet)}, _UNMET if is_strict else 200)
    return told({"ok": True, "count": len(found), "found": found[:_MOST_FOUND]})


def _found(fake: Root, kind: str, given: Json) -> list[Json]:
    """What the assertion finds.

    Raises:
        AssertionError: if it does not hold.
        UsageError: on a bad value.
    """
    takes, make, show, required = _KINDS[kind]
    if required == "destination" and "url" in given and "destination" not in given:
        given = {"destination" if name == "url" else name: each for name, each in given.items()}
    read_object(given, takes, f'the assertion "{kind}"')
    if required is not None and given.get(required) is None:
        raise UsageError(f'{required} is missing: the assertion "{kind}" needs it')
    arguments = {
        name: takes[name](value, name)
        for name, value in given.items()
        if value is not None or name == "json"
    }
    return [show(each) for each in make(fake, **arguments) or ()]


def _assert_upcoming(fake: Root, given: Json) -> list[Json]:
    """What is going to happen, which Python looks for in ``qstash.upcoming``."""
    read_object(given, _UPCOMING_TAKES, f'the assertion "{_UPCOMING}"')
    within, url, kind = given.get("within", _AHEAD), given.get("url"), given.get("kind")
    ahead = fake.upcoming(within)
    found = ahead if url is None else ahead.to(text(url, "url"))
    if kind is not None:
        if kind not in tuple(UpcomingKind):
            kinds = ", ".join(f'"{each}"' for each in UpcomingKind)
            raise UsageError(f"kind must be one of {kinds}, got {kind!r:.80}")
        found = found.where(lambda event: event.kind == kind)
    times = None if given.get("times") is None else whole(given["times"], "times")
    listed = found[: _MOST_FOUND + 1]
    if len(listed) == 0 if times is None else len(listed) != times:
        raise AssertionError(_upcoming_text(within, url, kind, times, len(listed), str(ahead[:20])))
    now = fake.engine.clock.now()
    return [upcoming_json(event, now) for event in listed]


def _upcoming_text(  # noqa: PLR0917 - what the text is made from
    within: object, url: object, kind: object, times: int | None, found: int, ahead: str
) -> str:
    what = "" if kind is None else f" of the kind {kind}"
    where = "" if url is None else f" for {url}"
    wanted = "something" if times is None else counted(times, "event", "events")
    lines = [
        f"expected {wanted}{what}{where} within {within}, and there is {found or 'nothing'}",
        "What is going to happen:",
        *(f"    {line}" for line in ahead.splitlines()),
    ]
    return "\n".join(lines)


def _snake(name: str) -> str:
    """``flowControlKey`` as ``flow_control_key``: both spellings are understood."""
    return re.sub(r"(?<=[a-z])([A-Z])", lambda found: f"_{found[1].lower()}", name)


_ARGUMENT_NAMES: Final = sorted(
    {name for kind in _KINDS.values() for name in kind.takes} | set(_UPCOMING_TAKES)
)
_MOMENT: Final[JsonObject] = {
    "description": "Unix ms, ISO 8601 text with a zone, or the time since the start as text.",
    "type": ["integer", "string"],
}
_SCHEMA_OF: Final[Mapping[str, JsonObject]] = {
    "url": TEXT,
    "destination": TEXT,
    "times": NATURAL,
    "kind": {"enum": [str(kind) for kind in UpcomingKind]},
    "json": ANY_JSON,
    "headers": HEADERS_LIKE,
    "at": _MOMENT,
    "next_at": _MOMENT,
    "within": DURATION,
    "delay": DURATION,
    "attempt": NUMBER_LIKE,
    "status": NUMBER_LIKE,
    "is_paused": FLAG,
}


_FIELDS: Final[Mapping[str, JsonObject]] = {
    "assert": {"enum": list(_NAMES)},
    **{
        spelling: _SCHEMA_OF.get(name, TEXT_LIKE)
        for name in _ARGUMENT_NAMES
        for spelling in dict.fromkeys((name, camel(name)))
    },
}

ASSERT_SCHEMAS: Final[dict[str, JsonObject]] = {
    "Unmet": record({"ok": {"const": False}, "text": TEXT}),
    "Met": record({"ok": {"const": True}, "count": NATURAL, "found": array({"type": "object"})}),
}

ASSERT_ROUTES: Final[Routes] = {
    ("POST", "/_fakestash/assert"): Endpoint(
        _assert,
        "Tell whether something is so; the text says what there is instead. An assertion that does "
        "not hold has the status 200, or 417 with `?strict=1`.",
        {
            "oneOf": [
                {"$ref": "#/components/schemas/Met"},
                {"$ref": "#/components/schemas/Unmet"},
            ]
        },
        _FIELDS,
        ("assert",),
        query={"strict": YES},
        refusals=(_UNMET,),
    ),
}
