"""Publications: what version 1 of the API calls messages, with a task for each delivery.

A message that was made without a publication is one of its own, with itself as the only task: both
versions look at the same store (D124).
"""

from collections.abc import Iterable
from itertools import islice
from typing import Final, Protocol, TypeVar

from fakestash import refusals
from fakestash.engine import cancellation
from fakestash.engine.account import Account
from fakestash.engine.door import Door
from fakestash.ids import message_id_of
from fakestash.model.messages import Message, Publication
from fakestash.model.queries import Page

PAGE: Final = 100
"""Rows of a list (documented)."""


class Dated(Protocol):
    """What was made at an instant (unix ms)."""

    @property
    def created_at(self) -> int:
        """When."""
        ...


Row = TypeVar("Row", bound=Dated)


class Publications:
    """The publications of all users. Lists are newest first, ``PAGE`` rows at a time.

    ``before`` (unix ms) asks for what was made earlier; the cursor is the instant of the last row,
    0 if nothing follows.
    """

    def __init__(self, door: Door) -> None:
        self._door = door

    def list(self, user_id: str, before: int | None = None) -> Page[Publication]:
        """All publications."""
        with self._door.reading(user_id) as (_, account, _):
            return _page(_all(account), before)

    def get(self, user_id: str, publication_id: str) -> Publication:
        """One publication.

        Raises:
            ServiceError: 404 if there is none of this id.
        """
        with self._door.reading(user_id) as (_, account, _):
            return _get(account, publication_id)

    def cancel(self, user_id: str, publication_id: str, caller_ip: str) -> None:
        """Ask for all its messages to be cancelled that have not ended.

        Raises:
            ServiceError: 404 if there is none of this id, or nothing of it can be cancelled.
        """
        with self._door.changing(user_id) as (world, account, now):
            messages = _get(account, publication_id).messages
            unfinished = [one for one in messages if cancellation.can_be_cancelled(one)]
            if not unfinished:
                raise refusals.message_not_found(publication_id)
            for message in unfinished:
                cancellation.request(world, account, message, caller_ip, now)

    def tasks(self, user_id: str, publication_id: str, before: int | None = None) -> Page[Message]:
        """The tasks of a publication.

        Raises:
            ServiceError: 404 if there is none of this id.
        """
        with self._door.reading(user_id) as (_, account, _):
            return _page(_get(account, publication_id).messages, before)

    def tasks_of_schedule(
        self, user_id: str, schedule_id: str, before: int | None = None
    ) -> Page[Message]:
        """The tasks that a schedule made.

        Raises:
            ServiceError: 404 if there is no such schedule.
        """
        with self._door.reading(user_id) as (_, account, _):
            if schedule_id not in account.schedules:
                raise refusals.schedule_not_found(schedule_id)
            made = (
                message
                for message in account.messages.values()
                if message.command.extras.schedule_id == schedule_id
            )
            return _page(made, before)

    def task(self, user_id: str, task_id: str) -> Message:
        """One task.

        Raises:
            ServiceError: 404 if there is none of this id.
        """
        with self._door.reading(user_id) as (_, account, _):
            message = account.messages.get(message_id_of(task_id) or "")
            if message is None:
                raise refusals.task_not_found(task_id)
            return message


def publication_id_of(message: Message) -> str:
    """The id under which version 1 knows what ``message`` is a part of."""
    return message.command.extras.publication_id or message.id


def _get(account: Account, publication_id: str) -> Publication:
    found = account.publications.get(publication_id)
    if found is not None:
        return found
    message = account.messages.get(publication_id)
    if message is None:
        raise refusals.message_not_found(publication_id)
    return _alone(account, message)


def _all(account: Account) -> Iterable[Publication]:
    """Publications, and messages that are none's part, in order of creation."""
    seen: set[str] = set()
    for message in account.messages.values():
        publication_id = publication_id_of(message)
        if publication_id not in seen:
            seen.add(publication_id)
            yield account.publications.get(publication_id) or _alone(account, message)


def _alone(account: Account, message: Message) -> Publication:
    """A message as a publication of its own."""
    topic = message.command.extras.topic
    group = None if topic is None else account.groups.get(topic)
    return Publication(
        message.id,
        message.created_at,
        message.command,
        topic,
        None if group is None else group.id,
        (message,),
    )


def _page(rows: Iterable[Row], before: int | None) -> Page[Row]:
    newest_first = reversed(list(rows))
    matching = (row for row in newest_first if before is None or row.created_at < before)
    found = tuple(islice(matching, PAGE))
    follows = next(matching, None) is not None
    return Page(found, str(found[-1].created_at) if follows else None)
