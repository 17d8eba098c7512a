"""On which days a cron expression fires: the calendar, without ``datetime``.

Days are numbered from 1 January 1970, which is day 0. A year is one of fourteen kinds, by its
length and the weekday that it starts with, so a rule is worked out at most fourteen times,
and finding a day takes no more than a few steps however far away it is.
"""

from bisect import bisect_left
from functools import lru_cache
from typing import Final, NamedTuple

from fakestash.decisions import D16_CRON_YEARS

_DAYS_IN_400_YEARS: Final = 146_097
_EPOCH_FROM_YEAR_1: Final = 719_162
"""Days from 1 January of the year 1 to day 0."""

_MONTH_LENGTHS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FEBRUARY: Final = 2
_THURSDAY: Final = 4


class DayRule(NamedTuple):
    """Days that an expression names; D16 has the rule of the Go cron library."""

    days: frozenset[int]
    """Days of the month, from 1."""

    months: frozenset[int]
    """Months, from 1."""

    weekdays: frozenset[int]
    """Days of the week, from Sunday, which is 0."""

    either: bool
    """One of day of month and day of week is enough: neither of the fields has a star."""

    def names(self, month: int, day: int, weekday: int) -> bool:
        """Whether this rule names the day."""
        if month not in self.months:
            return False
        if self.either:
            return day in self.days or weekday in self.weekdays
        return day in self.days and weekday in self.weekdays


class _Kind(NamedTuple):
    leap: bool
    weekday: int
    """Of the first day."""


class _Year(NamedTuple):
    number: int
    first_day: int
    kind: _Kind


@lru_cache(maxsize=4096)
def first_day_from(rule: DayRule, day: int, since: int) -> int | None:
    """Return the first day that ``rule`` names, from ``day`` on.

    A search that started on the day ``since`` ends with the fifth year from its own (D16).
    Answers are kept: an expression that fires often asks for the same day many times.
    """
    year = _year_with(day)
    last_year = _year_with(since).number + D16_CRON_YEARS
    while year.number <= last_year:
        days = _days_in_year(rule, year.kind)
        at = bisect_left(days, day - year.first_day)
        if at < len(days):
            return year.first_day + days[at]
        year = _year(year.number + 1)
    return None


@lru_cache(maxsize=256)
def _days_in_year(rule: DayRule, kind: _Kind) -> tuple[int, ...]:
    """The days that the rule names in a year of the kind, counted from 0."""
    found: list[int] = []
    start = 0
    for month, usual_length in enumerate(_MONTH_LENGTHS, 1):
        length = usual_length + (kind.leap and month == _FEBRUARY)
        found += [
            start + day - 1
            for day in range(1, length + 1)
            if rule.names(month, day, (kind.weekday + start + day - 1) % 7)
        ]
        start += length
    return tuple(found)


def _year_with(day: int) -> _Year:
    # By the average length of a year, which never names a later year, but at times the one
    # before.
    year = _year((day + _EPOCH_FROM_YEAR_1) * 400 // _DAYS_IN_400_YEARS + 1)
    following = _year(year.number + 1)
    return year if day < following.first_day else following


@lru_cache(maxsize=1024)
def _year(number: int) -> _Year:
    before = number - 1
    leap_days = before // 4 - before // 100 + before // 400
    first_day = before * 365 + leap_days - _EPOCH_FROM_YEAR_1
    leap = number % 4 == 0 and (number % 100 != 0 or number % 400 == 0)
    return _Year(number, first_day, _Kind(leap, (first_day + _THURSDAY) % 7))
