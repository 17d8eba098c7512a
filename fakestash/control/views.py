"""What a fake has, in JSON."""

from typing import Final

from fakestash.api.openapi_schemas import BASE64, INTEGER, NATURAL, TEXT, array, record
from fakestash.control.asked import Json
from fakestash.control.schemas import or_null
from fakestash.delivery.journal import Delivery
from fakestash.syntax.moments import duration_text, instant_of
from fakestash.testing.forecast import UpcomingEvent, UpcomingKind
from fakestash.testing.messages import Message
from fakestash.testing.resources import Schedule
from fakestash.testing.views import DeadLetter
from fakestash.wire.json_values import JsonObject, header_map, put, put_body

_HEADERS: Final[JsonObject] = {"type": "object", "additionalProperties": array(TEXT)}

VIEW_SCHEMAS: Final[dict[str, JsonObject]] = {
    "Delivery": record(
        {
            "at": INTEGER,
            "messageId": TEXT,
            "url": TEXT,
            "method": TEXT,
            "retried": NATURAL,
            "headers": _HEADERS,
            "body?": TEXT,
            "bodyBase64?": BASE64,
            "status": or_null(INTEGER),
            "error": or_null(TEXT),
            "responseHeaders": _HEADERS,
            "responseBody?": TEXT,
            "responseBodyBase64?": BASE64,
            "diagnosis?": TEXT,
            "answerWasLost?": {"const": True},
        }
    ),
    "Upcoming": record(
        {
            "at": INTEGER,
            "in": TEXT,
            "kind": {"enum": [str(kind) for kind in UpcomingKind]},
            "what": TEXT,
            "messageId?": TEXT,
            "scheduleId?": TEXT,
            "url?": TEXT,
            "urls": array(TEXT),
        }
    ),
}


def delivery_json(delivery: Delivery) -> Json:
    """A delivery attempt: what was sent, what came back, and why the app refused it."""
    shown: Json = {
        "at": instant_of(delivery.at),
        "messageId": delivery.message_id,
        "url": delivery.url,
        "method": delivery.method,
        "retried": delivery.retried,
        "headers": header_map(delivery.header_items()),
    }
    put_body(shown, "body", delivery.body)
    shown["status"] = delivery.status
    shown["error"] = delivery.error
    shown["responseHeaders"] = header_map(delivery.response_headers.items_in_order)
    put_body(shown, "responseBody", delivery.response_body)
    diagnosis = delivery.diagnosis
    put(shown, "diagnosis", None if diagnosis is None else str(diagnosis))
    put(shown, "answerWasLost", delivery.answer_was_lost or None)
    return shown


def upcoming_json(event: UpcomingEvent, now: int) -> Json:
    """Something that is going to happen; ``now`` is unix ms."""
    at = instant_of(event.at)
    shown: Json = {
        "at": at,
        "in": duration_text(at - now),
        "kind": str(event.kind),
        "what": event.what,
    }
    put(shown, "messageId", event.message_id)
    put(shown, "scheduleId", event.schedule_id)
    put(shown, "url", event.url)
    shown["urls"] = list(event.urls)
    return shown


def message_json(message: Message) -> Json:
    """A message as it stands."""
    shown: Json = {
        "messageId": message.id,
        "url": message.url,
        "method": message.method,
        "state": message.state,
        "createdAt": instant_of(message.created_at),
        "attempts": message.attempts,
        "retries": message.retries,
    }
    put(shown, "dueAt", None if message.due_at is None else instant_of(message.due_at))
    put(shown, "queue", message.queue)
    put(shown, "scheduleId", message.schedule_id)
    put(shown, "dlqId", message.dlq_id)
    put_body(shown, "body", message.body)
    return shown


def dead_letter_json(letter: DeadLetter) -> Json:
    """A dead letter."""
    shown: Json = {
        "dlqId": letter.dlq_id,
        "messageId": letter.message_id,
        "url": letter.url,
        "at": instant_of(letter.at),
        "retried": letter.retried,
        "status": letter.response_status,
        "error": letter.error,
    }
    put_body(shown, "body", letter.body)
    return shown


def schedule_json(schedule: Schedule) -> Json:
    """A schedule."""
    shown: Json = {
        "scheduleId": schedule.id,
        "destination": schedule.destination,
        "cron": schedule.cron,
        "isPaused": schedule.is_paused,
    }
    put(shown, "nextAt", None if schedule.next_at is None else instant_of(schedule.next_at))
    return shown
