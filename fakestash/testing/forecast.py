"""What is going to happen, read off the fake without moving its time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Final, NamedTuple, Self, cast, overload

from fakestash.drive.report import describe_event
from fakestash.engine.due import ResponseDue
from fakestash.engine.forecast import Ahead, FiringAhead, StartAhead, WindowEnd
from fakestash.errors import shown_where_it_was_made
from fakestash.matching.arguments import check_id
from fakestash.model.messages import Message, MessageState
from fakestash.syntax.moments import DurationLike, datetime_of, instant_of, instant_text, millis_of
from fakestash.testing.parts import Parts
from fakestash.wire.places import covers, place

__tracebackhide__ = shown_where_it_was_made

_MOST_SHOWN: Final = 20
"""How many of them ``repr`` shows."""


class UpcomingKind(StrEnum):
    """What kind of thing is going to happen."""

    ATTEMPT = "attempt"
    ANSWER = "answer"
    CANCELLATION = "cancellation"
    FIRING = "firing"
    WINDOW_END = "end of a deduplication window"
    OTHER = "other"


class UpcomingEvent(NamedTuple):
    """One thing that is going to happen.

    ``what`` says it in words. ``message_id`` and ``schedule_id`` name whom it happens to, ``url``
    is where to: of a schedule the URL, or the name of the URL group, that it publishes to, and
    ``urls`` all of them.
    """

    at: datetime
    kind: UpcomingKind
    what: str
    message_id: str | None = None
    schedule_id: str | None = None
    url: str | None = None
    urls: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{instant_text(instant_of(self.at))} {self.what}"


class Upcoming(Sequence[UpcomingEvent]):
    """What is going to happen, in order, as it stood when it was asked for. Immutable.

    It is worked out as far as somebody looks: the first of a schedule's firings are there at
    once, however many there are.
    """

    __slots__ = ("_known", "_rest")

    def __init__(self, items: Iterable[UpcomingEvent] = ()) -> None:
        self._known: list[UpcomingEvent] = []
        self._rest = iter(items)

    @overload
    def __getitem__(self, index: int) -> UpcomingEvent: ...

    @overload
    def __getitem__(self, index: slice) -> Self: ...

    def __getitem__(self, index: int | slice) -> UpcomingEvent | Self:
        if isinstance(index, slice):
            stop: int | None = index.stop
            if stop is None or min(index.start or 0, stop, index.step or 1) < 0:
                return type(self)(self._all()[index])
            return type(self)(self._up_to(stop)[index])
        return self._up_to(index + 1)[index] if index >= 0 else self._all()[index]

    def __len__(self) -> int:
        return len(self._all())

    def __bool__(self) -> bool:
        return bool(self._up_to(1))

    def __iter__(self) -> Iterator[UpcomingEvent]:
        index = 0
        while len(self._up_to(index + 1)) > index:
            yield self._known[index]
            index += 1

    def __eq__(self, other: object) -> bool:
        if isinstance(other, list):
            return self._all() == cast("list[object]", other)
        return list(self) == list(other) if isinstance(other, Upcoming) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        shown = [repr(item) for item in self._up_to(_MOST_SHOWN + 1)[:_MOST_SHOWN]]
        if len(self._known) > _MOST_SHOWN:
            shown.append("...")
        return f"Upcoming([{', '.join(shown)}])"

    def __str__(self) -> str:
        return "\n".join(map(str, self)) or "nothing is going to happen"

    def to(self, url: str) -> Self:
        """What goes to ``url``: an origin means all of it, a URL without query any query.

        Raises:
            UsageError: if ``url`` is not an absolute http(s) URL.
        """
        wanted = place(url)
        return self.where(lambda event: any(covers(wanted, each) for each in event.urls))

    def of(self, named: str) -> Self:
        """What happens to one message or one schedule, by its id.

        Raises:
            UsageError: if ``named`` is no text.
        """
        check_id("message_id", named)
        return self.where(lambda event: named in {event.message_id, event.schedule_id})

    def where(self, test: Callable[[UpcomingEvent], object]) -> Self:
        """That for which ``test`` is true."""
        return type(self)(event for event in self if test(event))

    def _up_to(self, count: int) -> list[UpcomingEvent]:
        """At least the first ``count``, if there are so many."""
        if len(self._known) < count:
            self._known.extend(islice(self._rest, count - len(self._known)))
        return self._known

    def _all(self) -> list[UpcomingEvent]:
        self._known.extend(self._rest)
        return self._known


class Forecasts(Parts):
    """What is to come."""

    def upcoming(self, duration: DurationLike) -> Upcoming:
        """What is going to happen within ``duration`` from now on, its end included, in order.

        That is, of the default user: attempts of messages that there are, at the instants at which
        they come due (a queue or a limit may hold them then); starts of messages that are held,
        where only a rate, and no answer, has to be waited for; answers that are on their way;
        cancellations that take effect; firings of schedules; ends of deduplication windows.

        Nothing is changed, and nothing is guessed: what follows from answers that are not there
        yet is not listed, nor are the messages that schedules are going to make.

        Raises:
            UsageError: on a bad duration.
        """
        until = self.engine.clock.now() + millis_of(duration)
        datetime_of(until)
        return Upcoming(map(_event, self.engine.forecast.until(until, self._user.id)))


def _event(ahead: Ahead) -> UpcomingEvent:
    at = datetime_of(ahead.at)
    match ahead.event:
        case FiringAhead(schedule_id, destination, urls):
            what = f"firing of schedule {schedule_id} for {destination}"
            return UpcomingEvent(
                at, UpcomingKind.FIRING, what, None, schedule_id, destination, urls
            )
        case Message() as message:
            is_end = message.state is MessageState.CANCELING
            kind = UpcomingKind.CANCELLATION if is_end else UpcomingKind.ATTEMPT
            return _of_message(at, kind, describe_event(message), message)
        case ResponseDue(attempt, _, kept) as event:
            held = ", whose answer is held back" if kept is not None else ""
            what = f"{describe_event(event)}{held}"
            return _of_message(at, UpcomingKind.ANSWER, what, attempt.message)
        case StartAhead(message) as event:
            what = f"{describe_event(message)}, {_held_by(event)}"
            return _of_message(at, UpcomingKind.ATTEMPT, what, message)
        case WindowEnd() as event:
            return _of_window(at, event)
        case event:
            return UpcomingEvent(at, UpcomingKind.OTHER, str(event))


def _of_message(at: datetime, kind: UpcomingKind, what: str, message: Message) -> UpcomingEvent:
    command = message.command
    return UpcomingEvent(
        at, kind, what, message.id, command.extras.schedule_id, command.url, (command.url,)
    )


def _held_by(start: StartAhead) -> str:
    if start.queue is not None:
        return f"held by queue {start.queue} until then"
    if start.key is not None:
        return f"held by flow control key {start.key} until then"
    return "held by the user's limit until then"


def _of_window(at: datetime, window: WindowEnd) -> UpcomingEvent:
    by = "content" if window.deduplication_id is None else f"id {window.deduplication_id!r}"
    what = f"end of the deduplication of {window.made} by {by}"
    kind, message = UpcomingKind.WINDOW_END, window.message
    if message is None:
        return UpcomingEvent(at, kind, what)
    return _of_message(at, kind, what, message)
