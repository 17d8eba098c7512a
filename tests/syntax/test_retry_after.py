"""The wait that a failed answer asks for, rule by rule."""

from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestash.syntax.retry_after import AskedWait, asked_wait, retry_after

NOW = 1_767_225_600_000  # Thu, 01 Jan 2026 00:00:00 GMT
DAY = 86_400_000

NAMES = (
    "Retry-After",
    "X-RateLimit-Reset",
    "X-RateLimit-Reset-Requests",
    "X-RateLimit-Reset-Tokens",
)


def asked(value: str) -> int | None:
    return retry_after([("Retry-After", value)], NOW)


@pytest.mark.parametrize(
    ("value", "millis"),
    [
        ("5", 5_000),
        ("0", 0),
        ("86400", DAY),
        ("1.5", 1_500),
        ("0.0015", 1),
        ("0.9999", 999),
        (".5", 500),
        ("5.", 5_000),
        ("+5", 5_000),
        (" 5\t", 5_000),
        ("005", 5_000),
        ("1." + "0" * 98, 1_000),
    ],
)
def test_a_number_means_seconds(value: str, millis: int) -> None:
    assert asked(value) == millis


@pytest.mark.parametrize(
    ("value", "millis"),
    [
        ("6m5s", 365_000),
        ("1.5s", 1_500),
        ("100ms", 100),
        ("1h15m30.918s", 4_530_918),
        ("24h", DAY),
        ("1ns", 0),
        ("1500us", 1),
        ("1500\u00b5s", 1),
        ("1500\u03bcs", 1),
        ("1500\u00c2\u00b5s", 1),
        ("1500\u00ce\u00bcs", 1),
        ("999999ns", 0),
        ("1000000ns", 1),
        ("0.5ms0.5ms", 1),
        ("1s1h1s", 3_602_000),
        ("0s", 0),
        (".5m", 30_000),
        ("1.h", 3_600_000),
        ("+6m5s", 365_000),
    ],
)
def test_a_go_duration_is_read(value: str, millis: int) -> None:
    assert asked(value) == millis


@pytest.mark.parametrize(
    ("value", "millis"),
    [
        ("Thu, 01 Jan 2026 00:02:40 GMT", 160_000),
        ("Thu, 01 Jan 2026 00:02:40 UTC", 160_000),
        ("Fri, 02 Jan 2026 00:00:00 GMT", DAY),
        ("Thu, 01 Jan 2026 00:00:00 GMT", 0),
        ("Wed, 31 Dec 2025 23:59:59 GMT", 0),
        ("Mon, 01 Jan 0001 00:00:00 GMT", 0),
    ],
)
def test_a_date_is_waited_for_and_a_past_one_means_at_once(value: str, millis: int) -> None:
    assert asked(value) == millis


def test_a_date_is_compared_with_the_millisecond_of_now() -> None:
    headers = [("Retry-After", "Thu, 01 Jan 2026 00:00:01 GMT")]

    assert retry_after(headers, NOW + 1) == 999


@pytest.mark.parametrize("month", range(1, 13))
def test_every_month_is_known(month: int) -> None:
    noon = datetime(2026, month, 15, 12, tzinfo=UTC)
    an_hour_before = int(noon.timestamp()) * 1_000 - 3_600_000
    text = noon.strftime("%a, %d %b %Y %H:%M:%S GMT")

    assert retry_after([("Retry-After", text)], an_hour_before) == 3_600_000


@pytest.mark.parametrize(
    "value",
    [
        "86401",
        "86400.001",
        "86400.0001",
        "24h1ns",
        "25h",
        "1767225600",
        "Fri, 02 Jan 2026 00:00:01 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "9" * 90,
        "9" * 90 + "h",
    ],
)
def test_more_than_a_day_is_ignored(value: str) -> None:
    assert asked(value) is None


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "-1",
        "-0",
        "-1s",
        "+",
        ".",
        "+.",
        "s",
        "soon",
        "5 s",
        "1e3",
        "0x5",
        "5,6",
        "1d",
        "1h30",
        "1.2.3",
        "1.s.",
        "--5",
        "6M5S",
        "\u0661",
        "1\u00b5",
        "5;q=1",
        "5\n",
        "NaN",
        "inf",
        "9" * 101,
        "0" * 100 + "5",
        pytest.param("9" * 100_000, id="very many digits"),
        pytest.param("1h" * 100_000, id="very many hours"),
    ],
)
def test_what_cannot_be_parsed_or_is_negative_is_ignored(value: str) -> None:
    assert asked(value) is None


@pytest.mark.parametrize(
    "value",
    [
        "Thu, 30 Feb 2026 00:00:00 GMT",
        "Thu, 00 Jan 2026 00:00:00 GMT",
        "Thu, 01 Jan 2026 25:00:00 GMT",
        "Thu, 01 Jan 2026 00:00:60 GMT",
        "Thu, 01 Jan 0000 00:00:00 GMT",
        "Thu, 01 Jan 99999 00:00:00 GMT",
        "Thu, 1 Jan 2026 00:00:00 GMT",
        "Thu, 01 jan 2026 00:00:00 GMT",
        "Thu, 01 Jan 2026 00:00:00 CET",
        "Thu, 01 Jan 2026 00:00:00 +0000",
        "Thu, 01 Jan 2026 00:00:00",
        "Xyz, 01 Jan 2026 00:00:00 GMT",
        "Thursday, 01-Jan-26 00:00:00 GMT",
        "Thu Jan  1 00:00:00 2026",
        "2026-01-01T00:00:00Z",
    ],
)
def test_other_dates_are_ignored(value: str) -> None:
    assert asked(value) is None


