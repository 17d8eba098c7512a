"""Which of the things that meet a rule it is for."""

from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestash.errors import UsageError
from fakestash.ids import chance
from fakestash.matching.selection import ALL, Selection

PROBABILITY = (
    "probability must be a number above 0 and not above 1, got {!r}: 0.1 chooses one in ten"
)


def chosen_of(selection: Selection, count: int, seed: int = 0) -> list[int]:
    """The numbers of those that are chosen among so many."""
    found: list[int] = []
    for number in range(1, count + 1):
        if selection.chooses(number, len(found), partial(chance, seed, "it", number)):
            found.append(number)
    return found


@pytest.mark.parametrize(
    ("selection", "chosen"),
    [
        (ALL, [1, 2, 3, 4, 5, 6, 7]),
        (Selection(times=2), [1, 2]),
        (Selection(after=4), [5, 6, 7]),
        (Selection(every=3), [3, 6]),
        (Selection(after=1, every=3), [4, 7]),
        (Selection(after=1, every=3, times=1), [4]),
    ],
)
def test_things_are_chosen_by_their_number(selection: Selection, chosen: list[int]) -> None:
    assert chosen_of(selection, 7) == chosen
    assert not selection.is_by_chance


@given(
    after=st.integers(0, 5),
    every=st.integers(1, 5),
    times=st.none() | st.integers(1, 5),
    count=st.integers(0, 40),
)
def test_counts_add_up_as_in_a_list(after: int, every: int, times: int | None, count: int) -> None:
    selection = Selection(after=after, every=every, times=times)

    assert (
        chosen_of(selection, count) == list(range(1, count + 1))[after:][every - 1 :: every][:times]
    )


@given(probability=st.floats(0, 1, exclude_min=True), seed=st.integers())
def test_chance_chooses_among_those_that_counts_would_and_always_the_same(
    probability: float, seed: int
) -> None:
    sure, likely = Selection(every=2), Selection(every=2, probability=probability)

    found = chosen_of(likely, 60, seed)

    assert set(found) <= set(chosen_of(sure, 60))
    assert found == chosen_of(likely, 60, seed)
    assert chosen_of(Selection(every=2, probability=probability, times=3), 60, seed) == found[:3]
    assert likely.is_by_chance is (probability < 1)


def test_another_seed_chooses_others_and_about_as_many() -> None:
    one_in_ten = Selection(probability=0.1)

    first, second = (chosen_of(one_in_ten, 2000, seed) for seed in (1, 2))

    assert first != second
    assert all(150 < len(found) < 250 for found in (first, second))


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"after": -1}, "after must be a whole number from 0 on, got -1"),
        ({"every": 0}, "every must be a whole number from 1 on, got 0"),
        ({"every": True}, "every must be a whole number from 1 on, got True"),
        ({"times": 0}, "times must be a whole number from 1 on, got 0"),
        ({"times": "2"}, "times must be a whole number from 1 on, got '2'"),
        *(
            (
                {"probability": value},
                PROBABILITY.format(value),
            )
            for value in (0, -0.1, 1.1, "0.5", True, None, float("nan"))
        ),
    ],
)
def test_a_number_that_means_nothing_is_refused(given: dict[str, Any], text: str) -> None:
    with pytest.raises(UsageError) as raised:
        Selection(**given)

    assert str(raised.value) == text


@pytest.mark.parametrize(
    ("selection", "text"),
    [
        (ALL, ""),
        (
            Selection(after=1, every=3, times=2, probability=0.5),
            "after=1, every=3, times=2, probability=0.5",
        ),
    ],
)
def test_it_is_written_as_its_arguments(selection: Selection, text: str) -> None:
    assert str(selection) == text
