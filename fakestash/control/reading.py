"""Reading what is sent to the control API. What is not known is refused by its name."""

import json
from collections.abc import Collection
from difflib import get_close_matches
from typing import Any, Final, cast

from fakestash.control.asked import Json
from fakestash.errors import UsageError
from fakestash.syntax.moments import InstantLike, datetime_of
from fakestash.wire import query as query_strings

_EVERYWHERE: Final = ("qstash_token", "control_token")
"""Query parameters that are for others."""

_YES: Final = ("1", "true", "yes")
_NO: Final = ("0", "false", "no", "")


def read_fields(body: bytes, known: Collection[str], required: Collection[str] = ()) -> Json:
    """The object that was sent: it has ``required`` fields, others of ``known``, no more.

    Raises:
        UsageError: if it is anything else. Values are for the route to judge.
    """
    example = "{" + ", ".join(f'"{field}": ...' for field in required or known) + "}"
    try:
        found: Any = json.loads(body) if body.strip() else {}
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise UsageError(f"the body is no JSON object: send {example}")
    given = cast("Json", found)
    for name, value in given.items():
        if name not in known:
            raise UsageError(
                f"{name!r:.80} ({value!r:.40}) means nothing here{_meant(name, known)}: "
                f"send {example}"
            )
    for field in required:
        if field not in given:
            raise UsageError(f"{field} is missing: send {example}")
    return given


def read_object(given: Json, known: Collection[str], name: str) -> Json:
    """An object inside of what was sent, which is called ``name``: it has fields of ``known``.

    Raises:
        UsageError: if it has others.
    """
    for each in given:
        if each not in known:
            raise UsageError(
                f"{each!r:.80} means nothing in {name}{_meant(each, known)}: it takes "
                f"{', '.join(known)}"
            )
    return given


def read_query(query: str, known: Collection[str]) -> dict[str, str]:
    """The parameters in the query string; of one that is repeated the last counts.

    Raises:
        UsageError: if there is one that means nothing here.
    """
    found: dict[str, str] = {}
    for name, value in query_strings.pairs(query):
        if name in known:
            found[name] = value
        elif name.lower() not in _EVERYWHERE:
            takes = f"it takes {', '.join(known)}" if known else "it takes none"
            raise UsageError(
                f"the query parameter {name!r:.80} means nothing here{_meant(name, known)}: {takes}"
            )
    return found


def _meant(name: str, known: Collection[str]) -> str:
    nearest = get_close_matches(name, known, n=1)
    return f", did you mean {nearest[0]!r}?" if nearest else ""


def instant(value: object, name: str = "instant") -> InstantLike:
    """An instant as it is told here: a number is unix ms; what is none stays as it is.

    Raises:
        UsageError: if it is a number that is none of ms.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return datetime_of(value)
    if isinstance(value, float):
        if value.is_integer():
            return datetime_of(int(value))
        raise UsageError(f"{name} must be a whole number of unix ms, or ISO text, got {value!r}")
    return cast("InstantLike", value)


def whole(value: object, name: str, least: int = 0) -> int:
    """A whole number, also as the text of a query parameter.

    Raises:
        UsageError: if it is none, or less than ``least``.
    """
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 16:  # noqa: PLR2004 - more digits are no count
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise UsageError(f"{name} must be a whole number from {least} on, got {value!r}")
    return value


def text(value: object, name: str) -> str:
    """A text.

    Raises:
        UsageError: if it is none, or empty.
    """
    if not isinstance(value, str) or not value:
        raise UsageError(f"{name} must be a text that is not empty, got {value!r}")
    return value


def yes(value: str, name: str) -> bool:
    """A switch in the query string.

    Raises:
        UsageError: if it is neither yes nor no.
    """
    if value.lower() in _YES:
        return True
    if value.lower() in _NO:
        return False
    raise UsageError(f"{name} must be 1 or 0, got {value!r}")


def camel(name: str) -> str:
    """The name of an argument of Python as it is written in JSON."""
    first, *others = name.split("_")
    return first + "".join(map(str.title, others))
