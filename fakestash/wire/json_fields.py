"""JSON bodies of requests, read field by field.

Types are the service's language's: a boolean is no integer, integers have 64 bits, unknown
fields are ignored unless a reader says otherwise, and ``null`` is the same as nothing.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Final, NoReturn, TypeAlias, cast

from fakestash import refusals
from fakestash.wire.values import INT64_MAX

JsonFields: TypeAlias = Mapping[str, object]

_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def object_in(body: bytes) -> JsonFields:
    """The JSON object that ``body`` is.

    Raises:
        ServiceError: 400 if it is none.
    """
    value = _parsed(body)
    if not isinstance(value, dict):
        raise refusals.invalid_body_shape("a json object")
    return cast("JsonFields", value)


def array_in(body: bytes) -> list[object]:
    """The JSON array that ``body`` is.

    Raises:
        ServiceError: 400 if it is none.
    """
    value = _parsed(body)
    if not isinstance(value, list):
        raise refusals.invalid_body_shape("a json array")
    return cast("list[object]", value)


def objects(values: Iterable[object]) -> list[JsonFields]:
    """``values``, each of which has to be an object.

    Raises:
        ServiceError: 400 if one is none.
    """
    found: list[JsonFields] = []
    for value in values:
        if not isinstance(value, dict):
            raise refusals.invalid_body_shape("a json object")
        found.append(cast("JsonFields", value))
    return found


def refuse_others(fields: JsonFields, known: frozenset[str]) -> None:
    """Refuse fields that are not ``known``, where they must not be passed over (D13).

    Raises:
        ServiceError: 400 if there is one.
    """
    for field in fields:
        if field not in known:
            raise refusals.invalid_field(_clean(field), "is unknown")


def text(fields: JsonFields, field: str) -> str | None:
    """A string; None if there is none.

    Raises:
        ServiceError: 400 if it is something else.
    """
    value = fields.get(field)
    return None if value is None else _text(value, field)


def required_text(fields: JsonFields, field: str) -> str:
    """A string, which has to be there but may be empty.

    Raises:
        ServiceError: 400 if it is not there, or something else.
    """
    found = text(fields, field)
    if found is None:
        raise refusals.missing_field(field)
    return found


def integer(fields: JsonFields, field: str) -> int | None:
    """An integer; None if there is none.

    Raises:
        ServiceError: 400 if it is something else, a boolean too.
    """
    value = fields.get(field)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > INT64_MAX:
        raise refusals.invalid_field(field, "must be an integer")
    return value


def boolean(fields: JsonFields, field: str) -> bool | None:
    """A boolean; None if there is none.

    Raises:
        ServiceError: 400 if it is something else.
    """
    value = fields.get(field)
    if value is None or isinstance(value, bool):
        return value
    raise refusals.invalid_field(field, "must be a boolean")


def array(fields: JsonFields, field: str) -> list[object] | None:
    """An array; None if there is none.

    Raises:
        ServiceError: 400 if it is something else.
    """
    value = fields.get(field)
    if value is None:
        return None
    if not isinstance(value, list):
        raise refusals.invalid_field(field, "must be an array")
    return cast("list[object]", value)


def texts(fields: JsonFields, field: str) -> tuple[str, ...]:
    """An array of strings; empty if there is none.

    Raises:
        ServiceError: 400 if it is something else.
    """
    values = array(fields, field)
    return tuple(_text(value, field) for value in values) if values else ()


def one_or_more(fields: JsonFields, field: str) -> tuple[str, ...]:
    """A string or an array of strings; empty if there is neither.

    Raises:
        ServiceError: 400 if it is something else.
    """
    if isinstance(fields.get(field), list):
        return texts(fields, field)
    found = text(fields, field)
    return () if found is None else (found,)


def header_map(fields: JsonFields, field: str) -> tuple[tuple[str, tuple[str, ...]], ...] | None:
    """An object of header names to a string or an array of strings each, in its order.

    None if there is none.

    Raises:
        ServiceError: 400 if it is something else; a bad value is named by its header.
    """
    value = fields.get(field)
    if value is None:
        return None
    if not isinstance(value, dict):
        raise refusals.invalid_field(field, "must be an object")
    headers = cast("JsonFields", value)
    return tuple((_clean(name), _required_values(headers, name)) for name in headers)


def _required_values(headers: JsonFields, name: str) -> tuple[str, ...]:
    if headers[name] is None:
        raise refusals.invalid_field(_clean(name), "must be a string")
    return one_or_more(headers, name)


def _parsed(body: bytes) -> object:
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        # Also for nesting and numbers beyond what can be read.
        raise refusals.invalid_json_body() from None


def _refuse_constant(name: str) -> NoReturn:
    """``NaN`` and its like, which Python takes for JSON."""
    raise ValueError(name)


def _text(value: object, field: str) -> str:
    if not isinstance(value, str):
        raise refusals.invalid_field(_clean(field), "must be a string")
    return _clean(value)


def _clean(value: str) -> str:
    """``value`` as the service's language reads it: no half of a surrogate pair is a character."""
    return value if value.isascii() else _LONE_SURROGATE.sub("\ufffd", value)
