"""Durations of the wire, rule by rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestash.syntax.duration import parse_seconds


def rendered(amounts: dict[str, int]) -> str:
    return "".join(f"{amount}{unit}" for unit, amount in amounts.items())


@pytest.mark.fidelity("settings: durations such as `1d10h30m`", "docs")
@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("50s", 50),
        ("10m", 600),
        ("2h", 7_200),
        ("1d", 86_400),
        ("1d10h30m", 124_200),
        ("1d1h30m", 91_800),
        ("1h30m3s", 5_403),
        ("7d", 604_800),
        ("90s", 90),
        ("0s", 0),
    ],
)
def test_a_duration_is_digits_with_units(text: str, seconds: int) -> None:
    assert parse_seconds(text) == seconds


@pytest.mark.parametrize(("text", "seconds"), [("30", 30), ("0", 0), ("007", 7)])
def test_a_duration_without_unit_means_seconds(text: str, seconds: int) -> None:
    assert parse_seconds(text) == seconds


def test_units_come_in_any_order() -> None:
    assert parse_seconds("3s1h30m") == parse_seconds("1h30m3s")


@pytest.mark.parametrize("text", [" 50s", "50s ", "\t50s \t"])
def test_blanks_around_a_duration_are_trimmed(text: str) -> None:
    assert parse_seconds(text) == 50


def test_leading_zeros_do_not_count_as_digits() -> None:
    assert parse_seconds("0" * 10_000 + "5s") == 5


def test_fifteen_digits_are_read() -> None:
    assert parse_seconds("999999999999999s") == 999_999_999_999_999


@pytest.mark.parametrize("text", ["", " ", "\t"])
def test_an_empty_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^the duration is empty$"):
        parse_seconds(text)


@pytest.mark.parametrize("text", ["1h1h", "1s1m1s", "0d0d"])
def test_a_unit_that_comes_twice_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^the unit [hsd] comes twice$"):
        parse_seconds(text)


@pytest.mark.parametrize(
    ("text", "character"),
    [
        ("1.5h", 1),
        (".5", 1),
        ("1e3", 1),
        ("-5", 1),
        ("+5", 1),
        ("-1h", 1),
        ("1h-5m", 3),
        ("500ms", 5),
        ("1w", 1),
        ("1H", 1),
        ("1 h", 1),
        ("1h 30m", 3),
        ("1h30", 3),
        ("h", 1),
        ("1hh", 3),
        ("soon", 1),
        ("1_000", 1),
        ("\u0661", 1),  # an Arabic digit one
        ("\u00b2s", 1),  # a superscript two
        ("5s\n", 3),
        ("\n5s", 1),
        ("5\u00a0", 1),
    ],
)
def test_anything_else_is_refused_with_its_place(text: str, character: int) -> None:
    with pytest.raises(
        ValueError,
        match=f"^expected digits and then one of s, m, h, d from character {character} on$",
    ):
        parse_seconds(text)


@pytest.mark.parametrize(
    "text",
    [
        "1" * 16,
        "1" * 16 + "s",
        "1h" + "9" * 50 + "m",
        pytest.param("9" * 100_000, id="very many digits"),
        pytest.param("9" * 100_000 + "d", id="very many days"),
    ],
)
def test_a_number_of_absurdly_many_digits_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^a number has more than 15 digits$"):
        parse_seconds(text)


@given(st.integers(0, 10**15 - 1))
def test_any_number_of_seconds_is_read_back(seconds: int) -> None:
    assert parse_seconds(str(seconds)) == seconds
    assert parse_seconds(f"{seconds}s") == seconds


@given(amounts=st.dictionaries(st.sampled_from("smhd"), st.integers(0, 10**15 - 1), min_size=1))
def test_any_combination_of_units_is_summed(amounts: dict[str, int]) -> None:
    factors = {"s": 1, "m": 60, "h": 60 * 60, "d": 24 * 60 * 60}

    assert parse_seconds(rendered(amounts)) == sum(
        amount * factors[unit] for unit, amount in amounts.items()
    )


@given(st.text() | st.text("0123456789smhd. -"))
def test_any_text_is_a_natural_number_or_refused(text: str) -> None:
    try:
        seconds = parse_seconds(text)
    except ValueError:
        return
    assert seconds >= 0
    assert set(text.strip(" \t")) <= set("0123456789smhd")
