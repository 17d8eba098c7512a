"""Messages: what was asked for, how far it got, and one attempt to deliver it."""

from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from fakestash.model.logs import CLOSING, LogEntry, LogState
from fakestash.model.outcomes import HeaderItems, Outcome, Unreachable
from fakestash.model.settings import NO_EXTRAS, CronSettings, Extras

if TYPE_CHECKING:
    from fakestash.syntax.retry_delay import RetryDelay

DEFAULT_RETRIES = 3
"""Retries of a message that does not say (documented default)."""


class PublishCommand(NamedTuple):
    """One publish as understood: what to send, where, and under which rules.

    ``headers`` are the forwarded ones with canonical names, in order. ``not_before`` is unix ms
    and beats ``delay`` (ms); ``timeout`` is ms, None the plan's longest; ``retry_delay`` None the
    default backoff.
    """

    url: str
    body: bytes = b""
    method: str = "POST"
    headers: HeaderItems = ()
    retries: int = DEFAULT_RETRIES
    retry_delay: "RetryDelay | None" = None
    timeout: int | None = None
    delay: int = 0
    not_before: int | None = None
    labels: tuple[str, ...] = ()
    caller_ip: str = "127.0.0.1"
    extras: Extras = NO_EXTRAS


class PublishRequest(NamedTuple):
    """One publish as it was asked for, before it is known how many messages it makes.

    ``group`` names the URL group to fan out to; ``command.url`` is empty then. With ``cron`` it
    asks for a schedule. ``is_publication`` asks for one id for all the messages that it makes, as
    in version 1 of the API. ``fingerprint`` is what makes contents differ beside the usual.
    """

    command: PublishCommand
    group: str | None = None
    deduplication_id: str | None = None
    is_content_deduplicated: bool = False
    cron: CronSettings | None = None
    is_publication: bool = False
    fingerprint: bytes = b""


class Publication(NamedTuple):
    """One publish as version 1 of the API keeps it: a message there, with a task per endpoint.

    ``created_at`` is unix ms; ``group_id`` is that of the URL group it went to, ``endpoint_id``
    that of the one endpoint there which it is for.
    """

    id: str
    created_at: int
    command: PublishCommand
    group: str | None
    group_id: str | None
    messages: "tuple[Message, ...]"
    endpoint_id: str | None = None


class Accepted(NamedTuple):
    """What became of a publish to one URL: a new message, or the first one of its like."""

    message_id: str
    url: str
    deduplicated: bool = False


class MessageState(StrEnum):
    """Where a message stands. ``engine.lifecycle`` holds the table of its changes."""

    NEW = "new"
    PENDING = "pending"
    WAITING = "waiting"
    ACTIVE = "active"
    CANCELING = "canceling"
    CANCELING_ACTIVE = "canceling while active"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELED = "canceled"


IN_FLIGHT = frozenset({MessageState.ACTIVE, MessageState.CANCELING_ACTIVE})
ENDED = frozenset({MessageState.DELIVERED, MessageState.FAILED, MessageState.CANCELED})


def end_of(state: MessageState) -> MessageState:
    """What becomes of a message: delivered, failed or canceled; pending as long as that is open."""
    if state is MessageState.CANCELING:
        return MessageState.CANCELED
    return state if state in ENDED else MessageState.PENDING


LOGGED: Final = (
    "at",
    "sequence",
    "state",
    "caller_ip",
    "next_delivery_at",
    "outcome",
    "duration",
)
"""What a message keeps of each of its log entries, in this order."""
_WIDTH: Final = len(LOGGED)
_STATE: Final = LOGGED.index("state")


