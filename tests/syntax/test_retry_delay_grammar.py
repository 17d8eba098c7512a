"""Which texts are retry delay expressions, and why the others are not."""

import re
import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestash.syntax.retry_delay import ExpressionError, parse

DAY = 86_400_000


def reason_for(text: str) -> str:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", 'unexpected token "EOF" at position 1'),
        ("  ", 'unexpected token "EOF" at position 3'),
        ("1 +", 'unexpected token "EOF" at position 4'),
        ("(1", 'unexpected token "EOF" at position 3'),
        ("(1 ", 'unexpected token "EOF" at position 4'),
        ("pow(1, 2", 'unexpected token "EOF" at position 9'),
        ("pow(", 'unexpected token "EOF" at position 5'),
        ("pow(1,", 'unexpected token "EOF" at position 7'),
        ("-", 'unexpected token "EOF" at position 2'),
        ("1 2", 'unexpected token "2" at position 3'),
        ("1 retried", 'unexpected token "retried" at position 3'),
        ("2retried", 'unexpected token "retried" at position 2'),
        ("1 EOF", 'unexpected token "EOF" at position 3'),
        ("retried retried", 'unexpected token "retried" at position 9'),
        ("retried(1)", 'unknown function "retried"'),
        ("2(3)", 'unexpected token "(" at position 2'),
        ("(1)(2)", 'unexpected token "(" at position 4'),
        (")", 'unexpected token ")" at position 1'),
        ("1)", 'unexpected token ")" at position 2'),
        ("(1))", 'unexpected token ")" at position 4'),
        ("()", 'unexpected token ")" at position 2'),
        ("(1+)", 'unexpected token ")" at position 4'),
        (",", 'unexpected token "," at position 1'),
        ("1,2", 'unexpected token "," at position 2'),
        ("(1,2)", 'unexpected token "," at position 3'),
        ("min((1,2),3)", 'unexpected token "," at position 7'),
        ("min(1,)", 'unexpected token ")" at position 7'),
        ("min(,1)", 'unexpected token "," at position 5'),
        ("min(1,,2)", 'unexpected token "," at position 7'),
        ("1 * / 2", 'unexpected token "/" at position 5'),
        ("* 2", 'unexpected token "*" at position 1'),
        ("2 ** 3", 'unexpected token "*" at position 4'),
        ("2 // 3", 'unexpected token "/" at position 4'),
        ("2 ^ 3", 'unexpected token "^" at position 3'),
        ("1 < 2", 'unexpected token "<" at position 3'),
        ("1 == 2", 'unexpected token "=" at position 3'),
        ("1 ? 2 : 3", 'unexpected token "?" at position 3'),
        ("'a'", 'unexpected token "\'" at position 1'),
        ('"a"', 'unexpected token """ at position 1'),
        ("1;2", 'unexpected token ";" at position 2'),
        ("5.", 'unexpected token "." at position 2'),
        (".", 'unexpected token "." at position 1'),
        ("1.2.3", 'unexpected token ".3" at position 4'),
        ("1e", 'unexpected token "e" at position 2'),
        ("1e+", 'unexpected token "e" at position 2'),
        ("0x10", 'unexpected token "x10" at position 2'),
        ("1_000", 'unexpected token "_000" at position 2'),
        ("\u0661", 'unexpected token "\u0661" at position 1'),
        ("1\u00a0+ 2", 'unexpected token "\u00a0" at position 2'),
        ("\x00", 'unexpected token "\x00" at position 1'),
        ("1 \U0001f600 2", 'unexpected token "\U0001f600" at position 3'),
    ],
)
def test_a_token_in_the_wrong_place_is_named_with_its_position_from_one(
    text: str, reason: str
) -> None:
    assert reason_for(text) == reason


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("x", "x"),
        ("1 + x * 2", "x"),
        ("Retried", "Retried"),
        ("RETRIED", "RETRIED"),
        ("retried2", "retried2"),
        ("_", "_"),
        ("e", "e"),
        ("pi", "pi"),
        ("NaN", "NaN"),
        ("Infinity", "Infinity"),
        ("EOF", "EOF"),
        ("pow", "pow"),
        ("pow + 1", "pow"),
        ("pow 2", "pow"),
    ],
)
def test_a_name_that_is_no_variable_is_named(text: str, name: str) -> None:
    assert reason_for(text) == f'unknown identifier "{name}"'


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("f(1)", "f"),
        ("f ()", "f"),
        ("Pow(1, 2)", "Pow"),
        ("log(2)", "log"),
        ("__import__(1)", "__import__"),
        ("min(1, rand())", "rand"),
    ],
)
def test_a_name_that_is_no_function_is_named(text: str, name: str) -> None:
    assert reason_for(text) == f'unknown function "{name}"'


