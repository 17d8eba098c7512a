"""Routes for looking: what is to come, what happened and why, and what is left behind."""

from collections import Counter
from typing import Final

from fakestash.api.calls import TEXT as TEXT_TYPE
from fakestash.api.calls import Reply
from fakestash.api.openapi_schemas import NATURAL, TEXT, array, record, ref
from fakestash.control.asked import (
    Answer,
    Asked,
    Endpoint,
    Json,
    Routes,
    told,
)
from fakestash.control.owning import refuse_unless_own
from fakestash.control.reading import whole
from fakestash.control.schemas import DURATION
from fakestash.control.views import upcoming_json
from fakestash.drive.report import counted
from fakestash.errors import UsageError
from fakestash.model.messages import MessageState, end_of
from fakestash.testing.audit import Finding, FindingKind
from fakestash.wire.json_values import JsonObject, put

AHEAD: Final = "7d"
"""How far ahead is looked unless told otherwise."""

SHOWN: Final = 100
MOST_SHOWN: Final = 10_000

LOOKING_SCHEMAS: Final[dict[str, JsonObject]] = {
    "Finding": record(
        {
            "kind": {"enum": [str(kind) for kind in FindingKind]},
            "url": TEXT,
            "messageId?": TEXT,
            "text": TEXT,
            "advice": TEXT,
        }
    ),
}


async def _upcoming(asked: Asked) -> Answer:
    count = whole(asked.query.get("count", SHOWN), "count")
    if count > MOST_SHOWN:
        raise UsageError(f"count must be {MOST_SHOWN} at most, got {count}")
    fake = asked.fake
    now = fake.engine.clock.now()
    found = fake.upcoming(within(asked.query.get("within", AHEAD)))[:count]
    return told({"upcoming": [upcoming_json(event, now) for event in found]})


def within(value: str) -> str | float:
    """A duration in a query string: text with a unit, or a number of seconds."""
    try:
        return float(value) if value[:1].isdecimal() else value
    except ValueError:
        return value


async def _explain(asked: Asked) -> Answer:
    (message_id,) = asked.arguments
    refuse_unless_own(asked, message_id)
    text = asked.fake.explain(message_id)
    if _wants_text(asked):
        return Reply(200, f"{text}\n".encode(), TEXT_TYPE)
    return told({"messageId": message_id, "text": text})


async def _timeline(asked: Asked) -> Answer:
    text = asked.fake.timeline()
    if _wants_text(asked):
        return Reply(200, f"{text}\n".encode(), TEXT_TYPE)
    return told({"text": text})


def _wants_text(asked: Asked) -> bool:
    return "text/plain" in asked.accept and "json" not in asked.accept


async def _audit(asked: Asked) -> Answer:
    found = asked.fake.audit()
    return told({"findings": [_finding_json(each) for each in found], "text": str(found)})


def _finding_json(finding: Finding) -> Json:
    shown: Json = {"kind": str(finding.kind), "url": finding.url}
    put(shown, "messageId", finding.message_id)
    return {**shown, "text": finding.what, "advice": finding.advice}


async def _summary(asked: Asked) -> Answer:
    fake = asked.fake
    ends = Counter(end_of(message.state) for message in fake.engine.all_messages(asked.user_id))
    found = {
        "delivered": ends[MessageState.DELIVERED],
        "failed": ends[MessageState.FAILED],
        "canceled": ends[MessageState.CANCELED],
        "pending": ends[MessageState.PENDING],
        "deadLetters": len(fake.engine.all_dead_letters(asked.user_id)),
        "deliveries": fake.delivery_count,
    }
    parts = [
        f"{found['delivered']} delivered",
        f"{found['failed']} failed",
        *([f"{found['canceled']} canceled"] if found["canceled"] else []),
        f"{found['pending']} pending",
        f"{found['deadLetters']} in the dead letter queue",
        counted(found["deliveries"], "delivery attempt", "delivery attempts"),
    ]
    return told({**found, "text": ", ".join(parts)})


LOOKING_ROUTES: Final[Routes] = {
    ("GET", "/_fakestash/upcoming"): Endpoint(
        _upcoming,
        "Tell what is going to happen, in order.",
        record({"upcoming": array(ref("Upcoming"))}),
        query={"within": DURATION, "count": NATURAL},
    ),
    ("GET", "/_fakestash/messages/{id}/explain"): Endpoint(
        _explain,
        "Tell what became of a message, and why.",
        record({"messageId": TEXT, "text": TEXT}),
        is_text=True,
    ),
    ("GET", "/_fakestash/timeline"): Endpoint(
        _timeline, "Tell what happened to each message.", record({"text": TEXT}), is_text=True
    ),
    ("GET", "/_fakestash/audit"): Endpoint(
        _audit,
        "Tell what is left behind: messages, dead letters, URLs that nothing serves.",
        record({"findings": array(ref("Finding")), "text": TEXT}),
    ),
    ("GET", "/_fakestash/summary"): Endpoint(
        _summary,
        "Count what became of the messages.",
        record(
            {
                "delivered": NATURAL,
                "failed": NATURAL,
                "canceled": NATURAL,
                "pending": NATURAL,
                "deadLetters": NATURAL,
                "deliveries": NATURAL,
                "text": TEXT,
            }
        ),
    ),
}
