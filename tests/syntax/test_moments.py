"""Durations and instants as people write and read them."""

from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from enum import Enum

import pytest
from freezegun import freeze_time
from hypothesis import given
from hypothesis import strategies as st

from fakestash.errors import UsageError
from fakestash.syntax.moments import (
    datetime_of,
    duration_text,
    instant_of,
    instant_text,
    millis_of,
)

DURATION_HINT = (
    'give a timedelta, seconds as a number (90 or 1.5), or text such as "1h30m", "90s", '
    '"1.5h" or "500ms" (units ms, s, m, h, d, w)'
)
INSTANT_HINT = (
    "give a datetime with a timezone, ISO 8601 text with an offset such as "
    '"2026-01-01T00:00:00Z", or unix seconds as a number'
)
NEW_YEAR_2026 = 1_767_225_600_000
BILLION_DAYS_MS = 86_400_000_000_000_000


class Wait(float, Enum):
    """Floats that do not print as numbers."""

    SHORT = 0.25


NOWHERE: tzinfo = type(
    "Nowhere", (tzinfo,), {"utcoffset": lambda *_: None, "__repr__": lambda _: "Nowhere()"}
)()
"""A timezone that does not know its offset, which leaves a datetime naive."""

# --- durations ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "millis"),
    [
        (timedelta(0), 0),
        (timedelta(hours=1, milliseconds=1), 3_600_001),
        (timedelta(days=400), 34_560_000_000),
        (timedelta.max, BILLION_DAYS_MS),
        (0, 0),
        (90, 90_000),
        (1.5, 1_500),
        (-0.0, 0),
        (1e9, 1_000_000_000_000),
        (Wait.SHORT, 250),
    ],
)
def test_a_duration_is_a_timedelta_or_seconds(value: timedelta | float, millis: int) -> None:
    assert millis_of(value) == millis


@pytest.mark.parametrize(
    ("text", "millis"),
    [
        ("1h30m", 5_400_000),
        ("90s", 90_000),
        ("500ms", 500),
        ("1.5h", 5_400_000),
        ("2d", 172_800_000),
        ("1w", 604_800_000),
        ("1h 30m", 5_400_000),
        ("  1 h\t30 m ", 5_400_000),
        ("30m1h", 5_400_000),
        (".5s", 500),
        ("1m500ms", 60_500),
        ("5", 5_000),
        ("0.25", 250),
        ("0", 0),
    ],
)
def test_a_duration_is_text(text: str, millis: int) -> None:
    assert millis_of(text) == millis


@pytest.mark.parametrize(
    ("value", "millis"),
    [
        (timedelta(microseconds=499), 0),
        (timedelta(microseconds=500), 0),
        (timedelta(microseconds=501), 1),
        (timedelta(microseconds=1_500), 2),
        (timedelta(microseconds=2_500), 2),
        (0.0005, 0),
        (0.0015, 2),
        (0.0025, 2),
        (0.0035, 4),
        ("0.5ms", 0),
        ("1.5ms", 2),
        ("2.5ms", 2),
        ("0.25ms0.00025s", 0),
        ("0.25ms0.00026s", 1),
    ],
)
def test_less_than_a_millisecond_is_rounded_half_to_even(
    value: timedelta | float | str, millis: int
) -> None:
    assert millis_of(value) == millis


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "soon",
        "1x",
        "1H",
        "1h1h",
        "-1s",
        "+1s",
        "1.s",
        ".",
        "1e3",
        "1,5s",
        "1h30",
        "h1",
        "\u0661s",
        "1\u00a0h",
        "1 30m",
        "1_0",
        "1/2",
    ],
)
def test_text_that_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        millis_of(text, name="delay")

    assert str(caught.value) == f"delay cannot be read: {text!r}; {DURATION_HINT}"


