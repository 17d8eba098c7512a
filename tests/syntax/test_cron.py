"""When cron expressions fire: cases of the Go parser, and clocks that change."""

import json
import pickle
from dataclasses import FrozenInstanceError
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestash.syntax.cron import Cron, CronError, parse

MINUTE: Final = 60_000
YEAR_MINUTES: Final = 365 * 24 * 60

# Computed with the Go parser, except for the last error: `@every` is refused here.
REFERENCE: Final[list[dict[str, Any]]] = json.loads(
    Path(__file__).with_name("cron_reference.json").read_text(encoding="utf-8")
)


def millis(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 1_000


def fires(cron: Cron, after: str, count: int) -> list[int]:
    found: list[int] = []
    instant = cron.next_after(millis(after))
    while instant is not None and len(found) < count:
        found.append(instant)
        instant = cron.next_after(instant)
    return found


@pytest.mark.fidelity(
    "cron: five fields, names, lists, ranges, steps, `@daily` and its like", "assumed"
)
@pytest.mark.parametrize("case", REFERENCE, ids=[case["about"] for case in REFERENCE])
def test_it_does_what_the_go_parser_does(case: dict[str, Any]) -> None:
    text = case["cron"] if case["zone"] == "UTC" else f"CRON_TZ={case['zone']} {case['cron']}"
    if "error" in case:
        with pytest.raises(CronError) as caught:
            parse(text)
        assert str(caught.value) == case["error"]
    else:
        wanted = [millis(instant) for instant in case["fires"]]
        assert fires(parse(text), case["after"], len(wanted)) == wanted
        if not wanted:
            assert parse(text).next_after(millis(case["after"])) is None


# --- changes of the clock ------------------------------------------------------------------

CHANGES: Final = [
    # What is skipped does not fire, what is repeated fires twice: north,
    (
        ("America/New_York", "30 1,2,3 * * *", "2025-03-09T00:00Z"),
        (
            "2025-03-09T01:30-05:00",
            "2025-03-09T03:30-04:00",
            "2025-03-10T01:30-04:00",
            "2025-03-10T02:30-04:00",
        ),
    ),
    (
        ("America/New_York", "0,30 1 2 11 *", "2025-11-01T00:00Z"),
        (
            "2025-11-02T01:00-04:00",
            "2025-11-02T01:30-04:00",
            "2025-11-02T01:00-05:00",
            "2025-11-02T01:30-05:00",
        ),
    ),
    (
        ("Europe/Berlin", "30 1-3 30 3 *", "2025-03-29T00:00Z"),
        ("2025-03-30T01:30+01:00", "2025-03-30T03:30+02:00"),
    ),
    (
        ("Europe/Berlin", "30 1-3 26 10 *", "2025-10-25T00:00Z"),
        (
            "2025-10-26T01:30+02:00",
            "2025-10-26T02:30+02:00",
            "2025-10-26T02:30+01:00",
            "2025-10-26T03:30+01:00",
        ),
    ),
    # south,
    (
        ("Australia/Sydney", "30 1-3 * * *", "2025-10-04T12:00Z"),
        ("2025-10-05T01:30+10:00", "2025-10-05T03:30+11:00", "2025-10-06T01:30+11:00"),
    ),
    (
        ("Australia/Sydney", "30 1-3 6 4 *", "2025-04-05T00:00Z"),
        (
            "2025-04-06T01:30+11:00",
            "2025-04-06T02:30+11:00",
            "2025-04-06T02:30+10:00",
            "2025-04-06T03:30+10:00",
        ),
    ),
    # by half an hour,
    (
        ("Australia/Lord_Howe", "*/15 1-2 5 10 *", "2025-10-04T14:20Z"),
        (
            "2025-10-05T01:00+10:30",
            "2025-10-05T01:15+10:30",
            "2025-10-05T01:30+10:30",
            "2025-10-05T01:45+10:30",
            "2025-10-05T02:30+11:00",
            "2025-10-05T02:45+11:00",
        ),
    ),
    (
        ("Australia/Lord_Howe", "*/15 1 6 4 *", "2025-04-05T00:00Z"),
        (
            "2025-04-06T01:00+11:00",
            "2025-04-06T01:15+11:00",
            "2025-04-06T01:30+11:00",
            "2025-04-06T01:45+11:00",
            "2025-04-06T01:30+10:30",
            "2025-04-06T01:45+10:30",
        ),
    ),
    (
        ("Australia/Lord_Howe", "0 3 * * *", "2025-10-03T20:00Z"),
        ("2025-10-05T03:00+11:00", "2025-10-06T03:00+11:00"),
    ),
    # at odd minutes,
    (
        ("America/St_Johns", "0 0-3 * 3 *", "2025-03-09T03:00Z"),
        (
            "2025-03-09T00:00-03:30",
            "2025-03-09T01:00-03:30",
            "2025-03-09T03:00-02:30",
            "2025-03-10T00:00-02:30",
        ),
    ),
    (
        ("Pacific/Chatham", "45 2,3 * * *", "2025-09-26T13:00Z"),
        (
            "2025-09-27T02:45+12:45",
            "2025-09-27T03:45+12:45",
            "2025-09-28T03:45+13:45",
            "2025-09-29T02:45+13:45",
        ),
    ),
    # at midnight,
    (
        ("Africa/Cairo", "0 0,1,12 25 4 *", "2025-04-24T00:00Z"),
        ("2025-04-25T01:00+03:00", "2025-04-25T12:00+03:00"),
    ),
    (
        ("Africa/Cairo", "30 23 30 10 *", "2025-10-29T00:00Z"),
        ("2025-10-30T23:30+03:00", "2025-10-30T23:30+02:00"),
    ),
    (
        ("America/Santiago", "0 0 * * *", "2025-09-05T12:00Z"),
        ("2025-09-06T00:00-04:00", "2025-09-08T00:00-03:00"),
    ),
    (
        ("America/Havana", "0 1 8 3 *", "2025-03-01T00:00Z"),
        ("2025-03-08T01:00-05:00", "2026-03-08T01:00-04:00"),
    ),
    (
        ("America/Havana", "30 0 2 11 *", "2025-11-01T00:00Z"),
        ("2025-11-02T00:30-04:00", "2025-11-02T00:30-05:00"),
    ),
    # across the date line, where a day is skipped,
    (
        ("Pacific/Apia", "0 12 * * *", "2011-12-28T00:00Z"),
        ("2011-12-28T12:00-10:00", "2011-12-29T12:00-10:00", "2011-12-31T12:00+14:00"),
    ),
    (
        ("Pacific/Apia", "0 12 * * fri", "2011-12-20T00:00Z"),
        ("2011-12-23T12:00-10:00", "2012-01-06T12:00+14:00"),
    ),
    (
        ("Pacific/Kwajalein", "0 12 * 8 *", "1993-08-20T00:00Z"),
        ("1993-08-20T12:00-12:00", "1993-08-22T12:00+12:00"),
    ),
    # and not at all.
    (
        ("Asia/Kolkata", "0 9 * * 1", "2025-01-01T00:00Z"),
        ("2025-01-06T09:00+05:30", "2025-01-13T09:00+05:30", "2025-01-20T09:00+05:30"),
    ),
]


@pytest.mark.parametrize(
    ("schedule", "wanted"), CHANGES, ids=[" ".join(schedule) for schedule, _ in CHANGES]
)
def test_every_time_that_the_clock_of_the_zone_shows_fires(
    schedule: tuple[str, str, str], wanted: tuple[str, ...]
) -> None:
    zone, fields, after = schedule
    cron = parse(f"CRON_TZ={zone} {fields}")

    assert fires(cron, after, len(wanted)) == [millis(instant) for instant in wanted]


# --- days ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "days"),
    [
        # 1 January 2026 is a Thursday.
        ("0 0 10 * *", ["01-10", "02-10"]),
        ("0 0 * * 1", ["01-05", "01-12"]),
        ("0 0 6 * 1", ["01-05", "01-06", "01-12"]),
        # A star, whatever else the field lists, leaves the days to the other field.
        ("0 0 ? * 1", ["01-05", "01-12"]),
        ("0 0 */1 * 1", ["01-05", "01-12"]),
        ("0 0 *-6 * 1", ["01-05", "01-12"]),
        ("0 0 6,* * 1", ["01-05", "01-12"]),
        ("0 0 6 * ?", ["01-06", "02-06"]),
        ("0 0 6 * 1,?/1", ["01-06", "02-06"]),
        # With a larger step, or written as a range, it is a list of days like any other.
        ("0 0 */20 * 1", ["01-05", "01-12", "01-19", "01-21", "01-26", "02-01"]),
        ("0 0 ?/20 * 1", ["01-05", "01-12", "01-19", "01-21", "01-26", "02-01"]),
        ("0 0 1-31 * 1", ["01-02", "01-03", "01-04"]),
        ("0 0 6 * */4", ["01-04", "01-06", "01-08"]),
        ("0 0 6 * 0-6", ["01-02", "01-03", "01-04"]),
        # Nothing but commas is no day at all.
        ("0 0 , * 1", ["01-05", "01-12"]),
        ("0 0 6 * ,,", ["01-06", "02-06"]),
        ("0 0 31 * *", ["01-31", "03-31", "05-31"]),
        ("0 0 29-31 2,4 *", ["04-29", "04-30"]),
    ],
)
def test_days_of_the_month_and_of_the_week_are_combined(fields: str, days: list[str]) -> None:
    wanted = [millis(f"2026-{day}T00:00Z") for day in days]

    assert fires(parse(fields), "2026-01-01T00:00Z", len(days)) == wanted