def test_headers_that_ask_for_nothing_give_nothing() -> None:
    assert retry_after([], NOW) is None
    assert retry_after([("Content-Type", "text/plain"), ("Retry-Afterwards", "5")], NOW) is None


@pytest.mark.parametrize("name", NAMES)
def test_each_header_is_known_in_any_case(name: str) -> None:
    assert retry_after([("Date", "x"), (name.upper(), "5")], NOW) == 5_000
    assert retry_after([("Date", "x"), (name.lower(), "5")], NOW) == 5_000


@pytest.mark.parametrize("first", range(4))
def test_the_headers_have_an_order_of_their_own(first: int) -> None:
    headers = [(name, str(place)) for place, name in enumerate(NAMES)][first:]

    assert retry_after(reversed(headers), NOW) == first * 1_000


@pytest.mark.parametrize("unusable", ["soon", "-1", "86401", ""])
def test_an_unusable_header_gives_way_to_the_next(unusable: str) -> None:
    headers = [("Retry-After", unusable), ("X-RateLimit-Reset-Tokens", "7")]

    assert retry_after(headers, NOW) == 7_000


def test_of_a_repeated_header_the_first_value_counts() -> None:
    assert retry_after([("Retry-After", "1"), ("retry-after", "2")], NOW) == 1_000
    assert retry_after([("Retry-After", "soon"), ("retry-after", "2")], NOW) is None


def test_the_headers_are_looked_at_once() -> None:
    def headers() -> Iterator[tuple[str, str]]:
        yield "X-RateLimit-Reset", "2"
        yield "Retry-After", "1"

    assert retry_after(headers(), NOW) == 1_000


UNITS = {
    "ns": Fraction(1, 10**9),
    "us": Fraction(1, 10**6),
    "\u00b5s": Fraction(1, 10**6),
    "ms": Fraction(1, 10**3),
    "s": Fraction(1),
    "m": Fraction(60),
    "h": Fraction(3_600),
}


@given(
    st.lists(
        st.tuples(st.integers(0, 10**6), st.sampled_from(sorted(UNITS))), min_size=1, max_size=8
    )
)
def test_a_go_duration_is_the_sum_of_its_parts(parts: list[tuple[int, str]]) -> None:
    exact = sum(amount * UNITS[unit] * 1_000 for amount, unit in parts)
    expected = None if exact > DAY else int(exact)

    assert asked("".join(f"{amount}{unit}" for amount, unit in parts)) == expected


@given(st.integers(0, DAY))
def test_any_wait_of_up_to_a_day_is_read_in_every_notation(millis: int) -> None:
    seconds, rest = divmod(millis, 1_000)

    assert asked(f"{seconds}.{rest:03}") == millis
    assert asked(f"{seconds}.{rest:03}s") == millis
    assert asked(f"{millis}ms") == millis
    assert asked(f"{millis}000us") == millis


@given(st.datetimes(), st.integers(-DAY, 2 * DAY))
def test_any_date_is_read(moment: datetime, wait_seconds: int) -> None:
    whole = moment.replace(microsecond=0, tzinfo=UTC)
    instant = int((whole - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * 1_000
    text = f"{whole:%a, %d %b} {whole.year:04} {whole:%H:%M:%S} GMT"
    expected = None if wait_seconds * 1_000 > DAY else max(0, wait_seconds * 1_000)

    assert retry_after([("Retry-After", text)], instant - wait_seconds * 1_000) == expected


PIECES = st.sampled_from(
    [
        "0",
        "9",
        "99999999",
        ".",
        "-",
        "+",
        "e",
        "ns",
        "ms",
        "s",
        "m",
        "h",
        "\u00b5s",
        " ",
        ",",
        "Thu, ",
        "01 Jan 2026 ",
        "99 Feb 0000 ",
        "00:00:00",
        " GMT",
        "\u00b2",
        "\x00",
        "\ud800",
    ]
)
VALUES = st.text() | st.lists(PIECES, max_size=12).map("".join)


@given(
    st.lists(st.tuples(st.sampled_from((*NAMES, "Date", "\u0130")) | st.text(), VALUES)),
    st.integers(),
)
def test_no_headers_raise_and_every_wait_is_at_most_a_day(
    headers: list[tuple[str, str]], now_ms: int
) -> None:
    wait = retry_after(headers, now_ms)

    assert wait is None or 0 <= wait <= DAY


def test_the_header_that_asks_is_named_as_it_was_sent() -> None:
    headers = [("X-Ratelimit-Reset", "3"), ("retry-after", "soon"), ("RETRY-AFTER", "4")]

    assert asked_wait(headers, NOW) == AskedWait(3_000, "X-Ratelimit-Reset")
    assert asked_wait(headers[1:], NOW) is None
    assert asked_wait(headers[2:], NOW) == AskedWait(4_000, "RETRY-AFTER")
