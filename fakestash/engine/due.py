"""The engine's own timeline events. Each name ends in ``Due``: log entries are called events."""

from typing import NamedTuple

from fakestash.model.messages import Attempt, Message
from fakestash.model.outcomes import Outcome


class DeliveryDue(NamedTuple):
    """The next attempt of a message may start."""

    message: Message


class ResponseDue(NamedTuple):
    """The outcome of an attempt with virtual latency counts from now on."""

    attempt: Attempt
    outcome: Outcome


class Firing(NamedTuple):
    """One event that came up: when (unix ms), what, and the attempt it started, if any.

    ``sequence`` is that of its timer: later ones were set later.
    """

    at: int
    event: object
    attempt: Attempt | None
    sequence: int
