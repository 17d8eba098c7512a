"""What can come back from one delivery attempt.

An outcome says what the destination did. What follows from it (retry, dead letter) is
decided by the engine.
"""

from typing import Final, NamedTuple, TypeAlias

HeaderItems: TypeAlias = tuple[tuple[str, str], ...]
"""Header fields in order; names as written, a repeated name is a repeated item."""


class Responded(NamedTuple):
    """The destination answered.

    ``took`` is virtual latency in ms that still has to pass before the answer counts: 0 where
    the time already went by on the clock. ``exception`` is what the app raised, if it did.
    """

    status: int
    headers: HeaderItems = ()
    body: bytes = b""
    took: int = 0
    exception: BaseException | None = None


class Unreachable(NamedTuple):
    """No answer: the connection could not be made or broke; ``error`` is the log's text."""

    error: str
    took: int = 0
    exception: BaseException | None = None


class TimedOut(NamedTuple):
    """No complete answer within the time limit.

    ``took`` is the part of the limit (ms) that still has to pass on the clock; None is all of it.
    """

    took: int | None = None
    exception: BaseException | None = None


Outcome: TypeAlias = Responded | Unreachable | TimedOut

_SUCCESS = range(200, 300)

CLOSED_EARLY: Final = "EOF"
"""The log's text for a connection that was closed before the answer was there (D103)."""

TIMEOUT_ERROR = "context deadline exceeded"
"""The log's text for a time-out, as users of the service report it."""


def error_text(outcome: Outcome) -> str:
    """The ``error`` of a log entry for a failed attempt."""
    if isinstance(outcome, Responded):
        return f"HTTP status {outcome.status}"
    if isinstance(outcome, Unreachable):
        return outcome.error
    return TIMEOUT_ERROR


def broken_off(error: BaseException) -> Unreachable:
    """The outcome of an attempt that ``error`` kept from running to its end."""
    return Unreachable(CLOSED_EARLY, exception=error)


def is_delivered(outcome: Outcome) -> bool:
    """Whether the destination took the message: any 2xx."""
    return isinstance(outcome, Responded) and outcome.status in _SUCCESS


def outcome_text(outcome: Outcome) -> str:
    """An outcome in a word or two: the status of a success, or why it is none."""
    if isinstance(outcome, Responded) and is_delivered(outcome):
        return str(outcome.status)
    return error_text(outcome)
