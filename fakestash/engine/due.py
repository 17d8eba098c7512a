"""The engine's own timeline events, and what a firing tells beside them.

Each event's name ends in ``Due``: log entries are called events. A message stands for itself:
its next attempt may start. An object around it would be one more for each that is pending.
"""

from typing import TYPE_CHECKING, NamedTuple

from fakestash.model.messages import Attempt, Message
from fakestash.model.outcomes import Outcome

if TYPE_CHECKING:
    from fakestash.engine.account import Account
    from fakestash.engine.places import Place
    from fakestash.engine.schedule_record import ScheduleRecord


class ResponseDue(NamedTuple):
    """The outcome of an attempt with virtual latency counts from now on.

    ``kept`` is the outcome that would have, and when (unix ms), had it not been held back by hand.
    """

    attempt: Attempt
    outcome: Outcome
    kept: tuple[int, Outcome] | None = None


class ScheduleDue(NamedTuple):
    """A schedule fires. All firings of one are the same event."""

    account: "Account"
    record: "ScheduleRecord"


class ReleaseDue(NamedTuple):
    """A place where messages are held may let one go."""

    account: "Account"
    place: "Place"


class Held(NamedTuple):
    """A message came due and has to wait: for its queue, its flow control, or the user's limit."""

    message: Message


class Admitted(NamedTuple):
    """A message that was held goes on."""

    message: Message


class Firing(NamedTuple):
    """One event that came up: when (unix ms), what, and the attempt it started, if any.

    ``sequence`` is that of its timer: later ones were set later. One that was held has that of the
    instant at which it came due.
    """

    at: int
    event: object
    attempt: Attempt | None
    sequence: int
