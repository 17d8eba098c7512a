"""Conditions: one thing each that an assertion asks, and what differs where it is not met.

Every assertion is a list of these. A value that is expected may be a plain one, compared with
``==``, or a predicate: a function that takes the value and says whether it will do. A class
accepts its instances. What a predicate raises counts as a no, and is told.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, Generic, NamedTuple, TypeVar

from fakestash.matching.words import Words, contrasted, shown

T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)


class _Anything:
    """The default of a condition that is not set, where None is a value of its own."""

    def __repr__(self) -> str:
        return "anything"


ANYTHING: Final = _Anything()

MISSING: Final = Words("missing")


class Difference(NamedTuple):
    """What was expected and what was there instead.

    ``raised`` is what a predicate raised, so that nobody knows whether the value would have done.
    """

    name: str
    expected: object
    was: object
    raised: Exception | None = None

    def __str__(self) -> str:
        expected, was = contrasted(self.expected, self.was)
        line = f"{self.name}: expected {expected}, was {was}"
        if self.raised is not None:
            line += f" (which raised {type(self.raised).__name__}: {self.raised})"
        return line


class Condition(NamedTuple, Generic[T_contra]):
    """One thing that is asked of a candidate.

    ``asked`` is the value as a headline shows it, unless that says so in its own words.
    ``compare`` gives what differs, nothing if the condition is met.
    """

    name: str
    asked: object
    compare: Callable[[T_contra], Iterator[Difference]]
    is_in_headline: bool = True

    def is_met_by(self, candidate: T_contra) -> bool:
        """Whether a candidate meets it."""
        return next(self.compare(candidate), None) is None


def headline(conditions: Sequence[Condition[T]]) -> str:
    """What is asked, as the arguments of the call: ``, method='PUT', attempt=2``."""
    return "".join(
        f", {condition.name}={shown(condition.asked)}"
        for condition in conditions
        if condition.is_in_headline
    )


def compared(name: str, expected: object, actual: object) -> Iterator[Difference]:
    """What differs between a value and a plain one, a class, or a predicate."""
    if not callable(expected):
        if expected != actual:
            yield Difference(name, expected, actual)
    elif isinstance(expected, type):
        if not isinstance(actual, expected):
            yield Difference(name, Words(f"an instance of {shown(expected)}"), actual)
    else:
        try:
            will_do = bool(expected(actual))
        except Exception as error:  # noqa: BLE001 - a predicate may be made for other values
            yield Difference(name, _accepted_by(expected), actual, error)
        else:
            if not will_do:
                yield Difference(name, _accepted_by(expected), actual)


def value(name: str, expected: object, read: Callable[[T], object]) -> Condition[T]:
    """A condition on one value of a candidate."""

    def compare(candidate: T) -> Iterator[Difference]:
        return compared(name, expected, read(candidate))

    return Condition(name, expected, compare)


def certain(conditions: Sequence[Condition[T]], candidate: T) -> None:
    """Make sure that it is known whether a candidate meets all conditions.

    Raises:
        Exception: what a predicate raised, if nothing else keeps the candidate from meeting them.
    """
    found = [each for condition in conditions for each in condition.compare(candidate)]
    raised = [each.raised for each in found if each.raised is not None]
    if raised and len(raised) == len(found):
        raise raised[0]


def _accepted_by(predicate: object) -> Words:
    return Words(f"what {shown(predicate)} accepts")
