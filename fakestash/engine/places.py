"""Where messages that are due may be held: queues, flow control keys, and the user's own limit.

A lane is the order of a queue. A gate holds the limits of a flow control key. Each knows whether
it lets a message through and which one it lets through next; who asks, and when, is decided in
``admission``.
"""

from typing import Final, TypeAlias

from fakestash.engine.notes import Bar, Obstacle
from fakestash.engine.wait_list import Held, WaitList
from fakestash.model.messages import Message
from fakestash.model.queries import Pin
from fakestash.model.resources import FlowControlStatus, QueueStatus
from fakestash.model.settings import FlowControl
from fakestash.timeline import Timer

_SECOND_MS: Final = 1000


class Lane:
    """A queue: first in, first out, ``parallelism`` of its messages at a time.

    A message has a place from its first attempt to its end, retries and callbacks included
    (documented). Nobody is let through to start before all earlier ones have, whatever limits
    those still wait for. While the lane is paused nothing starts, retries neither (D114).
    """

    def __init__(self, name: str, now: int, parallelism: int = 1) -> None:
        self.name = name
        self.created_at = self.updated_at = now
        self.parallelism = parallelism
        self.is_paused = False
        self.timer: Timer | None = None
        self.unfinished: dict[str, Message] = {}
        self._holders: set[str] = set()
        self._newcomers = WaitList()
        self._retries = WaitList()
        self._beyond: dict[str, Held] = {}
        """Those who were let through and have not started: they wait for other limits."""
        self._next: str | None = None
        """The one of them that has no place yet."""

    def obstacle(self, message: Message) -> Obstacle | None:
        """What keeps a message from going on that comes due; None if nothing does."""
        is_new = not self.has_place(message)
        if not (
            self.is_paused or self._retries or (is_new and (self._newcomers or not self._has_room))
        ):
            return None
        return self._in_the_way(
            self._before(len(self._newcomers)) if is_new else len(self._retries)
        )

    def obstacle_of_one_who_waits(self, message: Message) -> Obstacle:
        """What keeps a message that waits here."""
        if message in self._retries:
            return self._in_the_way(self._retries.ahead_of(message))
        return self._in_the_way(self._before(self._newcomers.ahead_of(message)))

    def has_place(self, message: Message) -> bool:
        """Whether its first attempt has started here."""
        return message.id in self._holders

    def holds(self, message: Message) -> bool:
        """Whether a message waits here."""
        return message in self._newcomers or message in self._retries

    def let_through(self, held: Held) -> None:
        """A message that nothing keeps goes on."""
        self._beyond[held.message.id] = held
        if held.message.id not in self._holders:
            self._next = held.message.id

    def hold(self, held: Held) -> None:
        """Have a message wait that was not let in."""
        (self._retries if held.message.id in self._holders else self._newcomers).add(held)

    def start(self, message: Message) -> None:
        """An attempt starts: it has a place from now on."""
        self._holders.add(message.id)
        self._pass_on(message)

    def can_release(self, _now: int) -> bool:
        """Whether one of those who wait may go on."""
        return not self.is_paused and (
            bool(self._retries) or (bool(self._newcomers) and self._has_room)
        )

    def release(self) -> Held:
        """The next to go on."""
        held = (self._retries or self._newcomers).pop()
        self.let_through(held)
        return held

    def ready(self) -> list[Held]:
        """Those who wait and can go on without anybody's end, in this order."""
        room = self.parallelism - len(self._holders) if self._has_room else 0
        return self._retries.in_order() + self._newcomers.in_order()[:room]

    def recall(self) -> list[Held]:
        """Have all who were let through and have not started wait here again."""
        back = list(self._beyond.values())
        for held in back:
            self._pass_on(held.message)
            self.hold(held)
        return back

    def opens_at(self, now: int) -> int | None:
        """When it may let one through again: now, or not before something changes."""
        return now if self.can_release(now) else None

    def forget(self, message: Message) -> None:
        """Have ``message`` wait no more, and free its place."""
        self._newcomers.discard(message)
        self._retries.discard(message)
        self._holders.discard(message.id)
        self._pass_on(message)

    def status(self) -> QueueStatus:
        """How it stands now."""
        return QueueStatus(
            self.created_at,
            self.updated_at,
            self.name,
            self.parallelism,
            len(self.unfinished),
            self.is_paused,
        )

    @property
    def _has_room(self) -> bool:
        return self._next is None and len(self._holders) < self.parallelism

    def _before(self, newcomers: int) -> int:
        """How many are before one whom so many newcomers are before."""
        return len(self._holders) + (self._next is not None) + newcomers

    def _in_the_way(self, ahead: int) -> Obstacle:
        bar = Bar.QUEUE_PAUSED if self.is_paused else Bar.QUEUE_TURN
        return Obstacle(bar, self.name, self.parallelism, ahead=ahead)

    def _pass_on(self, message: Message) -> None:
        self._beyond.pop(message.id, None)
        if self._next == message.id:
            self._next = None


