"""How often a user may call: messages per day, and management calls per second.

The day ends at 00:00 UTC (measured). What it counts is D121: each message that is made, retries
not. A call that is made while messages are left may make more of them than are.
"""

from typing import Final

from fakestash import refusals
from fakestash.engine.account import Account
from fakestash.plans import Plan

_SECOND_MS: Final = 1000
_DAY_S: Final = 86_400


def count_call(account: Account, plan: Plan, now: int, *, makes_messages: bool) -> None:
    """Refuse a call that is one too many; calls that make messages have no limit per second.

    Raises:
        ServiceError: 429 with the headers of the limit that is reached.
    """
    second = now // _SECOND_MS
    if makes_messages:
        day, made = account.messages_today
        limit = plan.messages_per_day
        if limit is not None and day == second // _DAY_S and made >= limit:
            raise refusals.daily_limit_exceeded(limit, (day + 1) * _DAY_S)
        return
    counted_in, calls = account.calls_this_second
    if counted_in != second:
        calls = 0
    limit = plan.calls_per_second
    if limit is not None and calls >= limit:
        raise refusals.burst_limit_exceeded(limit, second + 1)
    account.calls_this_second = (second, calls + 1)
