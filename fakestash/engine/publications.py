"""Publications: what version 1 of the API calls messages, with a task for each delivery.

Both versions look at the same store (D124). A message that version 2 made, a callback too, is a
publication of its own here, with itself as the only task. A message that version 1 made is known
here by the id of its publication alone, and in version 2 by its own; publications themselves are
unknown there. Cancelled or ended, they stay for as long as the log does (D130).
"""

from collections.abc import Iterable
from copy import copy
from dataclasses import replace
from sys import maxsize
from typing import Protocol, TypeVar

from fakestash import refusals
from fakestash.decisions import D65_V1_PAGE
from fakestash.engine import cancellation, history
from fakestash.engine.account import Account
from fakestash.engine.door import Door
from fakestash.engine.world import World
from fakestash.ids import message_id_of
from fakestash.model.logs import LogEntry
from fakestash.model.messages import ENDED, Message, Publication
from fakestash.model.queries import LogQuery, MessageFilter, Page, Paging, RowId


class Dated(Protocol):
    """What was made at an instant (unix ms)."""

    @property
    def created_at(self) -> int:
        """When."""
        ...


Row = TypeVar("Row", bound=Dated)


class Publications:
    """The publications of all users. Lists are newest first, a page at a time.

    ``before`` (unix ms) asks for what is older. The cursor of a page is the instant of its last
    row. A page ends where an instant does: it may hold more rows than asked for, because the ones
    that share the last row's instant could not be asked for any more.
    """

    def __init__(self, door: Door) -> None:
        self._door = door

    def list(self, user_id: str, before: int | None = None) -> Page[Publication]:
        """All publications."""
        with self._door.reading(user_id) as (world, account, now):
            since = _since(world, now)
            firsts: dict[str, Dated] = {}
            for message in account.messages.values():
                if _is_kept(message, since):
                    firsts.setdefault(message.publication_id, message)
            for publication in account.publications.values():
                if not publication.messages and publication.created_at > since:
                    firsts[publication.id] = publication
            # The rest of a row is looked up only for those that are shown.
            page = _page(firsts.items(), before)
            return Page(tuple(_get(account, key, since) for key in page.rows), page.cursor)

    def get(self, user_id: str, publication_id: str) -> Publication:
        """One publication.

        Raises:
            ServiceError: 404 if there is none of this id.
        """
        with self._door.reading(user_id) as (world, account, now):
            return _get(account, publication_id, _since(world, now))

    def cancel(self, user_id: str, publication_id: str, caller_ip: str) -> None:
        """Ask for all its messages to be cancelled that have not ended.

        Raises:
            ServiceError: 404 if there is none of this id, or nothing of it can be cancelled.
        """
        with self._door.changing(user_id) as (world, account, now):
            messages = _get(account, publication_id, _since(world, now)).messages
            unfinished = [one for one in messages if cancellation.can_be_cancelled(one)]
            if not unfinished:
                raise refusals.message_not_found(publication_id)
            for message in unfinished:
                cancellation.request(world, account, message, caller_ip, now)

    def tasks(self, user_id: str, publication_id: str, before: int | None = None) -> Page[Message]:
        """Copies of the tasks of a publication.

        Raises:
            ServiceError: 404 if there is none of this id.
        """
        with self._door.reading(user_id) as (world, account, now):
            since = _since(world, now)
            return _tasks(_get(account, publication_id, since).messages, before, since)

    def tasks_of_schedule(
        self, user_id: str, schedule_id: str, before: int | None = None
    ) -> Page[Message]:
        """Copies of the tasks that a schedule made.

        Raises:
            ServiceError: 404 if there is no such schedule.
        """
        with self._door.reading(user_id) as (world, account, now):
            _check_schedule(account, schedule_id)
            made = (
                message
                for message in account.messages.values()
                if message.command.extras.schedule_id == schedule_id
            )
            return _tasks(made, before, _since(world, now))

    def task(self, user_id: str, task_id: str) -> Message:
        """A copy of one task.

        Raises:
            ServiceError: 404 if there is none of this id.
        """
        with self._door.reading(user_id) as (world, account, now):
            return copy(_task(account, task_id, _since(world, now)))

    def log(self, user_id: str, before: int | None = None) -> Page[LogEntry]:
        """What happened to all tasks."""
        with self._door.reading(user_id) as (world, account, now):
            return _log(account, MessageFilter(), before, _since(world, now))

    def log_of(
        self, user_id: str, publication_id: str, before: int | None = None
    ) -> Page[LogEntry]:
        """What happened to the tasks of a publication.

        Raises:
            ServiceError: 404 if there is none of this id.
        """
        with self._door.reading(user_id) as (world, account, now):
            since = _since(world, now)
            messages = _get(account, publication_id, since).messages
            ids = frozenset(message.id for message in messages)
            return _log(account, MessageFilter(message_ids=ids), before, since)

    def log_of_task(self, user_id: str, task_id: str, before: int | None = None) -> Page[LogEntry]:
        """What happened to one task.

        Raises:
            ServiceError: 404 if there is none of this id.
        """
        with self._door.reading(user_id) as (world, account, now):
            since = _since(world, now)
            ids = frozenset({_task(account, task_id, since).id})
            return _log(account, MessageFilter(message_ids=ids), before, since)

    def log_of_schedule(
        self, user_id: str, schedule_id: str, before: int | None = None
    ) -> Page[LogEntry]:
        """What happened to the tasks that a schedule made.

        Raises:
            ServiceError: 404 if there is no such schedule.
        """
        with self._door.reading(user_id) as (world, account, now):
            _check_schedule(account, schedule_id)
            asked = MessageFilter(schedule_ids=frozenset({schedule_id}))
            return _log(account, asked, before, _since(world, now))


