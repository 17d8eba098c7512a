"""Messages as a test reads them: each as it stood at the instant at which it was asked for."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal, Self, TypeAlias, cast, get_args

from fakestash.delivery.headers import Headers
from fakestash.delivery.journal import Deliveries
from fakestash.delivery.records import MessageRecords
from fakestash.matching.arguments import check_states
from fakestash.model.messages import ENDED, MessageState
from fakestash.model.messages import Message as EngineMessage
from fakestash.syntax.moments import datetime_of, instant_of, instant_text

State: TypeAlias = Literal[
    "pending",
    "waiting",
    "active",
    "canceling",
    "canceling while active",
    "delivered",
    "failed",
    "canceled",
]
"""Where a message stands. One that waits is due, but a queue or a limit holds it back."""

TO_BE_TRIED: Final = frozenset({MessageState.PENDING, MessageState.WAITING})
"""The states of a message whose next attempt has not started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message: what was published, and how far it has got.

    ``due_at`` is when the next attempt (or the cancellation that was asked for) is due, or has
    been since; None while an attempt runs and when the message has ended. ``delay`` is the time
    from its creation to the first attempt, ``timeout`` None the longest that the plan allows.
    """

    id: str
    url: str
    method: str
    headers: Headers
    """The headers that were forwarded with it; those of the service are on its deliveries."""

    body: bytes = field(repr=False)
    state: State
    created_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    delay: timedelta
    timeout: timedelta | None
    retries: int
    """How many retries it may have."""

    attempts: int
    """How many attempts have started."""

    labels: tuple[str, ...]
    queue: str | None
    topic: str | None
    """The URL group that it was published to."""

    schedule_id: str | None
    flow_control_key: str | None
    callback: str | None
    failure_callback: str | None
    dlq_id: str | None
    """Its place in the dead letter queue, if it failed."""

    _journal: Deliveries = field(repr=False, compare=False)

    @property
    def message_id(self) -> str:
        """The same as ``id``."""
        return self.id

    @property
    def retried(self) -> int:
        """How many retries have started."""
        return max(0, self.attempts - 1)

    @property
    def deliveries(self) -> Deliveries:
        """The attempts to deliver it so far."""
        return self._journal.of(self.id)

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.ended_at is not None

    def json(self) -> Any:  # noqa: ANN401 - whatever the JSON holds
        """The body read as JSON."""
        return json.loads(self.body)

    def __repr__(self) -> str:
        progress = f"{self.state}, {self.attempts} of {self.retries + 1} attempts"
        if self.due_at is not None:
            progress += f", due {instant_text(instant_of(self.due_at))}"
        return f"<Message {self.id} {self.method} {self.url}: {progress}>"


class Messages(MessageRecords[Message]):
    """Messages in the order in which they were accepted."""

    __slots__ = ()

    def in_state(self, *states: State) -> Self:
        """Those that are in one of these states.

        Raises:
            UsageError: if there is no such state.
        """
        check_states(states, get_args(State))
        return type(self)(message for message in self._items if message.state in states)


def message_view(message: EngineMessage, journal: Deliveries) -> Message:
    """A message as it stands, with its deliveries of the journal."""
    command = message.command
    extras = command.extras
    is_due = message.state in TO_BE_TRIED or message.state is MessageState.CANCELING
    ended_at = message.ended_at if message.state in ENDED else None
    return Message(
        id=message.id,
        url=command.url,
        method=command.method,
        headers=Headers(command.headers),
        body=command.body,
        state=cast("State", message.state.value),
        created_at=datetime_of(message.created_at),
        due_at=datetime_of(message.due_at) if is_due else None,
        ended_at=None if ended_at is None else datetime_of(ended_at),
        delay=timedelta(milliseconds=message.not_before - message.created_at),
        timeout=None if command.timeout is None else timedelta(milliseconds=command.timeout),
        retries=command.retries,
        attempts=message.attempts,
        labels=command.labels,
        queue=extras.queue,
        topic=extras.topic,
        schedule_id=extras.schedule_id,
        flow_control_key=None if extras.flow_control is None else extras.flow_control.key,
        callback=None if extras.callback is None else extras.callback.url,
        failure_callback=None if extras.failure_callback is None else extras.failure_callback.url,
        dlq_id=message.dlq_id,
        _journal=journal,
    )
