"""Steps in the words of the wire: header fields of a publish, and rows read from JSON."""

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, TypeAlias

from tests.scenarios.faces.face import known
from tests.scenarios.play import Accepted, Entries, Row
from tests.scenarios.shape import Args, Json

Field: TypeAlias = tuple[str, str]

LOG_FILTERS: Final = {
    "label": "label",
    "url": "url",
    "queue": "queueName",
    "group": "topicName",
    "schedule": "scheduleId",
    "key": "flowControlKey",
}
"""What filters are called on the wire."""


def fields_of(settings: Args) -> Iterator[Field]:
    """The header fields of a publish with these settings, but for its destination and body."""
    known(settings, *_FIELDS, "url", "group", "body", "query")
    for name, value in settings.items():
        if name in _FIELDS:
            yield from _FIELDS[name](value)


def callback_fields(header: str, callback: Args) -> Iterator[Field]:
    """The header fields that ask for a callback."""
    yield header, callback["url"]
    yield from callback_settings(header, callback)


def callback_settings(header: str, callback: Args) -> Iterator[Field]:
    """Those of them that say more than where to."""
    known(callback, "url", "method", "retries", "headers")
    for name in ("method", "retries"):
        if name in callback:
            yield f"{header}-{name.title()}", str(callback[name])
    for name, value in callback.get("headers", {}).items():
        yield f"{header}-Forward-{name}", value


def _flow_control_fields(*, key: str, **limits: int) -> Iterator[Field]:
    yield "Upstash-Flow-Control-Key", key
    yield "Upstash-Flow-Control-Value", ",".join(f"{name}={one}" for name, one in limits.items())


def _redacted(*, body: bool = False, headers: tuple[str, ...] = ()) -> Iterator[str]:
    if body:
        yield "body"
    for name in headers:
        yield f"header[{name}]"


def _single(header: str, form: str = "{}") -> Callable[[Json], Iterator[Field]]:
    def fields(value: Json) -> Iterator[Field]:
        yield header, form.format(str(value).lower() if isinstance(value, bool) else value)

    return fields


def _callback(header: str) -> Callable[[Json], Iterator[Field]]:
    return lambda value: callback_fields(header, value)


_FIELDS: Final[Mapping[str, Callable[[Json], Iterable[Field]]]] = {
    "method": _single("Upstash-Method"),
    "retries": _single("Upstash-Retries"),
    "retry_delay": _single("Upstash-Retry-Delay"),
    "delay": _single("Upstash-Delay", "{}s"),
    "not_before": _single("Upstash-Not-Before"),
    "timeout": _single("Upstash-Timeout", "{}s"),
    "deduplication_id": _single("Upstash-Deduplication-Id"),
    "content_based_deduplication": _single("Upstash-Content-Based-Deduplication"),
    "header_forward": _single("Upstash-Header-Forward"),
    "queue": _single("Upstash-Queue-Name"),
    "content_type": _single("Content-Type"),
    "labels": lambda value: [("Upstash-Label", ",".join(value))],
    "headers": lambda value: [(f"Upstash-Forward-{name}", one) for name, one in value.items()],
    "plain_headers": lambda value: value.items(),
    "callback": _callback("Upstash-Callback"),
    "failure_callback": _callback("Upstash-Failure-Callback"),
    "flow_control": lambda value: _flow_control_fields(**value),
    "redact": lambda value: [("Upstash-Redact-Fields", ",".join(_redacted(**value)))],
}
"""The header fields that say each of the settings."""


def destination_of(settings: Args) -> str:
    """Where a publish goes, as it stands in the path, with the settings in its query."""
    destination: str = settings["url"] if "url" in settings else settings["group"]
    query = "&".join(f"{name}={value}" for name, value in settings.get("query", {}).items())
    return f"{destination}?{query}" if query else destination


# --- what comes back -----------------------------------------------------------------------


def accepted(answer: Json) -> list[Accepted]:
    """The messages of a publish, an enqueue, or an entry of a batch."""
    entries = answer if isinstance(answer, list) else [answer]
    return [Accepted(one["messageId"], one.get("deduplicated", False)) for one in entries]


def accepted_batch(answer: Json) -> Entries:
    """The messages of a batch."""
    entries = [accepted(one) for one in answer]
    return [
        made if isinstance(one, list) else made[0]
        for one, made in zip(answer, entries, strict=True)
    ]


def log_row(event: Args) -> Row:
    """A line of the log."""
    return {
        "at": event["time"],
        "message": event["messageId"],
        "state": event["state"],
        "url": event["url"],
        "body": base64.b64decode(event.get("body", "")).decode(),
        "headers": event["header"],
    }


def letter_row(letter: Args) -> Row:
    """A dead letter. When it failed is told by its id."""
    return {
        "id": letter["dlqId"],
        "at": int(letter["dlqId"].partition("-")[0]),
        "message": letter["messageId"],
        "status": letter["responseStatus"],
        "body": letter.get("responseBody", ""),
        "message_body": letter.get("body", ""),
        "headers": letter["header"],
    }


def message_row(message: Args) -> Row:
    """A message."""
    return {
        "url": message["url"],
        "method": message["method"],
        "body": message.get("body", ""),
        "headers": message["header"],
        "retries": message["maxRetries"],
        "group": message.get("topicName"),
        "endpoint": message.get("endpointName"),
        "queue": message.get("queueName"),
        "label": message.get("label"),
    }


def queue_row(queue: Args) -> Row:
    """A queue."""
    return {name: queue[name] for name in ("lag", "parallelism", "paused")}


def key_row(key: Args) -> Row:
    """A flow control key."""
    return {
        "waiting": key["waitListSize"],
        "parallelism": key["parallelismMax"],
        "in_flight": key["parallelismCount"],
        "rate": key["rateMax"],
        "period": key["ratePeriod"],
        "paused": key["isPaused"],
        "pinned": [key["isPinnedParallelism"], key["isPinnedRate"]],
    }


def schedule_row(schedule: Args) -> Row:
    """A schedule."""
    return {
        "cron": schedule["cron"],
        "destination": schedule["destination"],
        "paused": schedule["isPaused"],
        "last": schedule.get("lastScheduleTime"),
        "next": schedule.get("nextScheduleTime"),
        "states": schedule.get("lastScheduleStates", {}),
    }
