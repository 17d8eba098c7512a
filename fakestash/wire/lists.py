"""The questions that lists are asked, and what bulk calls and pins are told, in their queries.

A key may be repeated, and most may hold several values separated by commas: any of them will
do, but every key has to match. ``fakestash.wire.parameters`` tells what happens to other keys.
"""

from typing import Final

from fakestash import refusals
from fakestash.decisions import (
    D65_MAX_CANCEL_COUNT,
    D65_MAX_DEAD_LETTER_COUNT,
    D65_MAX_LOG_COUNT,
    D71_GROUPED_LOG_COUNT,
    D91_MAX_PERIOD_SECONDS,
)
from fakestash.model.logs import LogState
from fakestash.model.queries import (
    CancelQuery,
    DeadLetterQuery,
    LogQuery,
    MessageFilter,
    Paging,
    Pin,
    RowId,
)
from fakestash.wire.bodies import ids_in_body
from fakestash.wire.parameters import Parameters, number
from fakestash.wire.values import natural

_DATES: Final = frozenset({"fromDate", "toDate"})
_PAGING: Final = _DATES | {"count", "order", "cursor"}
_PLACES: Final = frozenset({"host", "path"})
# What a message may have: the keys that every list shares.
_SHARED: Final = frozenset(
    {"url", "topicName", "scheduleId", "queueName", "label", "flowControlKey", "callerIp"}
)
# A filter that the service dropped and still takes (D63).
_DROPPED: Final = frozenset({"api"})

_LOG_KEYS: Final = (
    _PAGING
    | _SHARED
    | _PLACES
    | _DROPPED
    | {"messageId", "messageIds", "state", "groupBy", "trimBody"}
)
_DEAD_LETTER_KEYS: Final = _PAGING | _SHARED | _DROPPED | {"messageId", "dlqIds", "responseStatus"}
_CANCEL_TEXTS: Final = _SHARED | _PLACES | {"messageIds", "callerIP"}
_CANCEL_INTEGERS: Final = _DATES | {"count"}

_IN_PROGRESS: Final = frozenset({LogState.ACTIVE, LogState.RETRY, LogState.ERROR})
_STATES: Final = {
    **{state.value: frozenset({state}) for state in LogState},
    "CANCELLED": frozenset({LogState.CANCELED}),
    "IN_PROGRESS": _IN_PROGRESS,
}

_ORDERS: Final = {"earliestFirst": True, "latestFirst": False}
_BY_MESSAGE: Final = "messageId"


def read_log_query(query: str) -> LogQuery:
    """The question to ``/v2/logs`` and ``/v2/events``; latest first unless asked otherwise.

    Raises:
        ServiceError: 400 for an unknown key or a bad value.
    """
    parameters = Parameters.of_query(query, _LOG_KEYS)
    grouping = parameters.one("groupBy")
    if grouping not in (None, _BY_MESSAGE):
        raise refusals.invalid_choice("groupBy", grouping)
    usual = D65_MAX_LOG_COUNT if grouping is None else D71_GROUPED_LOG_COUNT
    trim_body = parameters.integer("trimBody")
    return LogQuery(
        paging=_paging(parameters, D65_MAX_LOG_COUNT, usual, earliest_first=False),
        filter=_filter(parameters, _message_ids(parameters)),
        states=_states(parameters),
        is_grouped=grouping is not None,
        trim_body=None if trim_body is None else max(trim_body, 0),
    )


def read_dead_letter_query(query: str) -> DeadLetterQuery:
    """The question to ``GET /v2/dlq``; earliest first unless asked otherwise.

    Dates are compared with the time of failure, which is part of the DLQ id (D64).

    Raises:
        ServiceError: 400 for an unknown key or a bad value.
    """
    return _dead_letter_query(Parameters.of_query(query, _DEAD_LETTER_KEYS))


def read_dead_letter_selection(query: str, body: bytes) -> DeadLetterQuery:
    """Which dead letters to delete or to retry all at once.

    Ids, in the query or in the body, are all that counts then, however many they are. Without
    any it is the rest of the query, which is that of ``GET /v2/dlq``. Parameters that stand for
    headers of a publish may be there: a retry takes them.

    Raises:
        ServiceError: 400 for an unknown key, a bad value or a bad body.
    """
    parameters = Parameters.of_query(query, _DEAD_LETTER_KEYS, with_settings=True)
    ids = frozenset(ids_in_body(body, "dlqIds")) or parameters.several("dlqIds")
    if ids:
        return DeadLetterQuery(paging=Paging(count=len(ids), earliest_first=True), dlq_ids=ids)
    return _dead_letter_query(parameters)


def read_cancel_query(query: str, body: bytes) -> CancelQuery:
    """Which messages ``DELETE /v2/messages`` is to cancel: all, if nothing is said.

    Older clients put ids and filters into a JSON body. Ids are all that counts where there are
    any; otherwise filters in the body stand in for those in the query.

    Raises:
        ServiceError: 400 for an unknown key, a bad value or a bad body.
    """
    in_query = Parameters.of_query(query, _CANCEL_TEXTS | _CANCEL_INTEGERS)
    in_body = Parameters.of_body(body, _CANCEL_TEXTS, _CANCEL_INTEGERS)
    ids = in_body.several("messageIds") or in_query.several("messageIds")
    if ids:
        return CancelQuery(filter=MessageFilter(message_ids=ids))
    parameters = in_body or in_query
    count = parameters.one("count")
    return CancelQuery(
        filter=_filter(parameters, None),
        from_at=parameters.integer("fromDate"),
        to_at=parameters.integer("toDate"),
        count=None if count is None else _cancel_count(count),
    )


