"""Cancelling messages: one by id, or all that match.

A message that waits for its time is cancelled then; one that is due but held is cancelled at once;
one that is being delivered may still succeed (documented; details D106, D107). Its places in a
queue and in a wait list are free at once, except while an attempt runs; a message whose last
callback it is keeps its own place no longer either.
"""

from collections.abc import Iterable

from fakestash import refusals
from fakestash.engine import admission, callbacks
from fakestash.engine.account import Account
from fakestash.engine.attempts import end
from fakestash.engine.lifecycle import Action
from fakestash.engine.world import World
from fakestash.model.messages import ENDED, IN_FLIGHT, Message
from fakestash.model.queries import CancelQuery
from fakestash.model.settings import NO_EXTRAS


def cancel(world: World, account: Account, message_id: str, caller_ip: str, now: int) -> None:
    """Ask for one message to be cancelled.

    Raises:
        ServiceError: 404 if it is unknown, ended or cancelled already (D107).
    """
    message = account.messages.get(message_id)
    if message is None or not can_be_cancelled(message):
        raise refusals.message_not_found(message_id)
    request(world, account, message, caller_ip, now)


def cancel_all(world: World, account: Account, query: CancelQuery, caller_ip: str, now: int) -> int:
    """Ask for all that match to be cancelled, earliest first; returns how many those are.

    Ids that are unknown, ended or cancelled already do not count (D47).
    """
    found: list[Message] = []
    for message in _candidates(account, query):
        if len(found) == query.count:
            break
        if (
            can_be_cancelled(message)
            and (query.from_at is None or message.created_at >= query.from_at)
            and (query.to_at is None or message.created_at <= query.to_at)
            and query.filter.matches(message, message.command.caller_ip)
        ):
            found.append(message)
    for message in found:
        request(world, account, message, caller_ip, now)
    return len(found)


def request(
    world: World, account: Account, message: Message, caller_ip: str | None, now: int
) -> None:
    """Ask for a message to be cancelled that can be."""
    world.do(account, message, Action.REQUEST_CANCEL, now, caller_ip=caller_ip)
    if message.state in ENDED:
        end(world, account, message, now)
    if message.state not in IN_FLIGHT:
        if message.command.extras is not NO_EXTRAS or account.limit_of(message).waiting:
            admission.forget(world, account, message, now)
        callbacks.ended(world, account, message, now)


def can_be_cancelled(message: Message) -> bool:
    """Whether it has not ended, nor been asked to be cancelled before."""
    return message.state not in ENDED and not message.cancel_asked


def _candidates(account: Account, query: CancelQuery) -> Iterable[Message]:
    ids = query.filter.message_ids
    if ids is None:
        return account.messages.values()
    found = (account.messages.get(message_id) for message_id in ids)
    return sorted(
        (message for message in found if message is not None),
        key=lambda message: message.entry_at(0)[:2],
    )
