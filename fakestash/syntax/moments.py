"""Durations and instants at the Python edge: what tests write and what they read.

Inside fakestash a duration is an ``int`` of milliseconds and an instant an ``int`` of unix
milliseconds. This module alone turns what people like to write into these, and back. All
of it is our own notation; the one of the wire is in ``fakestash.syntax.duration``.

No arithmetic on floats happens here: a float stands for the decimal that Python prints for
it, so ``0.1`` is a tenth of a second and not 0.1000000000000000055 s.
"""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Final, TypeAlias

from fakestash.errors import UsageError, shown_where_it_was_made

__tracebackhide__ = shown_where_it_was_made

DurationLike: TypeAlias = timedelta | float | str
"""What ``millis_of`` takes; ``float`` includes ``int``."""

InstantLike: TypeAlias = datetime | float | str
"""What ``instant_of`` takes; ``float`` includes ``int``."""

_UNIT_MILLIS: Final[Mapping[str, int]] = {
    "ms": 1,
    "s": 1_000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 604_800_000,
}
_PART: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?|\.[0-9]+)\s*(ms|[smhdw])\s*", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+")

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_FIRST_INSTANT: Final = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MILLISECOND
_LAST_INSTANT: Final = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MILLISECOND
_LONGEST_MILLIS: Final = 1_000_000_000 * _UNIT_MILLIS["d"]
"""Every ``timedelta`` fits; beyond it are only slips, which could not even be printed."""

_MOST_CHARACTERS: Final = 100
_MOST_SHOWN: Final = 100

DURATION_HINT: Final = (
    'give a timedelta, seconds as a number (90 or 1.5), or text such as "1h30m", "90s", '
    '"1.5h" or "500ms" (units ms, s, m, h, d, w)'
)
INSTANT_HINT: Final = (
    "give a datetime with a timezone, ISO 8601 text with an offset such as "
    '"2026-01-01T00:00:00Z", or unix seconds as a number'
)


def millis_of(value: DurationLike, *, name: str = "duration") -> int:
    """Return ``value`` in milliseconds.

    A ``timedelta``, a number of seconds, or text: numbers, decimals allowed, each with one of
    the units ms, s, m, h, d, w, every unit at most once and in any order, blanks allowed
    anywhere between; a number alone is seconds, as it is on the wire. What is finer than a
    millisecond is rounded once, at the end, half to even. ``name`` is what the caller calls
    the value, for the error text.

    Raises:
        UsageError: another type (``bool`` included), text that is no duration, a value that
            is negative, not finite, or longer than a billion days.
    """
    millis = round(_exact_millis(value, name))
    if millis > _LONGEST_MILLIS:
        raise UsageError(f"{name} is too long: {_shown(value)}; {DURATION_HINT}")
    return millis


def instant_of(value: InstantLike, *, name: str = "instant") -> int:
    """Return ``value`` in unix milliseconds.

    A ``datetime`` with a timezone, ISO 8601 text with an offset or ``Z``, or unix seconds.
    What is finer than a millisecond is rounded half to even. ``name`` is what the caller
    calls the value, for the error text.

    Raises:
        UsageError: another type (``bool`` included), text that is no ISO 8601 date and time,
            a value without timezone, not finite, or outside the years 1 to 9999.
    """
    instant = round(_exact_instant(value, name))
    if not _FIRST_INSTANT <= instant <= _LAST_INSTANT:
        raise UsageError(
            f"{name} is outside the years 1 to 9999: {_shown(value)}; {INSTANT_HINT}, "
            "which are not milliseconds"
        )
    return instant


def datetime_of(instant_ms: int) -> datetime:
    """Return the unix milliseconds ``instant_ms`` as a datetime in UTC, exactly.

    Raises:
        UsageError: the instant is outside the years 1 to 9999, which is all that a
            ``datetime`` can hold.
    """
    if not _FIRST_INSTANT <= instant_ms <= _LAST_INSTANT:
        raise UsageError(
            f"the instant {_shown(instant_ms)} (unix milliseconds) is outside the years 1 to "
            "9999, which is all that a datetime can hold: move the clock less far"
        )
    return _EPOCH + timedelta(milliseconds=instant_ms)


