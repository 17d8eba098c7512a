"""Schedules: made, paused, deleted, and fired.

A firing makes its messages at the exact cron instant (D117), one that a jump of the clock passed
over included (D118). The daily limit does not stop it.
"""

from fakestash import refusals
from fakestash.engine import deduplication
from fakestash.engine.account import Account
from fakestash.engine.door import Door
from fakestash.engine.due import ScheduleDue
from fakestash.engine.making import make
from fakestash.engine.names import check_name
from fakestash.engine.publishing import (
    addressed,
    check_queues,
    check_settings,
    check_size,
    make_publication,
)
from fakestash.engine.schedule_record import ScheduleRecord
from fakestash.engine.world import World
from fakestash.errors import InternalError, ServiceError, shown_where_it_was_made
from fakestash.model.messages import Accepted, Message, PublishRequest
from fakestash.model.resources import Schedule

__tracebackhide__ = shown_where_it_was_made


class Schedules:
    """The schedules of all users. Every method may raise a ``ServiceError``."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def create(self, user_id: str, request: PublishRequest) -> str:
        """Make a schedule, or overwrite the one with this id; its id is returned.

        Raises:
            ServiceError: 404 if it is for a URL group that is not there (D54), 412 if it is beyond
                the plan.
        """
        with self._door.changing(user_id) as (world, account, now):
            return create(world, account, request, now)

    def create_once(self, user_id: str, request: PublishRequest) -> Accepted:
        """``create``, unless the request is a duplicate, as version 1 of the API has it.

        It can only be one of another schedule: a message of the same deduplication id is none.

        Raises:
            ServiceError: as ``create``.
        """
        with self._door.changing(user_id) as (world, account, now):
            destination = request.group or request.command.url
            key = deduplication.key_of(request, request.command)
            if key is not None:
                key = (deduplication.SCHEDULE, *key)
                first = account.deduplication.first(key, now)
                if first is not None:
                    return Accepted(first, destination, deduplicated=True)
            schedule_id = create(world, account, request, now)
            if key is not None:
                end = deduplication.until(request, now)
                account.deduplication.remember(key, schedule_id, end)
            return Accepted(schedule_id, destination)

    def get(self, user_id: str, schedule_id: str) -> Schedule:
        """One schedule.

        Raises:
            ServiceError: 404 if there is none of this id.
        """
        with self._door.reading(user_id) as (_, account, _):
            return _record(account, schedule_id).status()

    def list(self, user_id: str) -> tuple[Schedule, ...]:
        """All schedules, in order of creation (D49)."""
        with self._door.reading(user_id) as (_, account, _):
            return tuple(record.status() for record in account.schedules.values())

    def delete(self, user_id: str, schedule_id: str) -> None:
        """Remove a schedule, if it is there (D51); messages that it made stay."""
        with self._door.changing(user_id) as (world, account, _):
            record = account.schedules.pop(schedule_id, None)
            if record is not None:
                _stop(world, record)

    def pause(self, user_id: str, schedule_id: str) -> None:
        """Skip firings from now on.

        Raises:
            ServiceError: 404 if there is none of this id.
        """
        with self._door.changing(user_id) as (_, account, _):
            _record(account, schedule_id).is_paused = True

    def resume(self, user_id: str, schedule_id: str) -> None:
        """Let it fire again.

        Raises:
            ServiceError: 404 if there is none of this id.
        """
        with self._door.changing(user_id) as (_, account, _):
            _record(account, schedule_id).is_paused = False


def create(world: World, account: Account, request: PublishRequest, now: int) -> str:
    """Make or overwrite a schedule: all but its age, pause and last firing is replaced (D56).

    Raises:
        ServiceError: 404 if it is for a URL group that is not there, 412 if it is beyond the plan.
    """
    if request.cron is None:
        raise InternalError("a schedule was asked for without a cron expression")
    cron, asked_id = request.cron
    if asked_id is not None:
        check_name(asked_id, "schedule id")
    addressed(account, request)
    check_settings(world, request.command, now)
    check_size(request.command, world.plan)
    check_queues(world, account, [request])
    record = None if asked_id is None else account.schedules.get(asked_id)
    if record is None:
        most = world.plan.max_schedules
        if most is not None and len(account.schedules) >= most:
            raise refusals.quota_exceeded("maxSchedules", most)
        schedule_id = asked_id or world.ids.schedule_id()
        request = _named(request, schedule_id)
        record = ScheduleRecord(schedule_id, now, request, cron)
        account.schedules[schedule_id] = record
    else:
        _stop(world, record)
        record.request, record.cron, record.error = _named(request, record.id), cron, None
    _set(world, ScheduleDue(account, record), now)
    return record.id


def fire(world: World, event: ScheduleDue, due: int, now: int) -> tuple[Message, ...]:
    """Fire a schedule that was due at ``due``, unless it is paused; the messages are returned."""
    account, record = event
    _set(world, event, due)
    return () if record.is_paused else publish(world, account, record, due, now)


def publish(
    world: World, account: Account, record: ScheduleRecord, due: int, now: int
) -> tuple[Message, ...]:
    """Publish what a schedule that was due at ``due`` is for; ``record.error`` says if it fails."""
    try:
        if record.request.command.extras.queue is not None:
            check_queues(world, account, [record.request])
        commands = addressed(account, record.request)
    except ServiceError as refusal:
        record.error = refusal.text
        return ()
    record.error = None
    record.last_at = due
    if record.request.is_publication:
        made = make_publication(world, account, record.request, commands, now, due)
        record.last_messages = made.messages
    else:
        record.last_messages = tuple(
            [make(world, account, command, now, created_at=due) for command in commands]
        )
    return record.last_messages


def _named(request: PublishRequest, schedule_id: str) -> PublishRequest:
    """What is published at each firing says of which schedule it is."""
    extras = request.command.extras._replace(schedule_id=schedule_id)
    return request._replace(command=request.command._replace(extras=extras))


def _set(world: World, event: ScheduleDue, after: int) -> None:
    """Set the next firing, if there is one."""
    record = event.record
    record.next_at = record.cron.next_after(after)
    if record.next_at is None:
        record.timer = None
        return
    record.timer = world.timeline.at(record.next_at, event, is_recurring=True)


def _stop(world: World, record: ScheduleRecord) -> None:
    if record.timer is not None:
        world.timeline.cancel(record.timer)


def _record(account: Account, schedule_id: str) -> ScheduleRecord:
    record = account.schedules.get(schedule_id)
    if record is None:
        raise refusals.schedule_not_found(schedule_id)
    return record
