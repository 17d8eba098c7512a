"""How far the clocks of a time zone are from UTC, and until when.

The data are those of ``zoneinfo``: the machine's own, or else the package ``tzdata``. Between
two changes the clock of a zone is UTC and a constant, so whoever knows the constant and its
end needs no calendar arithmetic with zones. ``zoneinfo`` does not tell when its changes are;
they are searched for once in each stretch of time and kept.
"""

from bisect import bisect_right
from datetime import UTC as DATETIME_UTC
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

UTC: Final = "UTC"

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=DATETIME_UTC)
_SECOND: Final = timedelta(seconds=1)
_DAY_S: Final = 86_400
# A day less on both sides, so that the local time fits into a datetime too.
_FIRST_S: Final = (datetime(1, 1, 2, tzinfo=DATETIME_UTC) - _EPOCH) // _SECOND
_LAST_S: Final = (datetime(9999, 12, 30, tzinfo=DATETIME_UTC) - _EPOCH) // _SECOND

_PROBE_S: Final = 3 * _DAY_S
"""No zone ever changed twice within three days: Freetown in 1939, after four, is closest."""

_STRETCH_S: Final = 40 * _PROBE_S
_STRETCH_MS: Final = _STRETCH_S * 1_000


class Offset(NamedTuple):
    """How far a clock is ahead of UTC during a while."""

    ms: int
    """Milliseconds, negative in the west; whole minutes since 1973."""

    end_ms: int
    """Unix milliseconds up to which this holds at least; then ask again."""


def is_zone(name: str) -> bool:
    """Whether the data have a zone of this name."""
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        # Not there; not the form of a name; or the name of a folder or of another file.
        return False
    return True


def offset_at(zone: str, instant_ms: int) -> Offset:
    """Return how far the clock of ``zone`` is ahead of UTC at ``instant_ms``.

    ``zone`` is a name for which ``is_zone`` holds. Before the year 1 and after 9999, where
    the data end, clocks stay as they are there.
    """
    ends, offsets = _offsets_in(zone, instant_ms // _STRETCH_MS)
    return offsets[bisect_right(ends, instant_ms)]


@lru_cache(maxsize=1024)
def _offsets_in(zone: str, stretch: int) -> tuple[tuple[int, ...], tuple[Offset, ...]]:
    """The offsets of a stretch of time in order, and before them their ends."""
    clock = ZoneInfo(zone)
    first, last = stretch * _STRETCH_S, (stretch + 1) * _STRETCH_S
    found: list[Offset] = []
    offset = _seconds_ahead(clock, first)
    for probe in range(first, last, _PROBE_S):
        following = _seconds_ahead(clock, probe + _PROBE_S)
        if following != offset:
            change = _change_between(clock, probe, probe + _PROBE_S)
            found.append(Offset(offset * 1_000, change * 1_000))
            offset = following
    found.append(Offset(offset * 1_000, last * 1_000))
    return tuple(offset.end_ms for offset in found), tuple(found)


def _change_between(clock: ZoneInfo, before: int, after: int) -> int:
    """The second at which the one change between the two takes effect."""
    old = _seconds_ahead(clock, before)
    while after - before > 1:
        middle = (before + after) // 2
        if _seconds_ahead(clock, middle) == old:
            before = middle
        else:
            after = middle
    return after


def _seconds_ahead(clock: ZoneInfo, instant_s: int) -> int:
    """Seconds that a clock of the zone is ahead of UTC at the unix second."""
    moment = _EPOCH + timedelta(seconds=min(max(instant_s, _FIRST_S), _LAST_S))
    offset = moment.astimezone(clock).utcoffset()
    return 0 if offset is None else offset // _SECOND
