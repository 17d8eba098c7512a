"""What can be done to a fake that may call destinations, in both its forms."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from fakestash.delivery.journal import Delivery
from fakestash.drive.report import Report
from fakestash.syntax.moments import DurationLike, InstantLike
from fakestash.testing.probing import SignatureFindings
from fakestash.testing.root import Root

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Way(Generic[Result]):
    """One call of a fake: blocking, and awaiting in the caller's event loop."""

    blocking: Callable[[Root], Result]
    awaiting: Callable[[Root], Awaitable[Result]]


def advance(duration: DurationLike, limit: int | None) -> Way[Report]:
    """On by a duration."""
    return Way(
        lambda fake: fake.advance(duration, limit=limit),
        lambda fake: fake.advance_async(duration, limit=limit),
    )


def advance_to(instant: InstantLike, limit: int | None) -> Way[Report]:
    """On to an instant."""
    return Way(
        lambda fake: fake.advance_to(instant, limit=limit),
        lambda fake: fake.advance_to_async(instant, limit=limit),
    )


def to_next() -> Way[Report]:
    """To the next event."""
    return Way(lambda fake: fake.next(), lambda fake: fake.next_async())


def run_until_idle(limit: int | None) -> Way[Report]:
    """On until nothing is due any more."""
    return Way(
        lambda fake: fake.run_until_idle(limit=limit),
        lambda fake: fake.run_until_idle_async(limit=limit),
    )


def deliver(message_id: str) -> Way[Delivery]:
    """A message that waits for its time, now."""
    return Way(
        lambda fake: fake.deliver_now(message_id),
        lambda fake: fake.deliver_now_async(message_id),
    )


def probe(user_id: str, url: str | None) -> Way[SignatureFindings]:
    """What endpoints accept that a user delivered to: those of a URL, or all."""
    return Way(
        lambda fake: fake.of_user(user_id).probe_signatures(url),
        lambda fake: fake.of_user(user_id).probe_signatures_async(url),
    )