class Gate:
    """The limits of a flow control key: attempts in flight, and attempts started in a period.

    Limits are those of the latest message that named the key, except where pinned. A period
    starts with the first attempt after the one before has ended (D116). 0 is no limit.
    """

    def __init__(self, key: str) -> None:
        self.key = key
        self.parallelism = 0
        self.rate = 0
        self.period = 1
        self.is_paused = False
        self.is_parallelism_pinned = False
        self.is_rate_pinned = False
        self.timer: Timer | None = None
        self.waiting = WaitList()
        self._in_flight: set[str] = set()
        self._started: int | None = None
        """When the current period began (unix ms)."""
        self._count = 0

    def bring(self, control: FlowControl) -> None:
        """Take over the limits that a message brings."""
        if not self.is_parallelism_pinned:
            self.parallelism = control.parallelism or 0
        if not self.is_rate_pinned:
            self.rate, self.period = control.rate or 0, control.period

    def is_open(self, now: int) -> bool:
        """Whether an attempt may start."""
        return not self._is_shut and (not self.rate or self._count_at(now) < self.rate)

    def obstacle(self, held: Held, now: int) -> Obstacle | None:
        """What keeps a message from starting; None if nothing does."""
        if self.is_open(now) and self.waiting.is_first(held):
            return None
        return self.obstacle_of_one_who_waits(now)

    def obstacle_of_one_who_waits(self, now: int) -> Obstacle:
        """What keeps those who wait here."""
        if self.is_paused:
            return Obstacle(Bar.KEY_PAUSED, self.key)
        if self._is_shut:
            return Obstacle(Bar.KEY_PARALLELISM, self.key, self.parallelism)
        if not self.is_open(now):
            return Obstacle(Bar.KEY_RATE, self.key, self.rate, self.period)
        return Obstacle(Bar.KEY_TURN, self.key)

    def take(self, message: Message, now: int) -> None:
        """An attempt starts."""
        self._in_flight.add(message.id)
        if self._started is None or now >= self._period_end(self._started):
            self._started, self._count = now, 0
        self._count += 1

    def give_back(self, message: Message) -> None:
        """An attempt has ended."""
        self._in_flight.discard(message.id)

    def can_release(self, now: int) -> bool:
        """Whether one of those who wait may go on."""
        return bool(self.waiting) and self.is_open(now)

    def release(self) -> Held:
        """The next to go on."""
        return self.waiting.pop()

    def ready(self) -> list[Held]:
        """Those who wait and can go on without anybody's answer, in this order."""
        room = self.parallelism - len(self._in_flight) if self.parallelism else None
        return self.waiting.in_order()[:room]

    def period_at(self, at: int) -> tuple[int, int]:
        """Of the period at an instant: how many may still start in it, and when it ends."""
        if self._started is None or at >= self._period_end(self._started):
            return self.rate, self._period_end(at)
        return self.rate - self._count, self._period_end(self._started)

    def opens_at(self, now: int) -> int | None:
        """When it may let one through again: now, with the next period, or None if neither."""
        if not self.waiting or self._is_shut:
            return None
        if self.is_open(now) or self._started is None:
            return now
        return self._period_end(self._started)

    def pin(self, pin: Pin, now: int) -> None:
        """Fix limits until they are unpinned; the period starts anew."""
        if pin.parallelism is not None:
            self.parallelism, self.is_parallelism_pinned = pin.parallelism, True
        if pin.rate is not None:
            self.rate, self.period, self.is_rate_pinned = pin.rate, pin.period, True
        self.reset_rate(now)

    def unpin(self, *, parallelism: bool, rate: bool) -> None:
        """Let the next message bring limits again."""
        self.is_parallelism_pinned = self.is_parallelism_pinned and not parallelism
        self.is_rate_pinned = self.is_rate_pinned and not rate

    def reset_rate(self, now: int) -> None:
        """Start a new period, in which nothing has started."""
        self._started, self._count = now, 0

    def reset(self, now: int) -> None:
        """As ``reset_rate``; attempts in flight are not counted any more either."""
        self.reset_rate(now)
        self._in_flight.clear()

    def status(self, now: int, further_on: int = 0) -> FlowControlStatus:
        """How it stands at ``now``; ``further_on`` are those let through that wait elsewhere."""
        return FlowControlStatus(
            key=self.key,
            wait_list_size=len(self.waiting) + further_on,
            parallelism_max=self.parallelism,
            parallelism_count=len(self._in_flight),
            rate_max=self.rate,
            rate_count=self._count_at(now),
            rate_period=self.period,
            rate_period_start=0 if self._started is None else self._started // _SECOND_MS,
            is_paused=self.is_paused,
            is_pinned_parallelism=self.is_parallelism_pinned,
            is_pinned_rate=self.is_rate_pinned,
        )

    @property
    def _is_shut(self) -> bool:
        """Whether it lets nothing through however much time passes."""
        return self.is_paused or (
            bool(self.parallelism) and len(self._in_flight) >= self.parallelism
        )

    def _count_at(self, now: int) -> int:
        has_ended = self._started is not None and now >= self._period_end(self._started)
        return 0 if has_ended else self._count

    def _period_end(self, started: int) -> int:
        return started + self.period * _SECOND_MS


