"""Schedules, queues and flow control keys as a test reads them: as they stood when asked for."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from fakestash.delivery.headers import Headers
from fakestash.delivery.records import Records
from fakestash.errors import UsageError
from fakestash.model.resources import FlowControlStatus, QueueStatus
from fakestash.model.resources import Schedule as EngineSchedule
from fakestash.syntax.moments import datetime_of, instant_of, instant_text
from fakestash.wire.places import covers, place


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A schedule: what it publishes, and when."""

    id: str
    destination: str
    """A URL, or the name of a URL group, as it was given."""

    cron: str
    """As it was given, with the zone if it names one."""

    method: str
    headers: Headers
    """The headers that are forwarded with what it publishes."""

    body: bytes = field(repr=False)
    created_at: datetime
    is_paused: bool
    last_at: datetime | None
    """When it fired last; None if it has not."""

    next_at: datetime | None
    """When it fires next, which comes to nothing while it is paused; None is never."""

    delay: timedelta
    """How long after each firing a message is due."""

    retries: int
    labels: tuple[str, ...]
    queue: str | None
    flow_control_key: str | None
    error: str | None
    """Why its last firing made nothing."""

    def json(self) -> Any:  # noqa: ANN401 - whatever the JSON holds
        """The body read as JSON."""
        return json.loads(self.body)

    def __repr__(self) -> str:
        shown = f"{self.id} {self.cron!r} {self.method} {self.destination}"
        if self.is_paused:
            return f"<Schedule {shown}: paused>"
        following = "never" if self.next_at is None else instant_text(instant_of(self.next_at))
        return f"<Schedule {shown}: next {following}>"


class Schedules(Records[Schedule]):
    """Schedules in the order in which they were made."""

    __slots__ = ()

    def to(self, destination: str) -> Self:
        """Those for a URL or origin, or for the URL group of this name."""
        return type(self)(each for each in self._items if is_for(destination, each.destination))


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A queue."""

    name: str
    parallelism: int
    lag: int
    """How many of its messages have not ended, those under way included."""

    is_paused: bool
    created_at: datetime
    updated_at: datetime

    def __repr__(self) -> str:
        paused = ", paused" if self.is_paused else ""
        return f"<Queue {self.name}: lag {self.lag}, parallelism {self.parallelism}{paused}>"


class Queues(Records[Queue]):
    """Queues in the order in which they came to be."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowControlKey:
    """The limits of a flow control key, and how far they are used. None is no limit."""

    key: str
    waiting: int
    """How many messages are due and held back."""

    parallelism: int | None
    in_flight: int
    rate: int | None
    started: int
    """How many attempts have started in this period."""

    period: timedelta
    is_paused: bool
    is_parallelism_pinned: bool
    is_rate_pinned: bool

    def __repr__(self) -> str:
        limits = [] if self.parallelism is None else [f"{self.in_flight} of {self.parallelism}"]
        if self.rate is not None:
            limits.append(f"{self.started} of {self.rate} in {self.period.total_seconds():g} s")
        shown = ", ".join(limits) or "no limits"
        paused = ", paused" if self.is_paused else ""
        return f"<FlowControlKey {self.key}: {shown}, {self.waiting} waiting{paused}>"


class FlowControlKeys(Records[FlowControlKey]):
    """Flow control keys, by name."""

    __slots__ = ()


def is_for(wanted: str, destination: str) -> bool:
    """Whether ``destination`` is the group ``wanted``, or a URL of the place ``wanted``."""
    if wanted == destination:
        return True
    try:
        return covers(place(wanted), place(destination))
    except UsageError:  # one of the two is a group
        return False


def schedule_view(schedule: EngineSchedule) -> Schedule:
    """A schedule as it stands."""
    command = schedule.command
    extras = command.extras
    return Schedule(
        id=schedule.id,
        destination=schedule.destination,
        cron=schedule.cron.text,
        method=command.method,
        headers=Headers(command.headers),
        body=command.body,
        created_at=datetime_of(schedule.created_at),
        is_paused=schedule.is_paused,
        last_at=None if schedule.last_at is None else datetime_of(schedule.last_at),
        next_at=None if schedule.next_at is None else datetime_of(schedule.next_at),
        delay=timedelta(milliseconds=command.delay),
        retries=command.retries,
        labels=command.labels,
        queue=extras.queue,
        flow_control_key=None if extras.flow_control is None else extras.flow_control.key,
        error=schedule.error,
    )


def queue_view(queue: QueueStatus) -> Queue:
    """A queue as it stands."""
    return Queue(
        name=queue.name,
        parallelism=queue.parallelism,
        lag=queue.lag,
        is_paused=queue.paused,
        created_at=datetime_of(queue.created_at),
        updated_at=datetime_of(queue.updated_at),
    )


def flow_control_view(status: FlowControlStatus) -> FlowControlKey:
    """A flow control key as it stands."""
    return FlowControlKey(
        key=status.key,
        waiting=status.wait_list_size,
        parallelism=status.parallelism_max or None,
        in_flight=status.parallelism_count,
        rate=status.rate_max or None,
        started=status.rate_count,
        period=timedelta(seconds=status.rate_period),
        is_paused=status.is_paused,
        is_parallelism_pinned=status.is_pinned_parallelism,
        is_rate_pinned=status.is_pinned_rate,
    )
