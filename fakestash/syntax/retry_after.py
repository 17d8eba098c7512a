"""The wait that a destination asks for in the headers of a failed answer.

The headers and the three notations (seconds, date, Go duration) are from the service's
documentation, and so is that a wait beyond one day is ignored. The order of the headers
and what to do with odd values are decisions (D104), all in this module.

This runs on every failed attempt, mostly without finding anything, so the headers are
looked at once and nothing is parsed that nobody sent.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from fakestash.decisions import D104_MAX_ANSWERED_WAIT_MS

_PLACES: Final[Mapping[str, int]] = {
    "retry-after": 0,
    "x-ratelimit-reset": 1,
    "x-ratelimit-reset-requests": 2,
    "x-ratelimit-reset-tokens": 3,
}

_UNIT_NANOS: Final[Mapping[str, int]] = {
    "ns": 1,
    "us": 1_000,
    "\u00b5s": 1_000,  # micro sign
    "\u03bcs": 1_000,  # Greek letter
    # The same two as they arrive when their UTF-8 bytes were decoded as Latin-1, the
    # encoding of HTTP headers.
    "\u00c2\u00b5s": 1_000,
    "\u00ce\u00bcs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}

# As Go writes numbers: digits before or after the point, or on both sides.
_NUMBER: Final = r"(?=\.?[0-9])([0-9]*)(?:\.([0-9]*))?"
_SECONDS: Final = re.compile(rf"\+?{_NUMBER}")
_PART: Final = re.compile(rf"{_NUMBER}({'|'.join(_UNIT_NANOS)})")

_MONTHS: Final = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_DATE: Final = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), "
    rf"([0-9]{{2}}) ({_MONTHS}) ([0-9]{{4}}) "
    r"([0-9]{2}):([0-9]{2}):([0-9]{2}) (?:GMT|UTC)"
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)

_MOST_CHARACTERS: Final = 100
"""No sensible value is longer, and none of this length is costly to convert."""


class AskedWait(NamedTuple):
    """What an answer asks for: how long to wait (ms), and the header that says so, as sent."""

    millis: int
    header: str


def retry_after(headers: Iterable[tuple[str, str]], now_ms: int) -> int | None:
    """Return the milliseconds to wait that the answer's ``headers`` ask for, or ``None``.

    The rules are those of ``asked_wait``.
    """
    asked = asked_wait(headers, now_ms)
    return None if asked is None else asked.millis


def asked_wait(headers: Iterable[tuple[str, str]], now_ms: int) -> AskedWait | None:
    """Return the wait that the answer's ``headers`` ask for, or ``None``.

    ``headers`` are (name, value) pairs, names in any case; ``now_ms`` is the unix instant,
    in milliseconds, that a date is compared with. The result is 0 (at once) to one day.

    D104: the first usable of ``Retry-After``, ``X-RateLimit-Reset``,
    ``X-RateLimit-Reset-Requests`` and ``X-RateLimit-Reset-Tokens`` counts, and of a repeated
    header the first value. Not usable is a value that cannot be parsed, is negative or asks
    for more than a day. Seconds may have decimals; a date that has passed means at once.
    """
    found: dict[int, tuple[str, str]] = {}
    for name, value in headers:
        place = _PLACES.get(name.lower())
        if place is not None:
            found.setdefault(place, (name, value))
    for place in sorted(found):
        name, value = found[place]
        nanos = _nanos_to_wait(value.strip(" \t"), now_ms)
        if nanos is not None and nanos <= D104_MAX_ANSWERED_WAIT_MS * _UNIT_NANOS["ms"]:
            return AskedWait(nanos // _UNIT_NANOS["ms"], name)
    return None


def _nanos_to_wait(value: str, now_ms: int) -> int | None:
    """Nanoseconds from now on, never negative, or ``None``: the value cannot be parsed."""
    if len(value) > _MOST_CHARACTERS:
        return None
    if seconds := _SECONDS.fullmatch(value):
        return _nanos(seconds[1], seconds[2], "s")
    if date := _DATE.fullmatch(value):
        return _until(date, now_ms)
    return _go_duration(value)


def _go_duration(value: str) -> int | None:
    """``6m5s``: all that Go's ``time.ParseDuration`` reads and that is not negative."""
    at = 1 if value.startswith("+") else 0
    if at == len(value):
        return None
    total = 0
    while at < len(value):
        part = _PART.match(value, at)
        if part is None:
            return None
        total += _nanos(part[1], part[2], part[3])
        at = part.end()
    return total


def _nanos(whole: str, decimals: str | None, unit: str) -> int:
    # What is finer than a nanosecond is cut off part by part, as in Go.
    digits = decimals or "0"
    scale = _UNIT_NANOS[unit]
    part: int = int(digits) * scale // 10 ** len(digits)
    return int(whole or "0") * scale + part


def _until(date: re.Match[str], now_ms: int) -> int | None:
    month = _MONTHS.index(date[2]) // len("Jan|") + 1
    day, year, hour, minute, second = map(int, date.group(1, 3, 4, 5, 6))
    try:
        instant = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None  # such as 30 February, hour 25 or the year 0
    return max(0, (instant - _EPOCH) // _MILLISECOND - now_ms) * _UNIT_NANOS["ms"]
