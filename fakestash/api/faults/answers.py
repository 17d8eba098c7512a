"""What a fault answers: the service's own refusals, with their headers."""

from collections.abc import Mapping
from typing import Final, assert_never

from fakestash import refusals
from fakestash.api.calls import Hitch, Reply
from fakestash.api.errors import refusal_reply
from fakestash.api.faults.fault import ApiFault, ApiFaultKind
from fakestash.decisions import D20_CALLS_PER_SECOND
from fakestash.errors import ServiceError
from fakestash.plans import FREE, Plan

_DAY_S: Final = 86_400
_SERVER_ERROR: Final = 500

_FIELDS: Final[Mapping[str, str]] = {
    "maxDelay": "max_delay",
    "maxMessageSize": "max_message_size",
    "maxRetries": "max_retries",
    "maxTimeout": "max_timeout",
    "maxParallelism": "max_parallelism",
    "maxQueues": "max_queues",
    "maxSchedules": "max_schedules",
    "maxTopics": "max_topics",
    "maxEndpointsPerTopic": "max_endpoints_per_topic",
}
"""The field of a plan for each quota."""

_QUOTA: Final = "maxQueues"


def reply_of(fault: ApiFault, usual: Reply | None, plan: Plan, now: int) -> Reply:
    """What the caller gets, now or later. ``usual`` is the answer of a call that took effect."""
    took = fault.took.total_seconds()
    if fault.kind is ApiFaultKind.DROPPED:
        return Reply(0, hitch=Hitch(took, is_dropped=True))
    if usual is None or fault.kind is not ApiFaultKind.SLOW:
        usual = refusal_reply(_refusal(fault, plan, now))
    return usual._replace(hitch=Hitch(took)) if took else usual


def _refusal(fault: ApiFault, plan: Plan, now: int) -> ServiceError:
    second = now // 1000
    match fault.kind:
        case ApiFaultKind.DAILY:
            limit = _first_of(fault.limit, plan.messages_per_day, FREE.messages_per_day)
            return refusals.daily_limit_exceeded(limit, (second // _DAY_S + 1) * _DAY_S)
        case ApiFaultKind.BURST:
            limit = _first_of(fault.limit, plan.calls_per_second, D20_CALLS_PER_SECOND)
            return refusals.burst_limit_exceeded(limit, second + 1)
        case ApiFaultKind.CHAT:
            return refusals.chat_limit_exceeded(_first_of(fault.limit, D20_CALLS_PER_SECOND))
        case ApiFaultKind.QUOTA:
            quota = fault.quota or _QUOTA
            name = _FIELDS[quota]
            limit = _first_of(fault.limit, getattr(plan, name), getattr(FREE, name))
            return refusals.quota_exceeded(quota, limit)
        case ApiFaultKind.ERROR | ApiFaultKind.SLOW | ApiFaultKind.DROPPED:
            usual = refusals.internal_error()
            return ServiceError(fault.status or usual.status, fault.text or usual.text)
        case _:
            assert_never(fault.kind)


def _first_of(*limits: int | None) -> int:
    return next((limit for limit in limits if limit is not None), 0)
