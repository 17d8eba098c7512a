"""Values, numbers and instants in the words of a failure."""

import inspect
from datetime import datetime
from pathlib import Path
from typing import Final, cast

from fakestash.syntax.moments import duration_text, instant_of, instant_text

MOST_SHOWN: Final = 5
"""So many things of each sort are told."""

_MOST_CHARACTERS: Final = 200
"""So many of a value, or bytes, are shown."""

_CONTEXT: Final = 20
"""So much of what two long values have in common is shown before the difference."""

_NUMBERS: Final[tuple[str, ...]] = (
    *("no", "one", "two", "three", "four", "five"),
    *("six", "seven", "eight", "nine", "ten"),
)
_ORDINALS: Final[tuple[str, ...]] = (
    *("zeroth", "first", "second", "third", "fourth", "fifth"),
    *("sixth", "seventh", "eighth", "ninth", "tenth"),
)
_SAME_DAY: Final = len("2026-01-01T")


class Words(str):
    """Text that stands for itself: shown without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def shown(value: object) -> str:
    """A value as it is written in Python, as far as it fits; functions in it by their names."""
    if type(value) in {bytes, str}:
        text = cast("str", value)
        return repr(text[:_MOST_CHARACTERS]) + ("..." if len(text) > _MOST_CHARACTERS else "")
    text = _written(value)
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}..."


def contrasted(expected: object, was: object) -> tuple[str, str]:
    """Two values as they are shown side by side: long ones from shortly before they differ."""
    if type(expected) in {bytes, str} and type(expected) is type(was):
        one, other = cast("tuple[bytes, bytes]", (expected, was))
        pairs = enumerate(zip(one, other, strict=False))
        same = next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
        if max(len(one), len(other)) > _MOST_CHARACTERS and same > _CONTEXT:
            since = same - _CONTEXT
            return f"...{shown(one[since:])}", f"...{shown(other[since:])}"
    return shown(expected), shown(was)


def _written(value: object) -> str:
    if callable(value):
        return _function_text(value)
    if isinstance(value, dict):
        items = cast("dict[object, object]", value).items()
        return f"{{{', '.join(f'{_written(key)}: {_written(each)}' for key, each in items)}}}"
    if type(value) is list:
        return f"[{', '.join(map(_written, cast('list[object]', value)))}]"
    return repr(value)


def _function_text(function: object) -> str:
    """A class by its name, a function likewise, a lambda by its place, anything else by repr."""
    if inspect.isclass(function):
        return function.__name__
    if not (inspect.isfunction(function) or inspect.ismethod(function)):
        return repr(function)
    if function.__name__ != "<lambda>":
        return f"{function.__name__}()"
    code = function.__code__
    return f"<lambda in {Path(code.co_filename).name}:{code.co_firstlineno}>"


def number(count: int) -> str:
    """``two``; larger ones in digits."""
    return _NUMBERS[count] if count < len(_NUMBERS) else f"{count:,}"


def ordinal(place: int) -> str:
    """``second``; larger ones in digits."""
    if place < len(_ORDINALS):
        return _ORDINALS[place]
    ending = {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{'th' if place % 100 in range(11, 14) else ending}"


def clock_text(at: datetime, start: int) -> str:
    """The time of an instant; with the date unless that is the one of ``start`` (unix ms)."""
    text, first = instant_text(instant_of(at)), instant_text(start)
    return text[_SAME_DAY:-1] if text[:_SAME_DAY] == first[:_SAME_DAY] else text


def moment_text(at: datetime, start: int) -> str:
    """The time of an instant, and how far it is from ``start`` (unix ms)."""
    since = instant_of(at) - start
    sign = "-" if since < 0 else "+"
    return f"{clock_text(at, start)} (start {sign} {duration_text(abs(since))})"
