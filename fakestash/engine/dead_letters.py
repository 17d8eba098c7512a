"""The dead letter queue of one user: messages that failed for good, in order of failure."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from fakestash import refusals
from fakestash.decisions import D62_STATUS_WITHOUT_RESPONSE
from fakestash.engine.account import Account
from fakestash.engine.making import make
from fakestash.engine.paging import page
from fakestash.engine.publishing import check_queues, check_settings
from fakestash.engine.world import World
from fakestash.model.messages import DeadLetter, Message, PublishCommand, PublishRequest
from fakestash.model.outcomes import Responded
from fakestash.model.queries import DeadLetterQuery, Deleted, Page, RowId

Change: TypeAlias = Callable[[PublishCommand], PublishCommand]
"""Replaces settings of a message that is tried again."""


def next_row(account: Account, now: int) -> RowId:
    """The place of the dead letter that fails next, at ``now`` (unix ms)."""
    last = account.last_dead_letter
    return RowId(now, last.sequence + 1 if last is not None and last.at == now else 0)


def add(account: Account, row: RowId, message: Message, failure_callback: Message | None) -> None:
    """Put a message there that has failed, with the message that reports so, if one does."""
    letter = DeadLetter(row.text, row.at, row.sequence, message, failure_callback)
    account.last_dead_letter = letter
    account.dead_letters[letter.dlq_id] = letter
    message.dlq_id = letter.dlq_id


def expire(account: Account, before: int) -> None:
    """Remove what failed at or before this instant (unix ms): its retention is over."""
    expired: list[str] = []
    for letter in account.dead_letters.values():
        if letter.at > before:
            break
        expired.append(letter.dlq_id)
    for dlq_id in expired:
        del account.dead_letters[dlq_id]


def get(account: Account, dlq_id: str) -> DeadLetter:
    """One dead letter.

    Raises:
        ServiceError: 404 if it is not there.
    """
    letter = account.dead_letters.get(dlq_id)
    if letter is None:
        raise refusals.dead_letter_not_found(dlq_id)
    return letter


def delete(account: Account, dlq_id: str) -> None:
    """Remove one dead letter.

    Raises:
        ServiceError: 404 if it is not there.
    """
    get(account, dlq_id)
    del account.dead_letters[dlq_id]


def read(account: Account, query: DeadLetterQuery) -> Page[DeadLetter]:
    """A page of the dead letter queue."""

    def matches(letter: DeadLetter) -> bool:
        return (
            not query.response_statuses or response_status(letter) in query.response_statuses
        ) and query.filter.matches(letter.message, letter.message.command.caller_ip)

    return page(_candidates(account, query.dlq_ids), query.paging, matches)


def delete_all(account: Account, query: DeadLetterQuery) -> Deleted:
    """Remove what a page of the query holds; ids that are gone do not count."""
    found = read(account, query)
    for letter in found.rows:
        del account.dead_letters[letter.dlq_id]
    return Deleted(len(found.rows), found.cursor)


def retry(world: World, account: Account, letter: DeadLetter, change: Change, now: int) -> str:
    """Send the message of a dead letter again as a new one, which takes its place.

    Raises:
        ServiceError: 412 if a changed setting is beyond the plan; the dead letter stays then.
    """
    return _retry_all(world, account, [letter], change, now)[0]


def retry_all(
    world: World, account: Account, query: DeadLetterQuery, change: Change, now: int
) -> Page[str]:
    """Send again what a page of the query holds: the ids of the new messages.

    Raises:
        ServiceError: 404 if one of the ids asked for is gone, 412 if a changed setting is beyond
            the plan; nothing is sent then (D67).
    """
    if not query.dlq_ids <= account.dead_letters.keys():
        raise refusals.dead_letters_not_found()
    found = read(account, query)
    return Page(tuple(_retry_all(world, account, found.rows, change, now)), found.cursor)


def response_status(letter: DeadLetter) -> int:
    """The status of the last answer (D62 if there was none)."""
    outcome = letter.message.outcome
    return outcome.status if isinstance(outcome, Responded) else D62_STATUS_WITHOUT_RESPONSE


def _candidates(account: Account, dlq_ids: frozenset[str]) -> Sequence[DeadLetter]:
    """The whole queue, or what of it is asked for by id."""
    if not dlq_ids:
        return tuple(account.dead_letters.values())
    letters = account.dead_letters
    found = [letters[dlq_id] for dlq_id in dlq_ids if dlq_id in letters]
    return sorted(found, key=lambda letter: (letter.at, letter.sequence))


def _retry_all(
    world: World, account: Account, letters: Iterable[DeadLetter], change: Change, now: int
) -> list[str]:
    """What the messages were delayed by is not repeated, all their other settings are (D68)."""
    again = [(letter, change(_repeated(letter.message.command))) for letter in letters]
    for _, command in again:
        check_settings(world, command, now)
    check_queues(world, account, [PublishRequest(command) for _, command in again])
    made: list[str] = []
    for letter, command in again:
        made.append(make(world, account, command, now).id)
        del account.dead_letters[letter.dlq_id]
    return made


def _repeated(command: PublishCommand) -> PublishCommand:
    """What is sent again. The new message is a part of no publication."""
    extras = command.extras
    if extras.publication_id is not None:
        extras = extras._replace(publication_id=None)
    return command._replace(delay=0, not_before=None, extras=extras)
