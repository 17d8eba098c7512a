"""What is going to happen, as far as that is settled: read off the timeline, nothing is moved.

Outcomes are not guessed. So what follows from an answer is not there, nor are the messages that a
schedule is going to make; and a message is listed for the instant at which it comes due, although
a queue or a limit may hold it then. Schedules go on for ever: their firings are worked out one by
one, as far as somebody looks.
"""

from collections import deque
from collections.abc import Iterator
from copy import copy
from heapq import heapify, heappop, heapreplace
from itertools import count
from typing import NamedTuple, Protocol, TypeAlias

from fakestash.engine.account import Account
from fakestash.engine.deduplication import deduplication_id
from fakestash.engine.door import Door
from fakestash.engine.due import ReleaseDue, ResponseDue, ScheduleDue
from fakestash.engine.places import Gate, Lane, Place
from fakestash.engine.publishing import addressed
from fakestash.engine.schedule_record import ScheduleRecord
from fakestash.errors import ServiceError
from fakestash.model.messages import Message
from fakestash.syntax.cron import Cron
from fakestash.timeline import Timer


class FiringAhead(NamedTuple):
    """A schedule is going to fire. ``urls`` are where to, as its URL group stands now."""

    schedule_id: str
    destination: str
    urls: tuple[str, ...]


class StartAhead(NamedTuple):
    """A message that is due and held is going to be let through, as far as its queue or key goes.

    ``queue`` or ``key`` is the place that does; neither is the user's own limit.
    """

    message: Message
    queue: str | None = None
    key: str | None = None


class WindowEnd(NamedTuple):
    """From then on nothing is a duplicate any more of what was made.

    ``deduplication_id`` is None if it is by content; ``message`` is what was made, if it was one.
    """

    made: str
    deduplication_id: str | None
    message: Message | None


class Ahead(NamedTuple):
    """Something that is going to happen at an instant (unix ms).

    ``event`` is one of the classes above, or an event of the timeline. Messages are copies.
    """

    at: int
    event: object


class _Source(Protocol):
    """Where events come from that are ahead."""

    @property
    def event(self) -> object:
        """The one that is next."""
        ...

    def go_on(self, at: int, /) -> int | None:
        """It has happened ``at`` this instant. When the following one will; None if none does."""
        ...


_Queued: TypeAlias = tuple[int, int, _Source]
"""When the next event of a source is due, its place among equals, and the source."""


class Forecast:
    """What is ahead of users."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def until(self, instant: int, user_id: str) -> Iterator[Ahead]:
        """What is going to happen to a user up to ``instant`` (unix ms), included, in order.

        It is that of now, whatever happens while somebody looks. Events that are not the engine's
        own are everybody's.
        """
        with self._door.lock:
            world = self._door.world
            timers = world.timeline.ahead(instant)
            sources = [_queued(timer) for timer in timers if _concerns(timer[2], user_id)]
            ends = list(_window_ends(world.accounts[user_id], world.clock.now(), instant))
            sequence = world.timeline.sequence
        queue = [each for each in sources if each is not None] + ends
        heapify(queue)
        return _in_order(queue, sequence, instant)


def start_ahead(place: Place, message: Message) -> int | None:
    """When a message that waits there is going to start (unix ms); None if that is not settled."""
    if place.timer is None:
        return None
    at: int | None = place.timer[0]
    starts = _Starts(place, place.timer[0])
    while at is not None and starts.are_some and starts.event.message.id != message.id:
        at = starts.go_on(at)
    return at


def _in_order(queue: list[_Queued], sequence: int, until: int) -> Iterator[Ahead]:
    while queue:
        at, _, source = queue[0]
        yield Ahead(at, source.event)
        following = source.go_on(at)
        if following is None or following > until:
            heappop(queue)
        else:
            sequence += 1  # as on the timeline: what is set later comes later
            heapreplace(queue, (following, sequence, source))


def _concerns(event: object, user_id: str) -> bool:
    """Whether an event of the timeline is about what a user has."""
    match event:
        case Message():
            return event.user_id == user_id
        case ResponseDue():
            return event.attempt.message.user_id == user_id
        case ScheduleDue() | ReleaseDue():
            return event.account.user.id == user_id
        case _:
            return True


def _queued(timer: Timer) -> _Queued | None:
    """What comes of a timer; None if that is nothing."""
    due, sequence, event = timer
    if isinstance(event, ScheduleDue):
        if event.record.is_paused:
            return None
        return due, sequence, _Firings(event.account, event.record)
    if isinstance(event, ReleaseDue):
        starts = _Starts(event.place, due)
        return (due, sequence, starts) if starts.are_some else None
    if isinstance(event, Message):
        event = copy(event)
    return due, sequence, _Once(event)


class _Once:
    """A single event."""

    def __init__(self, event: object) -> None:
        self.event = event

    def go_on(self, _: int) -> int | None:
        return None


class _Firings:
    """A schedule that fires again and again."""

    def __init__(self, account: Account, record: ScheduleRecord) -> None:
        self.event = FiringAhead(record.id, record.destination, _urls(account, record))
        self._cron: Cron = record.cron

    def go_on(self, at: int) -> int | None:
        return self._cron.next_after(at)


class _Starts:
    """A place lets go those who wait there, as long as that depends on no answer.

    What is due later and may come in between is not looked at.
    """

    def __init__(self, place: Place, at: int) -> None:
        self._place = place
        self._waiting = deque(copy(held.message) for held in place.ready())
        self._room, self._period_end = len(self._waiting), at
        if isinstance(place, Gate) and place.rate:
            self._room, self._period_end = place.period_at(at)

    @property
    def are_some(self) -> bool:
        """Whether anybody waits."""
        return bool(self._waiting)

    @property
    def event(self) -> StartAhead:
        """The start that is next."""
        message, place = self._waiting[0], self._place
        if isinstance(place, Lane):
            return StartAhead(message, queue=place.name)
        return StartAhead(message, key=place.key if isinstance(place, Gate) else None)

    def go_on(self, at: int) -> int | None:
        self._waiting.popleft()
        if not self._waiting:
            return None
        self._room -= 1
        if self._room:
            return at
        opens_at = self._period_end
        if isinstance(self._place, Gate):  # nobody else has a rate
            self._room = self._place.rate
            self._period_end += self._place.period * 1000
        return opens_at


def _urls(account: Account, record: ScheduleRecord) -> tuple[str, ...]:
    """Where a schedule publishes to; nowhere if there is no such URL group."""
    try:
        return tuple(command.url for command in addressed(account, record.request))
    except ServiceError:
        return ()


def _window_ends(account: Account, now: int, until: int) -> Iterator[_Queued]:
    """The ends of the deduplication windows, before whatever else happens at their instants."""
    places = count(-(2**62))
    for end, key, made in account.deduplication.windows():
        if now < end <= until:
            message = account.messages.get(made)
            shown = None if message is None else copy(message)
            yield end, next(places), _Once(WindowEnd(made, deduplication_id(key), shown))
