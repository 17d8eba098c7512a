"""Limits of the service's plans, as data.

Numbers are the vendor's published ones; ``free`` is our addition to the plans of its
development server, and ``pro`` is its "Fixed 1M" (D120). Every number can be replaced:
``dataclasses.replace(PAYG, max_queues=3)``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from fakestash.decisions import D20_CALLS_PER_SECOND
from fakestash.errors import UsageError, shown_where_it_was_made

__tracebackhide__ = shown_where_it_was_made

_MB: Final = 1024 * 1024
_DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one plan allows; None is no limit.

    Sizes are bytes, durations seconds, as the service's error texts give them.
    ``max_parallelism`` is that of one queue, ``global_parallelism`` caps all attempts in flight of
    a user. ``calls_per_second`` limits management calls; the service's value is not known (D20).
    """

    name: str
    messages_per_day: int | None
    max_message_size: int
    max_retries: int
    max_delay: int | None
    max_timeout: int
    max_topics: int
    max_endpoints_per_topic: int
    max_schedules: int | None
    max_queues: int
    max_parallelism: int
    global_parallelism: int
    dead_letter_retention: int
    log_retention: int
    calls_per_second: int | None = None

    def with_burst_limit(self) -> "Plan":
        """The same plan with a limit on management calls per second (D20), which is off."""
        return replace(self, calls_per_second=D20_CALLS_PER_SECOND)


FREE: Final = Plan(
    name="free",
    messages_per_day=1000,
    max_message_size=1 * _MB,
    max_retries=5,
    max_delay=7 * _DAY_S,
    max_timeout=900,
    max_topics=1,
    max_endpoints_per_topic=100,
    max_schedules=10,
    max_queues=10,
    max_parallelism=2,
    global_parallelism=10,
    dead_letter_retention=3 * _DAY_S,
    log_retention=3 * _DAY_S,
)

PAYG: Final = Plan(
    name="payg",
    messages_per_day=None,
    max_message_size=10 * _MB,
    max_retries=5,
    max_delay=365 * _DAY_S,
    max_timeout=7200,
    max_topics=100,
    max_endpoints_per_topic=100,
    max_schedules=None,
    max_queues=100,
    max_parallelism=10,
    global_parallelism=100,
    dead_letter_retention=7 * _DAY_S,
    log_retention=7 * _DAY_S,
)

PRO: Final = Plan(
    name="pro",
    messages_per_day=None,
    max_message_size=50 * _MB,
    max_retries=999,
    max_delay=None,
    max_timeout=21_600,
    max_topics=1000,
    max_endpoints_per_topic=1000,
    max_schedules=None,
    max_queues=1000,
    max_parallelism=10,
    global_parallelism=200,
    dead_letter_retention=30 * _DAY_S,
    log_retention=14 * _DAY_S,
)

PLANS: Final[Mapping[str, Plan]] = MappingProxyType({"free": FREE, "payg": PAYG, "pro": PRO})
"""The plans by name."""


def plan_of(plan: str | Plan, name: str = "plan") -> Plan:
    """A plan, or the one of this name.

    Raises:
        UsageError: if there is none; the text blames ``name``.
    """
    if isinstance(plan, Plan):
        return plan
    if plan not in PLANS:
        raise UsageError(f"{name} must be one of {', '.join(PLANS)}, or a Plan, got {plan!r}")
    return PLANS[plan]