def _since(world: World, now: int) -> int:
    """What happened after this instant (unix ms) is kept."""
    return now - world.plan.log_retention * 1000


def _is_kept(message: Message, since: int) -> bool:
    """Whether a message is under way, or the log still speaks of its end."""
    return message.state not in ENDED or message.latest_entry.at > since


def _get(account: Account, publication_id: str, since: int) -> Publication:
    publication = account.publications.get(publication_id)
    if publication is not None:
        messages = publication.messages
        if any(_is_kept(message, since) for message in messages):
            return publication
        if not messages and publication.created_at > since:
            return publication
    message = account.messages.get(publication_id)
    if message is None or message.publication_id != message.id or not _is_kept(message, since):
        raise refusals.message_not_found(publication_id)
    return _alone(account, message)


def _alone(account: Account, message: Message) -> Publication:
    """A message as a publication of its own.

    What it says of a URL group are the ids of today's group and endpoint of these names.
    """
    extras = message.command.extras
    group = None if extras.topic is None else account.groups.get(extras.topic)
    endpoint_id = next(
        (
            endpoint.id
            for endpoint in (() if group is None else group.endpoints)
            if (endpoint.url, endpoint.name) == (message.command.url, extras.endpoint)
        ),
        None,
    )
    return Publication(
        message.id,
        message.created_at,
        message.command,
        extras.topic,
        None if group is None else group.id,
        (message,),
        endpoint_id,
    )


def _task(account: Account, task_id: str, since: int) -> Message:
    message = account.messages.get(message_id_of(task_id) or "")
    if message is None or not _is_kept(message, since):
        raise refusals.task_not_found(task_id)
    return message


def _check_schedule(account: Account, schedule_id: str) -> None:
    if schedule_id not in account.schedules:
        raise refusals.schedule_not_found(schedule_id)


def _tasks(messages: Iterable[Message], before: int | None, since: int) -> Page[Message]:
    kept = {message.id: message for message in messages if _is_kept(message, since)}
    page = _page(kept.items(), before)
    return Page(tuple(copy(kept[key]) for key in page.rows), page.cursor)


def _page(rows: Iterable[tuple[str, Row]], before: int | None) -> Page[str]:
    """The keys of a page of rows; of one instant those come first that were made last."""
    matching = [
        (row.created_at, key) for key, row in rows if before is None or row.created_at < before
    ]
    matching.sort(key=lambda row: row[0])
    matching.reverse()
    if len(matching) <= D65_V1_PAGE:
        return Page(tuple(key for _, key in matching), None)
    last = matching[D65_V1_PAGE - 1][0]
    found = tuple(key for at, key in matching if at >= last)
    return Page(found, str(last) if len(found) < len(matching) else None)


def _log(account: Account, asked: MessageFilter, before: int | None, since: int) -> Page[LogEntry]:
    end = None if before is None else before - 1
    query = LogQuery(paging=Paging(count=D65_V1_PAGE, to_at=end), filter=asked)
    page = history.read(account, query, since)
    if page.cursor is None:
        return page
    last = page.rows[-1]
    same = Paging(
        count=maxsize, from_at=last.at, to_at=last.at, after=RowId(last.at, last.sequence)
    )
    older = Paging(count=1, to_at=last.at - 1)
    rows = (*page.rows, *history.read(account, replace(query, paging=same), since).rows)
    follow = history.read(account, replace(query, paging=older), since).rows
    return Page(rows, str(last.at) if follow else None)
