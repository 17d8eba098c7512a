"""The log as a test reads it: one line for each thing that happened to a message."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Self, TypeAlias, get_args

from fakestash.delivery.records import MessageRecords
from fakestash.matching.arguments import check_states
from fakestash.model.logs import LogEntry
from fakestash.model.outcomes import Responded, error_text, is_delivered
from fakestash.syntax.moments import datetime_of, instant_of, instant_text

Word: TypeAlias = Literal[
    "CREATED",
    "ACTIVE",
    "RETRY",
    "ERROR",
    "DELIVERED",
    "FAILED",
    "CANCEL_REQUESTED",
    "CANCELED",
]
"""What a line says, as the service spells it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """One line of the log.

    ``next_delivery_at`` is told when a message is accepted and when it will be retried;
    ``status``, ``error``, ``response_body`` and ``took`` by the end of an attempt.
    """

    at: datetime
    state: Word
    message_id: str
    url: str
    method: str
    next_delivery_at: datetime | None
    status: int | None
    """The status of the answer; None if there was none."""

    error: str | None
    """Why an attempt failed, in the service's words."""

    response_body: bytes = field(repr=False)
    took: timedelta | None
    """How long the attempt took on the fake's clock."""

    caller_ip: str
    """Who published, or asked for the cancellation."""

    def __repr__(self) -> str:
        at = instant_text(instant_of(self.at))
        because = "" if self.error is None else f": {self.error}"
        return f"<Log {at} {self.state} {self.message_id} {self.method} {self.url}{because}>"


class Logs(MessageRecords[Log]):
    """Lines of the log, earliest first."""

    __slots__ = ()

    def in_state(self, *states: Word) -> Self:
        """Those that say one of these.

        Raises:
            UsageError: if no line can say that.
        """
        check_states(states, get_args(Word))
        return type(self)(log for log in self._items if log.state in states)


def log_view(entry: LogEntry) -> Log:
    """A line of the log."""
    command = entry.message.command
    outcome = entry.outcome
    has_failed = outcome is not None and not is_delivered(outcome)
    next_at = entry.next_delivery_at
    return Log(
        at=datetime_of(entry.at),
        state=entry.state.value,
        message_id=entry.message.id,
        url=command.url,
        method=command.method,
        next_delivery_at=None if next_at is None else datetime_of(next_at),
        status=outcome.status if isinstance(outcome, Responded) else None,
        error=error_text(outcome) if outcome is not None and has_failed else None,
        response_body=outcome.body if isinstance(outcome, Responded) else b"",
        took=None if entry.duration is None else timedelta(milliseconds=entry.duration),
        caller_ip=entry.caller_ip,
    )
