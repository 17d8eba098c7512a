"""Which texts are cron expressions, and in which words the others are refused.

The service refuses an expression in the words of the Go library ``robfig/cron`` (version
3, its standard parser), so the grammar here is that library's, mistakes are looked for in
its order, and every reason is its reason. D16 is this grammar.

Five fields, parted by blanks: minute, hour, day of month, month, day of week. A field is a
list, parted by commas, of ``*``, ``?`` (the same), ``n``, ``a-b``, each also with ``/step``;
``n/step`` goes on to the end of the field. Months and days of the week have English names of
three letters in any case; Sunday is 0 and nothing is 7. Ranges do not wrap, and there is no
``L``, ``W``, ``#``, nor a field of seconds. ``@daily`` and its like stand for five fields.
``CRON_TZ=zone`` or ``TZ=zone`` and a space may come first. Some oddities of the library are
kept, because a text that the service takes has to be taken here: ``*-5`` is ``*``, ``+5`` is
5, empty entries of a list do not count, and a field of nothing but commas never matches.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from fakestash.syntax.zones import UTC, is_zone

_NAME_OF_UTC: Final = frozenset({"", UTC, "Local"})
"""What the Go library reads as UTC; the local time of a server of the service is UTC."""

_BLANKS: Final = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""Go's idea of white space; Python's has four control characters more."""
_FIELD: Final = re.compile(f"[^{_BLANKS}]+")
_DIGITS: Final = "0123456789"
_MOST_DIGITS: Final = 20
_LARGEST_INTEGER: Final = 2**63 - 1
_LARGEST_UNSIGNED: Final = 2**64 - 1

_ESCAPES: Final[Mapping[str, str]] = {
    "\a": r"\a",
    "\b": r"\b",
    "\f": r"\f",
    "\n": r"\n",
    "\r": r"\r",
    "\t": r"\t",
    "\v": r"\v",
    '"': r"\"",
    "\\": r"\\",
}
_DELETE: Final = 0x7F
_LAST_OF_FOUR_DIGITS: Final = 0xFFFF

_DESCRIPTORS: Final[Mapping[str, str]] = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}


class CronError(ValueError):
    """The text is no cron expression; ``str()`` of the error is the reason.

    The reason is what the service puts behind ``Invalid cron expression``.
    """


class Bounds(NamedTuple):
    """What the numbers of a field may be."""

    lowest: int
    highest: int
    names: Mapping[str, int] = MappingProxyType({})


def _named(names: str, first: int) -> Mapping[str, int]:
    return {name: number for number, name in enumerate(names.split(), first)}


FIELDS: Final = (
    Bounds(0, 59),
    Bounds(0, 23),
    Bounds(1, 31),
    Bounds(1, 12, _named("jan feb mar apr may jun jul aug sep oct nov dec", 1)),
    Bounds(0, 6, _named("sun mon tue wed thu fri sat", 0)),
)
"""Minute, hour, day of month, month, day of week."""


class Run(NamedTuple):
    """``first``, and every ``step`` further on up to ``last``; never empty."""

    first: int
    last: int
    step: int


class Field(NamedTuple):
    """One of the five fields."""

    runs: tuple[Run, ...]
    """What its list names, without duplicates; none at all if it is nothing but commas."""

    starred: bool
    """It has a ``*`` or ``?`` with a step of at most one, so it does not restrict days."""


class Expression(NamedTuple):
    """A cron expression, taken apart."""

    zone: str
    """The time zone whose clock the fields read, ``UTC`` if none is given."""

    fields: tuple[Field, ...]
    """As many as ``FIELDS``, and in that order."""


def trimmed(text: str) -> str:
    """Return ``text`` as the service stores it: without blanks at its ends."""
    return text.strip(_BLANKS)


def take_apart(text: str) -> Expression:
    """Return the parts of the expression ``text``, which has no blanks at its ends.

    Raises:
        CronError: the text is no cron expression.
    """
    if not text:
        raise CronError("empty spec string")
    zone, rest = _zone_and_rest(text)
    if rest.startswith("@"):
        if rest not in _DESCRIPTORS:
            raise CronError(f"unrecognized descriptor: {rest}")
        rest = _DESCRIPTORS[rest]
    words = _FIELD.findall(rest)
    if len(words) != len(FIELDS):
        raise CronError(
            f"expected exactly {len(FIELDS)} fields, found {len(words)}: [{' '.join(words)}]"
        )
    fields = (_field(word, bounds) for word, bounds in zip(words, FIELDS, strict=True))
    return Expression(zone, tuple(fields))


