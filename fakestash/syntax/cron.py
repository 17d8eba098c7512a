"""Cron expressions: when a schedule fires next.

What counts is decided by D16, which takes the Go library ``robfig/cron`` (version 3) for
what the service uses, because the service was seen to refuse in its words. The grammar and
the reasons for refusals are in ``fakestash.syntax.cron_grammar``.

Fields are read by the clock of the expression's time zone, UTC if it names none. A local time
that is skipped when clocks go forward does not fire; one that is repeated when they go back
fires both times; every other time fires once. A day has to satisfy both its fields if one of
them is ``*`` or ``?``, and either one if both are restricted. A date that does not come within
five years, such as 31 February, is never.

The Go library itself goes wrong on the day of a change in a few zones: where clocks skip
midnight (Cairo, Beirut, Havana) it can lose that day or fire on it unasked, and where they do
not go from one full hour to another (Lord Howe, Chatham) it can lose a part of an hour. That
is not imitated: there, too, every time that the clock shows fires.

``croniter`` expands the lists and ranges of a field once the grammar has admitted them. It
does not compute the instants: it differs from the rules above around changes of the clock,
and takes 20 us for an instant. The fields as sets, and days by ``fakestash.syntax.cron_days``,
take less than one.
"""

from bisect import bisect_left
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from fakestash.syntax.cron_days import DayRule, first_day_from
from fakestash.syntax.cron_grammar import FIELDS, Bounds, CronError, Field, Run, take_apart, trimmed
from fakestash.syntax.zones import UTC, offset_at

__all__ = ["Cron", "CronError", "parse"]

_SECOND_MS: Final = 1_000
_MINUTE_MS: Final = 60_000
_DAY_MS: Final = 86_400_000
_DAY_MINUTES: Final = 1_440


@dataclass(frozen=True, slots=True)
class Cron:
    """A parsed cron expression: immutable, and equal to any other of the same text."""

    text: str
    """As the service stores and shows it: as it was sent, without blanks at its ends."""

    zone: str
    """Name of the time zone whose clock the fields read."""

    _minutes: tuple[int, ...] = field(repr=False, compare=False)
    """The minutes of a day, in order, on which it fires."""

    _days: DayRule = field(repr=False, compare=False)

    def next_after(self, instant_ms: int) -> int | None:
        """Return the first instant after ``instant_ms`` at which this fires.

        Both are unix milliseconds. ``None`` says that there is none before the end of the
        fifth year from that of ``instant_ms``, which is how far the Go cron library looks.
        """
        if self.zone == UTC:
            minute = self._first_from(instant_ms // _MINUTE_MS + 1, _start_day(instant_ms))
            return None if minute is None else minute * _MINUTE_MS
        return self._next_in_zone(instant_ms)

    def _next_in_zone(self, instant_ms: int) -> int | None:
        """``next_after`` by the clock of the zone, from one change of that clock to the next.

        Up to a change the clock runs evenly. What it skips there is before the first minute
        looked at behind the change, and what it repeats is looked at again.
        """
        offset = offset_at(self.zone, instant_ms)
        local_ms = instant_ms + offset.ms
        since = _start_day(local_ms)
        minute = local_ms // _MINUTE_MS + 1
        found = self._first_from(minute, since)
        while found is not None:
            instant = found * _MINUTE_MS - offset.ms
            if instant < offset.end_ms:
                return instant
            changed_ms = offset.end_ms
            offset = offset_at(self.zone, changed_ms)
            minute = -(-(changed_ms + offset.ms) // _MINUTE_MS)
            found = self._first_from(minute, since)
        return None

    def _first_from(self, minute: int, since: int) -> int | None:
        """The first local minute that fires, from ``minute`` on.

        The search started on the day ``since``. Minutes, like days, are counted from 1970 on.
        """
        minutes = self._minutes
        if not minutes:
            return None
        today, clock = divmod(minute, _DAY_MINUTES)
        day = first_day_from(self._days, today, since)
        if day == today:
            at = bisect_left(minutes, clock)
            if at < len(minutes):
                return today * _DAY_MINUTES + minutes[at]
            day = first_day_from(self._days, today + 1, since)
        return None if day is None else day * _DAY_MINUTES + minutes[0]


def parse(text: str) -> Cron:
    """Return the cron expression that ``text`` writes.

    Raises:
        CronError: the text is no cron expression; the error says why, in the words of the
            Go cron library.
    """
    stored = trimmed(text)
    expression = take_apart(stored)
    minutes, hours, days, months, weekdays = _expanded(expression.fields)
    _, _, day_field, _, weekday_field = expression.fields
    either = not (day_field.starred or weekday_field.starred)
    return Cron(
        text=stored,
        zone=expression.zone,
        _minutes=_minutes_of_a_day(hours, minutes),
        _days=DayRule(days, months, weekdays, either),
    )


def _start_day(local_ms: int) -> int:
    """The day on which a search for what follows the local time starts.

    That of the next second, as in the Go cron library: five years are counted from there.
    """
    return (local_ms + _SECOND_MS) // _DAY_MS


@lru_cache(maxsize=256)
def _minutes_of_a_day(hours: frozenset[int], minutes: frozenset[int]) -> tuple[int, ...]:
    # Kept because schedules of one rhythm share it: every minute of a day are 1,440 numbers.
    return tuple(hour * 60 + minute for hour in sorted(hours) for minute in sorted(minutes))


def _expanded(fields: tuple[Field, ...]) -> list[frozenset[int]]:
    """The numbers that each field names, worked out by croniter."""
    # Imported with the first expression: it takes 30 ms that most test runs need not spend.
    from croniter import croniter  # noqa: PLC0415

    values_of_fields, _ = croniter.expand(" ".join(map(_plain, fields, FIELDS)))
    expanded: list[frozenset[int]] = []
    for parsed, bounds, values in zip(fields, FIELDS, values_of_fields, strict=True):
        if not parsed.runs:
            expanded.append(frozenset())
        elif values == ["*"]:
            expanded.append(frozenset(range(bounds.lowest, bounds.highest + 1)))
        else:
            expanded.append(frozenset(map(int, values)))
    return expanded


def _plain(parsed: Field, bounds: Bounds) -> str:
    """The field in numbers, in the part of croniter's grammar that is read like ours."""
    if not parsed.runs or Run(bounds.lowest, bounds.highest, 1) in parsed.runs:
        return "*"
    return ",".join(map(_plain_run, parsed.runs))


def _plain_run(run: Run) -> str:
    # To croniter `5-5` is the whole cycle.
    if run.first + run.step > run.last:
        return str(run.first)
    return f"{run.first}-{run.last}/{run.step}"
