"""The notation for scripted answers, and what each comes to.

``(status, body)`` is left out on purpose: nobody could tell whether a dict in it is meant as
a JSON body or as headers.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple, TypeAlias, cast

from fakestash.delivery.faults import Fault, outcome_of
from fakestash.errors import UsageError, shown_where_it_was_made
from fakestash.model.outcomes import HeaderItems, Outcome, Responded
from fakestash.wire.names import canonical
from fakestash.wire.urls import Target

__tracebackhide__ = shown_where_it_was_made

HeadersLike: TypeAlias = Mapping[str, str] | Iterable[tuple[str, str]] | None
BodyLike: TypeAlias = bytes | str | dict[str, Any] | list[Any] | None


class Late(NamedTuple):
    """An answer with a latency of its own (ms): an ``Answer``, or a function that gives one."""

    answer: object
    millis: int


Answer: TypeAlias = int | tuple[int, HeadersLike, BodyLike] | Fault | Late

_STATUSES: Final = range(100, 600)
_PARTS: Final = 3
_NAME: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_BREAKS: Final = re.compile(r"[\r\n\0]")
_FORMS: Final = (
    "an answer is a status (100 to 599), a tuple (status, headers, body), a Fault, or a function "
    "of the request that returns one of these, or None for 200"
)


def outcome_of_answer(answer: object, destination: Target, took: int) -> Outcome:
    """What ``answer``, given by user code, comes to at ``destination`` after ``took`` ms.

    Raises:
        UsageError: if it is no ``Answer``.
    """
    if isinstance(answer, Late):
        return outcome_of_answer(answer.answer, destination, answer.millis)
    if isinstance(answer, Fault):
        return outcome_of(answer, destination, took)
    if isinstance(answer, int):
        return Responded(_status(answer, answer), took=took)
    parts = cast("tuple[object, ...]", answer) if isinstance(answer, tuple) else ()
    if len(parts) != _PARTS:
        raise UsageError(f"{answer!r} is no answer: {_FORMS}")
    status, headers, body = parts
    items = _header_items(headers, parts)
    content, content_type = _content(body, parts)
    if content_type is not None and not any(name == "Content-Type" for name, _ in items):
        items = (*items, ("Content-Type", content_type))
    return Responded(_status(status, parts), items, content, took)


def _status(status: object, answer: object) -> int:
    if isinstance(status, int) and not isinstance(status, bool) and status in _STATUSES:
        return int(status)
    raise UsageError(f"{status!r} is no HTTP status, in the answer {answer!r}: {_FORMS}")


def _content(body: object, answer: object) -> tuple[bytes, str | None]:
    """The bytes of a body, and its content type if its form tells one."""
    match body:
        case None:
            return b"", None
        case bytes():
            return body, None
        case str():
            return body.encode(), None
        case dict() | list():
            try:
                return json.dumps(body).encode(), "application/json"
            except (TypeError, ValueError) as error:
                raise UsageError(f"the body in the answer {answer!r} is no JSON: {error}") from None
        case _:
            raise UsageError(
                f"the body in the answer {answer!r} must be bytes, text, a dict, a list or None"
            )


def _header_items(headers: object, answer: object) -> HeaderItems:
    if headers is None:
        return ()
    if isinstance(headers, Mapping):
        headers = cast("Mapping[object, object]", headers).items()
    if isinstance(headers, str | bytes) or not isinstance(headers, Iterable):
        raise UsageError(f"the headers in the answer {answer!r} must be a mapping, pairs or None")
    return tuple(_header(item, answer) for item in cast("Iterable[object]", headers))


def _header(item: object, answer: object) -> tuple[str, str]:
    match item:
        case (str(name), str(value)) if _NAME.fullmatch(name) and not _BREAKS.search(value):
            return canonical(name), value
        case _:
            raise UsageError(
                f"{item!r} is no header, in the answer {answer!r}: give name and value as text, "
                'such as ("Retry-After", "120")'
            )
