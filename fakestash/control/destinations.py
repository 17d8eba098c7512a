"""Routes for scripted destinations: what answers in the place of an app."""

from typing import Final

from fakestash.api.calls import Reply
from fakestash.api.openapi_schemas import (
    FLAG,
    INTEGER,
    NATURAL,
    POSITIVE,
    TEXT,
    array,
    record,
    ref,
)
from fakestash.control.asked import (
    NOT_FOUND,
    TOO_MANY,
    Answer,
    Asked,
    ControlError,
    Endpoint,
    Json,
    Routes,
    told,
)
from fakestash.control.reading import text
from fakestash.control.schemas import ANY_JSON, DURATION, HEADERS_LIKE, NUMBER_LIKE, TEXT_LIKE
from fakestash.control.scripts import script
from fakestash.delivery.faults import Fault
from fakestash.delivery.scripted import ScriptedDestination
from fakestash.wire.json_values import JsonObject
from fakestash.wire.places import place

MOST_DESTINATIONS: Final = 1000

ANSWER_SCHEMA: Final[JsonObject] = {
    "oneOf": [
        {"type": "integer", "minimum": 100, "maximum": 599},
        {
            "type": "object",
            "properties": {
                "status": INTEGER,
                "headers": {
                    "type": "object",
                    "additionalProperties": {"type": ["string", "array"], "items": TEXT},
                },
                "body": {"description": "Text as it is; an object or a list as JSON."},
                "bodyBase64": {"type": "string", "contentEncoding": "base64"},
                "took": DURATION,
            },
            "required": ["status"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {
                "fault": {"enum": [fault.value for fault in Fault]},
                "took": DURATION,
            },
            "required": ["fault"],
            "additionalProperties": False,
        },
    ]
}

_SCRIPT: Final[dict[str, JsonObject]] = {
    "answers": array(ref("Answer")),
    "took": DURATION,
    "repeat": FLAG,
}

_RULE_SCHEMA: Final[JsonObject] = {
    "description": "Deliveries that meet `when` get these answers: of several such rules the last "
    "one gives them, and what none answers gets those of the destination.",
    "type": "object",
    "properties": {
        **_SCRIPT,
        "when": {
            "type": "object",
            "properties": {
                "method": TEXT_LIKE,
                "body": TEXT_LIKE,
                "json": ANY_JSON,
                "headers": HEADERS_LIKE,
                "attempt": NUMBER_LIKE,
                "after": NATURAL,
                "every": POSITIVE,
                "times": POSITIVE,
                "probability": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
            },
            "additionalProperties": False,
        },
    },
    "additionalProperties": False,
}

DESTINATION_SCHEMAS: Final[dict[str, JsonObject]] = {
    "Answer": ANSWER_SCHEMA,
    "Rule": _RULE_SCHEMA,
    "Destination": record(
        {
            "url": TEXT,
            "received": NATURAL,
            "answersLeft": NATURAL,
            "rules": array(
                record({"text": TEXT, "met": NATURAL, "received": NATURAL, "answersLeft": NATURAL})
            ),
        }
    ),
}


async def _list(asked: Asked) -> Answer:
    return told({"destinations": [_shown(each) for each in asked.subject.fake.destinations]})


async def _script(asked: Asked) -> Answer:
    fake = asked.subject.fake
    url = text(asked.fields["url"], "url")
    is_known = place(url) in {place(each.url) for each in fake.destinations}
    if not is_known and len(fake.destinations) >= MOST_DESTINATIONS:
        raise ControlError(
            TOO_MANY, f"there are {MOST_DESTINATIONS} destinations, which is the most: delete some"
        )
    script(fake.destination, asked.fields)
    asked.subject.own_scripts.add(url)
    return await _list(asked)


async def _forget(asked: Asked) -> Answer:
    subject = asked.subject
    url = asked.query.get("url")
    if url is None:
        for destination in subject.fake.destinations:
            subject.fake.forget_destination(destination.url)
    elif not subject.fake.forget_destination(url):
        there = ", ".join(each.url for each in subject.fake.destinations) or "none"
        raise ControlError(NOT_FOUND, f"nothing is scripted for {url!r:.200}; there are: {there}")
    return Reply(204)


def _shown(destination: ScriptedDestination) -> Json:
    return {
        "url": destination.url,
        "received": destination.received,
        "answersLeft": destination.answers_left,
        "rules": [
            {
                "text": str(rule),
                "met": rule.met,
                "received": rule.received,
                "answersLeft": rule.answers_left,
            }
            for rule in destination.rules
        ],
    }


_LISTED: Final = record({"destinations": array(ref("Destination"))})

DESTINATION_ROUTES: Final[Routes] = {
    ("GET", "/_fakestash/destinations"): Endpoint(
        _list, "List the scripted destinations.", _LISTED
    ),
    ("POST", "/_fakestash/destinations"): Endpoint(
        _script,
        "Write down what a destination answers, in the place of what it did: one answer per "
        "delivery; the last one repeats, or all of them with `repeat`. Rules go before them.",
        _LISTED,
        {"url": TEXT, **_SCRIPT, "rules": array(ref("Rule"))},
        ("url",),
        refusals=(TOO_MANY,),
    ),
    ("DELETE", "/_fakestash/destinations"): Endpoint(
        _forget,
        "Take a scripted destination away, or all of them.",
        None,
        query={"url": TEXT},
        status=204,
    ),
}
