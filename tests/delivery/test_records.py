"""Sequences that queries give: immutable, of one kind however they are narrowed."""

import pytest

from fakestash.delivery.journal import Deliveries, Delivery
from fakestash.delivery.records import Records
from tests.delivery.requests import a_request


class Numbers(Records[int]):
    """Some numbers."""


class Others(Records[int]):
    """Some other numbers."""


def test_they_are_a_sequence() -> None:
    numbers = Numbers([3, 1, 2])

    assert (len(numbers), numbers[0], numbers[-1], list(numbers)) == (3, 3, 2, [3, 1, 2])
    assert (1 in numbers, 4 in numbers, numbers.index(2)) == (True, False, 2)
    assert (bool(numbers), bool(Numbers())) == (True, False)


def test_a_part_of_them_is_of_the_same_kind() -> None:
    part = Numbers([3, 1, 2])[1:]

    assert (type(part), list(part)) == (Numbers, [1, 2])


def test_they_are_narrowed_by_a_test() -> None:
    large = Numbers([3, 1, 2]).where(lambda number: number > 1)

    assert (type(large), list(large)) == (Numbers, [3, 2])


def test_they_do_not_change_with_what_they_were_made_of() -> None:
    source = [1, 2]
    numbers = Numbers(source)

    source.append(3)

    assert list(numbers) == [1, 2]


def test_they_equal_their_like_and_lists_by_what_is_in_them() -> None:
    numbers = Numbers([1, 2])

    assert numbers == Numbers([1, 2])
    assert numbers == [1, 2]
    assert [numbers] == [[1, 2]]
    assert numbers != Numbers([2, 1])
    assert numbers != [1]
    assert numbers != Others([1, 2])
    assert numbers != (1, 2)
    assert hash(numbers) == hash(Numbers([1, 2]))


def test_they_are_shown_in_a_line_and_printed_one_by_one() -> None:
    assert repr(Numbers([1, 2])) == "Numbers([1, 2])"
    assert str(Numbers([1, 2])) == "1\n2"
    assert (repr(Numbers()), str(Numbers())) == ("Numbers([])", "no Numbers")


@pytest.mark.parametrize(
    ("count", "ending"), [(20, "18, 19])"), (1_021, "18, 19, ... 1,001 more])")]
)
def test_of_very_many_the_first_are_shown(count: int, ending: str) -> None:
    text = repr(Numbers(range(count)))

    assert text.startswith("Numbers([0, 1, 2, ")
    assert text.endswith(ending)


def test_those_about_messages_are_narrowed_by_place_and_message() -> None:
    first = Delivery(a_request("https://shop.test/a?x=1").attempt, "EU-CENTRAL-1")
    second = Delivery(a_request("https://shop.test/b").attempt, "EU-CENTRAL-1")
    deliveries = Deliveries([first, second])

    assert deliveries.to("https://shop.test/a") == [first]
    assert type(deliveries.to("https://shop.test")) is Deliveries
    assert deliveries.of("msg_1") == deliveries
    assert deliveries.of("msg_2") == []
