"""From the arguments of an assertion to its conditions."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeAlias, TypeVar

from fakestash.delivery.journal import Delivery
from fakestash.errors import UsageError, shown_where_it_was_made
from fakestash.matching.conditions import (
    Condition,
    Difference,
    compared,
    value,
)
from fakestash.matching.content import (
    BodyLike,
    Content,
    HeadersLike,
    TextLike,
    content_conditions,
)
from fakestash.matching.words import Words, moment_text, shown
from fakestash.syntax.moments import (
    DurationLike,
    InstantLike,
    datetime_of,
    duration_text,
    instant_of,
    millis_of,
)
from fakestash.testing.messages import Message
from fakestash.testing.resources import Schedule, is_for
from fakestash.wire.places import covers, place

__tracebackhide__ = shown_where_it_was_made

MomentLike: TypeAlias = InstantLike | timedelta | Callable[[datetime], object]
"""An instant (an aware ``datetime``, or ISO 8601 text with a zone), the time since the fake's start
(a ``timedelta``, seconds, or text such as "1h30m"), or a function of the instant."""

WithinLike: TypeAlias = DurationLike | Callable[[timedelta], object]
"""The longest time that will do, or a function of the time."""

NumberLike: TypeAlias = int | Callable[[int], object]
"""A number, or a function that says whether a number will do."""

T = TypeVar("T")


class Sent(Content, Protocol):
    """What is sent somewhere."""

    @property
    def url(self) -> str:
        """Where it goes."""
        ...


_MOMENT_HINT: Final = (
    'give an instant (an aware datetime, or text such as "2026-01-01T00:00:00Z"), or the time '
    'since the start of the fake (a timedelta, seconds, or text such as "1h30m")'
)


def sent_conditions(
    url: str,
    method: TextLike | None,
    body: BodyLike | None,
    json: object,
    headers: HeadersLike | None,
) -> list[Condition[Sent]]:
    """What is asked of what is sent, whichever attempt it is: the URL first.

    Raises:
        UsageError: if ``url`` is not an absolute http(s) URL.
    """
    wanted = place(url)

    def compare(sent: Sent) -> Iterator[Difference]:
        if not covers(wanted, sent.url):
            yield Difference("url", Words(url), Words(sent.url))

    to_the_place = Condition("url", Words(url), compare, is_in_headline=False)
    return [to_the_place, *content_conditions(method, body, json, headers)]


def destination_condition(destination: str) -> Condition[Schedule]:
    """That a schedule is for a place, or for the URL group of this name."""

    def compare(schedule: Schedule) -> Iterator[Difference]:
        if not is_for(destination, schedule.destination):
            yield Difference("url", Words(destination), Words(schedule.destination))

    return Condition("url", Words(destination), compare, is_in_headline=False)


def named_conditions(
    *,
    queue: TextLike | None,
    topic: TextLike | None,
    flow_control_key: TextLike | None,
    schedule_id: TextLike | None,
) -> list[Condition[Message]]:
    """What is asked of where a message belongs."""
    asked: list[tuple[str, TextLike | None, Callable[[Message], str | None]]] = [
        ("queue", queue, lambda message: message.queue),
        ("topic", topic, lambda message: message.topic),
        ("flow_control_key", flow_control_key, lambda message: message.flow_control_key),
        ("schedule_id", schedule_id, lambda message: message.schedule_id),
    ]
    return [value(name, wanted, read) for name, wanted, read in asked if wanted is not None]


def any_of(name: str, expected: TextLike, read: Callable[[T], Sequence[str]]) -> Condition[T]:
    """That one of several values is the one expected."""

    def compare(candidate: T) -> Iterator[Difference]:
        found = read(candidate)
        if all(next(compared(name, expected, each), None) is not None for each in found):
            yield Difference(name, expected, Words(" and ".join(map(shown, found)) or "none"))

    return Condition(name, expected, compare)


def moment(
    name: str, expected: MomentLike, read: Callable[[T], datetime | None], start: int
) -> Condition[T]:
    """That an instant is the one expected; none is a difference.

    Raises:
        UsageError: if ``expected`` is neither an instant nor a time since the start.
    """
    if callable(expected):
        return value(name, expected, read)
    wanted = datetime_of(_instant(name, expected, start))
    asked = Words(moment_text(wanted, start))

    def compare(candidate: T) -> Iterator[Difference]:
        found = read(candidate)
        if found != wanted:
            yield Difference(
                name, asked, None if found is None else Words(moment_text(found, start))
            )

    return Condition(name, asked, compare)


def within(expected: WithinLike, read: Callable[[T], timedelta]) -> Condition[T]:
    """That not more time has passed.

    Raises:
        UsageError: if ``expected`` is no duration.
    """
    if callable(expected):
        return value("within", expected, read)
    longest = timedelta(milliseconds=millis_of(expected, name="within"))
    asked = Words(_span_text(longest))

    def compare(candidate: T) -> Iterator[Difference]:
        found = read(candidate)
        if found > longest:
            yield Difference("within", asked, Words(f"{_span_text(found)} after its publish"))

    return Condition("within", asked, compare)


def span(name: str, expected: WithinLike, read: Callable[[T], timedelta]) -> Condition[T]:
    """That a time is exactly as long.

    Raises:
        UsageError: if ``expected`` is no duration.
    """
    if callable(expected):
        return value(name, expected, read)
    wanted = timedelta(milliseconds=millis_of(expected, name=name))
    asked = Words(_span_text(wanted))

    def compare(candidate: T) -> Iterator[Difference]:
        found = read(candidate)
        if found != wanted:
            yield Difference(name, asked, Words(_span_text(found)))

    return Condition(name, asked, compare)


def since_publish(delivery: Delivery) -> timedelta:
    """How long after its publish an attempt started."""
    attempt = delivery.attempt
    return timedelta(milliseconds=attempt.started_at - attempt.message.created_at)


def checked_count(times: int | None) -> int | None:
    """``times`` as it was given.

    Raises:
        UsageError: if it is no number of things.
    """
    if times is not None and (type(times) is not int or times < 0):
        raise UsageError(f"times must be a whole number from 0 on, or None for any, got {times!r}")
    return times


def _span_text(span: timedelta) -> str:
    return duration_text(span // timedelta(milliseconds=1))


def _instant(name: str, expected: InstantLike | timedelta, start: int) -> int:
    if isinstance(expected, datetime):
        return instant_of(expected, name=name)
    try:
        return start + millis_of(expected, name=name)
    except UsageError:
        if not isinstance(expected, str):
            raise
    try:
        return instant_of(expected, name=name)
    except UsageError:
        raise UsageError(f"{name} cannot be read: {shown(expected)}; {_MOMENT_HINT}") from None
