"""Steps in the words of the wire: header fields of a publish, and rows read from JSON."""

import base64
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tests.scenarios.faces.face import known
from tests.scenarios.play import Accepted, Row

Field = tuple[str, str]

LOG_FILTERS: Final = {
    "label": "label",
    "url": "url",
    "queue": "queueName",
    "group": "topicName",
    "schedule": "scheduleId",
    "key": "flowControlKey",
}
"""What filters are called on the wire."""


def fields_of(settings: Mapping[str, Any]) -> Iterator[Field]:
    """The header fields of a publish with these settings, but for its destination and body."""
    for name, value in settings.items():
        match name:
            case "method" | "retries":
                yield f"Upstash-{name.title()}", str(value)
            case "retry_delay" | "not_before" | "deduplication_id":
                yield f"Upstash-{name.replace('_', '-').title()}", str(value)
            case "delay" | "timeout":
                yield f"Upstash-{name.title()}", f"{value}s"
            case "content_based_deduplication" | "header_forward":
                yield f"Upstash-{name.replace('_', '-').title()}", str(value).lower()
            case "labels":
                yield "Upstash-Label", ",".join(value)
            case "headers":
                yield from ((f"Upstash-Forward-{key}", one) for key, one in value.items())
            case "content_type":
                yield "Content-Type", value
            case "plain_headers":
                yield from value.items()
            case "callback":
                yield from callback_fields("Upstash-Callback", value)
            case "failure_callback":
                yield from callback_fields("Upstash-Failure-Callback", value)
            case "flow_control":
                yield from _flow_control_fields(**value)
            case "redact":
                yield "Upstash-Redact-Fields", ",".join(_redacted(**value))
            case "queue":
                yield "Upstash-Queue-Name", value
            case _:
                known({name: value}, "url", "group", "body", "query")


def callback_fields(header: str, callback: Mapping[str, Any]) -> Iterator[Field]:
    """The header fields that ask for a callback."""
    yield header, callback["url"]
    yield from callback_settings(header, callback)


def callback_settings(header: str, callback: Mapping[str, Any]) -> Iterator[Field]:
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


def destination_of(settings: Mapping[str, Any]) -> str:
    """Where a publish goes, as it stands in the path, with the settings in its query."""
    destination: str = settings["url"] if "url" in settings else settings["group"]
    query = "&".join(f"{name}={value}" for name, value in settings.get("query", {}).items())
    return f"{destination}?{query}" if query else destination


# --- what comes back -----------------------------------------------------------------------


def accepted(answer: Any) -> list[Accepted]:  # noqa: ANN401 - JSON
    """The messages of a publish, an enqueue, or an entry of a batch."""
    entries = answer if isinstance(answer, list) else [answer]
    return [Accepted(one["messageId"], one.get("deduplicated", False)) for one in entries]


def accepted_batch(answer: Any) -> list[Any]:  # noqa: ANN401 - JSON
    """The messages of a batch."""
    entries = [accepted(one) for one in answer]
    return [
        made if isinstance(one, list) else made[0]
        for one, made in zip(answer, entries, strict=True)
    ]


def log_row(event: Mapping[str, Any]) -> Row:
    """A line of the log."""
    return {
        "at": event["time"],
        "message": event["messageId"],
        "state": event["state"],
        "url": event["url"],
        "body": base64.b64decode(event.get("body", "")).decode(),
        "headers": event["header"],
    }


def letter_row(letter: Mapping[str, Any]) -> Row:
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


def message_row(message: Mapping[str, Any]) -> Row:
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


def queue_row(queue: Mapping[str, Any]) -> Row:
    """A queue."""
    return {name: queue[name] for name in ("lag", "parallelism", "paused")}


def key_row(key: Mapping[str, Any]) -> Row:
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


def schedule_row(schedule: Mapping[str, Any]) -> Row:
    """A schedule."""
    return {
        "cron": schedule["cron"],
        "destination": schedule["destination"],
        "paused": schedule["isPaused"],
        "last": schedule.get("lastScheduleTime"),
        "next": schedule.get("nextScheduleTime"),
        "states": schedule.get("lastScheduleStates", {}),
    }
