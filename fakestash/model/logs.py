"""The log of the service: one entry for each thing that happened to a message."""

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from fakestash.model.messages import Message
    from fakestash.model.outcomes import Outcome


class LogState(StrEnum):
    """What a log entry says, spelled as on the wire (``CANCELED`` with one L)."""

    CREATED = "CREATED"
    ACTIVE = "ACTIVE"
    RETRY = "RETRY"
    ERROR = "ERROR"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    CANCEL_REQUESTED = "CANCEL_REQUESTED"
    CANCELED = "CANCELED"


CLOSING = frozenset({LogState.ERROR, LogState.DELIVERED})
"""The states that close an attempt: their entries carry its outcome and duration."""


class LogEntry(NamedTuple):
    """One line of the log.

    ``at`` and ``next_delivery_at`` are unix ms; ``sequence`` counts the entries of one user
    that share a millisecond, from 0. ``outcome`` and ``duration`` (ms) belong to the attempt
    that an ERROR or DELIVERED entry closes.
    """

    at: int
    sequence: int
    state: LogState
    message: "Message"
    caller_ip: str
    next_delivery_at: int | None = None
    outcome: "Outcome | None" = None
    duration: int | None = None

    @property
    def id(self) -> str:
        """The entry's id, which is also its cursor: ``<ms>-<sequence>``."""
        return f"{self.at}-{self.sequence}"