@pytest.mark.parametrize(
    "fields",
    [
        "0 0 30 2 *",
        "0 0 31 2,4,6,9,11 *",
        "0 0 , * *",
        "0 0 * * ,",
        "0 0 , * ,",
        "0 0 , * */1",
        ", * * * *",
        "* , * * *",
        "* * * , *",
        "CRON_TZ=America/New_York 0 0 31 2 *",
        "CRON_TZ=America/New_York , * * * *",
    ],
)
def test_a_date_that_never_comes_never_fires(fields: str) -> None:
    assert parse(fields).next_after(millis("2026-01-01T00:00Z")) is None


@pytest.mark.parametrize("zone", ["UTC", "Europe/London"])
def test_it_looks_to_the_end_of_the_fifth_year_from_now(zone: str) -> None:
    # 2100 is no leap year.
    cron = parse(f"CRON_TZ={zone} 0 0 29 2 *")
    leap_day = millis("2104-02-29T00:00Z")

    assert cron.next_after(millis("2096-02-29T00:00Z")) is None
    assert cron.next_after(millis("2098-12-31T23:59:59Z") - 1) is None
    # The second that follows is of 2099.
    assert cron.next_after(millis("2098-12-31T23:59:59Z")) == leap_day


def test_the_year_from_which_it_looks_is_the_one_of_the_zone() -> None:
    new_year = millis("2098-12-31T15:00Z")

    assert parse("0 0 29 2 *").next_after(new_year) is None
    assert parse("CRON_TZ=Asia/Tokyo 0 0 29 2 *").next_after(new_year) == millis(
        "2104-02-29T00:00+09:00"
    )


