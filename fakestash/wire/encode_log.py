"""The log event object, key by key in the service's order (optional ones D40).

Its spellings are its own (``callerIp``, ``responseHeaders``, ``retryDelayExpr``), bodies are
always base64, and which keys there are depends on the state, all as seen in traffic.
"""

from fakestash.model.logs import LogEntry, LogState
from fakestash.model.messages import PublishCommand
from fakestash.model.outcomes import Responded, error_text
from fakestash.model.queries import Page
from fakestash.wire.json_values import JsonObject, base64_text, header_map
from fakestash.wire.urls import target


def event_list(page: Page[LogEntry]) -> JsonObject:
    """A page of the log."""
    shown: JsonObject = {} if page.cursor is None else {"cursor": page.cursor}
    shown["events"] = [event_object(entry) for entry in page.rows]
    return shown


def event_object(entry: LogEntry) -> JsonObject:
    """One event."""
    command = entry.message.command
    is_error = entry.state is LogState.ERROR
    shown: JsonObject = {
        "time": entry.at,
        "messageId": entry.message.id,
        "state": entry.state,
    }
    if is_error and entry.outcome is not None:
        shown["error"] = error_text(entry.outcome)
    if entry.next_delivery_at is not None:
        shown["nextDeliveryTime"] = entry.next_delivery_at
    shown["url"] = command.url
    shown["header"] = header_map(command.headers)
    if command.body:
        shown["body"] = base64_text(command.body)
    if isinstance(entry.outcome, Responded):
        shown["responseStatus"] = entry.outcome.status
        if is_error:
            _put_answer(shown, entry.outcome)
    _put_settings(shown, command)
    shown["callerIp"] = entry.caller_ip
    place = target(command.url)
    shown["host"] = place.netloc
    shown["path"] = place.path
    if entry.duration is not None:
        shown["duration"] = entry.duration
    return shown


def _put_answer(shown: JsonObject, answer: Responded) -> None:
    """What came back from a failed attempt; a successful one's answer is not logged."""
    if answer.body:
        shown["responseBody"] = base64_text(answer.body)
    if answer.headers:
        shown["responseHeaders"] = header_map(answer.headers)


def _put_settings(shown: JsonObject, command: PublishCommand) -> None:
    if command.timeout is not None:
        shown["timeout"] = command.timeout
    shown["method"] = command.method
    if command.retries:
        shown["maxRetries"] = command.retries
    if command.retry_delay is not None:
        shown["retryDelayExpr"] = command.retry_delay.text
    if command.labels:
        shown["label"] = command.labels[0]
        shown["labels"] = command.labels
