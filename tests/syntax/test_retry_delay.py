"""What a retry delay expression computes, rule by rule."""

import copy
import pickle
from dataclasses import FrozenInstanceError

import pytest

from fakestash.syntax.retry_delay import RetryDelay, parse

DAY = 86_400_000


@pytest.mark.parametrize(
    ("text", "millis"),
    [
        ("1000", 1_000),
        ("1.5", 1),
        (".5 * 4", 2),
        ("1e3", 1_000),
        ("1.5E+3", 1_500),
        ("5000e-3", 5),
        ("007", 7),
        ("retried", 3),
        ("1000 * retried", 3_000),
    ],
)
def test_numbers_and_the_variable(text: str, millis: int) -> None:
    assert parse(text).millis(3) == millis


def test_retried_is_what_it_is_called_with() -> None:
    delay = parse("1000 * pow(2, retried)")

    assert [delay.millis(retried) for retried in range(4)] == [1_000, 2_000, 4_000, 8_000]


@pytest.mark.parametrize(
    ("text", "millis"),
    [
        ("2+3*4", 14),
        ("2*3+4", 10),
        ("(2+3)*4", 20),
        ("20-5-3", 12),
        ("20-(5-3)", 18),
        ("100/10/5", 2),
        ("100/(10/5)", 50),
        ("7%4*2", 6),
        ("2*7%4", 2),
        ("100/5%3", 2),
        ("1+10%4", 3),
        ("-2+5", 3),
        ("5--2", 7),
        ("5-+2", 3),
        ("5*-2+20", 10),
        ("--5", 5),
        ("-(2-5)", 3),
        ("+5", 5),
        ("-5%3+10", 8),
        ("-abs(-5)+6", 1),
        ("10-2*3-1", 3),
        ("0-8/-2/2", 2),
        ("0-8*-(1+1)%5", 1),
    ],
)
def test_unary_binds_tighter_than_product_and_product_than_sum(text: str, millis: int) -> None:
    assert parse(text).millis(0) == millis


@pytest.mark.fidelity("`Upstash-Retry-Delay`: functions, and `retried`", "docs")
@pytest.mark.parametrize(
    ("text", "millis"),
    [
        ("pow(2, 10)", 1_024),
        ("pow(4, 0.5)", 2),
        ("exp(2) * 1000", 7_389),
        ("sqrt(144)", 12),
        ("abs(-5)", 5),
        ("abs(5)", 5),
        ("floor(2.9)", 2),
        ("floor(-2.1) + 10", 7),
        ("ceil(2.1)", 3),
        ("ceil(-2.9) + 10", 8),
        ("min(3, 2)", 2),
        ("min(5, 4, 3, 2, 1)", 1),
        ("max(3, 2)", 3),
        ("max(1, 2, 3, 4, 5)", 5),
        ("max(min(1, 2), min(3, 4))", 3),
        ("min((1), (2 + 3) * 4)", 1),
    ],
)
def test_functions(text: str, millis: int) -> None:
    assert parse(text).millis(0) == millis


@pytest.mark.parametrize(
    ("text", "millis"),
    [
        ("round(2.5)", 3),
        ("round(3.5)", 4),
        ("round(2.4)", 2),
        ("round(-2.5) + 10", 7),
        ("round(-2.4) + 10", 8),
        ("round(0.49999999999999994)", 0),
        ("round(4503599627370497) % 100", 97),
    ],
)
def test_round_goes_half_away_from_zero(text: str, millis: int) -> None:
    assert parse(text).millis(0) == millis


@pytest.mark.parametrize(
    ("text", "millis"),
    [
        ("7 % 3", 1),
        ("-7 % 3 + 10", 9),
        ("7 % -3 + 10", 11),
        ("-7 % -3 + 10", 9),
        ("7.5 % 2 * 10", 15),
        ("5 % exp(1000)", 5),
    ],
)
def test_a_remainder_has_the_sign_of_the_dividend(text: str, millis: int) -> None:
    assert parse(text).millis(0) == millis


def test_a_negative_delay_is_at_once() -> None:
    assert parse("-1").millis(0) == 0
    assert parse("-0.5").millis(0) == 0
    assert parse("0 - pow(10, 300)").millis(0) == 0


def test_a_fraction_of_a_millisecond_is_cut_off() -> None:
    assert parse("1999.999").millis(0) == 1_999
    assert parse("0.999").millis(0) == 0


