"""What a call can carry beside its body: parts of the path, header fields, query parameters.

Every setting can also be sent as a query parameter with the name of its header in lower case; it
is described once, as a header.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from fakestash.api.openapi_schemas import (
    FLAG,
    INSTANT,
    METHOD,
    NATURAL,
    POSITIVE,
    TEXT,
    TEXTS,
    URL,
)
from fakestash.decisions import (
    D65_MAX_CANCEL_COUNT,
    D65_MAX_DEAD_LETTER_COUNT,
    D65_MAX_LOG_COUNT,
)
from fakestash.model.logs import LogState
from fakestash.wire.json_values import JsonObject

PATH_PARTS: Final[Mapping[str, str]] = {
    "destination": (
        "A URL with http:// or https://, the name of a URL group (in version 1 or its id), or "
        "api/llm: all the rest of the path, neither escaped nor decoded."
    ),
    "queue": "Name of the queue, which is made if it does not exist.",
    "id": "The id; of a topic in version 1 or its name.",
    "name": "The name.",
    "dlqId": "Id of the entry in the dead letter queue.",
    "key": "The flow control key.",
}

_DURATION: Final[JsonObject] = {"type": "string", "pattern": "^([0-9]+|([0-9]+[smhd])+)$"}

_SETTINGS: Final[tuple[tuple[str, JsonObject, str, object], ...]] = (
    ("Method", METHOD, "Method of the request; POST if not given.", "PUT"),
    ("Timeout", _DURATION, "Longest time for an answer; that of the plan if not given.", "30s"),
    ("Retries", NATURAL, "Retries after a failure.", 2),
    ("Retry-Delay", TEXT, "Expression for the wait before a retry, in ms.", "1000 * retried"),
    ("Label", TEXT, "Labels, separated by commas.", "invoices"),
    ("Flow-Control-Key", TEXT, "Key of the limits.", "tenant-1"),
    ("Flow-Control-Value", TEXT, "The limits.", "parallelism=3, rate=10, period=1m"),
    ("Forward-*", TEXT, "A header to pass on, under the name that follows the prefix.", "on"),
)
"""What messages and callbacks both have: name without prefix, schema, description, example."""

_OF_MESSAGES: Final[tuple[tuple[str, JsonObject, str, object], ...]] = (
    ("Header-Forward", FLAG, "Pass on all headers of the call.", True),
    ("Delay", _DURATION, "Wait before the first attempt.", "1h30m"),
    ("Not-Before", NATURAL, "Unix time in seconds of the first attempt.", 4_102_444_800),
    ("Deduplication-Id", TEXT, "Publishes of the same id are the same message.", "order-7"),
    ("Content-Based-Deduplication", FLAG, "Publishes of the same content are the same.", True),
    ("Callback", URL, "Where to report each answer.", "https://example.com/done"),
    ("Failure-Callback", URL, "Where to report the final failure.", "https://example.com/failed"),
    ("Redact-Fields", TEXT, "What to show as a hash: body, header, header[Name].", "body"),
    ("Queue-Name", TEXT, "Queue to put the message in.", "orders"),
    ("Cron", TEXT, "When a schedule fires.", "*/10 * * * *"),
    ("Schedule-Id", TEXT, "Id of the schedule, which may exist already.", "nightly"),
)

_CALLBACK_PREFIXES: Final = ("Callback-", "Failure-Callback-")


def _header(name: str, schema: JsonObject, description: str, example: object) -> JsonObject:
    return {
        "name": f"Upstash-{name}",
        "in": "header",
        "schema": schema,
        "description": description,
        "example": example,
    }


_HEADERS: Final[tuple[JsonObject, ...]] = (
    *(_header(*setting) for setting in (*_SETTINGS, *_OF_MESSAGES)),
    *(
        _header(f"{prefix}{name}", schema, f"For the report: {description}", example)
        for prefix in _CALLBACK_PREFIXES
        for name, schema, description, example in _SETTINGS
    ),
)

_ANY_PUBLISH: Final = tuple(str(header["name"]) for header in _HEADERS)


def _without(*names: str) -> tuple[str, ...]:
    return tuple(header for header in _ANY_PUBLISH if header not in names)


_DEDUPLICATION: Final = ("Upstash-Deduplication-Id", "Upstash-Content-Based-Deduplication")
_SCHEDULING: Final = ("Upstash-Cron", "Upstash-Schedule-Id")

PUBLISH_HEADERS: Final = _ANY_PUBLISH
ENQUEUE_HEADERS: Final = _without(
    "Upstash-Delay", "Upstash-Not-Before", "Upstash-Queue-Name", *_SCHEDULING
)
SCHEDULE_HEADERS: Final = _without("Upstash-Not-Before", *_DEDUPLICATION)
RETRY_HEADERS: Final = _without(*_DEDUPLICATION, *_SCHEDULING)


def _query(name: str, schema: JsonObject, description: str) -> JsonObject:
    return {"name": name, "in": "query", "schema": schema, "description": description}


def _count(largest: int, description: str) -> JsonObject:
    return _query("count", {**POSITIVE, "maximum": largest}, description)


def _order(usual: str, other: str) -> JsonObject:
    return _query("order", {"enum": [usual, other], "default": usual}, "Order of the rows.")


_STATES: Final[JsonObject] = {
    "type": "array",
    "items": {"enum": [*(state.value for state in LogState), "IN_PROGRESS"]},
}

QUERY: Final[Mapping[str, JsonObject]] = {
    "messageId": _query("messageId", TEXT, "One message."),
    "messageIds": _query("messageIds", TEXTS, "Any of these messages."),
    "dlqIds": _query("dlqIds", TEXTS, "Any of these dead letters; other filters do not count."),
    "state": _query("state", _STATES, "Any of these states."),
    "url": _query("url", TEXTS, "Any of these destinations."),
    "host": _query("host", TEXTS, "Any of these hosts of destinations; without port any port."),
    "path": _query("path", TEXTS, "Any of these paths of destinations."),
    "label": _query("label", TEXTS, "Any of these labels."),
    "topicName": _query("topicName", TEXTS, "Any of these URL groups."),
    "queueName": _query("queueName", TEXTS, "Any of these queues."),
    "scheduleId": _query("scheduleId", TEXTS, "Any of these schedules."),
    "flowControlKey": _query("flowControlKey", TEXTS, "Any of these flow control keys."),
    "callerIp": _query("callerIp", TEXTS, "Any of these addresses of publishers."),
    "responseStatus": _query(
        "responseStatus", {"type": "array", "items": NATURAL}, "Any of these last answers."
    ),
    "fromDate": _query("fromDate", INSTANT, "Not before this instant."),
    "toDate": _query("toDate", INSTANT, "Not after this instant."),
    "cursor": _query("cursor", TEXT, "Go on after this row."),
    "log.count": _count(D65_MAX_LOG_COUNT, "Largest page; 10 messages if grouped."),
    "log.order": _order("latestFirst", "earliestFirst"),
    "groupBy": _query("groupBy", {"const": "messageId"}, "Messages with their events."),
    "trimBody": _query("trimBody", {"type": "integer"}, "Bytes of a body to show; 0 is none."),
    "dlq.count": _count(D65_MAX_DEAD_LETTER_COUNT, "Largest page."),
    "dlq.order": _order("earliestFirst", "latestFirst"),
    "cancel.count": _count(D65_MAX_CANCEL_COUNT, "How many to cancel; all if not given."),
    "search": _query("search", TEXT, "A part of the key."),
    "pin.parallelism": _query("parallelism", POSITIVE, "Most attempts in flight."),
    "pin.rate": _query("rate", POSITIVE, "Most attempts started in a period."),
    "pin.period": _query("period", {**POSITIVE, "default": 1}, "Seconds; only with a rate."),
    "unpin.parallelism": _query("parallelism", FLAG, "Let go of the pinned parallelism."),
    "unpin.rate": _query("rate", FLAG, "Let go of the pinned rate."),
    "v1.cursor": _query("cursor", INSTANT, "Go on with what is older."),
}
"""Query parameters. What is before a dot tells those of one name apart."""

_OF_MESSAGE: Final = (
    "url",
    "topicName",
    "queueName",
    "scheduleId",
    "flowControlKey",
    "label",
    "callerIp",
    "fromDate",
    "toDate",
)

LOG_QUERY: Final = (
    *("messageId", "messageIds", "state", "host", "path", *_OF_MESSAGE),
    *("log.count", "log.order", "cursor", "groupBy", "trimBody"),
)
CANCEL_QUERY: Final = ("messageIds", "host", "path", *_OF_MESSAGE, "cancel.count")
DEAD_LETTER_QUERY: Final = (
    *("messageId", "dlqIds", "responseStatus", *_OF_MESSAGE),
    *("dlq.count", "dlq.order", "cursor"),
)
PIN_QUERY: Final = ("pin.parallelism", "pin.rate", "pin.period")
UNPIN_QUERY: Final = ("unpin.parallelism", "unpin.rate")
V1_QUERY: Final = ("v1.cursor",)
V1_EVENTS_QUERY: Final = ("cursor",)


def component_name(parameter: str) -> str:
    """The name of a header or of a key of ``QUERY`` among the components of the document."""
    return parameter.replace("*", "Name")


def references(parameters: Iterable[str]) -> list[JsonObject]:
    """Headers and keys of ``QUERY`` by reference."""
    return [{"$ref": f"#/components/parameters/{component_name(name)}"} for name in parameters]


PARAMETERS: Final[Mapping[str, JsonObject]] = {
    **{component_name(str(header["name"])): header for header in _HEADERS},
    **QUERY,
}
"""Every header and query parameter by the name of its component."""