def read_search(query: str) -> str:
    """What the keys of ``GET /v2/flowControl`` have to contain; empty if nothing.

    Raises:
        ServiceError: 400 for an unknown key.
    """
    return Parameters.of_query(query, frozenset({"search"})).one("search") or ""


def read_pin(query: str) -> Pin:
    """The limits to pin on a flow control key. A period goes only with a rate (D75).

    Raises:
        ServiceError: 400 for an unknown key, a bad number, and no limit at all.
    """
    parameters = Parameters.of_query(query, frozenset({"parallelism", "rate", "period"}))
    parallelism = _limit(parameters, "parallelism")
    rate = _limit(parameters, "rate")
    period = _limit(parameters, "period")
    if parallelism is None and rate is None:
        raise refusals.nothing_to_pin()
    if period is None:
        return Pin(parallelism, rate)
    if rate is None:
        raise refusals.period_without_rate()
    if period > D91_MAX_PERIOD_SECONDS:
        raise refusals.invalid_limit("period", str(period))
    return Pin(parallelism, rate, period)


def read_unpin(query: str) -> tuple[bool, bool]:
    """Whether to unpin the parallelism, and whether the rate, of a flow control key.

    Raises:
        ServiceError: 400 for an unknown key or a bad value.
    """
    parameters = Parameters.of_query(query, frozenset({"parallelism", "rate"}))
    return parameters.boolean("parallelism"), parameters.boolean("rate")


def _dead_letter_query(parameters: Parameters) -> DeadLetterQuery:
    largest = D65_MAX_DEAD_LETTER_COUNT
    message_id = parameters.one("messageId")
    return DeadLetterQuery(
        paging=_paging(parameters, largest, largest, earliest_first=True),
        filter=_filter(parameters, None if message_id is None else frozenset({message_id})),
        dlq_ids=parameters.several("dlqIds"),
        response_statuses=frozenset(
            number("responseStatus", text) for text in parameters.in_order("responseStatus")
        ),
    )


def _paging(parameters: Parameters, largest: int, usual: int, *, earliest_first: bool) -> Paging:
    order = parameters.one("order")
    if order is not None:
        if order not in _ORDERS:
            raise refusals.invalid_choice("order", order)
        earliest_first = _ORDERS[order]
    count = parameters.one("count")
    return Paging(
        count=usual if count is None else _count(count, largest),
        from_at=parameters.integer("fromDate"),
        to_at=parameters.integer("toDate"),
        after=_cursor(parameters.one("cursor")),
        earliest_first=earliest_first,
    )


def _count(text: str, largest: int) -> int:
    """At most ``largest``; a larger one is clamped (D65)."""
    count = natural(text)
    if not count:
        raise refusals.invalid_count(text, largest)
    return min(count, largest)


def _cancel_count(text: str) -> int:
    """Unlike on a list a larger one is refused: whoever asks for it expects all of them gone."""
    count = natural(text)
    if not count or count > D65_MAX_CANCEL_COUNT:
        raise refusals.invalid_count(text, D65_MAX_CANCEL_COUNT)
    return count


def _limit(parameters: Parameters, key: str) -> int | None:
    text = parameters.one(key)
    if text is None:
        return None
    limit = natural(text)
    if not limit:
        raise refusals.invalid_limit(key, text)
    return limit


def _cursor(text: str | None) -> RowId | None:
    """The place of the last row that was given (D23)."""
    if text is None:
        return None
    at, _, sequence = text.partition("-")
    instant, place = natural(at), natural(sequence)
    if instant is None or place is None:
        raise refusals.invalid_choice("cursor", text)
    return RowId(instant, place)


def _filter(parameters: Parameters, message_ids: frozenset[str] | None) -> MessageFilter:
    """Everything but the ids, which not all lists have under the same keys."""
    return MessageFilter(
        message_ids=message_ids,
        urls=parameters.urls(),
        hosts=frozenset(_bare(host) for host in parameters.several("host")),
        paths=parameters.several("path"),
        labels=parameters.several("label"),
        caller_ips=parameters.several("callerIp", "callerIP"),
        topics=parameters.several("topicName"),
        schedule_ids=parameters.several("scheduleId"),
        queues=parameters.several("queueName"),
        flow_control_keys=parameters.several("flowControlKey"),
    )


def _message_ids(parameters: Parameters) -> frozenset[str] | None:
    one, several = parameters.one("messageId"), parameters.several("messageIds")
    if one is None:
        return several or None
    return several & {one} if several else frozenset({one})


def _bare(host: str) -> str:
    """A host as URLs are compared: lower case, an IPv6 address without a port also unbracketed."""
    return host.lower().strip("[]") if host.endswith("]") else host.lower()


def _states(parameters: Parameters) -> frozenset[LogState]:
    """In any case; ``CANCELLED`` is accepted, ``IN_PROGRESS`` stands for three (D69)."""
    found: frozenset[LogState] = frozenset()
    for text in parameters.in_order("state"):
        states = _STATES.get(text.upper())
        if states is None:
            raise refusals.invalid_choice("state", text)
        found |= states
    return found