def test_a_delay_of_more_than_a_day_is_a_day() -> None:
    assert parse("86399999.9").millis(0) == DAY - 1
    assert parse("86400000").millis(0) == DAY
    assert parse("86400000.5").millis(0) == DAY
    assert parse("pow(10, 300)").millis(0) == DAY


@pytest.mark.parametrize(
    "text",
    [
        "1 / 0",
        "0 / 0",
        "1 % 0",
        "1 / (retried - retried)",
        "min(1 / 0, 5)",
        "0 * (1 / 0)",
        "exp(1000)",
        "-exp(1000)",
        "1e400",
        "9" * 400,
        "pow(10, 400)",
        "pow(-10, 401)",
        "pow(0, -1)",
        "pow(-8, 0.5)",
        "sqrt(-1)",
        "exp(1000) - exp(1000)",
        "exp(1000) % 5",
        "0 * exp(1000)",
        "min(sqrt(-1), 5)",
        "min(5, sqrt(-1))",
        "max(sqrt(-1), 5)",
        "max(5, sqrt(-1))",
        "min(pow(-8, 0.5), 5)",
        "min(pow(-0.5, 0.5), 5)",
        "floor(exp(1000))",
        "ceil(exp(1000))",
        "round(exp(1000))",
        "floor(sqrt(-1))",
        "ceil(sqrt(-1))",
        "round(sqrt(-1))",
        "abs(-exp(1000))",
        "exp(sqrt(-1))",
        "sqrt(sqrt(-1))",
        "sqrt(exp(1000))",
        "1e308 * 10",
        "1e308 + 1e308",
    ],
)
def test_not_a_number_infinity_and_division_by_zero_leave_it_to_the_backoff(text: str) -> None:
    assert parse(text).millis(0) is None


@pytest.mark.parametrize(
    ("text", "millis"),
    [
        ("min(exp(1000), 5)", 5),
        ("min(pow(10, 400), 5)", 5),
        ("max(pow(-10, 401), 5)", 5),
        ("min(pow(-10, 400), 5)", 5),
        ("min(pow(0, -1), 5)", 5),
        ("min(pow(0, -2), 5)", 5),
        ("max(pow(-0, -1), 5)", 5),
        ("max(pow(ceil(-0.5), -1), 5)", 5),
        ("max(pow(round(-0.4), -1), 5)", 5),
        ("min(pow(-0, -2), 5)", 5),
        ("min(floor(exp(1000)), 5)", 5),
        ("min(ceil(exp(1000)), 5)", 5),
        ("max(round(-exp(1000)), 5)", 5),
        ("5 / exp(1000)", 0),
        ("exp(-1000)", 0),
    ],
)
def test_an_infinity_on_the_way_is_harmless(text: str, millis: int) -> None:
    assert parse(text).millis(0) == millis


def test_the_capped_form_of_the_default_backoff_never_overflows() -> None:
    delay = parse("min(86400, exp(2.5 * (retried + 1))) * 1000")

    assert [delay.millis(retried) for retried in (0, 1, 10, 1_000, 10**300)] == [
        12_182,
        148_413,
        DAY,
        DAY,
        DAY,
    ]


def test_retried_beyond_every_float_leaves_it_to_the_backoff() -> None:
    assert parse("min(retried, 5)").millis(10**400) is None


def test_blanks_may_stand_between_all_tokens() -> None:
    assert parse(" \t\r\n min ( 1 ,\t- 2\n+ 5 ) * retried ").millis(7) == 7


# --- the value ---------------------------------------------------------------------------


def test_the_text_is_kept_verbatim() -> None:
    assert parse(" 1000 *  retried ").text == " 1000 *  retried "
    assert repr(parse("1000")) == "RetryDelay(text='1000')"


def test_a_parsed_expression_is_a_value() -> None:
    delay = parse("1 + 1")

    assert delay == parse("1 + 1")
    assert delay != parse("1+1")
    assert {delay, parse("1 + 1")} == {delay}
    assert copy.deepcopy(delay).millis(0) == 2
    restored: RetryDelay = pickle.loads(pickle.dumps(delay))  # noqa: S301 - our own bytes
    assert restored.millis(0) == 2


def test_a_parsed_expression_cannot_be_changed() -> None:
    delay = parse("1")

    with pytest.raises(FrozenInstanceError):
        delay.text = "2"  # type: ignore[misc]
