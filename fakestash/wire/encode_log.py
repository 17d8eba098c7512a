"""The log event object, key by key in the service's order (optional ones D40).

Its spellings are its own (``callerIp``, ``responseHeaders``, ``retryDelayExpr``), bodies are
always base64, and which keys there are depends on the state, all as seen in traffic.
"""

from fakestash.model.logs import LogEntry, LogState
from fakestash.model.messages import PublishCommand
from fakestash.model.outcomes import Responded, error_text
from fakestash.model.queries import MessageLog, Page
from fakestash.wire.encode_settings import (
    put_callbacks,
    put_flow_control,
    put_group,
    put_labels,
)
from fakestash.wire.json_values import JsonObject, base64_text, header_map, put
from fakestash.wire.redaction import shown_body, shown_headers
from fakestash.wire.urls import target


def event_list(page: Page[LogEntry], trim_body: int | None = None) -> JsonObject:
    """A page of the log. ``trim_body`` is the number of bytes to show of a body, None all."""
    shown: JsonObject = {}
    put(shown, "cursor", page.cursor)
    shown["events"] = [event_object(entry, trim_body) for entry in page.rows]
    return shown


def grouped_log(page: Page[MessageLog], trim_body: int | None = None) -> JsonObject:
    """A page of the log by message. ``trim_body`` is as for ``event_list``."""
    shown: JsonObject = {}
    put(shown, "cursor", page.cursor)
    shown["messages"] = [
        {
            "messageId": group.message.id,
            "events": [event_object(entry, trim_body) for entry in group.entries],
        }
        for group in page.rows
    ]
    return shown


def event_object(entry: LogEntry, trim_body: int | None = None) -> JsonObject:
    """One event. ``trim_body`` is as for ``event_list``."""
    command = entry.message.command
    extras = command.extras
    is_error = entry.state is LogState.ERROR
    shown: JsonObject = {
        "time": entry.at,
        "messageId": entry.message.id,
        "state": entry.state,
    }
    if is_error and entry.outcome is not None:
        shown["error"] = error_text(entry.outcome)
    put(shown, "nextDeliveryTime", entry.next_delivery_at)
    shown["url"] = command.url
    put_group(shown, extras)
    put(shown, "scheduleId", extras.schedule_id)
    put(shown, "queueName", extras.queue)
    shown["header"] = shown_headers(command)
    _put_body(shown, "body", shown_body(command), trim_body)
    if isinstance(entry.outcome, Responded):
        shown["responseStatus"] = entry.outcome.status
        if is_error:
            _put_answer(shown, entry.outcome, trim_body)
    _put_settings(shown, command)
    shown["callerIp"] = entry.caller_ip
    place = target(command.url)
    shown["host"] = place.netloc
    shown["path"] = place.path
    put(shown, "duration", entry.duration)
    return shown


def _put_body(into: JsonObject, key: str, body: bytes, trim_body: int | None) -> None:
    """The first ``trim_body`` bytes in base64 (D70); an empty body is not shown (D72)."""
    part = body[:trim_body]
    if part:
        into[key] = base64_text(part)


def _put_answer(shown: JsonObject, answer: Responded, trim_body: int | None) -> None:
    """What came back from a failed attempt; a successful one's answer is not logged."""
    _put_body(shown, "responseBody", answer.body, trim_body)
    if answer.headers:
        shown["responseHeaders"] = header_map(answer.headers)


def _put_settings(shown: JsonObject, command: PublishCommand) -> None:
    put(shown, "timeout", command.timeout)
    shown["method"] = command.method
    put_callbacks(shown, command.extras, "Headers")
    if command.retries:
        shown["maxRetries"] = command.retries
    if command.retry_delay is not None:
        shown["retryDelayExpr"] = command.retry_delay.text
    put_flow_control(shown, command.extras.flow_control)
    put_labels(shown, command.labels)
