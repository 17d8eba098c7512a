"""The body of a callback: what came back from an attempt, and which message it was.

Keys, order and the spelling ``callerIP`` are as measured; the places of ``dlqId``, the group and
the schedule are those of the documentation (D40). Nothing in it is redacted (D93).
"""

from fakestash.decisions import D62_STATUS_WITHOUT_RESPONSE
from fakestash.model.messages import Message
from fakestash.model.outcomes import Outcome, Responded
from fakestash.wire.encode_settings import put_group
from fakestash.wire.json_values import JsonObject, base64_text, header_map, json_bytes, put


def callback_body(message: Message, outcome: Outcome, retried: int, dlq_id: str | None) -> bytes:
    """The JSON that reports ``outcome`` of an attempt at ``message``.

    ``retried`` counts the retries up to this attempt and is left out when 0. ``dlq_id`` is for the
    failure callback alone. Bodies are base64, also the empty one (D112); an attempt without a
    response has status 0 (D62) and no headers.
    """
    command = message.command
    extras = command.extras
    shown = _answer(outcome)
    put(shown, "retried", retried or None)
    put(shown, "dlqId", dlq_id)
    shown["sourceMessageId"] = message.command.extras.publication_id or message.id
    put_group(shown, extras)
    shown["url"] = command.url
    shown["method"] = command.method
    shown["sourceHeader"] = header_map(command.headers)
    shown["sourceBody"] = base64_text(command.body)
    shown["maxRetries"] = command.retries
    shown["notBefore"] = message.not_before
    shown["createdAt"] = message.created_at
    put(shown, "scheduleId", extras.schedule_id)
    shown["callerIP"] = command.caller_ip
    return json_bytes(shown)


def _answer(outcome: Outcome) -> JsonObject:
    if not isinstance(outcome, Responded):
        return {"status": D62_STATUS_WITHOUT_RESPONSE, "header": {}, "body": ""}
    return {
        "status": outcome.status,
        "header": header_map(outcome.headers),
        "body": base64_text(outcome.body),
    }
