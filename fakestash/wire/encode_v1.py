"""The objects of version 1, key by key in their documented order.

Its messages are publications and its tasks the messages of version 2, whose states have other
names here. What a message hides is hidden here too. No header of a publish sets a deadline any
more, so none of the objects has that key.
"""

from collections.abc import Mapping
from typing import Final

from fakestash.decisions import D131_V1_NO_LIMIT
from fakestash.ids import task_id_of
from fakestash.model.logs import LogEntry, LogState
from fakestash.model.messages import (
    IN_FLIGHT,
    Message,
    MessageState,
    Publication,
    PublishCommand,
)
from fakestash.model.outcomes import error_text
from fakestash.model.queries import Page
from fakestash.model.resources import Endpoint, Schedule, UrlGroup
from fakestash.plans import Plan
from fakestash.wire.json_values import JsonObject, base64_text, put
from fakestash.wire.redaction import shown_body, shown_headers

_SECOND_MS: Final = 1000
_TOPIC_ID: Final = "tpc_"

LOG_STATES: Final[Mapping[LogState, str]] = {
    LogState.CREATED: "created",
    LogState.ACTIVE: "active",
    LogState.RETRY: "planned",
    LogState.ERROR: "error",
    LogState.DELIVERED: "delivered",
    LogState.FAILED: "failed",
    LogState.CANCEL_REQUESTED: "canceled",
    LogState.CANCELED: "canceled",
}
"""What version 1 calls the states of the log (D126)."""

_TASK_STATES: Final[Mapping[MessageState, str]] = {
    MessageState.ACTIVE: "active",
    MessageState.CANCELING_ACTIVE: "active",
    MessageState.CANCELING: "canceled",
    MessageState.CANCELED: "canceled",
    MessageState.DELIVERED: "delivered",
    MessageState.FAILED: "failed",
}


def endpoint_object(endpoint: Endpoint, topic_id: str) -> JsonObject:
    """An endpoint, and the topic that it belongs to."""
    return {"endpointId": endpoint.id, "url": endpoint.url, "topicId": topic_id}


def topic_object(group: UrlGroup) -> JsonObject:
    """A topic with its endpoints, of which it may have none."""
    return {
        "topicId": group.id,
        "name": group.name,
        "endpoints": [endpoint_object(endpoint, group.id) for endpoint in group.endpoints],
    }


def message_object(publication: Publication) -> JsonObject:
    """A publication, as a message; its body is in base64, and absent if empty (D130)."""
    command = publication.command
    body = shown_body(command)
    shown: JsonObject = {"messageId": publication.id}
    put(shown, "topicId", publication.group_id)
    put(shown, "topicName", publication.group)
    put(shown, "endpointId", publication.endpoint_id)
    put(shown, "url", command.url or None)
    shown["destinationType"] = "url" if publication.group is None else "topic"
    shown["method"] = command.method
    shown["header"] = shown_headers(command)
    put(shown, "body", base64_text(body) or None)
    shown["createdAt"] = publication.created_at
    put(shown, "scheduleId", command.extras.schedule_id)
    shown["settings"] = {**_timing(command), "retries": command.retries}
    return shown


def message_list(page: Page[Publication]) -> JsonObject:
    """A page of publications."""
    return {**_cursor(page.cursor), "messages": [message_object(one) for one in page.rows]}


def task_object(task: Message, now: int) -> JsonObject:
    """A task as it stands at ``now`` (unix ms). Its error is that of the last failed attempt.

    It is complete when nothing follows any more, whether delivered, failed or cancelled.
    """
    error = next((one for one in reversed(task.entries) if one.state is LogState.ERROR), None)
    shown: JsonObject = {}
    put(shown, "completedAt", task.ended_at)
    shown["error"] = "" if error is None else _error(error)
    shown["lastErrorAt"] = 0 if error is None else error.at
    shown["maxRetry"] = task.command.retries
    shown["messageId"] = task.publication_id
    if task.state in {MessageState.PENDING, MessageState.WAITING}:
        shown["nextProcessAt"] = task.due_at
    shown["retried"] = max(_attempts_done(task) - 1, 0)
    shown["state"] = task_state(task, now)
    shown["taskId"] = task_id_of(task.id)
    shown["url"] = task.command.url
    return shown


def task_list(page: Page[Message], now: int, key: str = "tasks") -> JsonObject:
    """A page of tasks under ``key``."""
    return {**_cursor(page.cursor), key: [task_object(task, now) for task in page.rows]}


