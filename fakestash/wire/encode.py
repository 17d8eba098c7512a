"""The message object and the dead letter object, key by key in the service's order.

A key without a value is left out, never null; where the order of an optional key was not
seen, it is D40. Spellings differ between these objects and log events, and are those seen.
"""

from fakestash.decisions import D44_STATE_KEYS_IN_MESSAGE, D62_STATUS_WITHOUT_RESPONSE
from fakestash.model.messages import ENDED, DeadLetter, Message, MessageState
from fakestash.model.outcomes import Responded
from fakestash.model.queries import Page
from fakestash.wire.encode_settings import (
    put_callbacks,
    put_flow_control,
    put_group,
    put_labels,
)
from fakestash.wire.json_values import JsonObject, header_map, put, put_body
from fakestash.wire.redaction import shown_body, shown_headers


def message_object(message: Message) -> JsonObject:
    """A message as ``GET /v2/messages/{id}`` shows it."""
    shown = _plain_keys(message)
    if D44_STATE_KEYS_IN_MESSAGE:
        _put_state_keys(shown, message)
    return shown


def dead_letter_object(letter: DeadLetter) -> JsonObject:
    """A dead letter: the plain keys of its message, those of the last answer, what was reported."""
    shown = _plain_keys(letter.message)
    outcome = letter.message.outcome
    if isinstance(outcome, Responded):
        shown["responseStatus"] = outcome.status
        if outcome.headers:
            shown["responseHeader"] = header_map(outcome.headers)
        put_body(shown, "responseBody", outcome.body)
    else:
        shown["responseStatus"] = D62_STATUS_WITHOUT_RESPONSE
    if letter.failure_callback is not None:
        shown["failureCallbackInfo"] = _failure_callback_info(letter.failure_callback)
    shown["dlqId"] = letter.dlq_id
    return shown


def dead_letter_list(page: Page[DeadLetter]) -> JsonObject:
    """A page of dead letters."""
    shown: JsonObject = {"messages": [dead_letter_object(letter) for letter in page.rows]}
    put(shown, "cursor", page.cursor)
    return shown


def _plain_keys(message: Message) -> JsonObject:
    command = message.command
    extras = command.extras
    shown: JsonObject = {"messageId": message.id, "url": command.url}
    put_group(shown, extras)
    put(shown, "queueName", extras.queue)
    shown["method"] = command.method
    shown["header"] = shown_headers(command)
    put_body(shown, "body", shown_body(command))
    shown["maxRetries"] = command.retries
    shown["notBefore"] = message.not_before
    shown["createdAt"] = message.created_at
    put_callbacks(shown, extras, "Header")
    put(shown, "scheduleId", extras.schedule_id)
    shown["callerIP"] = command.caller_ip
    if command.retry_delay is not None:
        shown["retryDelayExpression"] = command.retry_delay.text
    put_flow_control(shown, extras.flow_control)
    put_labels(shown, command.labels)
    put(shown, "timeout", command.timeout)
    return shown


def _put_state_keys(shown: JsonObject, message: Message) -> None:
    """How far the message got (D44). One that is due but held keeps the instant it was due at."""
    shown["state"] = message.latest_entry.state
    shown["retried"] = message.retried
    if message.state in {MessageState.PENDING, MessageState.WAITING}:
        shown["nextDeliveryTime"] = message.due_at
    if isinstance(message.outcome, Responded):
        shown["responseStatus"] = message.outcome.status
        put_body(shown, "responseBody", message.outcome.body)
    put(shown, "dlqId", message.dlq_id)


def _failure_callback_info(callback: Message) -> JsonObject:
    """What became of the report of a failure, told once nothing more can happen to it (D113)."""
    if callback.state not in ENDED:
        return {"state": "CALLBACK_INPROGRESS"}
    is_delivered = callback.state is MessageState.DELIVERED
    shown: JsonObject = {"state": "CALLBACK_SUCCESS" if is_delivered else "CALLBACK_FAIL"}
    outcome = callback.outcome
    if isinstance(outcome, Responded):
        shown["responseStatus"] = outcome.status
        put_body(shown, "responseBody", outcome.body)
        if outcome.headers:
            shown["responseHeaders"] = header_map(outcome.headers)
    return shown
