"""Cron expressions against two other ways of finding when they fire.

The first looks at every minute and asks the clock of the zone what it shows; it is right by
construction. The second is croniter, where it agrees with the rules: in UTC, and for the part
of the grammar that both read alike.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from croniter import croniter
from hypothesis import assume, given
from hypothesis import strategies as st

from fakestash.syntax.cron import Cron, parse

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE: Final = timedelta(minutes=1)

CHANGES: Final = [
    ("Africa/Cairo", "2025-04-24T22:00Z"),
    ("Africa/Cairo", "2025-10-30T21:00Z"),
    ("Africa/Casablanca", "2025-02-23T02:00Z"),
    ("America/Havana", "2025-03-09T05:00Z"),
    ("America/New_York", "2025-03-09T07:00Z"),
    ("America/New_York", "2025-11-02T06:00Z"),
    ("America/Santiago", "2025-09-07T04:00Z"),
    ("America/St_Johns", "2025-11-02T04:30Z"),
    ("Antarctica/Troll", "2025-03-30T01:00Z"),
    ("Asia/Amman", "2021-10-28T22:00Z"),
    ("Asia/Kathmandu", "1985-12-31T18:30Z"),
    ("Asia/Kolkata", "2025-01-01T00:00Z"),
    ("Asia/Pyongyang", "2018-05-04T15:00Z"),
    ("Australia/Lord_Howe", "2025-04-05T15:00Z"),
    ("Australia/Lord_Howe", "2025-10-04T15:30Z"),
    ("Australia/Sydney", "2025-04-05T16:00Z"),
    ("Australia/Sydney", "2025-10-04T16:00Z"),
    ("Europe/Berlin", "2024-12-31T23:00Z"),
    ("Europe/Berlin", "2025-03-30T01:00Z"),
    ("Europe/Berlin", "2025-10-26T01:00Z"),
    ("Pacific/Apia", "2011-12-30T10:00Z"),
    ("Pacific/Chatham", "2025-09-27T14:00Z"),
    ("Pacific/Kwajalein", "1993-08-21T12:00Z"),
    ("UTC", "2024-02-29T00:00Z"),
]


class Part(NamedTuple):
    """A field or an entry of its list: its text, and what it means."""

    text: str
    values: frozenset[int]
    starred: bool = False


class Schedule(NamedTuple):
    """Five fields."""

    minute: Part
    hour: Part
    day: Part
    month: Part
    weekday: Part

    @property
    def text(self) -> str:
        return " ".join(part.text for part in self)

    def names(self, clock: datetime) -> bool:
        matches = [
            value in part.values
            for value, part in zip(
                (clock.minute, clock.hour, clock.day, clock.month, clock.isoweekday() % 7),
                self,
                strict=True,
            )
        ]
        minute, hour, day, month, weekday = matches
        both = self.day.starred or self.weekday.starred
        return minute and hour and month and ((day and weekday) if both else (day or weekday))


class Numbers(NamedTuple):
    """What a field is made of."""

    lowest: int
    highest: int
    names: str = ""

    def values(self, first: int, last: int, step: int) -> frozenset[int]:
        return frozenset(v for v in range(first, last + 1) if (v - first) % step == 0)

    def spellings(self, number: int) -> st.SearchStrategy[str]:
        plain = [str(number), f"{number:02}"]
        if self.names:
            name = self.names.split()[number - self.lowest]
            plain += [name, name.upper(), name.title()]
        return st.sampled_from(plain)


NUMBERS: Final = (
    Numbers(0, 59),
    Numbers(0, 23),
    Numbers(1, 31),
    Numbers(1, 12, "jan feb mar apr may jun jul aug sep oct nov dec"),
    Numbers(0, 6, "sun mon tue wed thu fri sat"),
)


def stars(numbers: Numbers, signs: str, steps: st.SearchStrategy[int]) -> st.SearchStrategy[Part]:
    return st.builds(
        lambda sign, step: Part(
            f"{sign}/{step}", numbers.values(numbers.lowest, numbers.highest, step), step == 1
        ),
        st.sampled_from(signs),
        steps,
    )


@st.composite
def entries(draw: st.DrawFn, numbers: Numbers) -> Part:
    """A number, a range, or either with a step; never a star."""
    number = st.integers(numbers.lowest, numbers.highest)
    first, last = sorted((draw(number), draw(number)))
    start, end = draw(numbers.spellings(first)), draw(numbers.spellings(last))
    step = draw(st.integers(1, 70))
    return draw(
        st.sampled_from(
            [
                Part(start, frozenset({first})),
                Part(f"{start}-{end}", numbers.values(first, last, 1)),
                Part(f"{start}-{end}/{step}", numbers.values(first, last, step)),
                Part(f"{start}/{step}", numbers.values(first, numbers.highest, step)),
            ]
        )
    )


def joined(parts: list[Part]) -> Part:
    return Part(
        ",".join(part.text for part in parts),
        frozenset().union(*(part.values for part in parts)),
        any(part.starred for part in parts),
    )


def bare(numbers: Numbers, signs: str) -> st.SearchStrategy[Part]:
    everything = numbers.values(numbers.lowest, numbers.highest, 1)
    return st.sampled_from([Part(sign, everything, starred=True) for sign in signs])


def any_field(numbers: Numbers) -> st.SearchStrategy[Part]:
    entry = entries(numbers) | stars(numbers, "*?", st.integers(1, 70)) | bare(numbers, "*?")
    return bare(numbers, "*?") | st.lists(entry, min_size=1, max_size=3).map(joined)


def plain_field(numbers: Numbers) -> st.SearchStrategy[Part]:
    everything = numbers.values(numbers.lowest, numbers.highest, 1)
    entry = entries(numbers) | stars(numbers, "*", st.integers(2, 70))
    lists = st.lists(entry.filter(is_plain), min_size=1, max_size=3).map(joined)
    # A list that names everything counts as a star in croniter, at times.
    return bare(numbers, "*") | lists.filter(lambda part: part.values != everything)


def is_plain(entry: Part) -> bool:
    """Whether every release of croniter reads the entry as the Go parser does.

    ``5-5`` is the whole cycle to croniter, and to older releases so is ``6/4`` of weekdays.
    """
    if "-" in entry.text:
        return len(entry.values) > 1
    return entry.text.startswith("*") or "/" not in entry.text


SCHEDULES: Final = st.builds(Schedule, *map(any_field, NUMBERS))
PLAIN_SCHEDULES: Final = st.builds(Schedule, *map(plain_field, NUMBERS))


def fires_between(cron: Cron, start_ms: int, end_ms: int) -> Iterator[int]:
    instant = cron.next_after(start_ms)
    while instant is not None and instant < end_ms:
        yield instant
        instant = cron.next_after(instant)


def millis(instant: datetime) -> int:
    return (instant - EPOCH) // timedelta(milliseconds=1)


@given(
    change=st.sampled_from(CHANGES),
    lead_ms=st.integers(0, 36 * 3_600_000),
    schedule=SCHEDULES,
)
def test_it_fires_at_the_minutes_that_the_clock_of_the_zone_shows(
    change: tuple[str, str], lead_ms: int, schedule: Schedule
) -> None:
    zone, about = ZoneInfo(change[0]), datetime.fromisoformat(change[1])
    before = about - timedelta(milliseconds=lead_ms)
    minutes = [about + count * MINUTE for count in range(-36 * 60, 36 * 60)]

    wanted = [
        millis(minute)
        for minute in minutes
        if minute > before and schedule.names(minute.astimezone(zone))
    ]

    cron = parse(f"CRON_TZ={zone.key} {schedule.text}")
    assert list(fires_between(cron, millis(before), millis(minutes[-1] + MINUTE))) == wanted


@given(
    start=st.datetimes(datetime(1971, 1, 1), datetime(2090, 1, 1)),  # noqa: DTZ001
    schedule=PLAIN_SCHEDULES,
)
def test_in_utc_it_fires_when_croniter_does(start: datetime, schedule: Schedule) -> None:
    instant = millis(start.replace(tzinfo=UTC))
    ours = parse(schedule.text)
    first = ours.next_after(instant)
    assume(first is not None)  # croniter looks further than five years

    theirs = croniter(schedule.text, instant / 1_000)
    for _ in range(5):
        following = ours.next_after(instant)
        if following is None:
            break
        assert following == round(theirs.get_next(float) * 1_000)
        instant = following
