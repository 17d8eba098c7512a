"""What each route of version 2 takes and answers, as data for its description.

What follows from the route itself, such as the parts of its path or the refusal of an unknown
token, is not said here but added by ``fakestash.api.openapi``.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from fakestash.api.openapi_parameters import (
    CANCEL_QUERY,
    DEAD_LETTER_QUERY,
    ENQUEUE_HEADERS,
    LOG_QUERY,
    PIN_QUERY,
    PUBLISH_HEADERS,
    RETRY_HEADERS,
    SCHEDULE_HEADERS,
    UNPIN_QUERY,
)
from fakestash.api.openapi_schemas import array, ref
from fakestash.decisions import (
    D27_BATCH_STATUS,
    D27_ENQUEUE_STATUS,
    D28_CANCEL_STATUS,
    D29_SCHEDULE_STATUS,
)
from fakestash.wire.json_values import JsonObject

_CREATED: Final = 201
_DUPLICATE: Final = 202
BAD: Final = 400
MISSING: Final = 404
OVER_PLAN: Final = 412
NOT_THERE: Final = 501

RAW: Final[JsonObject] = {"description": "The body, taken as it is.", "content": {"*/*": {}}}
"""A request body of any type."""


def json_body(schema: JsonObject, *, required: bool) -> JsonObject:
    """A request body in JSON."""
    return {"content": {"application/json": {"schema": schema}}, "required": required}


class Operation(NamedTuple):
    """One method of one route.

    ``answers`` are the schemas of success by status, None for an empty body. ``headers`` and
    ``query`` name parameters, ``required`` those of the headers that must be there. ``refusals``
    are statuses that do not follow from the rest. ``is_text`` has the answers be text, unless a
    switch of the fake has them in JSON: ``json_form``.
    """

    summary: str
    answers: Mapping[int, JsonObject | None]
    headers: tuple[str, ...] = ()
    query: tuple[str, ...] = ()
    body: JsonObject | None = None
    refusals: tuple[int, ...] = ()
    required: str | None = None
    is_text: bool = False
    json_form: JsonObject | None = None


_EMPTY: Final[Mapping[int, JsonObject | None]] = {200: None}
_ONE_OR_GROUP: Final[JsonObject] = {"oneOf": [ref("Published"), ref("PublishedToGroup")]}


def _shown(schema: JsonObject) -> Mapping[int, JsonObject | None]:
    return {200: schema}


def _action(summary: str, *refusals: int) -> Operation:
    """Something that is done without more words and answered without a body."""
    return Operation(summary, _EMPTY, refusals=refusals)


_HEALTH: Final = Operation(
    "Tell that the process runs, as text.", {200: {"const": "OK"}}, is_text=True
)
_READ_LOG: Final = Operation(
    "Read the log.",
    _shown({"oneOf": [ref("EventList"), ref("GroupedLog")]}),
    query=LOG_QUERY,
)
_PAUSE_SCHEDULE: Final = _action("Let a schedule skip its firings.", MISSING)
_RESUME_SCHEDULE: Final = _action("Let a schedule fire again.", MISSING)

OPERATIONS: Final[Mapping[tuple[str, str], Operation]] = {
    ("POST", "/v2/publish/{destination}"): Operation(
        "Publish a message to a URL, or one to each endpoint of a URL group.",
        {
            _CREATED: _ONE_OR_GROUP,
            _DUPLICATE: _ONE_OR_GROUP,
            D29_SCHEDULE_STATUS: ref("ScheduleCreated"),
        },
        headers=PUBLISH_HEADERS,
        body=RAW,
        refusals=(MISSING, OVER_PLAN),
    ),
    ("POST", "/v2/enqueue/{queue}/{destination}"): Operation(
        "Publish a message through a queue.",
        {D27_ENQUEUE_STATUS: _ONE_OR_GROUP, _DUPLICATE: _ONE_OR_GROUP},
        headers=ENQUEUE_HEADERS,
        body=RAW,
        refusals=(MISSING, OVER_PLAN),
    ),
    ("POST", "/v2/batch"): Operation(
        "Publish and enqueue many messages in one call.",
        {D27_BATCH_STATUS: ref("BatchReply")},
        body=json_body(array(ref("BatchEntry")), required=True),
        refusals=(OVER_PLAN, NOT_THERE),
    ),
    ("GET", "/v2/messages/{id}"): Operation(
        "Show a message that has not ended.", _shown(ref("Message")), refusals=(MISSING,)
    ),
    ("DELETE", "/v2/messages/{id}"): Operation(
        "Cancel a message.", {D28_CANCEL_STATUS: ref("Cancelled")}, refusals=(MISSING,)
    ),
    ("DELETE", "/v2/messages"): Operation(
        "Cancel the messages that are asked for, or all.",
        {D28_CANCEL_STATUS: ref("Cancelled")},
        query=CANCEL_QUERY,
        body=json_body(ref("CancelSelection"), required=False),
    ),
    ("GET", "/v2/queues"): Operation(
        "List the queues.", _shown(array(ref("Queue"))), refusals=(BAD,)
    ),
    ("POST", "/v2/queues"): Operation(
        "Make a queue, or replace its settings.",
        _EMPTY,
        body=json_body(ref("QueueRequest"), required=True),
        refusals=(OVER_PLAN,),
    ),
    ("GET", "/v2/queues/{name}"): Operation(
        "Show a queue.", _shown(ref("Queue")), refusals=(MISSING,)
    ),
    ("DELETE", "/v2/queues/{name}"): _action("Delete a queue and cancel its messages."),
    ("POST", "/v2/queues/{name}/pause"): _action("Let nothing leave a queue.", MISSING),
    ("POST", "/v2/queues/{name}/resume"): _action("Let messages leave a queue again.", MISSING),
    ("GET", "/v2/schedules"): Operation(
        "List the schedules.", _shown(array(ref("Schedule"))), refusals=(BAD,)
    ),
    ("POST", "/v2/schedules/{destination}"): Operation(
        "Make a schedule, or replace the one of the same id.",
        {D29_SCHEDULE_STATUS: ref("ScheduleCreated")},
        headers=SCHEDULE_HEADERS,
        body=RAW,
        refusals=(MISSING, OVER_PLAN),
        required="Upstash-Cron",
    ),
    ("GET", "/v2/schedules/{id}"): Operation(
        "Show a schedule.", _shown(ref("Schedule")), refusals=(MISSING,)
    ),
    ("DELETE", "/v2/schedules/{id}"): _action("Delete a schedule; its messages stay."),
    ("PATCH", "/v2/schedules/{id}/pause"): _PAUSE_SCHEDULE,
    ("POST", "/v2/schedules/{id}/pause"): _PAUSE_SCHEDULE,
    ("PATCH", "/v2/schedules/{id}/resume"): _RESUME_SCHEDULE,
    ("POST", "/v2/schedules/{id}/resume"): _RESUME_SCHEDULE,
    ("GET", "/v2/topics"): Operation(
        "List the URL groups.", _shown(array(ref("UrlGroup"))), refusals=(BAD,)
    ),
    ("GET", "/v2/topics/{name}"): Operation(
        "Show a URL group.", _shown(ref("UrlGroup")), refusals=(MISSING,)
    ),
    ("PATCH", "/v2/topics/{name}"): Operation(
        "Replace the default headers of publishes to a URL group.",
        _EMPTY,
        body=json_body(ref("DefaultHeaders"), required=True),
        refusals=(MISSING,),
    ),
    ("DELETE", "/v2/topics/{name}"): _action("Delete a URL group; its messages stay."),
    ("POST", "/v2/topics/{name}/endpoints"): Operation(
        "Add endpoints to a URL group, which is made if it does not exist.",
        _EMPTY,
        body=json_body(ref("EndpointsRequest"), required=True),
        refusals=(OVER_PLAN,),
    ),
    ("DELETE", "/v2/topics/{name}/endpoints"): Operation(
        "Remove endpoints of a URL group; with the last one the group goes.",
        _EMPTY,
        body=json_body(ref("EndpointRefsRequest"), required=True),
        refusals=(MISSING,),
    ),
    ("GET", "/v2/dlq"): Operation(
        "List the messages that failed for good.",
        _shown(ref("DeadLetterList")),
        query=DEAD_LETTER_QUERY,
    ),
    ("DELETE", "/v2/dlq"): Operation(
        "Delete the dead letters that are asked for, or all up to a page.",
        _shown(ref("DeadLettersDeleted")),
        query=DEAD_LETTER_QUERY,
        body=json_body(ref("DeadLetterSelection"), required=False),
    ),
    ("GET", "/v2/dlq/{dlqId}"): Operation(
        "Show a dead letter.", _shown(ref("DeadLetter")), refusals=(MISSING,)
    ),
    ("DELETE", "/v2/dlq/{dlqId}"): _action("Delete a dead letter.", MISSING),
    ("POST", "/v2/dlq/retry/{dlqId}"): Operation(
        "Publish a dead letter again; settings that are sent replace the old ones.",
        {_CREATED: ref("Retried")},
        headers=RETRY_HEADERS,
        refusals=(MISSING, OVER_PLAN),
    ),
    ("POST", "/v2/dlq/retry"): Operation(
        "Publish the dead letters again that are asked for.",
        {_CREATED: ref("RetriedList")},
        headers=RETRY_HEADERS,
        query=DEAD_LETTER_QUERY,
        body=json_body(ref("DeadLetterSelection"), required=False),
        refusals=(MISSING, OVER_PLAN),
    ),
    ("GET", "/v2/events"): _READ_LOG,
    ("GET", "/v2/logs"): _READ_LOG,
    ("GET", "/v2/flowControl"): Operation(
        "List the flow control keys in use.",
        _shown(array(ref("FlowControlKey"))),
        query=("search",),
    ),
    ("GET", "/v2/flowControl/{key}"): Operation(
        "Show the limits of a key.", _shown(ref("FlowControlKey")), refusals=(BAD, MISSING)
    ),
    ("POST", "/v2/flowControl/{key}/pause"): _action("Let no attempt of a key start.", BAD),
    ("POST", "/v2/flowControl/{key}/resume"): _action("Let attempts of a key start again.", BAD),
    ("POST", "/v2/flowControl/{key}/pin"): Operation(
        "Pin limits of a key, whatever messages bring.", _EMPTY, query=PIN_QUERY
    ),
    ("POST", "/v2/flowControl/{key}/unpin"): Operation(
        "Let messages bring limits of a key again.", _EMPTY, query=UNPIN_QUERY
    ),
    ("POST", "/v2/flowControl/{key}/resetRate"): _action("Start a new period of a key.", BAD),
    ("POST", "/v2/flowControl/{key}/reset"): _action(
        "Start a new period of a key, and count from 0 what is in flight.", BAD
    ),
    ("GET", "/v2/globalParallelism"): Operation(
        "Show how many attempts are in flight.", _shown(ref("GlobalParallelism"))
    ),
    ("GET", "/v2/keys"): Operation("Show the signing keys.", _shown(ref("SigningKeys"))),
    ("POST", "/v2/keys/rotate"): Operation(
        "Replace the current signing key by the next.", _shown(ref("SigningKeys"))
    ),
    ("GET", "/v2/readiness"): _HEALTH,
    ("GET", "/v2/liveness"): _HEALTH,
}
"""Every operation of version 2 by method and path."""