def test_text_of_absurd_length_is_refused_and_not_shown_whole() -> None:
    with pytest.raises(UsageError) as caught:
        millis_of("9" * 100_000)

    assert str(caught.value) == f"duration cannot be read: '{'9' * 99}...; {DURATION_HINT}"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (True, "wait cannot be True: "),
        (False, "wait cannot be False: "),
        (None, "wait cannot be None, a NoneType: "),
        (b"1s", "wait cannot be b'1s', a bytes: "),
        (float("nan"), "wait must be finite, got nan: "),
        (float("inf"), "wait must be finite, got inf: "),
        (float("-inf"), "wait must be finite, got -inf: "),
        (-1, "wait cannot be negative: -1; "),
        (-1e-9, "wait cannot be negative: -1e-09; "),
        (
            timedelta(microseconds=-1),
            (
                "wait cannot be negative: datetime.timedelta(days=-1, seconds=86399, "
                "microseconds=999999); "
            ),
        ),
        (1e300, "wait is too long: 1e+300; "),
        pytest.param(
            10**5_000, "wait is too long: a number of thousands of digits; ", id="huge integer"
        ),
        (86_400_000_000_000.01, "wait is too long: 86400000000000.02; "),
    ],
)
def test_what_is_no_duration_is_refused_with_what_would_be(value: float, reason: str) -> None:
    with pytest.raises(UsageError) as caught:
        millis_of(value, name="wait")

    assert str(caught.value) == f"{reason}{DURATION_HINT}"


@given(st.timedeltas(min_value=timedelta(0)).map(lambda it: it // timedelta(milliseconds=1)))
def test_whole_milliseconds_are_read_exactly(millis: int) -> None:
    assert millis_of(timedelta(milliseconds=millis)) == millis
    assert millis_of(f"{millis}ms") == millis
    assert millis_of(f"{millis // 1_000}.{millis % 1_000:03}s") == millis


@given(st.integers(0, BILLION_DAYS_MS // 1_000))
def test_whole_seconds_are_read_exactly(seconds: int) -> None:
    assert millis_of(seconds) == seconds * 1_000
    assert millis_of(str(seconds)) == seconds * 1_000


@given(st.integers(0, 10**12))
def test_a_float_means_the_decimal_that_it_prints_as(millis: int) -> None:
    assert millis_of(millis / 1_000) == millis


@given(st.text() | st.text("0123456789.mshdw ") | st.integers(0, 10**20).map(duration_text))
def test_any_text_is_a_duration_or_a_usage_error(text: str) -> None:
    try:
        millis = millis_of(text)
    except UsageError:
        return
    assert 0 <= millis <= BILLION_DAYS_MS


@pytest.mark.parametrize(
    ("millis", "text"),
    [
        (0, "0 s"),
        (1, "1 ms"),
        (40, "40 ms"),
        (1_000, "1 s"),
        (1_500, "1.5 s"),
        (1_050, "1.05 s"),
        (10_001, "10.001 s"),
        (12_000, "12 s"),
        (60_000, "1 m"),
        (60_040, "1 m 40 ms"),
        (148_000, "2 m 28 s"),
        (5_400_000, "1 h 30 m"),
        (86_400_000, "1 d"),
        (604_800_000, "7 d"),
        (31_536_000_000, "365 d"),
        (90_061_001, "1 d 1 h 1 m 1.001 s"),
        (-12_000, "-12 s"),
    ],
)
def test_a_duration_is_shown_compactly(millis: int, text: str) -> None:
    assert duration_text(millis) == text


@given(st.integers(0, BILLION_DAYS_MS))
def test_a_shown_duration_reads_back_to_itself(millis: int) -> None:
    assert millis_of(duration_text(millis)) == millis


# --- instants ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(2026, 1, 1, tzinfo=UTC), NEW_YEAR_2026),
        (datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))), NEW_YEAR_2026),
        (datetime(2026, 1, 1, 0, 0, 0, 1_500, tzinfo=UTC), NEW_YEAR_2026 + 2),
        (datetime(2026, 1, 1, 0, 0, 0, 2_500, tzinfo=UTC), NEW_YEAR_2026 + 2),
        (datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC), -1),
        ("2026-01-01T00:00:00Z", NEW_YEAR_2026),
        (" 2026-01-01 00:00:00.123+00:00 ", NEW_YEAR_2026 + 123),
        ("2026-01-01T02:00+02:00", NEW_YEAR_2026),
        (1_767_225_600, NEW_YEAR_2026),
        (1_767_225_600.123, NEW_YEAR_2026 + 123),
        (0, 0),
        (-1, -1_000),
    ],
)
def test_an_instant_is_a_datetime_iso_text_or_unix_seconds(
    value: datetime | float | str, instant: int
) -> None:
    assert instant_of(value) == instant


