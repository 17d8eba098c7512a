"""The log of one user: append-only, in order of time and sequence."""

from collections.abc import Sequence

from fakestash.engine.account import Account
from fakestash.engine.paging import page
from fakestash.model.logs import LogEntry, LogState
from fakestash.model.messages import Message
from fakestash.model.outcomes import Outcome
from fakestash.model.queries import LogQuery, MessageFilter, Page


def write(  # noqa: PLR0917 - by position because it is called for every entry
    account: Account,
    message: Message,
    state: LogState,
    now: int,
    caller_ip: str,
    next_delivery_at: int | None = None,
    outcome: Outcome | None = None,
    duration: int | None = None,
) -> LogEntry:
    """Add an entry about ``message``. All times in unix ms, ``duration`` in ms."""
    log = account.log
    sequence = log[-1].sequence + 1 if log and log[-1].at == now else 0
    entry = LogEntry(now, sequence, state, message, caller_ip, next_delivery_at, outcome, duration)
    log.append(entry)
    message.entries.append(entry)
    return entry


def read(account: Account, query: LogQuery) -> Page[LogEntry]:
    """A page of the log."""
    states = query.states
    matches = query.filter.matches
    return page(
        _candidates(account, query.filter),
        query.paging,
        lambda entry: (
            (not states or entry.state in states) and matches(entry.message, entry.caller_ip)
        ),
    )


def _candidates(account: Account, wanted: MessageFilter) -> Sequence[LogEntry]:
    """The whole log, or only the entries of the messages that are asked for by id."""
    if wanted.message_ids is None:
        return account.log
    found = [
        entry
        for message_id in wanted.message_ids
        if (message := account.messages.get(message_id)) is not None
        for entry in message.entries
    ]
    return sorted(found, key=lambda entry: (entry.at, entry.sequence))
