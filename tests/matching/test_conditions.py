"""Conditions: met or not, what is told if not, and what is certain."""

from collections.abc import Iterator

import pytest

from fakestash.matching.conditions import (
    Condition,
    Difference,
    certain,
    compared,
    headline,
    value,
)
from fakestash.matching.words import Words


def is_even(number: int) -> bool:
    return number % 2 == 0


def told(expected: object, actual: object) -> list[str]:
    return [str(each) for each in compared("it", expected, actual)]


def test_a_plain_value_is_compared() -> None:
    assert told(7, 7) == []
    assert told(7, 8) == ["it: expected 7, was 8"]
    assert told(None, 7) == ["it: expected None, was 7"]


def test_a_function_is_asked() -> None:
    assert told(is_even, 2) == []
    assert told(is_even, 3) == ["it: expected what is_even() accepts, was 3"]


def test_a_class_accepts_its_instances() -> None:
    assert told(int, 0) == []
    assert told(int, "0") == ["it: expected an instance of int, was '0'"]


def test_what_a_function_raises_counts_as_no_and_is_told() -> None:
    (line,) = told(is_even, "x")

    assert line == (
        "it: expected what is_even() accepts, was 'x' "
        "(which raised TypeError: not all arguments converted during string formatting)"
    )


def test_an_error_in_what_a_function_gives_back_counts_as_no_too() -> None:
    class Undecided:
        def __bool__(self) -> bool:
            raise RuntimeError("who knows")

    def ask(number: int) -> Undecided:
        return Undecided()

    assert told(ask, 7) == [
        "it: expected what ask() accepts, was 7 (which raised RuntimeError: who knows)"
    ]


def test_a_condition_reads_its_value_off_the_candidate() -> None:
    condition: Condition[str] = value("length", 3, len)

    assert (condition.is_met_by("abc"), condition.is_met_by("ab")) == (True, False)
    assert [str(each) for each in condition.compare("ab")] == ["length: expected 3, was 2"]


def test_a_headline_has_what_was_asked_in_the_order_of_the_call() -> None:
    def compare(candidate: str) -> Iterator[Difference]:
        yield from ()

    conditions: list[Condition[str]] = [
        Condition("url", Words("https://shop.test"), compare, is_in_headline=False),
        Condition("at", Words("noon"), compare),
        value("length", is_even, len),
        value("text", None, str),
    ]

    assert headline(conditions) == ", at=noon, length=is_even(), text=None"
    assert headline([]) == ""


def test_it_is_certain_where_anything_but_a_raised_error_speaks() -> None:
    conditions: list[Condition[str]] = [value("text", is_even, str), value("length", 3, len)]

    certain(conditions, "four")
    certain([value("length", is_even, len)], "abc")
    certain([value("length", is_even, len)], "four")
    with pytest.raises(TypeError, match="not all arguments"):
        certain(conditions, "abc")
