"""The text of an assertion that does not hold, from what was asked to what happened."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from fakestash.delivery.journal import Delivery
from fakestash.testing.conditions import Condition, are_met, compared, headline
from fakestash.testing.kinds import DELIVERY
from fakestash.testing.messages import Message
from fakestash.testing.near_misses import (
    MOST_SHOWN,
    Group,
    Kind,
    closest,
    told,
    told_with_differences,
)
from fakestash.testing.prospects import fate, label, still_open, to_come
from fakestash.testing.scene import Scene

T = TypeVar("T")

_MOST_ATTEMPTS_LOOKED_AT = 1000


@dataclass(frozen=True, slots=True)
class Asked(Generic[T]):
    """What an assertion asks for: ``times`` things of a kind (None is any number but none).

    ``conditions`` are all of them; ``told`` those that the headline names beside the URL.
    """

    kind: Kind[T]
    url: str
    conditions: Sequence[Condition[T]]
    times: int | None = None

    def is_enough(self, found: int) -> bool:
        """Whether so many are as many as were asked for."""
        return found == self.times if self.times is not None else found > 0

    @property
    def missing(self) -> int:
        """How many there should have been at least."""
        return 1 if self.times is None else self.times


@dataclass(frozen=True, slots=True)
class Chances:
    """What may still become, or has become, of messages that an assertion may be about."""

    not_yet: Sequence[Message] = ()
    hint: str | None = None
    otherwise: Sequence[Message] = ()


def failure_text(
    asked: Asked[T],
    found: Sequence[T],
    others: Iterable[T],
    chances: Chances,
    scene: Scene,
) -> str:
    """What was expected, what is merely later, what was there, and what happened.

    ``others`` are the candidates that were not found, or will not be by waiting.
    """
    kind = asked.kind
    lines = [_headline(asked, len(found))]
    concerned = {kind.identity(each) for each in found}
    if len(found) < asked.missing:
        ...
    return "\n".join(lines)
