"""JSON that is expected in part: what matches, and what is told of what does not."""

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestash.matching.json_subset import differences

LEAVES = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "b"])
JSON = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=12,
)


def lines(expected: object, actual: object) -> list[str]:
    """What is told of a comparison."""
    return [str(each) for each in differences(expected, actual)]


def matches(expected: object, actual: object) -> bool:
    return not lines(expected, actual)


def is_part(expected: object, actual: object) -> bool:
    """The rules once more, in the plainest words."""
    match expected, actual:
        case dict(), dict():
            return all(
                key in actual and is_part(value, actual[key]) for key, value in expected.items()
            )
        case list(), list():
            return len(expected) == len(actual) and all(map(is_part, expected, actual))
        case _:
            return type(expected) is type(actual) and expected == actual


def richer(value: object) -> object:
    """The same with a key more in every object."""
    match value:
        case dict():
            return {**{key: richer(each) for key, each in value.items()}, "more": 1}
        case list():
            return list(map(richer, value))
        case _:
            return value


@given(JSON)
def test_everything_matches_itself(value: object) -> None:
    assert lines(value, deepcopy(value)) == []


@given(JSON)
def test_objects_may_hold_more_than_was_asked_for(value: object) -> None:
    assert lines(value, richer(value)) == []


@given(JSON, JSON)
def test_it_follows_the_rules_as_they_are_written(expected: object, actual: object) -> None:
    assert matches(expected, actual) == is_part(expected, actual)


@given(JSON, JSON, JSON)
def test_a_part_of_a_part_is_a_part(least: object, some: object, most: object) -> None:
    if matches(least, some) and matches(some, most):
        assert matches(least, most)


@given(JSON, st.sampled_from("abc"))
def test_what_is_left_out_is_missed(value: object, key: str) -> None:
    assert lines({"outer": {key: value, "other": 1}}, {"outer": {"other": 1}}) == [
        f"json['outer'][{key!r}]: expected {value!r}, was missing"
    ]


@given(JSON)
def test_nothing_is_changed_by_comparing(value: object) -> None:
    before = deepcopy(value)

    list(differences(value, richer(value)))

    assert value == before


@pytest.mark.parametrize(
    ("expected", "actual", "told"),
    [
        (7, 8, ["json: expected 7, was 8"]),
        (None, 0, ["json: expected None, was 0"]),
        (True, 1, ["json: expected True, was 1"]),
        (0, False, ["json: expected 0, was False"]),
        ({"id": 7}, {"id": 8}, ["json['id']: expected 7, was 8"]),
        ({"id": 7}, [7], ["json: expected {'id': 7}, was [7]"]),
        ([7], {"id": 7}, ["json: expected [7], was {'id': 7}"]),
        ([1, 2], [1], ["json: expected 2 elements, was 1 element: [1]"]),
        ([1], [], ["json: expected 1 element, was 0 elements: []"]),
        (
            {"a": [{"b": 1, "c": 2}, 3]},
            {"a": [{"b": 2}, 4]},
            [
                "json['a'][0]['b']: expected 1, was 2",
                "json['a'][0]['c']: expected 2, was missing",
                "json['a'][1]: expected 3, was 4",
            ],
        ),
    ],
)
def test_what_differs_is_told_place_by_place(
    expected: object, actual: object, told: list[str]
) -> None:
    assert lines(expected, actual) == told


def test_whole_and_decimal_numbers_are_compared_by_value() -> None:
    assert lines({"price": 1}, {"price": 1.0}) == []


def test_a_tuple_stands_for_a_list() -> None:
    assert lines((1, (2,)), [1, [2]]) == []


def test_a_function_may_stand_for_a_value() -> None:
    def even(number: int) -> bool:
        return number % 2 == 0

    assert lines({"n": [even]}, {"n": [2]}) == []
    assert lines({"n": [even]}, {"n": [3]}) == ["json['n'][0]: expected what even() accepts, was 3"]
    assert lines({"n": even}, {}) == ["json['n']: expected even(), was missing"]


def test_a_class_stands_for_its_instances() -> None:
    assert lines({"id": str, "tags": list}, {"id": "7", "tags": [1]}) == []
    assert lines({"id": str}, {"id": 7}) == ["json['id']: expected an instance of str, was 7"]


def test_what_knows_how_to_compare_itself_is_asked() -> None:
    class Anything:
        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 0

    assert lines({"id": Anything()}, {"id": [7]}) == []
