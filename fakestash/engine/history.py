"""The log of one user: append-only, in order of time and sequence, kept as long as the plan says.

What has expired is not shown from that instant on. It is removed when enough of it has gathered,
together with the messages that no entry speaks of any more.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from fakestash.engine.account import Account
from fakestash.engine.paging import page
from fakestash.model.logs import LogEntry
from fakestash.model.messages import ENDED, Message
from fakestash.model.queries import LogQuery, MessageLog, Page, Paging

_LOOKED_THROUGH_EVERY: Final = 1024
"""After so many new entries, or an eighth of the log, expired ones are looked for."""


def expire(account: Account, before: int) -> None:
    """Remove the entries from or before this instant (unix ms)."""
    log = account.log
    expired = log.first_after(before)
    if expired:
        for message in log.remove_first(expired):
            if message.state in ENDED:
                _forget(account, message)
        account.log_index.clear()
        account.notes.expire(before)
        _forget_empty(account, before)
    account.log_checked_at = len(log) + max(_LOOKED_THROUGH_EVERY, len(log) // 8)


def forget_ended(account: Account, count: int) -> int:
    """Remove the first so many messages that have ended, with all entries that speak of them.

    Returns:
        how many there were.
    """
    ended = (message for message in account.messages.values() if message.state in ENDED)
    oldest = list(islice(ended, count))
    account.log.remove_messages({message.id for message in oldest})
    for message in oldest:
        _forget(account, message)
    account.log_index.clear()
    return len(oldest)


def _forget(account: Account, message: Message) -> None:
    """Remove a message that no entry speaks of, and its publication with the last of them."""
    if account.messages.pop(message.id, None) is not None:
        account.body_bytes -= len(message.command.body)
    account.notes.forget(message)
    publication = account.publications.get(message.command.extras.publication_id or "")
    if publication is not None and not any(
        one.id in account.messages for one in publication.messages
    ):
        del account.publications[publication.id]


def _forget_empty(account: Account, before: int) -> None:
    """Remove the publications without messages from or before this instant (unix ms)."""
    empty = [
        publication.id
        for publication in account.publications.values()
        if not publication.messages and publication.created_at <= before
    ]
    for publication_id in empty:
        del account.publications[publication_id]


def kept(account: Account, since: int) -> list[LogEntry]:
    """The entries from after this instant (unix ms), earliest first."""
    return account.log[account.log.first_after(since) :]


def read(account: Account, query: LogQuery, since: int) -> Page[LogEntry]:
    """A page of the log; nothing from or before ``since`` (unix ms) is shown."""
    states = query.states
    matches = query.filter.matches
    return page(
        _candidates(account, query),
        _after(query.paging, since),
        lambda entry: (
            (not states or entry.state in states) and matches(entry.message, entry.caller_ip)
        ),
    )


def read_grouped(account: Account, query: LogQuery, since: int) -> Page[MessageLog]:
    """A page of messages with their entries; a group stands where its newest entry does (D71)."""
    states = query.states
    matches = query.filter.matches
    newest = page(
        _candidates(account, query),
        _after(query.paging, since),
        lambda entry: (
            entry == entry.message.latest_entry
            and (not states or entry.state in states)
            and matches(entry.message, entry.caller_ip)
        ),
    )
    groups = tuple(
        MessageLog(
            entry.message,
            tuple(one for one in reversed(entry.message.entries) if one.at > since),
        )
        for entry in newest.rows
    )
    return Page(groups, newest.cursor)


def _after(paging: Paging, since: int) -> Paging:
    if paging.from_at is not None and paging.from_at > since:
        return paging
    return replace(paging, from_at=since + 1)


def _candidates(account: Account, query: LogQuery) -> Sequence[LogEntry]:
    """The whole log, or fewer of its entries that hold all that can match."""
    message_ids = query.filter.message_ids
    if message_ids is None:
        return account.log_index.narrowed(account.log, query)
    found = [
        entry
        for message_id in message_ids
        if (message := account.messages.get(message_id)) is not None
        for entry in message.entries
    ]
    return sorted(found, key=lambda entry: (entry.at, entry.sequence))
