"""How far clocks are from UTC, against the clocks themselves."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestash.syntax.zones import Offset, is_zone, offset_at

ZONES = [
    "Africa/Casablanca",
    "Africa/Freetown",
    "America/Argentina/Tucuman",
    "America/New_York",
    "America/Recife",
    "Asia/Gaza",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Europe/Vienna",
    "Pacific/Apia",
    "UTC",
]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def millis(text: str) -> int:
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(milliseconds=1)


def ahead_ms(zone: str, instant: datetime) -> int:
    offset = instant.astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return offset // timedelta(milliseconds=1)


@given(
    st.sampled_from(ZONES),
    st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.floats(0, 1),
)
def test_an_offset_holds_from_the_instant_to_its_end(
    zone: str, instant: datetime, share: float
) -> None:
    instant_ms = (instant - EPOCH) // timedelta(milliseconds=1)
    offset = offset_at(zone, instant_ms)
    within_ms = instant_ms + int((offset.end_ms - 1 - instant_ms) * share)

    assert offset.end_ms > instant_ms
    assert offset.ms == ahead_ms(zone, EPOCH + timedelta(milliseconds=instant_ms))
    assert offset.ms == ahead_ms(zone, EPOCH + timedelta(milliseconds=within_ms))


@pytest.mark.parametrize(
    ("zone", "change", "before", "after"),
    [
        ("America/New_York", "2025-03-09T07:00Z", -300, -240),
        ("America/New_York", "2025-11-02T06:00Z", -240, -300),
        ("Australia/Lord_Howe", "2025-04-05T15:00Z", 660, 630),
        ("Europe/Berlin", "2025-03-30T01:00Z", 60, 120),
        ("Pacific/Apia", "2011-12-30T10:00Z", -600, 840),
        # Two changes within a week.
        ("America/Recife", "2000-10-08T03:00Z", -180, -120),
        ("America/Recife", "2000-10-15T02:00Z", -120, -180),
    ],
)
def test_an_offset_changes_in_the_very_millisecond(
    zone: str, change: str, before: int, after: int
) -> None:
    at = millis(change)

    assert offset_at(zone, at - 1) == Offset(before * 60_000, at)
    assert offset_at(zone, at).ms == after * 60_000


@pytest.mark.parametrize("zone", ZONES)
def test_clocks_stay_as_they_are_outside_the_calendar(zone: str) -> None:
    assert offset_at(zone, -(10**17)).ms == ahead_ms(zone, datetime(1, 1, 2, tzinfo=UTC))
    assert offset_at(zone, 10**17).ms == ahead_ms(zone, datetime(9999, 12, 30, tzinfo=UTC))


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin", "Etc/GMT+5", "EST5EDT"])
def test_a_zone_of_the_data_is_known(name: str) -> None:
    assert is_zone(name)


@pytest.mark.parametrize(
    "name",
    ["", "Europe", "Europe/Nowhere", "/etc/localtime", "../UTC", "a\x00b", "\ud800", "z" * 300],
)
def test_any_other_name_is_no_zone(name: str) -> None:
    assert not is_zone(name)
