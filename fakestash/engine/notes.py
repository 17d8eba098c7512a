"""What people ask about and the log of the service is silent on: who was held, and by what.

Notes are kept beside the log, for as long as it is. They are for reading only: nothing that
happens to a message depends on them.
"""

from bisect import bisect_right
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, assert_never

from fakestash.model.messages import Message

if TYPE_CHECKING:
    from fakestash.engine.account import Account


class Bar(StrEnum):
    """What a message can be held by when it is due."""

    QUEUE_PAUSED = "queue paused"
    QUEUE_TURN = "not its turn in the queue"
    KEY_PAUSED = "flow control key paused"
    KEY_PARALLELISM = "parallelism of the key"
    KEY_RATE = "rate of the key"
    KEY_TURN = "not its turn for the key"
    GLOBAL_PARALLELISM = "attempts in flight of the user"
    GLOBAL_TURN = "not its turn among all that wait"


class Obstacle(NamedTuple):
    """What keeps a message from starting, as it was when it did.

    ``name`` is that of the queue or the key, ``limit`` the one that is reached, ``period`` (s) that
    of a rate, ``ahead`` how many of its queue are before it.
    """

    bar: Bar
    name: str = ""
    limit: int = 0
    period: int = 0
    ahead: int = 0


class ByHand(StrEnum):
    """What a test did to a message."""

    STARTED = "started before its time"
    ANSWERED = "answered in place of its destination"
    KEPT = "its answer is held back"
    LET_GO = "its answer is let go"


class Disturbed(NamedTuple):
    """What chaos did to a message: in words, and when its next attempt is due (unix ms) thereby."""

    what: str
    due: int | None = None


About: TypeAlias = Obstacle | ByHand | Disturbed


class Note(NamedTuple):
    """Something that the log does not tell of.

    It stands behind the log's entry of the same instant (``at``, unix ms) with this ``sequence``;
    -1 is before all of them.
    """

    at: int
    sequence: int
    message: Message
    about: About


class Sent(NamedTuple):
    """A callback: what it reports on, and which attempt (from 0)."""

    callback: Message
    source: Message
    number: int
    is_failure: bool


class Notes:
    """The notes on the messages of one user, in order, and their callbacks."""

    def __init__(self) -> None:
        self.all: list[Note] = []
        self.sent: dict[str, list[Sent]] = {}
        """The callbacks of a message, by its id."""
        self.reports: dict[str, Sent] = {}
        """The same by the ids of the callbacks."""

    def add_callback(self, sent: Sent) -> None:
        """A callback was sent."""
        self.sent.setdefault(sent.source.id, []).append(sent)
        self.reports[sent.callback.id] = sent

    def of(self, message: Message) -> tuple[Note, ...]:
        """The notes on one message."""
        return tuple(note for note in self.all if note.message is message)

    def since(self, instant: int) -> list[Note]:
        """The notes from after this instant (unix ms)."""
        return self.all[bisect_right(self.all, instant, key=lambda note: note.at) :]

    def expire(self, before: int) -> None:
        """Remove the notes from or before this instant (unix ms)."""
        del self.all[: bisect_right(self.all, before, key=lambda note: note.at)]

    def forget(self, message: Message) -> None:
        """A message is removed: nothing tells of its callbacks any more."""
        self.sent.pop(message.id, None)
        self.reports.pop(message.id, None)


def obstacle_text(obstacle: Obstacle) -> str:
    """What keeps a message, in words."""
    name, limit = obstacle.name, obstacle.limit
    match obstacle.bar:
        case Bar.QUEUE_PAUSED:
            text = f"queue {name} is paused"
        case Bar.QUEUE_TURN:
            others = "1 other is" if obstacle.ahead == 1 else f"{obstacle.ahead} others are"
            text = f"{others} before it in queue {name}"
        case Bar.KEY_PAUSED:
            text = f"flow control key {name} is paused"
        case Bar.KEY_PARALLELISM:
            text = f"flow control key {name} has {limit} in flight, which is its limit"
        case Bar.KEY_RATE:
            rate = f"{limit} in {obstacle.period} s"
            text = f"flow control key {name} has started {rate}, which is its limit"
        case Bar.KEY_TURN:
            text = f"others are before it under flow control key {name}"
        case Bar.GLOBAL_PARALLELISM:
            text = f"{limit} attempts are in flight, which is the user's limit"
        case Bar.GLOBAL_TURN:
            text = "others that wait for the user's limit are before it"
        case _:
            assert_never(obstacle.bar)
    return text


def note(account: "Account", message: Message, about: About, now: int) -> None:
    """Note something about a message."""
    sequence = account.log.latest_sequence(now)
    account.notes.all.append(Note(now, sequence, message, about))