@pytest.mark.parametrize("name", ["exp", "sqrt", "abs", "floor", "ceil", "round"])
@pytest.mark.parametrize("arguments", ["", " ", "1, 2", "1, 2, 3"])
def test_functions_of_one_argument_take_exactly_one(name: str, arguments: str) -> None:
    assert reason_for(f"{name}({arguments})") == f"wrong number of arguments for {name}"


@pytest.mark.parametrize("arguments", ["", "1", "1, 2, 3"])
def test_pow_takes_exactly_two_arguments(arguments: str) -> None:
    assert reason_for(f"pow({arguments})") == "wrong number of arguments for pow"


@pytest.mark.parametrize("name", ["min", "max"])
@pytest.mark.parametrize("arguments", ["", "1", "(1)"])
def test_min_and_max_take_at_least_two_arguments(name: str, arguments: str) -> None:
    assert reason_for(f"{name}({arguments})") == f"wrong number of arguments for {name}"


def test_the_first_mistake_from_the_left_is_reported() -> None:
    assert reason_for("x + f(1) + )") == 'unknown identifier "x"'
    assert reason_for("f(1) + x") == 'unknown function "f"'
    assert reason_for("pow(1) + x") == "wrong number of arguments for pow"
    assert reason_for("pow(x)") == 'unknown identifier "x"'


def test_an_expression_has_at_most_a_thousand_characters() -> None:
    assert parse("1" + " " * 999).millis(0) == 1
    assert reason_for("1" + " " * 1_000) == "expression is too long"
    assert reason_for("(" * 1_000_000) == "expression is too long"


# --- depth -------------------------------------------------------------------------------


def near_the_recursion_limit(call: Callable[[], int | None]) -> int | None:
    depth = 0
    frame = sys._getframe()  # noqa: SLF001 - there is no other way to count frames
    while frame.f_back is not None:
        depth, frame = depth + 1, frame.f_back

    def dive(levels: int) -> int | None:
        return dive(levels - 1) if levels else call()

    return dive(sys.getrecursionlimit() - depth - 40)


@pytest.mark.parametrize(
    ("text", "millis"),
    [
        ("(" * 499 + "7" + ")" * 499, 7),
        ("-" * 998 + "7", 7),
        ("+" * 999 + "7", 7),
        ("abs(" * 199 + "7" + ")" * 199, 7),
        ("1+(" * 249 + "1" + ")" * 249, 250),
        ("min(7," * 142 + "9" + ")" * 142, 7),
        ("max(" + "1," * 497 + "7)", 7),
        ("+1" * 500, 500),
    ],
    ids=["parentheses", "minus", "plus", "calls", "sums", "mins", "arguments", "terms"],
)
def test_deep_nesting_works_even_on_a_deep_stack(text: str, millis: int) -> None:
    assert len(text) <= 1_000
    assert near_the_recursion_limit(lambda: parse(text).millis(0)) == millis


@pytest.mark.parametrize("opening", ["(", "-", "-(", "abs(", "min(1,", "1+"])
def test_a_thousand_characters_of_openings_are_a_plain_mistake(opening: str) -> None:
    text = (opening * 1_000)[: 1_000 // len(opening) * len(opening)]

    assert reason_for(text) == f'unexpected token "EOF" at position {len(text) + 1}'


# --- any text ----------------------------------------------------------------------------

REASON = re.compile(
    r'unexpected token "(?P<token>.+)" at position (?P<position>[0-9]+)'
    r'|unknown identifier "[A-Za-z_][A-Za-z0-9_]*"'
    r'|unknown function "[A-Za-z_][A-Za-z0-9_]*"'
    r"|wrong number of arguments for (pow|exp|sqrt|abs|floor|ceil|round|min|max)"
    r"|expression is too long",
    re.DOTALL,
)
PIECES = st.sampled_from(
    [
        "1",
        ".5",
        "1e3",
        "retried",
        "min",
        "pow",
        "abs",
        "x",
        " ",
        "+",
        "-",
        "*",
        "/",
        "%",
        "(",
        ")",
        ",",
        ".",
        "^",
        "\u00e9",
    ]
)


@given(st.text() | st.lists(PIECES, max_size=20).map("".join))
def test_any_text_is_an_expression_or_refused_for_a_listed_reason(text: str) -> None:
    try:
        delay = parse(text)
    except ExpressionError as error:
        reason = REASON.fullmatch(str(error))
        assert reason is not None
        if reason["token"] is not None:
            rest = text[int(reason["position"]) - 1 :]
            assert rest.startswith(reason["token"]) or (rest, reason["token"]) == ("", "EOF")
    else:
        millis = delay.millis(3)
        assert millis is None or 0 <= millis <= DAY
