"""Copies: what refers to what is the same in the copy as in the original, and nothing is shared."""

from array import array
from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from fakestash.engine.copying import Copier


@dataclass(eq=False)
class Knot:
    """Something that may refer to itself."""

    name: str
    ties: list[object] = field(default_factory=list[object])


class Slotted:
    """The same with slots."""

    __slots__ = ("tie",)

    def __init__(self, tie: object) -> None:
        self.tie = tie


class Longer(Slotted):
    """One that inherits a slot."""

    __slots__ = ("other",)

    def __init__(self, tie: object, other: object) -> None:
        super().__init__(tie)
        self.other = other


class Pair(NamedTuple):
    """A tuple that may take part in a cycle."""

    name: str
    knot: Knot


def copied(value: object) -> object:
    return Copier([Knot, Slotted, Longer]).copy(value)


def test_containers_are_copied_with_what_is_in_them() -> None:
    inner = [1]
    value = {"list": inner, "deque": deque([inner]), "set": {2}, "tuple": (inner, "x")}

    copy = copied(value)

    assert copy == value
    assert isinstance(copy, dict)
    inner.append(3)
    value["set"] = {4}
    assert copy == {"list": [1], "deque": deque([[1]]), "set": {2}, "tuple": ([1], "x")}


def test_a_set_is_not_shared() -> None:
    value = {1}
    copy = copied(value)
    value.add(2)

    assert copy == {1}


def test_an_array_is_not_shared() -> None:
    value = array("q", [1])
    copy = copied(value)
    value.append(2)

    assert copy == array("q", [1])


def test_what_is_one_thing_is_one_thing_in_the_copy() -> None:
    inner = [1]
    first, second = Copier([]).copy((inner, inner))

    assert first is second
    assert first is not inner


def test_two_copies_in_one_go_refer_to_the_same() -> None:
    inner = [1]
    copier = Copier([])

    assert copier.copy([inner])[0] is copier.copy({"a": inner})["a"]


def test_a_cycle_is_a_cycle_in_the_copy() -> None:
    knot = Knot("a")
    knot.ties.append(knot)
    copy = copied(knot)

    assert isinstance(copy, Knot)
    assert copy is not knot
    assert (copy.name, copy.ties) == ("a", [copy])


def test_a_tuple_in_a_cycle_is_made_once_wherever_it_is_met_first() -> None:
    knot = Knot("a")
    pair = Pair("p", knot)
    knot.ties.append(pair)

    for value in ([pair, knot], [knot, pair]):
        copy = copied(value)
        assert isinstance(copy, list)
        pairs = [each for each in copy if isinstance(each, Pair)]
        knots = [each for each in copy if isinstance(each, Knot)]
        assert type(pairs[0]) is Pair
        assert pairs[0] is not pair
        assert knots[0].ties == [pairs[0]]
        assert knots[0].ties[0] is pairs[0]
        assert pairs[0].knot is knots[0]


def test_a_tuple_in_which_nothing_is_copied_is_shared() -> None:
    plain = ("a", (1, b"2", None))

    assert copied(plain) is plain


def test_slots_are_copied_those_of_base_classes_too() -> None:
    value = Longer([1], [2])
    copy = copied(value)

    assert isinstance(copy, Longer)
    assert (copy.tie, copy.other) == ([1], [2])
    assert copy.tie is not value.tie
    assert copy.other is not value.other


def test_objects_of_other_classes_are_shared() -> None:
    error = ValueError("x")
    function = test_slots_are_copied_those_of_base_classes_too
    copy = copied([error, function, 1.5])

    assert isinstance(copy, list)
    assert copy[0] is error
    assert copy[1] is function
    assert copy == [error, function, 1.5]


def test_how_long_a_list_is_makes_no_difference_to_the_stack() -> None:
    knots = [Knot(str(number)) for number in range(5_000)]
    for knot in knots:
        knot.ties.append(Pair("p", knot))

    copy = copied(knots)

    assert isinstance(copy, list)
    assert [knot.name for knot in copy] == [knot.name for knot in knots]