# --- instants ------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
@pytest.mark.parametrize(
    ("after", "following"),
    [(0, 1), (1, 1), (59_999, 1), (60_000, 2), (-1, 0), (-60_000, 0), (-60_001, -1)],
)
def test_the_next_instant_comes_strictly_after(zone: str, after: int, following: int) -> None:
    assert parse(f"CRON_TZ={zone} * * * * *").next_after(after) == following * MINUTE


def test_every_minute_of_a_year_comes_once() -> None:
    cron = parse("* * * * *")
    start = millis("2024-01-01T00:00Z")
    instant: int | None = start
    count = 0
    while instant is not None and instant < start + YEAR_MINUTES * MINUTE:
        instant = cron.next_after(instant)
        count += 1

    assert (count, instant) == (YEAR_MINUTES, start + YEAR_MINUTES * MINUTE)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_instants_beyond_the_calendar_of_datetime_fire_too(zone: str) -> None:
    cron = parse(f"CRON_TZ={zone} 0 0 1 1 *")
    for instant in (10**16, -(10**16)):
        following = [instant]
        for _ in range(3):
            latest = cron.next_after(following[-1])
            assert latest is not None
            following.append(latest)
        assert all(
            0 < later - earlier <= 366 * 86_400_000 for earlier, later in pairwise(following)
        )


