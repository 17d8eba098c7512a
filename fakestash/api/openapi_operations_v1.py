"""What each route of version 1 takes and answers, as data for its description."""

from collections.abc import Mapping
from typing import Final

from fakestash.api.openapi_operations import BAD, MISSING, OVER_PLAN, RAW, Operation, json_body
from fakestash.api.openapi_parameters import PUBLISH_HEADERS, V1_EVENTS_QUERY, V1_QUERY
from fakestash.api.openapi_schemas import array, record, ref
from fakestash.decisions import D127_V1_PUBLISH_STATUS
from fakestash.wire.json_values import JsonObject

_DUPLICATE: Final = 202
_TAKEN: Final = 409
_OK: Final = 200
_ACCEPTED: Final = 202

_MADE: Final[JsonObject] = {"oneOf": [ref("Published"), ref("V1Scheduled")]}


def _shown(summary: str, name: str, *refusals: int) -> Operation:
    """One object."""
    return Operation(summary, {_OK: ref(name)}, refusals=refusals)


def _all(summary: str, name: str) -> Operation:
    """An array of everything there is."""
    return Operation(summary, {_OK: array(ref(name))}, refusals=(BAD,))


def _page(summary: str, name: str, *refusals: int) -> Operation:
    """A page of a list, newest first."""
    return Operation(summary, {_OK: ref(name)}, query=V1_QUERY, refusals=refusals)


def _changed(summary: str, name: str, body: str, *refusals: int) -> Operation:
    """What a JSON body makes or changes."""
    return Operation(
        summary, {_OK: ref(name)}, body=json_body(ref(body), required=True), refusals=refusals
    )


def _gone(summary: str, status: int, text: str) -> Operation:
    """A deletion: a word of text, or an object where that is chosen."""
    return Operation(
        summary,
        {status: {"const": text}},
        refusals=(MISSING,),
        is_text=True,
        json_form=record({"status": {"const": text.lower()}}),
    )


V1_OPERATIONS: Final[Mapping[tuple[str, str], Operation]] = {
    ("POST", "/v1/publish/{destination}"): Operation(
        "Publish a message to a URL or to a topic, or make a schedule that does.",
        {D127_V1_PUBLISH_STATUS: _MADE, _DUPLICATE: _MADE},
        headers=PUBLISH_HEADERS,
        body=RAW,
        refusals=(MISSING, OVER_PLAN),
    ),
    ("GET", "/v1/endpoints"): _all("List the endpoints of all topics.", "V1Endpoint"),
    ("POST", "/v1/endpoints"): _changed(
        "Add an endpoint to a topic.", "V1Endpoint", "V1EndpointRequest", MISSING, OVER_PLAN
    ),
    ("GET", "/v1/endpoints/{id}"): _shown("Show an endpoint.", "V1Endpoint", MISSING),
    ("PUT", "/v1/endpoints/{id}"): _changed(
        "Give an endpoint another URL.", "V1Endpoint", "V1UrlRequest", MISSING
    ),
    ("DELETE", "/v1/endpoints/{id}"): _gone("Delete an endpoint.", _OK, "OK"),
    ("GET", "/v1/topics"): _all("List the topics.", "V1Topic"),
    ("POST", "/v1/topics"): _changed(
        "Make an empty topic.", "V1Topic", "V1TopicRequest", _TAKEN, OVER_PLAN
    ),
    ("GET", "/v1/topics/{id}"): _shown("Show a topic.", "V1Topic", MISSING),
    ("PUT", "/v1/topics/{id}"): _changed(
        "Give a topic another name.", "V1Topic", "V1TopicRequest", MISSING, _TAKEN
    ),
    ("DELETE", "/v1/topics/{id}"): _gone(
        "Delete a topic and its endpoints; its messages stay.", _OK, "OK"
    ),
    ("GET", "/v1/messages"): _page("List the messages.", "V1MessageList"),
    ("GET", "/v1/messages/{id}"): _shown("Show a message.", "V1Message", MISSING),
    ("DELETE", "/v1/messages/{id}"): _gone("Cancel all tasks of a message.", _ACCEPTED, "Accepted"),
    ("GET", "/v1/messages/{id}/tasks"): _page(
        "List the tasks of a message.", "V1TaskList", MISSING
    ),
    ("GET", "/v1/messages/{id}/logs"): _page("Read its log.", "V1LogList", MISSING),
    ("GET", "/v1/tasks/{id}"): _shown("Show a task.", "V1Task", MISSING),
    ("GET", "/v1/tasks/{id}/logs"): _page("Read the log of a task.", "V1LogList", MISSING),
    ("GET", "/v1/logs"): _page("Read the log.", "V1LogList"),
    ("GET", "/v1/events"): Operation(
        "Read the log as events.", {_OK: ref("V1EventList")}, query=V1_EVENTS_QUERY
    ),
    ("GET", "/v1/schedules"): _all("List the schedules.", "V1Schedule"),
    ("GET", "/v1/schedules/{id}"): _shown("Show a schedule.", "V1Schedule", MISSING),
    ("DELETE", "/v1/schedules/{id}"): _gone(
        "Delete a schedule; its messages stay.", _ACCEPTED, "Accepted"
    ),
    ("GET", "/v1/schedules/{id}/logs"): _page(
        "Read the log of what a schedule made.", "V1LogList", MISSING
    ),
    ("GET", "/v1/schedules/{id}/tasks"): _page(
        "List the tasks that a schedule made.", "V1ScheduledTaskList", MISSING
    ),
    ("GET", "/v1/keys"): _shown("Show the signing keys.", "SigningKeys"),
    ("POST", "/v1/keys/rotate"): _shown(
        "Replace the current signing key by the next.", "SigningKeys"
    ),
    ("GET", "/v1/quota"): _shown("Show what the plan allows.", "V1Quota"),
}
"""Every operation of version 1 by method and path."""
