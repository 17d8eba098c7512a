"""Several things of a kind, in order: what every query of the fake gives.

Immutable. Whatever narrows one (a slice, ``where``, ``to``, ``of``) gives another of its kind.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, Protocol, Self, TypeVar, cast, overload

from fakestash.errors import shown_where_it_was_made
from fakestash.matching.arguments import check_id
from fakestash.wire.places import covers, place

__tracebackhide__ = shown_where_it_was_made

_MOST_SHOWN: Final = 20
"""How many of them ``repr`` shows."""


class AboutMessage(Protocol):
    """What is about one message."""

    @property
    def message_id(self) -> str:
        """The id of the message."""
        ...

    @property
    def url(self) -> str:
        """Its destination."""
        ...


T_co = TypeVar("T_co", covariant=True)
A_co = TypeVar("A_co", bound=AboutMessage, covariant=True)


class Records(Sequence[T_co]):
    """A sequence that can be narrowed. It equals others of its kind, and lists, by its items.

    ``str`` has one of them per line, ``repr`` all in one line, if they are not too many.
    """

    __slots__ = ("_items",)

    def __init__(self, items: Iterable[T_co] = ()) -> None:
        self._items = tuple(items)

    @overload
    def __getitem__(self, index: int) -> T_co: ...

    @overload
    def __getitem__(self, index: slice) -> Self: ...

    def __getitem__(self, index: int | slice) -> T_co | Self:
        if isinstance(index, slice):
            return type(self)(self._items[index])
        return self._items[index]

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[T_co]:
        return iter(self._items)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, list):
            return list(self._items) == cast("list[object]", other)
        if isinstance(other, type(self)):
            return self._items == other._items
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self._items)

    def __repr__(self) -> str:
        shown = [repr(item) for item in self._items[:_MOST_SHOWN]]
        if len(self._items) > _MOST_SHOWN:
            shown.append(f"... {len(self._items) - _MOST_SHOWN:,} more")
        return f"{type(self).__name__}([{', '.join(shown)}])"

    def __str__(self) -> str:
        return "\n".join(map(repr, self._items)) or f"no {type(self).__name__}"

    def where(self, test: Callable[[T_co], object]) -> Self:
        """Those for which ``test`` is true."""
        return type(self)(item for item in self._items if test(item))


class MessageRecords(Records[A_co]):
    """A sequence of what is about messages."""

    __slots__ = ()

    def to(self, url: str) -> Self:
        """Those to ``url``: an origin means all of it, a URL without query any query.

        Raises:
            UsageError: if ``url`` is not an absolute http(s) URL.
        """
        wanted = place(url)
        return type(self)(item for item in self._items if covers(wanted, item.url))

    def of(self, message_id: str) -> Self:
        """Those of one message.

        Raises:
            UsageError: if ``message_id`` is no text.
        """
        check_id("message_id", message_id)
        return type(self)(item for item in self._items if item.message_id == message_id)