def task_state(task: Message, now: int) -> str:
    """What version 1 calls the state of a task at ``now`` (unix ms; D126).

    One that waits after a failed attempt is in ``error``, whatever it waits for. Before the first
    it is ``planned`` until it is due, and then ``created``, also while its queue or a limit holds
    it. It is ``canceled`` from the request on, unless an attempt is running, which counts first.
    """
    state = _TASK_STATES.get(task.state)
    if state is not None:
        return state
    if task.attempts:
        return "error"
    return "planned" if task.due_at > now else "created"


def log_object(entry: LogEntry) -> JsonObject:
    """One line of the log."""
    shown: JsonObject = {
        "time": entry.at,
        "state": LOG_STATES[entry.state],
        "messageId": entry.message.publication_id,
        "taskId": task_id_of(entry.message.id),
    }
    put(shown, "nextScheduledAt", entry.next_delivery_at)
    put(shown, "error", _error(entry) or None)
    return shown


def log_list(page: Page[LogEntry]) -> JsonObject:
    """A page of the log."""
    return {**_cursor(page.cursor), "logs": [log_object(entry) for entry in page.rows]}


def event_object(entry: LogEntry) -> JsonObject:
    """One line of the log as an event, which has an id of its own."""
    shown: JsonObject = {
        "id": entry.id,
        "time": entry.at,
        "messageId": entry.message.publication_id,
    }
    put(shown, "nextDeliveryTime", entry.next_delivery_at)
    shown["state"] = LOG_STATES[entry.state]
    shown["taskId"] = task_id_of(entry.message.id)
    shown["url"] = entry.message.command.url
    put(shown, "error", _error(entry) or None)
    return shown


def event_list(page: Page[LogEntry]) -> JsonObject:
    """A page of events; its cursor is always there, and empty at the end."""
    return {"cursor": page.cursor or "", "events": [event_object(entry) for entry in page.rows]}


def schedule_object(schedule: Schedule, group: UrlGroup | None) -> JsonObject:
    """A schedule. ``group`` is the topic that it publishes to, None for a URL or if it is gone.

    Its queue, pause and last firing cannot be told here. A delay is in seconds.
    """
    command = schedule.command
    settings: JsonObject = {"retries": command.retries, **_timing(command)}
    if command.extras.callback is not None:
        settings["callback"] = command.extras.callback.url
    return {
        "scheduleId": schedule.id,
        "cron": schedule.cron.text,
        "createdAt": schedule.created_at,
        "content": {
            "header": shown_headers(command),
            "body": base64_text(shown_body(command)),
        },
        "destination": _destination(schedule, group),
        "settings": settings,
    }


def quota_object(plan: Plan) -> JsonObject:
    """What a plan allows; sizes are bytes, durations seconds, and 0 is no limit (D131)."""
    return {
        "maxTopics": plan.max_topics,
        "maxEndpointsPerTopic": plan.max_endpoints_per_topic,
        "maxMessageSize": plan.max_message_size,
        "maxRetries": plan.max_retries,
        "maxSchedules": _limit(plan.max_schedules),
        "maxRequestsPerDay": _limit(plan.messages_per_day),
        "retention": plan.log_retention,
        "timeout": plan.max_timeout,
        "maxDelay": _limit(plan.max_delay),
    }


def _destination(schedule: Schedule, group: UrlGroup | None) -> JsonObject:
    if schedule.command.url:
        return {"type": "url", "url": schedule.command.url}
    if group is not None:
        return {"type": "topic", "topic": topic_object(group)}
    # Of a topic that is gone only this is known: what the schedule was made for.
    key = "topicId" if schedule.destination.startswith(_TOPIC_ID) else "name"
    return {"type": "topic", "topic": {key: schedule.destination, "endpoints": []}}


def _timing(command: PublishCommand) -> JsonObject:
    """When a message is to be delivered: after some seconds, or at an instant (unix ms)."""
    shown: JsonObject = {}
    put(shown, "delay", command.delay // _SECOND_MS or None)
    put(shown, "notBefore", command.not_before)
    return shown


def _attempts_done(task: Message) -> int:
    """One that is still running is not done."""
    return task.attempts - 1 if task.state in IN_FLIGHT else task.attempts


def _cursor(cursor: str | None) -> JsonObject:
    """The instant of a page's last row, if more follow."""
    return {} if cursor is None else {"cursor": int(cursor)}


def _error(entry: LogEntry) -> str:
    """Why an attempt failed; empty in what says nothing of a failed one."""
    if entry.state is not LogState.ERROR or entry.outcome is None:
        return ""
    return error_text(entry.outcome)


def _limit(limit: int | None) -> int:
    return D131_V1_NO_LIMIT if limit is None else limit
