"""Values, numbers and instants in the words of a failure."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from fakestash.matching.words import (
    Words,
    clock_text,
    contrasted,
    moment_text,
    number,
    ordinal,
    shown,
)
from tests.builders import START

MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)


def is_order(value: object) -> bool:
    return True


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "'a'"),
        (b"a", "b'a'"),
        (None, "None"),
        (Words("missing"), "missing"),
        ({"a": [1, "b"]}, "{'a': [1, 'b']}"),
        ((1, 2), "(1, 2)"),
        (is_order, "is_order()"),
        ({"a": is_order, "b": [is_order]}, "{'a': is_order(), 'b': [is_order()]}"),
        (int, "int"),
        ({"id": int}, "{'id': int}"),
        ("x" * 200, "'" + "x" * 200 + "'"),
        ("x" * 201, "'" + "x" * 200 + "'..."),
        (b"x" * 999, "b'" + "x" * 200 + "'..."),
        (["x" * 300], "['" + "x" * 198 + "..."),
    ],
)
def test_a_value_is_shown_as_it_is_written_and_not_at_any_length(value: object, text: str) -> None:
    assert shown(value) == text


def test_a_lambda_is_shown_by_its_place() -> None:
    function = lambda value: value  # noqa: E731 - it has to be one

    line = function.__code__.co_firstlineno
    assert shown(function) == f"<lambda in test_words.py:{line}>"


def test_a_method_is_shown_by_its_name_and_other_callables_as_they_are() -> None:
    class Checks:
        def is_paid(self, order: object) -> bool:
            return True

    whole = partial(is_order)

    assert shown(Checks().is_paid) == "is_paid()"
    assert shown(whole) == repr(whole)


def test_two_long_values_are_shown_from_shortly_before_they_differ() -> None:
    same = "x" * 300

    assert contrasted(same + "1" + same, same + "2") == (
        f"...{shown('x' * 20 + '1' + same)}",
        f"...{'x' * 20 + '2'!r}",
    )
    assert contrasted(same.encode(), same.encode() + b"1") == (
        f"...{b'x' * 20!r}",
        f"...{b'x' * 20 + b'1'!r}",
    )


@pytest.mark.parametrize(
    ("expected", "was"),
    [("abc", "abd"), ("1" + "x" * 300, "2" + "x" * 300), ("x" * 300, b"x" * 301), (1, "x" * 300)],
)
def test_other_values_are_shown_from_their_beginning(expected: object, was: object) -> None:
    assert contrasted(expected, was) == (shown(expected), shown(was))


def test_small_numbers_are_words() -> None:
    assert [number(each) for each in (0, 1, 2, 10, 11, 1_000)] == [
        "no",
        "one",
        "two",
        "ten",
        "11",
        "1,000",
    ]


def test_small_places_are_words() -> None:
    assert [ordinal(each) for each in (1, 2, 3, 10, 11, 12, 13, 21, 22, 23, 24, 111, 121)] == [
        "first",
        "second",
        "third",
        "tenth",
        "11th",
        "12th",
        "13th",
        "21st",
        "22nd",
        "23rd",
        "24th",
        "111th",
        "121st",
    ]


@pytest.mark.parametrize(
    ("after", "clock", "moment"),
    [
        (timedelta(0), "00:00:00", "00:00:00 (start + 0 s)"),
        (timedelta(seconds=160), "00:02:40", "00:02:40 (start + 2 m 40 s)"),
        (timedelta(milliseconds=5), "00:00:00.005", "00:00:00.005 (start + 5 ms)"),
        (timedelta(days=1), "2026-01-02T00:00:00Z", "2026-01-02T00:00:00Z (start + 1 d)"),
        (timedelta(hours=-1), "2025-12-31T23:00:00Z", "2025-12-31T23:00:00Z (start - 1 h)"),
    ],
)
def test_an_instant_has_a_date_only_where_it_is_another_day(
    after: timedelta, clock: str, moment: str
) -> None:
    assert clock_text(MIDNIGHT + after, START) == clock
    assert moment_text(MIDNIGHT + after, START) == moment