@pytest.mark.parametrize(
    "value",
    [
        datetime(2026, 1, 1),  # noqa: DTZ001 - it has no timezone on purpose
        datetime(2026, 1, 1, tzinfo=NOWHERE),
        "2026-01-01T00:00:00",
        "2026-01-01",
    ],
)
def test_an_instant_without_timezone_is_refused(value: datetime | str) -> None:
    with pytest.raises(UsageError) as caught:
        instant_of(value, name="start")

    assert str(caught.value) == (
        f"start has no timezone: {value!r}; add one, for instance tzinfo=datetime.UTC to a "
        'datetime, or "Z" or "+02:00" after the time of a text'
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, f"instant cannot be True: {INSTANT_HINT}"),
        (None, f"instant cannot be None, a NoneType: {INSTANT_HINT}"),
        (
            date(2026, 1, 1),
            f"instant cannot be datetime.date(2026, 1, 1), a date: {INSTANT_HINT}",
        ),
        ("tomorrow", f"instant cannot be read: 'tomorrow'; {INSTANT_HINT}"),
        ("", f"instant cannot be read: ''; {INSTANT_HINT}"),
        ("1767225600", f"instant cannot be read: '1767225600'; {INSTANT_HINT}"),
        (float("nan"), f"instant must be finite, got nan: {INSTANT_HINT}"),
        (
            NEW_YEAR_2026,
            (
                f"instant is outside the years 1 to 9999: {NEW_YEAR_2026}; {INSTANT_HINT}, "
                "which are not milliseconds"
            ),
        ),
        pytest.param(
            -(10**5_000),
            "instant is outside the years 1 to 9999: a number of thousands of digits; "
            f"{INSTANT_HINT}, which are not milliseconds",
            id="huge integer",
        ),
    ],
)
def test_what_is_no_instant_is_refused_with_what_would_be(value: float, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        instant_of(value)

    assert str(caught.value) == text


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (NEW_YEAR_2026, "2026-01-01T00:00:00Z"),
        (NEW_YEAR_2026 + 160_000, "2026-01-01T00:02:40Z"),
        (NEW_YEAR_2026 + 123, "2026-01-01T00:00:00.123Z"),
        (NEW_YEAR_2026 + 120, "2026-01-01T00:00:00.120Z"),
        (0, "1970-01-01T00:00:00Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (-62_135_596_800_000, "0001-01-01T00:00:00Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ],
)
def test_an_instant_is_shown_in_utc_with_milliseconds_if_any(instant: int, text: str) -> None:
    assert instant_text(instant) == text


def test_an_instant_is_a_datetime_exact_to_the_millisecond() -> None:
    assert datetime_of(253_402_300_799_999) == datetime(
        9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC
    )
    assert datetime_of(NEW_YEAR_2026).tzinfo is UTC


@pytest.mark.parametrize("instant", [253_402_300_800_000, -62_135_596_800_001])
def test_an_instant_outside_the_calendar_is_no_datetime(instant: int) -> None:
    with pytest.raises(UsageError) as caught:
        datetime_of(instant)

    assert str(caught.value) == (
        f"the instant {instant} (unix milliseconds) is outside the years 1 to 9999, "
        "which is all that a datetime can hold: move the clock less far"
    )


INSTANTS = st.integers(-62_135_596_800_000, 253_402_300_799_999)


@given(INSTANTS)
def test_an_instant_reads_back_from_its_datetime_and_its_text(instant: int) -> None:
    assert instant_of(datetime_of(instant)) == instant
    assert instant_of(instant_text(instant)) == instant


@given(INSTANTS, st.timedeltas(timedelta(hours=-23), timedelta(hours=23)))
def test_an_instant_is_the_same_in_every_timezone(instant: int, offset: timedelta) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(milliseconds=instant % 10**12)

    assert instant_of(moment.astimezone(timezone(offset))) == instant_of(moment)


@given(st.text() | st.text("0123456789-:TZ+. ") | INSTANTS.map(instant_text))
def test_any_text_is_an_instant_or_a_usage_error(text: str) -> None:
    try:
        instant = instant_of(text)
    except UsageError:
        return
    assert datetime_of(instant).tzinfo is UTC


def test_moments_do_not_depend_on_a_frozen_clock() -> None:
    with freeze_time("2026-01-01"):
        now = datetime.now(UTC)

        assert instant_of(now) == NEW_YEAR_2026
        assert instant_of("2026-01-01T00:00:00Z") == NEW_YEAR_2026
        assert datetime_of(NEW_YEAR_2026) == now
        assert instant_text(NEW_YEAR_2026) == "2026-01-01T00:00:00Z"
