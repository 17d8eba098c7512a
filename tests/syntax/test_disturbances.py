"""Disturbances: values, their text, and what is left of them when something still fails."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestash import Disturbance, DisturbanceKind, Disturbances, UsageError
from fakestash.syntax.disturbances import disturbance

TWICE, LOST = DisturbanceKind.TWICE, DisturbanceKind.LOST
LATE, OVERTAKEN = DisturbanceKind.LATE, DisturbanceKind.OVERTAKEN

TEXTS = {
    "deliver #3 twice": Disturbance(3, 1, TWICE),
    "deliver #3 twice, 2 s apart": Disturbance(3, 1, TWICE, 2_000),
    "deliver attempt 2 of #3 twice, 1 m 5 s apart": Disturbance(3, 2, TWICE, 65_000),
    "lose the answer to #12": Disturbance(12, 1, LOST),
    "lose the answer to attempt 4 of #12": Disturbance(12, 4, LOST),
    "deliver #5 4 s late": Disturbance(5, 1, LATE, 4_000),
    "deliver attempt 2 of #5 1.5 s late": Disturbance(5, 2, LATE, 1_500),
    "let others overtake #1": Disturbance(1, 1, OVERTAKEN),
    "let others overtake attempt 3 of #1": Disturbance(1, 3, OVERTAKEN),
}


def one() -> st.SearchStrategy[Disturbance]:
    numbers = st.integers(1, 4)
    millis = st.sampled_from([1, 999, 1_000, 4_000, 10_000, 86_400_001])
    return st.one_of(
        st.builds(Disturbance, numbers, numbers, st.just(TWICE), st.just(0) | millis),
        st.builds(Disturbance, numbers, numbers, st.just(LATE), millis),
        st.builds(Disturbance, numbers, numbers, st.sampled_from([LOST, OVERTAKEN])),
    )


def some(most: int = 12) -> st.SearchStrategy[Disturbances]:
    """Any that can happen together."""
    alone = st.lists(
        one(), max_size=most, unique_by=lambda d: (d.message, d.attempt, d.is_of_the_answer)
    )
    return alone.map(Disturbances)


# --- text ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "value"), TEXTS.items(), ids=TEXTS)
def test_a_disturbance_has_one_text(text: str, value: Disturbance) -> None:
    assert disturbance(text) == value
    assert str(value) == text


@given(some())
def test_what_is_written_is_read_back_as_it_was(disturbances: Disturbances) -> None:
    assert Disturbances(str(disturbances)) == disturbances
    assert repr(disturbances) == f"Disturbances({str(disturbances)!r})"


def test_blanks_and_empty_parts_mean_nothing() -> None:
    text = "\n  deliver  #3 twice,\n 2s apart ;; let others overtake #1;  "

    assert str(Disturbances(text)) == "deliver #3 twice, 2 s apart; let others overtake #1"


@pytest.mark.parametrize(
    "text",
    [
        "deliver 3 twice",
        "deliver #0 twice",
        "deliver #03 twice",
        "deliver #\u0663 twice",
        "deliver #3 thrice",
        "deliver #3 twice, apart",
        "deliver attempt 0 of #3 twice",
        "Deliver #3 twice",
        "lose the answer of #3",
        "deliver #3 late",
        "let others overtake #3 2 s",
    ],
)
def test_other_text_is_refused_with_the_forms_that_there_are(text: str) -> None:
    with pytest.raises(UsageError) as raised:
        Disturbances(f"deliver #1 twice; {text}")

    assert str(raised.value) == (
        f"{text!r} is no disturbance: write 'deliver #3 twice', 'deliver #3 twice, 2 s apart', "
        "'lose the answer to #3', 'deliver #3 4 s late' or 'let others overtake #3'; "
        "'attempt 2 of #3' stands for a later attempt, and ';' between two disturbances"
    )


def test_a_time_that_is_none_is_refused_with_its_text() -> None:
    with pytest.raises(UsageError, match=r"^the time in 'deliver #3 four late' "):
        Disturbances("deliver #3 four late")


def test_late_by_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match=r"^'deliver #3 0s late' is no disturbance: late by noth"):
        Disturbances("deliver #3 0s late")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("deliver #3 twice", "deliver #3 twice, 2 s apart"),
        ("lose the answer to #3", "deliver #3 twice"),
        ("deliver #3 1 s late", "let others overtake #3"),
        ("deliver #3 1 s late", "deliver #3 1 s late"),
    ],
)
def test_two_at_one_end_of_an_attempt_are_refused(first: str, second: str) -> None:
    with pytest.raises(UsageError) as raised:
        Disturbances(f"{first}; {second}")

    assert str(raised.value) == (
        f"'{first}' and '{second}' cannot both happen: leave one of them out"
    )


# --- a sequence ----------------------------------------------------------------------------


def test_they_are_a_sequence_that_compares_by_what_is_in_it() -> None:
    both = Disturbances("deliver #3 twice; deliver #3 4 s late")

    assert (len(both), both[0], list(both[1:])) == (2, disturbance("deliver #3 twice"), [both[1]])
    assert both == Disturbances(list(both))
    assert hash(both) == hash(Disturbances(list(both)))
    assert both != Disturbances(reversed(both))
    assert both != list(both)
    assert not Disturbances()
    assert str(Disturbances()) == ""


def test_an_attempt_is_found_with_what_happens_at_either_end() -> None:
    both = Disturbances("deliver attempt 2 of #3 twice; deliver attempt 2 of #3 4 s late")

    assert both.find(3, 2, of_the_answer=True) == both[0]
    assert both.find(3, 2, of_the_answer=False) == both[1]
    assert both.find(3, 1, of_the_answer=True) is None
    assert both.find(2, 2, of_the_answer=False) is None


# --- shrinking -----------------------------------------------------------------------------


def needs(*texts: str) -> Callable[[Disturbances], bool]:
    """Fails if all of these are there."""
    return lambda tried: set(map(disturbance, texts)) <= set(tried)


def test_only_what_makes_it_fail_is_left() -> None:
    found = Disturbances("; ".join(f"deliver #{number} twice" for number in range(1, 33)))

    left = found.shrunk(needs("deliver #7 twice", "deliver #30 twice"))

    assert str(left) == "deliver #7 twice; deliver #30 twice"


def test_of_those_that_are_equally_bad_the_first_is_left() -> None:
    found = Disturbances("; ".join(f"deliver #{number} twice" for number in range(1, 8)))

    assert str(found.shrunk(bool)) == "deliver #1 twice"


def test_times_get_as_short_as_they_can() -> None:
    found = Disturbances("deliver #1 twice, 4 s apart; deliver #2 10 s late")

    def takes_a_second(tried: Disturbances) -> bool:
        return len(tried) == 2 and all(each.millis >= 1_000 for each in tried)

    assert str(found.shrunk(lambda tried: len(tried) == 2)) == (
        "deliver #1 twice; deliver #2 1 ms late"
    )
    assert str(found.shrunk(takes_a_second)) == ("deliver #1 twice, 1 s apart; deliver #2 1 s late")


def test_what_cannot_be_less_stays() -> None:
    found = Disturbances("deliver #1 twice, 4 s apart; lose the answer to #2")

    assert found.shrunk(lambda _: False) == found


@given(some(), st.sets(st.integers(0, 11), min_size=1))
def test_what_is_left_still_fails_and_nothing_of_it_can_go(
    found: Disturbances, places: set[int]
) -> None:
    needed = {each for place, each in enumerate(found) if place in places}
    tried: list[Disturbances] = []

    def fails(some_of_it: Disturbances) -> bool:
        tried.append(some_of_it)
        return needed <= set(some_of_it)

    left = found.shrunk(fails)

    if needed:
        assert set(left) == needed
    assert len(left) == max(len(needed), min(len(found), 1))
    assert Disturbances() not in tried