@dataclass(slots=True, eq=False)
class Message:
    """One accepted message and its progress. Only the engine writes to it.

    Instants are unix ms. ``due_at`` is the next (or, once it runs, the latest) attempt's start;
    ``attempts`` counts attempts started; ``attempt`` is the one whose outcome is awaited.

    ``logged`` has the values ``LOGGED`` of its log entries, one after the other, and ``entries``
    makes entries of them. Kept as objects, they would be most of what the garbage collector looks
    through, and each would refer to the message that refers to it: only the collector, which is
    the dearest way, could free them.
    """

    id: str
    user_id: str
    command: PublishCommand
    created_at: int
    not_before: int
    due_at: int
    state: MessageState = MessageState.NEW
    attempts: int = 0
    attempt: "Attempt | None" = None
    outcome: Outcome | None = None
    ended_at: int | None = None
    dlq_id: str | None = None
    logged: tuple[Any, ...] = field(default=(), repr=False)

    @property
    def retried(self) -> int:
        """Retries done so far, 0 until the second attempt starts."""
        return self.attempts - 1 if self.attempts else 0

    @property
    def publication_id(self) -> str:
        """The id of the publication that it is a part of; its own if it is one by itself."""
        return self.command.extras.publication_id or self.id

    @property
    def entries(self) -> list[LogEntry]:
        """What the log says of it, earliest first."""
        return [self.entry_at(place) for place in range(0, len(self.logged), _WIDTH)]

    @property
    def latest_entry(self) -> LogEntry:
        """The latest of them."""
        return self.entry_at(self.latest_place)

    @property
    def latest_place(self) -> int:
        """Where in ``logged`` the latest entry begins."""
        return len(self.logged) - _WIDTH

    def entry_at(self, place: int) -> LogEntry:
        """The entry that begins at this place of ``logged``."""
        at, sequence, state, caller_ip, next_at, outcome, duration = self.logged[
            place : place + _WIDTH
        ]
        return LogEntry(at, sequence, state, self, caller_ip, next_at, outcome, duration)

    def closing(self, number: int) -> LogEntry | None:
        """The log entry that closed attempt ``number`` (from 0); None while it is open."""
        closings = (entry for entry in self.entries if entry.state in CLOSING)
        return next(islice(closings, number, None), None)

    @property
    def cancel_asked(self) -> bool:
        """Whether it was asked to be cancelled, also if that came too late."""
        return LogState.CANCEL_REQUESTED in self.logged[_STATE::_WIDTH]


class Loss:
    """An answer that is to get lost if it is that of a success, because a disturbance says so.

    ``again_after`` is when (ms) the same request goes out again; None if the service takes it for
    a failure, and retries. ``answer`` is what got lost, once it has.
    """

    __slots__ = ("again_after", "answer")

    def __init__(self, again_after: int | None) -> None:
        self.again_after = again_after
        self.answer: Outcome | None = None


ANSWER_LOST: Final = Unreachable("answer lost")
"""What is told of an attempt whose answer got lost, and of which the log says nothing."""


class Attempt(NamedTuple):
    """One call to the destination, handed out by the engine and settled with an outcome.

    ``number`` is the retry count that goes out as ``Upstash-Retried``; ``timeout`` is ms;
    ``signing_key`` the user's current one at the start; ``nonce`` seeds the token's id. ``loss``
    is there if its answer may get lost.
    """

    message: Message
    number: int
    started_at: int
    timeout: int
    signing_key: str
    nonce: int
    loss: Loss | None = None

    @property
    def is_forgotten(self) -> bool:
        """Whether its answer got lost and the same request goes out again in its place."""
        loss = self.loss
        return loss is not None and loss.answer is not None and loss.again_after is not None

    @property
    def closing(self) -> LogEntry | None:
        """The entry of the log that closed it; None while it is open, and if it is forgotten."""
        return None if self.is_forgotten else self.message.closing(self.number)

    @property
    def outcome(self) -> Outcome | None:
        """What came of it, as the log has it; None as long as no answer counts."""
        if self.is_forgotten:
            return ANSWER_LOST
        closing = self.closing
        return None if closing is None else closing.outcome


class DeadLetter(NamedTuple):
    """A message that failed for good. ``at`` is unix ms.

    ``failure_callback`` is the message that reports it, if one does.
    """

    dlq_id: str
    at: int
    sequence: int
    message: Message
    failure_callback: Message | None = None
