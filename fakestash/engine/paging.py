"""One page out of rows that are sorted by (at, sequence), found by bisection."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from fakestash.model.queries import Page, Paging, RowId


class Row(Protocol):
    """What has a place in time."""

    @property
    def at(self) -> int:
        """Unix ms."""
        ...

    @property
    def sequence(self) -> int:
        """Number among the rows of the same ms."""
        ...


R = TypeVar("R", bound=Row)


def _place(row: Row) -> RowId:
    return RowId(row.at, row.sequence)


def page(rows: Sequence[R], paging: Paging, matches: Callable[[R], bool]) -> Page[R]:
    """The rows that match, from the cursor on, at most ``paging.count`` of them.

    The cursor is the place of a row, not the row: the row itself may be gone. It is given back
    only if another row follows (D23).
    """
    low = 0 if paging.from_at is None else bisect_left(rows, RowId(paging.from_at, 0), key=_place)
    high = len(rows)
    if paging.to_at is not None:
        high = bisect_left(rows, RowId(paging.to_at + 1, 0), key=_place)
    if paging.after is not None and paging.earliest_first:
        low = max(low, bisect_right(rows, paging.after, key=_place))
    elif paging.after is not None:
        high = min(high, bisect_left(rows, paging.after, key=_place))

    places = range(low, high) if paging.earliest_first else range(high - 1, low - 1, -1)
    found: list[R] = []
    for place in places:
        row = rows[place]
        if matches(row):
            if len(found) == paging.count:
                return Page(tuple(found), f"{found[-1].at}-{found[-1].sequence}")
            found.append(row)
    return Page(tuple(found), None)