class GlobalLimit:
    """How many attempts of a user may be in flight at once."""

    def __init__(self, maximum: int) -> None:
        self.maximum = maximum
        self.in_flight = 0
        self.timer: Timer | None = None
        self.waiting = WaitList()

    def obstacle(self, held: Held) -> Obstacle | None:
        """What keeps a message from starting; None if nothing does."""
        if self.in_flight < self.maximum and self.waiting.is_first(held):
            return None
        return self.obstacle_of_one_who_waits()

    def obstacle_of_one_who_waits(self) -> Obstacle:
        """What keeps those who wait here."""
        if self.in_flight < self.maximum:
            return Obstacle(Bar.GLOBAL_TURN, limit=self.maximum)
        return Obstacle(Bar.GLOBAL_PARALLELISM, limit=self.maximum)

    def can_release(self, _now: int) -> bool:
        """Whether one of those who wait may go on."""
        return bool(self.waiting) and self.in_flight < self.maximum

    def release(self) -> Held:
        """The next to go on."""
        return self.waiting.pop()

    def ready(self) -> list[Held]:
        """Those who wait and can go on without anybody's answer, in this order."""
        return self.waiting.in_order()[: self.maximum - self.in_flight]

    def opens_at(self, now: int) -> int | None:
        """When it may let one through again: now, or not before something changes."""
        return now if self.can_release(now) else None


Place: TypeAlias = Lane | Gate | GlobalLimit
