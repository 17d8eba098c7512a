"""The questions that lists are asked, read from their query strings.

A key that a list does not have is refused (D13); one without a value counts as not given. A
key may be repeated, and most may hold several values separated by commas: any of them will
do, but every key has to match.
"""

from collections.abc import Iterable
from typing import Final

from fakestash import refusals
from fakestash.decisions import D65_MAX_DEAD_LETTER_COUNT, D65_MAX_LOG_COUNT
from fakestash.model.logs import LogState
from fakestash.model.queries import DeadLetterQuery, LogQuery, MessageFilter, Paging, RowId
from fakestash.wire import query as query_strings
from fakestash.wire.values import integer, natural

_PAGING: Final = frozenset({"count", "order", "cursor", "fromDate", "toDate"})
# No message has these, so asking for one finds nothing.
_ABSENT: Final = frozenset({"topicName", "scheduleId", "queueName", "flowControlKey"})
_OF_MESSAGES: Final = frozenset({"messageId", "url", "label", "callerIp"}) | _ABSENT
# Part of anybody's query string: the token, and a filter that the service dropped (D63).
_WITHOUT_EFFECT: Final = frozenset({"qstash_token", "api"})

_LOG_NOT_YET: Final = frozenset({"groupBy", "trimBody"})
_LOG_KEYS: Final = (
    _PAGING
    | _OF_MESSAGES
    | _WITHOUT_EFFECT
    | _LOG_NOT_YET
    | {"messageIds", "state", "host", "path"}
)
_DEAD_LETTER_KEYS: Final = _PAGING | _OF_MESSAGES | _WITHOUT_EFFECT | {"dlqIds", "responseStatus"}

_IN_PROGRESS: Final = frozenset({LogState.ACTIVE, LogState.RETRY, LogState.ERROR})
_STATES: Final = {
    **{state.value: frozenset({state}) for state in LogState},
    "CANCELLED": frozenset({LogState.CANCELED}),
    "IN_PROGRESS": _IN_PROGRESS,
}

_ORDERS: Final = {"earliestFirst": True, "latestFirst": False}


class _Parameters:
    """The values of a query string by key, without the empty ones."""

    def __init__(self, query: str, known: frozenset[str]) -> None:
        self._values: dict[str, list[str]] = {}
        for key, value in query_strings.pairs(query):
            if key not in known:
                raise refusals.unknown_query_parameter(key)
            if value:
                self._values.setdefault(key, []).append(value)

    def one(self, key: str) -> str | None:
        """The first value."""
        values = self._values.get(key)
        return values[0] if values else None

    def several(self, key: str) -> list[str]:
        """All values in order, those between commas too; blanks around them are dropped."""
        return [
            part
            for value in self._values.get(key, ())
            for piece in value.split(",")
            if (part := piece.strip())
        ]

    def urls(self) -> list[str]:
        """The ``url`` values: a comma separates only if another URL follows it (D45)."""
        return [url for value in self._values.get("url", ()) for url in _split_urls(value)]

    def has_any(self, keys: Iterable[str]) -> str | None:
        """The first of ``keys`` that has a value."""
        return next((key for key in keys if key in self._values), None)


def read_log_query(query: str) -> LogQuery:
    """The question to ``/v2/logs`` and ``/v2/events``; latest first unless asked otherwise.

    Raises:
        ServiceError: 400 for an unknown key or a bad value, 501 for what is not supported yet.
    """
    parameters = _Parameters(query, _LOG_KEYS)
    not_yet = parameters.has_any(sorted(_LOG_NOT_YET))
    if not_yet is not None:
        raise refusals.not_supported_yet(f"the query parameter {not_yet}")
    return LogQuery(
        paging=_paging(parameters, D65_MAX_LOG_COUNT, earliest_first=False),
        filter=_filter(parameters),
        states=_states(parameters),
    )


def read_dead_letter_query(query: str) -> DeadLetterQuery:
    """The question to ``GET /v2/dlq``; earliest first unless asked otherwise.

    Dates are compared with the time of failure, which is part of the DLQ id (D64).

    Raises:
        ServiceError: 400 for an unknown key or a bad value.
    """
    parameters = _Parameters(query, _DEAD_LETTER_KEYS)
    return DeadLetterQuery(
        paging=_paging(parameters, D65_MAX_DEAD_LETTER_COUNT, earliest_first=True),
        filter=_filter(parameters),
        dlq_ids=frozenset(parameters.several("dlqIds")),
        response_statuses=frozenset(
            _number("responseStatus", text) for text in parameters.several("responseStatus")
        ),
    )


def _paging(parameters: _Parameters, largest: int, *, earliest_first: bool) -> Paging:
    order = parameters.one("order")
    if order is not None:
        if order not in _ORDERS:
            raise refusals.invalid_choice("order", order)
        earliest_first = _ORDERS[order]
    return Paging(
        count=_count(parameters.one("count"), largest),
        from_at=_date(parameters, "fromDate"),
        to_at=_date(parameters, "toDate"),
        after=_cursor(parameters.one("cursor")),
        earliest_first=earliest_first,
    )


def _count(text: str | None, largest: int) -> int:
    """At most ``largest``; a larger one is clamped (D65)."""
    if text is None:
        return largest
    count = natural(text)
    if not count:
        raise refusals.invalid_count(text, largest)
    return min(count, largest)


def _date(parameters: _Parameters, key: str) -> int | None:
    text = parameters.one(key)
    return None if text is None else _number(key, text)


def _number(key: str, text: str) -> int:
    number = integer(text)
    if number is None:
        raise refusals.invalid_number(key, text)
    return number


def _cursor(text: str | None) -> RowId | None:
    """The place of the last row that was given (D23)."""
    if text is None:
        return None
    at, _, sequence = text.partition("-")
    instant, place = natural(at), natural(sequence)
    if instant is None or place is None:
        raise refusals.invalid_choice("cursor", text)
    return RowId(instant, place)


def _filter(parameters: _Parameters) -> MessageFilter:
    return MessageFilter(
        message_ids=_message_ids(parameters),
        urls=frozenset(parameters.urls()),
        hosts=frozenset(_bare(host) for host in parameters.several("host")),
        paths=frozenset(parameters.several("path")),
        labels=frozenset(parameters.several("label")),
        caller_ips=frozenset(parameters.several("callerIp")),
        absent=parameters.has_any(_ABSENT) is not None,
    )


def _message_ids(parameters: _Parameters) -> frozenset[str] | None:
    one, several = parameters.one("messageId"), frozenset(parameters.several("messageIds"))
    if one is None:
        return several or None
    return several & {one} if several else frozenset({one})


def _bare(host: str) -> str:
    """A host as URLs are compared: lower case, an IPv6 address without a port also unbracketed."""
    return host.lower().strip("[]") if host.endswith("]") else host.lower()


def _states(parameters: _Parameters) -> frozenset[LogState]:
    """In any case; ``CANCELLED`` is accepted, ``IN_PROGRESS`` stands for three (D69)."""
    found: frozenset[LogState] = frozenset()
    for text in parameters.several("state"):
        states = _STATES.get(text.upper())
        if states is None:
            raise refusals.invalid_choice("state", text)
        found |= states
    return found


def _split_urls(value: str) -> list[str]:
    urls: list[str] = []
    for piece in value.split(","):
        if urls and not piece.lstrip().startswith("http"):
            urls[-1] += f",{piece}"
        else:
            urls.append(piece)
    return [trimmed for url in urls if (trimmed := url.strip())]