def duration_text(ms: int) -> str:
    """Return a duration of ``ms`` milliseconds for people: ``"2 m 28 s"``, ``"1.5 s"``.

    Nothing is dropped: ``millis_of`` reads the text of a duration that is not negative back
    to the same number.
    """
    if ms < 0:
        return f"-{duration_text(-ms)}"
    days, rest = divmod(ms, _UNIT_MILLIS["d"])
    hours, rest = divmod(rest, _UNIT_MILLIS["h"])
    minutes, rest = divmod(rest, _UNIT_MILLIS["m"])
    seconds, fraction = divmod(rest, _UNIT_MILLIS["s"])
    parts = [f"{n} {unit}" for n, unit in ((days, "d"), (hours, "h"), (minutes, "m")) if n]
    if seconds:
        decimals = f".{fraction:03}".rstrip("0").rstrip(".")
        parts.append(f"{seconds}{decimals} s")
    elif fraction:
        parts.append(f"{fraction} ms")
    return " ".join(parts) or "0 s"


def instant_text(ms: int) -> str:
    """Return unix milliseconds as ISO 8601 in UTC: ``"2026-01-01T00:02:40Z"``.

    Milliseconds are shown, with three digits, only when there are some.

    Raises:
        UsageError: the instant is outside the years 1 to 9999.
    """
    precision = "milliseconds" if ms % 1_000 else "seconds"
    return datetime_of(ms).replace(tzinfo=None).isoformat(timespec=precision) + "Z"


def _exact_millis(value: object, name: str) -> Fraction:
    match value:
        case timedelta():
            millis = _of_timedelta(value)
        case bool():
            raise UsageError(f"{name} cannot be {value!r}: {DURATION_HINT}")
        case int() | float():
            millis = _of_seconds(value, name, DURATION_HINT)
        case str():
            millis = _of_text(value, name)
        case _:
            raise UsageError(
                f"{name} cannot be {_shown(value)}, a {type(value).__name__}: {DURATION_HINT}"
            )
    if millis < 0:
        raise UsageError(f"{name} cannot be negative: {_shown(value)}; {DURATION_HINT}")
    return millis


def _exact_instant(value: object, name: str) -> Fraction:
    match value:
        case datetime():
            return _of_datetime(value, value, name)
        case bool():
            raise UsageError(f"{name} cannot be {value!r}: {INSTANT_HINT}")
        case int() | float():
            return _of_seconds(value, name, INSTANT_HINT)
        case str():
            try:
                moment = datetime.fromisoformat(value.strip())
            except ValueError:
                raise UsageError(
                    f"{name} cannot be read: {_shown(value)}; {INSTANT_HINT}"
                ) from None
            return _of_datetime(moment, value, name)
        case _:
            raise UsageError(
                f"{name} cannot be {_shown(value)}, a {type(value).__name__}: {INSTANT_HINT}"
            )


def _of_datetime(moment: datetime, value: object, name: str) -> Fraction:
    if moment.utcoffset() is None:
        raise UsageError(
            f"{name} has no timezone: {_shown(value)}; add one, for instance "
            'tzinfo=datetime.UTC to a datetime, or "Z" or "+02:00" after the time of a text'
        )
    return _of_timedelta(moment - _EPOCH)


def _of_timedelta(span: timedelta) -> Fraction:
    seconds = span.days * 86_400 + span.seconds
    return Fraction(seconds * 1_000_000 + span.microseconds, 1_000)


def _of_seconds(seconds: float, name: str, hint: str) -> Fraction:
    if isinstance(seconds, int):
        return Fraction(seconds * 1_000)
    if not math.isfinite(seconds):
        raise UsageError(f"{name} must be finite, got {seconds!r}: {hint}")
    # Not repr(): a subclass may print something that is no number.
    return Fraction(float.__repr__(seconds)) * 1_000


def _of_text(text: str, name: str) -> Fraction:
    trimmed = text.strip()
    # A bound well below the one at which Python refuses to convert digits.
    if 0 < len(trimmed) <= _MOST_CHARACTERS:
        if _NUMBER.fullmatch(trimmed):
            return Fraction(trimmed) * 1_000
        amounts: dict[str, Fraction] = {}
        at = 0
        while (part := _PART.match(trimmed, at)) and part[2] not in amounts:
            amounts[part[2]] = Fraction(part[1])
            at = part.end()
        if at == len(trimmed):
            return sum(
                (amount * _UNIT_MILLIS[unit] for unit, amount in amounts.items()), Fraction()
            )
    raise UsageError(f"{name} cannot be read: {_shown(text)}; {DURATION_HINT}")


def _shown(value: object) -> str:
    try:
        text = repr(value)
    except ValueError:
        # Python refuses to print integers of thousands of digits.
        return "a number of thousands of digits"
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}..."
