"""Routes for scripted destinations: what answers in the place of an app."""

import base64
import binascii
from typing import Any, Final, cast

from fakestash.api.calls import Reply
from fakestash.api.openapi_schemas import FLAG, INTEGER, NATURAL, TEXT, array, record, ref
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
from fakestash.control.reading import read_object, text
from fakestash.control.schemas import DURATION
from fakestash.delivery.faults import Fault
from fakestash.delivery.scripted import ScriptedDestination
from fakestash.delivery.scripted_answers import Answer as Scripted
from fakestash.errors import UsageError
from fakestash.wire.json_values import JsonObject
from fakestash.wire.places import place

MOST_DESTINATIONS: Final = 1000
MOST_ANSWERS: Final = 10_000

_FORMS: Final = (
    'an answer is a status such as 503, {"status": ..., "headers": {...}, "body": ...}, or '
    f'{{"fault": one of {", ".join(fault.value for fault in Fault)}}}'
)
_FIELDS: Final = ("status", "headers", "body", "bodyBase64")

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
            },
            "required": ["status"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {"fault": {"enum": [fault.value for fault in Fault]}},
            "required": ["fault"],
            "additionalProperties": False,
        },
    ]
}

DESTINATION_SCHEMAS: Final[dict[str, JsonObject]] = {
    "Answer": ANSWER_SCHEMA,
    "Destination": record({"url": TEXT, "received": NATURAL, "answersLeft": NATURAL}),
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


def script(destination: Any, fields: Json) -> ScriptedDestination:  # noqa: ANN401 - a method
    """Write a script as ``fields`` say it; ``destination`` gives the one for a URL.

    Raises:
        UsageError: on a bad value; nothing has been changed then.
    """
    answers = fields.get("answers", [200])
    if not isinstance(answers, list):
        raise UsageError(f"answers must be a list, got {answers!r:.80}: {_FORMS}")
    listed = cast("list[object]", answers)
    if not 1 <= len(listed) <= MOST_ANSWERS:
        raise UsageError(f"answers must be from 1 to {MOST_ANSWERS} ones, got {len(listed)}")
    read = [_answer(answer, f"answers[{index}]") for index, answer in enumerate(listed)]
    repeat = fields.get("repeat", False)
    if not isinstance(repeat, bool):
        raise UsageError(f"repeat must be true or false, got {repeat!r:.80}")
    url = text(fields["url"], "url")
    took = fields.get("took", 0)
    # What is wrong with a value shows here, before anything is changed.
    ScriptedDestination(url).responds(*read, took=took, cycle=repeat)
    found: ScriptedDestination = destination(url)
    return found.responds(*read, took=took, cycle=repeat)


def _answer(answer: object, name: str) -> Scripted:
    if isinstance(answer, int) and not isinstance(answer, bool):
        return answer
    if not isinstance(answer, dict):
        raise UsageError(f"{name} is no answer: {answer!r:.80}; {_FORMS}")
    given = cast("Json", answer)
    if "fault" in given:
        return _fault(read_object(given, ("fault",), name)["fault"], name)
    read_object(given, _FIELDS, name)
    if "status" not in given:
        raise UsageError(f"{name} has no status: {_FORMS}")
    return (cast("int", given["status"]), _headers(given.get("headers"), name), _body(given, name))


def _fault(value: object, name: str) -> Fault:
    for fault in Fault:
        if fault.value == value:
            return fault
    kinds = ", ".join(fault.value for fault in Fault)
    raise UsageError(f"{name}.fault must be one of {kinds}, got {value!r:.80}")


def _headers(headers: object, name: str) -> list[tuple[str, str]]:
    if headers is None:
        return []
    if not isinstance(headers, dict):
        raise UsageError(f"{name}.headers must be an object, got {headers!r:.80}")
    items: list[tuple[str, str]] = []
    for key, value in cast("Json", headers).items():
        values = cast("list[object]", value) if isinstance(value, list) else [value]
        for each in values:
            if not isinstance(each, str):
                raise UsageError(f"{name}.headers[{key!r:.80}] must be text, got {each!r:.80}")
            items.append((key, each))
    return items


def _body(given: Json, name: str) -> Any:  # noqa: ANN401 - what a script takes
    if "bodyBase64" not in given:
        return given.get("body")
    if "body" in given:
        raise UsageError(f"{name} has both body and bodyBase64: give one of them")
    try:
        return base64.b64decode(text(given["bodyBase64"], f"{name}.bodyBase64"), validate=True)
    except (binascii.Error, ValueError):
        raise UsageError(f"{name}.bodyBase64 is no base64: {given['bodyBase64']!r:.80}") from None


def _shown(destination: ScriptedDestination) -> Json:
    return {
        "url": destination.url,
        "received": destination.received,
        "answersLeft": destination.answers_left,
    }


_LISTED: Final = record({"destinations": array(ref("Destination"))})

DESTINATION_ROUTES: Final[Routes] = {
    ("GET", "/_fakestash/destinations"): Endpoint(
        _list, "List the scripted destinations.", _LISTED
    ),
    ("POST", "/_fakestash/destinations"): Endpoint(
        _script,
        "Write down what a destination answers, one answer per delivery; the last one repeats, or "
        "all of them with `repeat`.",
        _LISTED,
        {"url": TEXT, "answers": array(ref("Answer")), "took": DURATION, "repeat": FLAG},
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
