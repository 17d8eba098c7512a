"""Queues, URL groups, schedules and limits as objects, key by key in the service's order.

The order is the documented one, optional keys where D40 puts them.
"""

from typing import Final

from fakestash.model.messages import ENDED, Message, MessageState, PublishCommand
from fakestash.model.resources import (
    Endpoint,
    FlowControlStatus,
    GlobalParallelism,
    QueueStatus,
    Schedule,
    UrlGroup,
)
from fakestash.wire.encode_settings import put_callbacks, put_flow_control, put_labels
from fakestash.wire.json_values import JsonObject, put, put_body
from fakestash.wire.redaction import shown_body, shown_headers

_SECOND_MS: Final = 1000


def queue_object(queue: QueueStatus) -> JsonObject:
    """A queue; every key is always there."""
    return {
        "createdAt": queue.created_at,
        "updatedAt": queue.updated_at,
        "name": queue.name,
        "parallelism": queue.parallelism,
        "lag": queue.lag,
        "paused": queue.paused,
    }


def url_group_object(group: UrlGroup) -> JsonObject:
    """A URL group; its default headers are shown if it has any (D59)."""
    shown: JsonObject = {
        "createdAt": group.created_at,
        "updatedAt": group.updated_at,
        "name": group.name,
        "endpoints": [_endpoint_object(endpoint) for endpoint in group.endpoints],
    }
    if group.headers:
        shown["headers"] = {name: list(values) for name, values in group.headers}
    return shown


def schedule_object(schedule: Schedule) -> JsonObject:
    """A schedule with the settings of what it publishes; its delay is in seconds."""
    command = schedule.command
    extras = command.extras
    shown: JsonObject = {
        "createdAt": schedule.created_at,
        "scheduleId": schedule.id,
        "cron": schedule.cron.text,
        "destination": schedule.destination,
        "method": command.method,
        "header": shown_headers(command),
    }
    put_body(shown, "body", shown_body(command))
    shown["retries"] = command.retries
    if command.delay:
        shown["delay"] = command.delay // _SECOND_MS
    put_callbacks(shown, extras, "Header")
    put(shown, "timeout", command.timeout)
    put(shown, "queueName", extras.queue)
    _put_firings(shown, schedule)
    shown["callerIP"] = command.caller_ip
    shown["isPaused"] = schedule.is_paused
    _put_limits(shown, command)
    if command.retry_delay is not None:
        shown["retryDelayExpression"] = command.retry_delay.text
    put_labels(shown, command.labels)
    put(shown, "error", schedule.error)
    return shown


def flow_control_object(status: FlowControlStatus) -> JsonObject:
    """The limits of one key and their use, those that are 0 or false too (D73)."""
    return {
        "flowControlKey": status.key,
        "waitListSize": status.wait_list_size,
        "parallelismMax": status.parallelism_max,
        "parallelismCount": status.parallelism_count,
        "rateMax": status.rate_max,
        "rateCount": status.rate_count,
        "ratePeriod": status.rate_period,
        "ratePeriodStart": status.rate_period_start,
        "isPaused": status.is_paused,
        "isPinnedParallelism": status.is_pinned_parallelism,
        "isPinnedRate": status.is_pinned_rate,
    }


def global_parallelism_object(parallelism: GlobalParallelism) -> JsonObject:
    """How many attempts a user may have in flight, and has, zero too (D73)."""
    return {"parallelismMax": parallelism.maximum, "parallelismCount": parallelism.in_flight}


def _endpoint_object(endpoint: Endpoint) -> JsonObject:
    shown: JsonObject = {}
    put(shown, "name", endpoint.name)
    shown["url"] = endpoint.url
    return shown


def _put_firings(shown: JsonObject, schedule: Schedule) -> None:
    """When it fired last and fires next; a schedule that did not, or never will, says nothing."""
    put(shown, "lastScheduleTime", schedule.last_at)
    put(shown, "nextScheduleTime", schedule.next_at)
    if schedule.last_messages:
        shown["lastScheduleStates"] = {
            message.id: _firing_state(message) for message in schedule.last_messages
        }


def _firing_state(message: Message) -> str:
    """What became of a fired message; a cancelled one failed (D117)."""
    if message.state not in ENDED:
        return "IN_PROGRESS"
    return "SUCCESS" if message.state is MessageState.DELIVERED else "FAIL"


def _put_limits(shown: JsonObject, command: PublishCommand) -> None:
    """Flow control as in a message, but with ``parallelism`` always there: 0 is no limit."""
    control = command.extras.flow_control
    if control is None:
        shown["parallelism"] = 0
    else:
        put_flow_control(shown, control._replace(parallelism=control.parallelism or 0))
