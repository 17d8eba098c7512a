"""What a listener to the log knows: messages, queues, keys and how far each is used.

It shares no code with the engine. Calls that leave no trace in the log (a queue is paused, a key
is pinned) are told to it; everything else it takes from the log, entry by entry, and each entry is
checked against what may happen at that moment.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Final

from fakestash.model.logs import LogEntry, LogState
from fakestash.model.messages import Message, PublishCommand
from fakestash.model.outcomes import Outcome, Responded
from fakestash.model.queries import Pin
from fakestash.model.resources import FlowControlStatus
from fakestash.model.settings import FlowControl

LETTERS: Final = {
    LogState.CREATED: "C",
    LogState.ACTIVE: "A",
    LogState.ERROR: "E",
    LogState.RETRY: "R",
    LogState.DELIVERED: "D",
    LogState.FAILED: "F",
    LogState.CANCEL_REQUESTED: "q",
    LogState.CANCELED: "x",
}
ANY_HISTORY: Final = re.compile("C(AER)*(A|AD|AE|AEF|qx?|Aq|AqD|AqE|AqEF|AqERx?)?")
REPORTS: Final = "https://report.test/"
"""Where callbacks go; nothing else does."""


@dataclass(eq=False)
class Line:
    """A queue."""

    name: str
    parallelism: int = 1
    paused: bool = False
    members: "list[Told]" = field(default_factory=list["Told"])

    @property
    def lag(self) -> int:
        """How many have not ended."""
        return sum(each.end is None for each in self.members)

    @property
    def taken(self) -> int:
        """How many places are taken."""
        return sum(each.has_place for each in self.members)

    def first(self, now: int) -> "Told | None":
        """Who has to start next."""
        joined = [each for each in self.members if each.is_held(now) and not each.has_started]
        return min(joined, key=lambda each: each.turn, default=None)


@dataclass(eq=False)
class Key:
    """A flow control key."""

    name: str
    parallelism: int = 0
    rate: int = 0
    period: int = 1
    paused: bool = False
    pinned_parallelism: bool = False
    pinned_rate: bool = False
    in_flight: set[str] = field(default_factory=set[str])
    started_at: int | None = None
    count: int = 0

    def bring(self, control: FlowControl) -> None:
        """A message brings limits."""
        if not self.pinned_parallelism:
            self.parallelism = control.parallelism or 0
        if not self.pinned_rate:
            self.rate, self.period = control.rate or 0, control.period

    def pin(self, pin: Pin, now: int) -> None:
        """Limits are pinned."""
        if pin.parallelism is not None:
            self.parallelism, self.pinned_parallelism = pin.parallelism, True
        if pin.rate is not None:
            self.rate, self.period, self.pinned_rate = pin.rate, pin.period, True
        self.started_at, self.count = now, 0

    def started(self, now: int) -> int:
        """How many have started in the period of ``now``."""
        return 0 if self.is_over(now) else self.count

    def is_over(self, now: int) -> bool:
        """Whether no period is running."""
        return self.started_at is None or now >= self.started_at + self.period * 1_000

    def is_open(self, now: int) -> bool:
        """Whether an attempt may start."""
        return (
            not self.paused
            and (not self.parallelism or len(self.in_flight) < self.parallelism)
            and (not self.rate or self.started(now) < self.rate)
        )

    def start(self, message_id: str, now: int) -> None:
        """An attempt starts."""
        if self.is_over(now):
            self.started_at, self.count = now, 0
        self.count += 1
        self.in_flight.add(message_id)

    def status(self, now: int, wait_list_size: int) -> FlowControlStatus:
        """What is shown of it."""
        return FlowControlStatus(
            key=self.name,
            wait_list_size=wait_list_size,
            parallelism_max=self.parallelism,
            parallelism_count=len(self.in_flight),
            rate_max=self.rate,
            rate_count=self.started(now),
            rate_period=self.period,
            rate_period_start=(self.started_at or 0) // 1_000,
            is_paused=self.paused,
            is_pinned_parallelism=self.pinned_parallelism,
            is_pinned_rate=self.pinned_rate,
        )


@dataclass(eq=False)
class Told:
    """A message."""

    number: int
    message: Message
    created_at: int
    planned: int
    planned_as: int
    """Its place among those that are planned for the same instant."""
    line: Line | None
    key: Key | None
    is_last_word: bool
    """Whether it reports that another has failed for good."""
    is_second_try: bool
    """Whether it was a dead letter before."""
    history: str = "C"
    attempts: int = 0
    has_started: bool = False
    in_flight: bool = False
    started_at: int = 0
    asked: bool = False
    end: str | None = None
    answer: Outcome | None = None
    answer_at: int | None = None
    reports: "list[Told]" = field(default_factory=list["Told"])

    @property
    def id(self) -> str:
        """Its id."""
        return self.message.id

    @property
    def command(self) -> PublishCommand:
        """What was asked for."""
        return self.message.command

    @property
    def turn(self) -> tuple[int, int]:
        """Its place among all that are due."""
        return (self.planned, self.planned_as)

    @property
    def can_be_cancelled(self) -> bool:
        """Whether a cancellation counts."""
        return self.end is None and not self.asked

    @property
    def is_over(self) -> bool:
        """Whether nothing follows of it: it has ended, or will only be cancelled."""
        return self.end is not None or (self.asked and not self.in_flight)

    @property
    def has_place(self) -> bool:
        """Whether it takes a place in its queue, which it does from its first start on."""
        if not self.has_started or self.end == "x":
            return False
        if self.end is not None:
            return not all(each.is_over for each in self.reports)
        return not self.is_over

    def is_held(self, now: int) -> bool:
        """Whether it is due and does not run."""
        return self.can_be_cancelled and not self.in_flight and self.planned <= now


def _nothing_else() -> None:
    """Nothing is told but by the log."""


class Listener:
    """Hears every log entry and knows what it means."""

    def __init__(self, most_in_flight: int) -> None:
        self.most_in_flight = most_in_flight
        self.told: dict[str, Told] = {}
        self.heard: list[LogEntry] = []
        self.lines: dict[str, Line] = {}
        self.keys: dict[str, Key] = {}
        self.letters: list[Told] = []
        self.is_retrying = False
        """Whether dead letters are being retried: what is made then reports nothing."""
        self._is_at_a_loss = False
        self.catch_up = _nothing_else
        """Called before an entry is heard: for what the log does not tell."""

    @property
    def in_flight(self) -> list[Told]:
        """The messages of which an attempt runs."""
        return [each for each in self.told.values() if each.in_flight]

    def key(self, name: str) -> Key:
        """The key of that name, made if nothing has named it."""
        return self.keys.setdefault(name, Key(name))

    def line(self, name: str) -> Line:
        """The queue of that name, made if it is not there."""
        return self.lines.setdefault(name, Line(name))

    def hear(self, entry: LogEntry) -> None:
        """Something happened. Once that was against the rules, nothing more is listened to."""
        if self._is_at_a_loss:
            return
        self._is_at_a_loss = True
        self.catch_up()
        self._understand(entry)
        self._is_at_a_loss = False

    def _understand(self, entry: LogEntry) -> None:
        if self.heard:
            last = self.heard[-1]
            assert (last.at, last.sequence) < (entry.at, entry.sequence)
        self.heard.append(entry)
        if entry.state is LogState.CREATED:
            self._made(entry)
            return
        told = self.told[entry.message.id]
        told.history += LETTERS[entry.state]
        assert ANY_HISTORY.fullmatch(told.history), told.history
        match entry.state:
            case LogState.ACTIVE:
                self._starts(told, entry.at)
            case LogState.ERROR | LogState.DELIVERED:
                self._answered(told, entry)
            case LogState.RETRY:
                assert entry.next_delivery_at is not None
                assert told.attempts <= told.command.retries
                told.planned, told.planned_as = entry.next_delivery_at, len(self.heard)
            case LogState.FAILED:
                is_final = isinstance(told.answer, Responded) and told.answer.status == 489
                assert is_final or told.attempts == told.command.retries + 1
                told.end = "F"
                self.letters.append(told)
            case LogState.CANCEL_REQUESTED:
                assert told.can_be_cancelled
                told.asked = True
            case LogState.CANCELED:
                # At the planned time, or at once if that has passed.
                asked_at = next(
                    e.at for e in told.message.entries if e.state is LogState.CANCEL_REQUESTED
                )
                assert entry.at == max(told.planned, asked_at)
                told.end = "x"

    def _made(self, entry: LogEntry) -> None:
        message, extras = entry.message, entry.message.command.extras
        assert message.id not in self.told
        assert entry.next_delivery_at is not None
        source, body = None, {}
        if message.command.url.startswith(REPORTS) and not self.is_retrying:
            body = json.loads(message.command.body)
            source = self.told[body["sourceMessageId"]]
        told = self.told[message.id] = Told(
            number=len(self.told),
            message=message,
            created_at=entry.at,
            planned=entry.next_delivery_at,
            planned_as=len(self.heard),
            line=None if extras.queue is None else self.line(extras.queue),
            key=None if extras.flow_control is None else self.key(extras.flow_control.key),
            is_last_word="dlqId" in body,
            is_second_try=self.is_retrying,
        )
        if source is not None:
            source.reports.append(told)
        if told.line is not None:
            told.line.members.append(told)
        if told.key is not None and extras.flow_control is not None:
            told.key.bring(extras.flow_control)

    def _starts(self, told: Told, now: int) -> None:
        assert told.planned <= now, "started early"
        assert not told.asked, "started although it was cancelled"
        assert len(self.in_flight) < self.most_in_flight, "more in flight than the user may have"
        for other in self.told.values():
            if other.is_held(now) and other.line is None and other.key in {None, told.key}:
                assert told.turn <= other.turn, "started before one that came first"
        line = told.line
        if line is not None:
            assert not line.paused, "started in a paused queue"
            if not told.has_started:
                assert line.taken < line.parallelism, "more of a queue under way than its places"
                assert line.first(now) is told, "started out of order"
        if told.key is not None:
            assert told.key.is_open(now), "started against the limits of its key"
            told.key.start(told.id, now)
        told.attempts += 1
        told.has_started = True
        told.in_flight, told.started_at = True, now
        assert told.attempts <= told.command.retries + 1

    def _answered(self, told: Told, entry: LogEntry) -> None:
        assert (entry.at, entry.outcome) == (told.answer_at, told.answer)
        assert entry.duration == entry.at - told.started_at
        told.in_flight = False
        told.answer_at = None
        if told.key is not None:
            told.key.in_flight.discard(told.id)
        if entry.state is LogState.DELIVERED:
            told.end = "D"
