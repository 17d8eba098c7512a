"""The message object and the dead letter object, key by key in the service's order.

A key without a value is left out, never null; where the order of an optional key was not
seen, it is D40. Spellings differ between these objects and log events, and are those seen.
"""

from fakestash.decisions import D44_STATE_KEYS_IN_MESSAGE, D62_STATUS_WITHOUT_RESPONSE
from fakestash.model.messages import DeadLetter, Message, MessageState
from fakestash.model.outcomes import Responded
from fakestash.model.queries import Page
from fakestash.wire.json_values import JsonObject, header_map, put_body


def message_object(message: Message) -> JsonObject:
    """A message as ``GET /v2/messages/{id}`` shows it."""
    shown = _plain_keys(message)
    if D44_STATE_KEYS_IN_MESSAGE:
        _put_state_keys(shown, message)
    return shown


def dead_letter_object(letter: DeadLetter) -> JsonObject:
    """A dead letter: the plain keys of its message and those of the last answer."""
    shown = _plain_keys(letter.message)
    outcome = letter.message.outcome
    if isinstance(outcome, Responded):
        shown["responseStatus"] = outcome.status
        if outcome.headers:
            shown["responseHeader"] = header_map(outcome.headers)
        put_body(shown, "responseBody", outcome.body)
    else:
        shown["responseStatus"] = D62_STATUS_WITHOUT_RESPONSE
    shown["dlqId"] = letter.dlq_id
    return shown


def dead_letter_list(page: Page[DeadLetter]) -> JsonObject:
    """A page of dead letters."""
    shown: JsonObject = {"messages": [dead_letter_object(letter) for letter in page.rows]}
    if page.cursor is not None:
        shown["cursor"] = page.cursor
    return shown


def _plain_keys(message: Message) -> JsonObject:
    command = message.command
    shown: JsonObject = {
        "messageId": message.id,
        "url": command.url,
        "method": command.method,
        "header": header_map(command.headers),
    }
    put_body(shown, "body", command.body)
    shown["maxRetries"] = command.retries
    shown["notBefore"] = message.not_before
    shown["createdAt"] = message.created_at
    shown["callerIP"] = command.caller_ip
    if command.retry_delay is not None:
        shown["retryDelayExpression"] = command.retry_delay.text
    if command.labels:
        shown["label"] = command.labels[0]
        shown["labels"] = command.labels
    if command.timeout is not None:
        shown["timeout"] = command.timeout
    return shown


def _put_state_keys(shown: JsonObject, message: Message) -> None:
    """How far the message got (D44)."""
    shown["state"] = message.entries[-1].state
    shown["retried"] = message.retried
    if message.state is MessageState.PENDING:
        shown["nextDeliveryTime"] = message.due_at
    if isinstance(message.outcome, Responded):
        shown["responseStatus"] = message.outcome.status
        put_body(shown, "responseBody", message.outcome.body)
    if message.dlq_id is not None:
        shown["dlqId"] = message.dlq_id
