"""JSON that is expected in part: objects may hold more than was asked for, lists may not.

- An object matches if every key that is asked for is there with a value that matches.
- A list matches if it has as many elements, and each matches the one in its place.
- Anything else is compared by value; ``true`` and ``false`` equal no numbers.
- A predicate, or a class, may stand for any value, at any depth.

An exact match is a predicate: ``json=lambda found: found == {"id": 7}``.
"""

from collections.abc import Iterator, Mapping
from typing import cast

from fakestash.matching.conditions import MISSING, Difference, compared
from fakestash.matching.words import Words, shown


def differences(expected: object, actual: object, path: str = "json") -> Iterator[Difference]:
    """What keeps JSON, as Python has it, from holding what is expected, place by place."""
    if callable(expected):
        yield from compared(path, expected, actual)
    elif isinstance(expected, Mapping):
        yield from _in_object(cast("Mapping[object, object]", expected), actual, path)
    elif isinstance(expected, list | tuple):
        yield from _in_list(cast("list[object] | tuple[object, ...]", expected), actual, path)
    elif not _is_same(expected, actual):
        yield Difference(path, expected, actual)


def _in_object(
    expected: Mapping[object, object], actual: object, path: str
) -> Iterator[Difference]:
    if not isinstance(actual, dict):
        yield Difference(path, expected, actual)
        return
    found = cast("dict[object, object]", actual)
    for key, value in expected.items():
        place = f"{path}[{key!r}]"
        if key in found:
            yield from differences(value, found[key], place)
        else:
            yield Difference(place, value, MISSING)


def _in_list(
    expected: list[object] | tuple[object, ...], actual: object, path: str
) -> Iterator[Difference]:
    if not isinstance(actual, list):
        yield Difference(path, expected, actual)
        return
    found = cast("list[object]", actual)
    if len(found) != len(expected):
        yield Difference(
            path, _counted(len(expected)), Words(f"{_counted(len(found))}: {shown(found)}")
        )
        return
    for index, (value, element) in enumerate(zip(expected, found, strict=True)):
        yield from differences(value, element, f"{path}[{index}]")


def _is_same(expected: object, actual: object) -> bool:
    """Whether two values are equal in JSON, where 1 is 1.0 but not true."""
    if isinstance(expected, int | float) and isinstance(actual, int | float):
        return isinstance(expected, bool) == isinstance(actual, bool) and expected == actual
    return expected == actual


def _counted(elements: int) -> Words:
    return Words("1 element" if elements == 1 else f"{elements} elements")