def test_clocks_that_were_off_by_seconds_fire_by_their_own_minutes() -> None:
    # Until 1972 clocks in Monrovia were 44 minutes and 30 seconds behind.
    cron = parse("CRON_TZ=Africa/Monrovia 0 12 * * *")

    assert fires(cron, "1972-01-05T00:00Z", 3) == [
        millis("1972-01-05T12:44:30Z"),
        millis("1972-01-06T12:44:30Z"),
        millis("1972-01-07T12:00Z"),
    ]


EXPRESSIONS: Final = [
    "* * * * *",
    "*/7 3,4 * * *",
    "59 23 31 12 *",
    "0 0 29 2 *",
    "30 2 13 * 5",
    "0-10/3 */5 */2 jan-oct sat,sun",
]
ZONES: Final = [
    "UTC",
    "Africa/Cairo",
    "America/New_York",
    "America/St_Johns",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Pacific/Apia",
]


@given(
    st.sampled_from(ZONES),
    st.sampled_from(EXPRESSIONS),
    st.integers(millis("1973-01-01T00:00Z"), millis("2090-01-01T00:00Z")),
    st.integers(0, 10**9),
)
def test_instants_are_whole_minutes_and_none_is_passed_over(
    zone: str, fields: str, after: int, patience: int
) -> None:
    cron = parse(f"CRON_TZ={zone} {fields}")
    following = cron.next_after(after)

    assert following is not None
    assert following > after
    assert following % MINUTE == 0
    assert cron.next_after(max(after, following - 1 - patience)) == following


# --- values --------------------------------------------------------------------------------


@pytest.mark.parametrize("blanks", [" ", "\t ", "\n", "\u00a0", "\u3000"])
def test_blanks_around_an_expression_are_not_stored(blanks: str) -> None:
    cron = parse(f"{blanks}*/10 *  * * *{blanks}")

    assert (cron.text, cron.zone) == ("*/10 *  * * *", "UTC")


@pytest.mark.parametrize(
    ("prefix", "zone"),
    [
        ("", "UTC"),
        ("CRON_TZ= ", "UTC"),
        ("CRON_TZ=UTC ", "UTC"),
        ("CRON_TZ=Local ", "UTC"),
        ("TZ=Asia/Kolkata ", "Asia/Kolkata"),
        ("CRON_TZ=Asia/Kolkata    ", "Asia/Kolkata"),
    ],
)
@pytest.mark.parametrize("rest", ["0 9 * * *", "@daily"])
def test_an_expression_knows_its_zone(prefix: str, zone: str, rest: str) -> None:
    cron = parse(prefix + rest)

    assert (cron.text, cron.zone) == (prefix + rest, zone)


def test_the_fields_are_read_by_the_clock_of_the_zone() -> None:
    start = millis("2025-06-01T00:00Z")

    assert parse("0 9 * * *").next_after(start) == millis("2025-06-01T09:00Z")
    assert parse("TZ=Asia/Kolkata 0 9 * * *").next_after(start) == millis("2025-06-01T03:30Z")
    assert parse("TZ=Asia/Kolkata @daily").next_after(start) == millis("2025-06-01T18:30Z")


def test_an_expression_is_a_value() -> None:
    cron = parse("CRON_TZ=Asia/Kolkata */5 * * * *")

    assert cron == parse(" CRON_TZ=Asia/Kolkata */5 * * * * ")
    assert cron != parse("CRON_TZ=Asia/Kolkata 0/5 * * * *")
    assert hash(cron) == hash(parse(cron.text))
    assert pickle.loads(pickle.dumps(cron)).next_after(0) == cron.next_after(0)  # noqa: S301
    assert repr(cron) == "Cron(text='CRON_TZ=Asia/Kolkata */5 * * * *', zone='Asia/Kolkata')"
    with pytest.raises(FrozenInstanceError):
        cron.text = "@daily"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("descriptor", "fields"),
    [
        ("@yearly", "0 0 1 1 *"),
        ("@annually", "0 0 1 1 *"),
        ("@monthly", "0 0 1 * *"),
        ("@weekly", "0 0 * * 0"),
        ("@daily", "0 0 * * *"),
        ("@midnight", "0 0 * * *"),
        ("@hourly", "0 * * * *"),
    ],
)
def test_a_descriptor_stands_for_fields(descriptor: str, fields: str) -> None:
    after = "2026-02-03T04:05Z"

    assert fires(parse(descriptor), after, 10) == fires(parse(fields), after, 10)
