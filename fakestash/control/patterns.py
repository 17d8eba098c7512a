"""What may stand for a text or a number in an assertion in JSON, where Python takes a function.

A text may be ``{"contains": ..., "startsWith": ..., "endsWith": ...}``, a number
``{"min": ..., "max": ...}``; all that is given has to hold.
"""

from collections.abc import Callable
from typing import Final, TypeAlias, cast

from fakestash.control.asked import Json
from fakestash.control.reading import read_object
from fakestash.errors import UsageError

Read: TypeAlias = Callable[[object, str], object]
"""Makes an argument of a value in JSON; the name is for complaints."""

_TEXTS: Final = ("contains", "startsWith", "endsWith")
_NUMBERS: Final = ("min", "max")


class TextPattern:
    """Says whether a text, or the text of a body, has these parts."""

    def __init__(self, parts: dict[str, str]) -> None:
        self._parts = parts

    def __call__(self, value: str | bytes) -> bool:
        """Whether ``value`` will do."""
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
        return (
            self._parts.get("contains", "") in text
            and text.startswith(self._parts.get("startsWith", ""))
            and text.endswith(self._parts.get("endsWith", ""))
        )

    def __repr__(self) -> str:
        return repr(self._parts)


class NumberPattern:
    """Says whether a number lies within these bounds."""

    def __init__(self, bounds: dict[str, int]) -> None:
        self._bounds = bounds

    def __call__(self, value: int) -> bool:
        """Whether ``value`` will do."""
        return self._bounds.get("min", value) <= value <= self._bounds.get("max", value)

    def __repr__(self) -> str:
        return repr(self._bounds)


def text_like(value: object, name: str) -> str | TextPattern:
    """A text, or a pattern for one.

    Raises:
        UsageError: if it is neither.
    """
    if isinstance(value, str):
        return value
    if not isinstance(value, dict) or not value:
        raise UsageError(
            f'{name} must be text, or an object such as {{"contains": "..."}}, got {value!r:.80}'
        )
    parts = read_object(cast("Json", value), _TEXTS, name)
    for key, part in parts.items():
        if not isinstance(part, str):
            raise UsageError(f"{name}.{key} must be text, got {part!r:.80}")
    return TextPattern(parts)


def number_like(value: object, name: str) -> int | NumberPattern:
    """A whole number, or bounds for one.

    Raises:
        UsageError: if it is neither.
    """
    if _is_whole(value):
        return cast("int", value)
    if not isinstance(value, dict) or not value:
        raise UsageError(
            f'{name} must be a whole number, or an object such as {{"min": 2}}, got {value!r:.80}'
        )
    bounds = read_object(cast("Json", value), _NUMBERS, name)
    for key, bound in bounds.items():
        if not _is_whole(bound):
            raise UsageError(f"{name}.{key} must be a whole number, got {bound!r:.80}")
    return NumberPattern(bounds)


def headers_like(value: object, name: str) -> dict[str, str | TextPattern | None]:
    """Headers by name: a text, a pattern for one, or None for a header that must not be there.

    Raises:
        UsageError: if it is anything else.
    """
    if not isinstance(value, dict):
        raise UsageError(f"{name} must be an object, got {value!r:.80}")
    given = cast("Json", value)
    return {
        key: None if each is None else text_like(each, f"{name}.{key}")
        for key, each in given.items()
    }


def as_it_is(value: object, _: str) -> object:
    """A value that Python would judge."""
    return value


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
