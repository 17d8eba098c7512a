"""What a move of time did: what came up, what came back, why it stopped, what is next."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, assert_never

from fakestash.delivery.journal import Deliveries
from fakestash.engine.due import (
    Admitted,
    Firing,
    Held,
    ReleaseDue,
    ResponseDue,
    ScheduleDue,
)
from fakestash.engine.places import Gate, GlobalLimit, Lane, Place
from fakestash.model.messages import Message, MessageState
from fakestash.model.outcomes import outcome_text
from fakestash.syntax.moments import datetime_of, instant_text


class StopReason(StrEnum):
    """Why a move of time stopped."""

    REACHED = "the instant was reached"
    STEPPED = "the next event was run"
    IDLE = "nothing is due any more"
    MET = "the condition was met"
    WITHDRAWN = "nobody waits for it any more"


class Fired(NamedTuple):
    """One event that came up.

    ``what`` says it in words; ``message_id`` names its message, if it has one; ``came_back`` is the
    answer that counted with it: a status such as ``"200"``, or the service's text for a failure.
    """

    at: datetime
    what: str
    message_id: str | None
    came_back: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a move of time.

    ``deliveries`` are those made during the move, ``firings`` what came up (of a move beyond the
    usual limit, the latest of both). ``next_at`` and ``next_event`` tell what is due
    next; None if nothing is.
    """

    started_at: datetime
    ended_at: datetime
    reason: StopReason
    deliveries: Deliveries
    next_at: datetime | None
    next_event: str | None
    firings: tuple[Firing, ...] = field(repr=False)

    @property
    def fired(self) -> tuple[Fired, ...]:
        """Everything that came up, in order, and what came back with it."""
        return tuple(map(_told, self.firings))

    def __str__(self) -> str:
        answers = Counter(fired.came_back for fired in self.fired if fired.came_back is not None)
        tally = ", ".join(f"{count} x {answer}" for answer, count in answers.items())
        made = counted(len(self.deliveries), "delivery", "deliveries")
        lines = [
            f"{_shown(self.started_at)} to {_shown(self.ended_at)}: {self.reason}",
            f"{made} made; came back: {tally or 'nothing'}",
        ]
        if self.next_at is not None:
            lines.append(f"next at {_shown(self.next_at)}: {self.next_event}")
        else:
            lines.append("nothing is due")
        return "\n".join(lines)


def _told(firing: Firing) -> Fired:
    attempt = firing.event.attempt if isinstance(firing.event, ResponseDue) else firing.attempt
    closing = None if attempt is None else attempt.closing
    came_back = None
    if closing is not None and closing.outcome is not None and closing.at == firing.at:
        came_back = outcome_text(closing.outcome)
    return Fired(datetime_of(firing.at), describe(firing), _message_id(firing.event), came_back)


def _shown(instant: datetime) -> str:
    return instant_text(round(instant.timestamp() * 1000))


def describe(firing: Firing) -> str:
    """An event that came up, in words."""
    event = firing.event
    if isinstance(event, Message):
        if firing.attempt is None:
            return f"cancellation of {event.id} for {event.command.url}"
        return _attempt_text(event, firing.attempt.number)
    if isinstance(event, Admitted) and firing.attempt is not None:
        return _attempt_text(event.message, firing.attempt.number)
    return describe_event(event)


def describe_event(event: object) -> str:
    """An event that is still to come, in words."""
    match event:
        case Message() as message if message.state is MessageState.CANCELING:
            text = f"cancellation of {message.id} for {message.command.url}"
        case Message() as message:
            text = _attempt_text(message, message.attempts)
        case ResponseDue(attempt):
            text = f"end of attempt {attempt.number + 1} of {attempt.message.id}"
        case ScheduleDue(_, record):
            text = f"firing of schedule {record.id} for {record.destination}"
        case Held(message):
            text = f"{message.id} for {message.command.url} is due but has to wait"
        case ReleaseDue(_, place):
            text = f"release of what waits for {_place_text(place)}"
        case _:
            text = str(event)
    return text


def _place_text(place: Place) -> str:
    match place:
        case Lane():
            return f"its turn in queue {place.name}"
        case Gate():
            return f"the limits of flow control key {place.key}"
        case GlobalLimit():
            return "the limit of attempts in flight"
        case _:
            assert_never(place)


def _attempt_text(message: Message, number: int) -> str:
    of = message.command.retries + 1
    return f"attempt {number + 1} of {of} of {message.id} to {message.command.url}"


def _message_id(event: object) -> str | None:
    if isinstance(event, Message):
        return event.id
    if isinstance(event, Held | Admitted):
        return event.message.id
    if isinstance(event, ResponseDue):
        return event.attempt.message.id
    return None


def culprit(firings: Iterable[Firing]) -> str:
    """The kind of event that came up most often, in words: who keeps a history running."""
    kinds = Counter(_kind(firing.event) for firing in firings)
    kind, count = kinds.most_common(1)[0]
    return f"{count:,} of them were {kind}"


def counted(number: int, one: str, many: str) -> str:
    """``1 event``, ``2 events``."""
    return f"{number:,} {one if number == 1 else many}"


def _kind(event: object) -> str:
    if isinstance(event, Message):
        return f"deliveries to {event.command.url}"
    if isinstance(event, Admitted):
        return f"deliveries to {event.message.command.url}"
    if isinstance(event, Held):
        return f"messages for {event.message.command.url} that have to wait"
    if isinstance(event, ScheduleDue):
        return f"firings of schedule {event.record.id}"
    if isinstance(event, ResponseDue):
        return f"answers from {event.attempt.message.command.url}"
    return f"{type(event).__name__} events"
