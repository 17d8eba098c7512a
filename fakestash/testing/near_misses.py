"""The candidates that come closest to what was asked, with what differs, the closest first.

Close is who meets the most conditions; among equals whose URL is the right one, or else the most
like it; then in whom the fewest things differ; then who came first. Attempts of one message with
the same differences are told together.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Generic, NamedTuple, TypeVar

from fakestash.matching.conditions import Condition
from fakestash.matching.words import MOST_SHOWN
from fakestash.testing.scene import Scene

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """A kind of candidate: what one and several are called, and how they are told.

    The words end in a preposition: ``delivery to``. ``identity`` is the id of what candidates may
    be told together with, ``tell`` tells candidates of one identity in a line.
    """

    one: str
    many: str
    url: Callable[[T], str]
    identity: Callable[[T], str]
    tell: Callable[[Sequence[T], Scene], str]


class Group(NamedTuple, Generic[T]):
    """Candidates of one identity with the same differences, each as a line."""

    members: list[T]
    differences: tuple[str, ...]


class _Miss(NamedTuple, Generic[T]):
    unmet: int
    distance: float
    candidate: T
    differences: tuple[str, ...]


def closest(
    kind: Kind[T], candidates: Iterable[T], conditions: Sequence[Condition[T]], url: str
) -> list[Group[T]]:
    """The candidates in groups, the closest first."""
    distances: dict[str, float] = {}
    misses: list[_Miss[T]] = []
    for candidate in candidates:
        found = [list(condition.compare(candidate)) for condition in conditions]
        its_url = kind.url(candidate)
        if not any(each.name == "url" for differences in found for each in differences):
            distance = 0.0
        elif its_url in distances:
            distance = distances[its_url]
        else:
            distance = distances[its_url] = 2 - SequenceMatcher(None, its_url, url).ratio()
        lines = tuple(str(each) for differences in found for each in differences)
        misses.append(_Miss(sum(map(bool, found)), distance, candidate, lines))
    misses.sort(key=lambda miss: (miss.unmet, miss.distance, len(miss.differences)))
    return _grouped(kind, misses)


def told(kind: Kind[T], candidates: Iterable[T], scene: Scene) -> list[str]:
    """A line for each identity among the candidates."""
    groups: dict[str, list[T]] = {}
    for candidate in candidates:
        groups.setdefault(kind.identity(candidate), []).append(candidate)
    shown = [f"  {kind.tell(members, scene)}" for members in list(groups.values())[:MOST_SHOWN]]
    return [*shown, *_rest(len(groups))]


def told_with_differences(kind: Kind[T], groups: Sequence[Group[T]], scene: Scene) -> list[str]:
    """A line for each group, and one for each difference below it."""
    lines: list[str] = []
    for members, differences in groups[:MOST_SHOWN]:
        lines.append(f"  {kind.tell(members, scene)}")
        lines += [f"      {each}" for each in differences]
    return [*lines, *_rest(len(groups))]


def _grouped(kind: Kind[T], misses: Iterable[_Miss[T]]) -> list[Group[T]]:
    groups: dict[tuple[str, tuple[str, ...]], list[T]] = {}
    for miss in misses:
        key = (kind.identity(miss.candidate), miss.differences)
        groups.setdefault(key, []).append(miss.candidate)
    return [Group(members, differences) for (_, differences), members in groups.items()]


def _rest(count: int) -> list[str]:
    return [f"  ... and {count - MOST_SHOWN:,} more"] if count > MOST_SHOWN else []