def _zone_and_rest(text: str) -> tuple[str, str]:
    """The zone and the text behind it.

    A zone with nothing behind it crashes the Go library; here (D16) it is an expression
    that has no fields.
    """
    if not text.startswith(("TZ=", "CRON_TZ=")):
        return UTC, text
    assignment, _, rest = text.partition(" ")
    name = assignment.partition("=")[2]
    if name in _NAME_OF_UTC:
        return UTC, trimmed(rest)
    if ".." in name or name.startswith(("/", "\\")):
        raise CronError(f"provided bad location {name}: time: invalid location name")
    if not is_zone(name):
        raise CronError(f"provided bad location {name}: unknown time zone {name}")
    return name, trimmed(rest)


def _field(word: str, bounds: Bounds) -> Field:
    entries = [_entry(entry, bounds) for entry in word.split(",") if entry]
    return Field(
        tuple(dict.fromkeys(run for run, _ in entries)), any(starred for _, starred in entries)
    )


def _entry(text: str, bounds: Bounds) -> tuple[Run, bool]:
    """One entry of a list, and whether it counts as a star."""
    ends, *steps = text.split("/")
    first, last, starred = _ends(ends, text, bounds)
    if len(steps) > 1:
        raise CronError(f"too many slashes: {text}")
    step = _number(steps[0]) if steps else 1
    if steps and "-" not in ends:
        last = bounds.highest
    if first < bounds.lowest:
        raise CronError(f"beginning of range ({first}) below minimum ({bounds.lowest}): {text}")
    if last > bounds.highest:
        raise CronError(f"end of range ({last}) above maximum ({bounds.highest}): {text}")
    if first > last:
        raise CronError(f"beginning of range ({first}) beyond end of range ({last}): {text}")
    if step == 0:
        raise CronError(f"step of range should be a positive number: {text}")
    return Run(first, last, step), starred and step == 1


def _ends(ends: str, entry: str, bounds: Bounds) -> tuple[int, int, bool]:
    """The first and the last number that ``ends`` names, and whether by a star."""
    low, *highs = ends.split("-")
    if low in ("*", "?"):
        return bounds.lowest, bounds.highest, True
    first = _name_or_number(low, bounds)
    if not highs:
        return first, first, False
    if len(highs) > 1:
        raise CronError(f"too many hyphens: {entry}")
    return first, _name_or_number(highs[0], bounds), False


def _name_or_number(text: str, bounds: Bounds) -> int:
    named = bounds.names.get(text.lower())
    return _number(text) if named is None else named


def _number(text: str) -> int:
    """The integer that ``text`` writes, by Go's rules for 64 bits."""
    negative = text.startswith("-")
    unsigned = text[1:] if text.startswith(("+", "-")) else text
    beyond = unsigned.lstrip(_DIGITS)
    digits = unsigned[: len(unsigned) - len(beyond)].lstrip("0")
    # Thousands of digits are never converted: Python would refuse them in its own words.
    size = int(digits or "0") if len(digits) <= _MOST_DIGITS else _LARGEST_UNSIGNED + 1
    # Go reads from the left, and what is too large is reported before what is no digit.
    if size <= _LARGEST_UNSIGNED and (beyond or not unsigned):
        raise _no_integer(text, "invalid syntax")
    if size > _LARGEST_INTEGER + negative:
        raise _no_integer(text, "value out of range")
    if negative and size:
        raise CronError(f"negative number (-{size}) not allowed: {text}")
    return size


def _no_integer(text: str, why: str) -> CronError:
    quoted = "".join(map(_quoted, text))
    return CronError(f'failed to parse int from {text}: strconv.Atoi: parsing "{quoted}": {why}')


def _quoted(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    if character < " " or code == _DELETE:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= _LAST_OF_FOUR_DIGITS else f"\\U{code:08x}"
