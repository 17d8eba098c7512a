"""Accepting messages: quotas, and the message itself."""

from typing import Final

from fakestash import refusals
from fakestash.engine.account import Account
from fakestash.ids import Ids
from fakestash.model.messages import Message, PublishCommand
from fakestash.plans import Plan

_SECOND_MS: Final = 1000


def create(account: Account, command: PublishCommand, plan: Plan, ids: Ids, now: int) -> Message:
    """Make the message that ``command`` asks for and keep it.

    Raises:
        ServiceError: 412 if a value is beyond the plan.
    """
    not_before = first_instant(command, now)
    check_quotas(command, not_before, plan, now)
    message = Message(ids.message_id(), account.user.id, command, now, not_before, not_before)
    account.messages[message.id] = message
    return message


def first_instant(command: PublishCommand, now: int) -> int:
    """When the first attempt is due: a past time means now (D83)."""
    if command.not_before is not None:
        return max(command.not_before, now)
    return now + command.delay


def check_quotas(command: PublishCommand, not_before: int, plan: Plan, now: int) -> None:
    """Refuse what is beyond the plan; exactly the limit is allowed (D122).

    Raises:
        ServiceError: 412 naming the quota.
    """
    if (not_before - now) // _SECOND_MS > plan.max_delay:
        raise refusals.quota_exceeded("maxDelay", plan.max_delay)
    if command.retries > plan.max_retries:
        raise refusals.quota_exceeded("maxRetries", plan.max_retries)
    if command.timeout is not None and command.timeout > plan.max_timeout * _SECOND_MS:
        raise refusals.quota_exceeded("maxTimeout", plan.max_timeout)
    if len(command.body) > plan.max_message_size:
        raise refusals.quota_exceeded("maxMessageSize", plan.max_message_size)
