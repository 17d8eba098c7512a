"""Copies of data in which everything may refer to everything, each thing copied once.

``copy.deepcopy`` does not fit: it makes two of a named tuple that takes part in a cycle, and it
would copy what belongs to the user.
"""

from array import array
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar, cast

T = TypeVar("T")

_ATOMS: Final = frozenset({str, int, bytes, bool, float, type(None)})


class Copier:
    """Makes copies that refer to copies, in one go.

    Lists, dicts, sets, deques, arrays and tuples of any kind are copied, and objects of the
    classes that are named, attribute by attribute. A tuple without anything copied in it is left
    as it is.
    Keys of dicts, members of sets, and everything else are shared.
    """

    def __init__(self, classes: Iterable[type]) -> None:
        self._attributes = {each: _slots(each) for each in classes}
        self._copies: dict[int, tuple[object, Any]] = {}
        """By the id of the original, which is kept with its copy: no other can have that id."""

    def copy(self, value: T) -> T:
        """The copy of ``value``, always the same."""
        copied: T = self._copy(value)
        return copied

    def _copy(self, value: Any) -> Any:  # noqa: ANN401 - values of every kind
        kind = cast("Any", type(value))
        if kind in _ATOMS:
            return value
        made = self._copies.get(id(value))
        if made is not None:
            return made[1]
        if kind in self._attributes:
            return self._copy_of_object(value, self._attributes[kind])
        copy = self._copy_of_tuple if isinstance(value, tuple) else self._copy_of_container
        return copy(kind, value)

    def _copy_of_container(self, kind: Any, value: Any) -> Any:  # noqa: ANN401 - as above
        if kind in {list, deque}:
            make = cast("Callable[[], list[Any]]", kind)
            members = self._noted(value, make())
            members.extend(map(self._copy, value))
            return members
        if kind is dict:
            items: dict[Any, Any] = self._noted(value, {})
            items.update((key, self._copy(each)) for key, each in value.items())
            return items
        if kind is set:
            return self._noted(value, set(value))
        return self._noted(value, value[:]) if kind is array else value

    def _copy_of_tuple(self, kind: Any, value: Any) -> Any:  # noqa: ANN401 - as above
        parts = [self._copy(part) for part in value]
        made = self._copies.get(id(value))
        if made is not None:  # a part leads back here
            return made[1]
        if all(part is original for part, original in zip(parts, value, strict=True)):
            return self._noted(value, value)
        return self._noted(value, tuple(parts) if kind is tuple else kind._make(parts))

    def _copy_of_object(self, value: object, slots: tuple[str, ...]) -> object:
        copied = self._noted(value, object.__new__(type(value)))
        for name in slots or vars(value):
            setattr(copied, name, self._copy(getattr(value, name)))
        return copied

    def _noted(self, value: object, copied: T) -> T:
        self._copies[id(value)] = (value, copied)
        return copied


def _slots(kind: type) -> tuple[str, ...]:
    """The names of the attributes of a class with slots; none of one without."""
    return tuple(name for each in kind.__mro__ for name in getattr(each, "__slots__", ()))
