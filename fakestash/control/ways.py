"""The moves of time that can be asked for."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fakestash.drive.report import Report
from fakestash.syntax.moments import DurationLike, InstantLike
from fakestash.testing.root import Root


@dataclass(frozen=True, slots=True)
class Way:
    """A move of time, in both its forms."""

    blocking: Callable[[Root], Report]
    awaiting: Callable[[Root], Awaitable[Report]]


def advance(duration: DurationLike, limit: int | None) -> Way:
    """On by a duration."""
    return Way(
        lambda fake: fake.advance(duration, limit=limit),
        lambda fake: fake.advance_async(duration, limit=limit),
    )


def advance_to(instant: InstantLike, limit: int | None) -> Way:
    """On to an instant."""
    return Way(
        lambda fake: fake.advance_to(instant, limit=limit),
        lambda fake: fake.advance_to_async(instant, limit=limit),
    )


def to_next() -> Way:
    """To the next event."""
    return Way(lambda fake: fake.next(), lambda fake: fake.next_async())


def run_until_idle(limit: int | None) -> Way:
    """On until nothing is due any more."""
    return Way(
        lambda fake: fake.run_until_idle(limit=limit),
        lambda fake: fake.run_until_idle_async(limit=limit),
    )
