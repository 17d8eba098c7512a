"""The JSON of the interface as schemas: what is sent, and what is answered.

Keys stand in the order in which the encoders write them. In the tables below a key that ends in
``?`` is left out when it has no value; the mark is no part of its name.
"""

from collections.abc import Mapping
from typing import Final

from fakestash.model.logs import LogState
from fakestash.wire.json_values import JsonObject

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")

TEXT: Final[JsonObject] = {"type": "string"}
INTEGER: Final[JsonObject] = {"type": "integer"}
NATURAL: Final[JsonObject] = {"type": "integer", "minimum": 0}
POSITIVE: Final[JsonObject] = {"type": "integer", "minimum": 1}
FLAG: Final[JsonObject] = {"type": "boolean"}
TEXTS: Final[JsonObject] = {"type": "array", "items": TEXT}
INSTANT: Final[JsonObject] = {"type": "integer", "description": "Unix time in milliseconds."}
URL: Final[JsonObject] = {"type": "string", "format": "uri"}
BASE64: Final[JsonObject] = {"type": "string", "contentEncoding": "base64"}
METHOD: Final[JsonObject] = {"type": "string", "enum": list(METHODS)}


def ref(name: str) -> JsonObject:
    """A reference to one of ``SCHEMAS``."""
    return {"$ref": f"#/components/schemas/{name}"}


def array(items: JsonObject) -> JsonObject:
    """An array of ``items``."""
    return {"type": "array", "items": items}


def told(schema: JsonObject, description: str) -> JsonObject:
    """``schema`` with a description."""
    return {**schema, "description": description}


def record(keys: Mapping[str, JsonObject]) -> JsonObject:
    """An object with these keys; those that end in ``?`` are optional."""
    required = [key for key in keys if not key.endswith("?")]
    properties = {key.removesuffix("?"): schema for key, schema in keys.items()}
    shown: JsonObject = {"type": "object", "properties": properties}
    return {**shown, "required": required} if required else shown


_HEADER_MAP: Final = ref("HeaderMap")
_MILLISECONDS: Final = told(INTEGER, "Milliseconds.")
_ORIGIN: Final = {"topicName?": TEXT, "endpointName?": TEXT}
_BODY: Final = {"body?": told(TEXT, "Absent if empty."), "bodyBase64?": told(BASE64, "If no text.")}
_CALLBACKS: Final = {
    "callback?": URL,
    "callbackHeader?": _HEADER_MAP,
    "failureCallback?": URL,
    "failureCallbackHeader?": _HEADER_MAP,
}
_FLOW_CONTROL: Final = {
    "flowControlKey?": TEXT,
    "parallelism?": POSITIVE,
    "rate?": POSITIVE,
    "period?": told(POSITIVE, "Seconds; always there with flow control."),
}
_LABELS: Final = {"label?": told(TEXT, "The first label."), "labels?": TEXTS}
_ANSWER_BODY: Final = {"responseBody?": TEXT, "responseBodyBase64?": BASE64}

_MESSAGE: Final[Mapping[str, JsonObject]] = {
    "messageId": TEXT,
    "url": URL,
    **_ORIGIN,
    "queueName?": TEXT,
    "method": METHOD,
    "header": _HEADER_MAP,
    **_BODY,
    "maxRetries": NATURAL,
    "notBefore": INSTANT,
    "createdAt": INSTANT,
    **_CALLBACKS,
    "scheduleId?": TEXT,
    "callerIP": TEXT,
    "retryDelayExpression?": TEXT,
    **_FLOW_CONTROL,
    **_LABELS,
    "timeout?": _MILLISECONDS,
}

_LOG_STATE: Final[JsonObject] = {"type": "string", "enum": [state.value for state in LogState]}

_EVENT: Final[Mapping[str, JsonObject]] = {
    "time": INSTANT,
    "messageId": TEXT,
    "state": _LOG_STATE,
    "error?": TEXT,
    "nextDeliveryTime?": INSTANT,
    "url": URL,
    **_ORIGIN,
    "scheduleId?": TEXT,
    "queueName?": TEXT,
    "header": _HEADER_MAP,
    "body?": BASE64,
    "responseStatus?": INTEGER,
    "responseBody?": BASE64,
    "responseHeaders?": _HEADER_MAP,
    "timeout?": _MILLISECONDS,
    "method": METHOD,
    "callback?": URL,
    "callbackHeaders?": _HEADER_MAP,
    "failureCallback?": URL,
    "failureCallbackHeaders?": _HEADER_MAP,
    "maxRetries?": told(POSITIVE, "Absent when 0."),
    "retryDelayExpr?": TEXT,
    **_FLOW_CONTROL,
    **_LABELS,
    "callerIp": TEXT,
    "host": TEXT,
    "path": TEXT,
    "duration?": _MILLISECONDS,
}

_SCHEDULE: Final[Mapping[str, JsonObject]] = {
    "createdAt": INSTANT,
    "scheduleId": TEXT,
    "cron": TEXT,
    "destination": told(TEXT, "A URL or the name of a URL group."),
    "method": METHOD,
    "header": _HEADER_MAP,
    **_BODY,
    "retries": NATURAL,
    "delay?": told(POSITIVE, "Seconds."),
    **_CALLBACKS,
    "timeout?": _MILLISECONDS,
    "queueName?": TEXT,
    "lastScheduleTime?": INSTANT,
    "nextScheduleTime?": INSTANT,
    "lastScheduleStates?": {
        "type": "object",
        "description": "Messages of the last firing by their ids.",
        "additionalProperties": {"type": "string", "enum": ["IN_PROGRESS", "SUCCESS", "FAIL"]},
    },
    "callerIP": TEXT,
    "isPaused": FLAG,
    "flowControlKey?": TEXT,
    "parallelism": told(NATURAL, "0 is no limit."),
    "rate?": POSITIVE,
    "period?": told(POSITIVE, "Seconds."),
    "retryDelayExpression?": TEXT,
    **_LABELS,
    "error?": told(TEXT, "Why the last firing made no message."),
}

NAME: Final[JsonObject] = {"type": "string", "pattern": "^[A-Za-z0-9._-]+$"}
_PUBLISHED: Final[Mapping[str, JsonObject]] = {"messageId": TEXT}
_DUPLICATE: Final[Mapping[str, JsonObject]] = {
    "deduplicated?": {"const": True, "description": "The id is that of an earlier message."}
}
_NULLABLE_TEXT: Final[JsonObject] = {"type": ["string", "null"]}

SCHEMAS: Final[Mapping[str, JsonObject]] = {
    "Error": record({"error": TEXT}),
    "HeaderMap": {
        "type": "object",
        "description": "Values by canonical header name.",
        "additionalProperties": TEXTS,
    },
    "HeaderValue": {"oneOf": [TEXT, TEXTS]},
    "Published": record({**_PUBLISHED, **_DUPLICATE}),
    "PublishedToGroup": array(record({**_PUBLISHED, "url": URL, **_DUPLICATE})),
    "ScheduleCreated": record({"scheduleId": TEXT}),
    "BatchEntry": record(
        {
            "destination": TEXT,
            "headers?": {
                "type": "object",
                "description": "The header fields of a publish, by name in any case.",
                "additionalProperties": ref("HeaderValue"),
            },
            "body?": _NULLABLE_TEXT,
            "queue?": _NULLABLE_TEXT,
        }
    ),
    "BatchReply": array({"anyOf": [ref("Published"), ref("PublishedToGroup"), ref("Error")]}),
    "Message": record(
        {
            **_MESSAGE,
            "state?": _LOG_STATE,
            "retried?": NATURAL,
            "nextDeliveryTime?": INSTANT,
            "responseStatus?": INTEGER,
            **_ANSWER_BODY,
            "dlqId?": TEXT,
        }
    ),
    "Cancelled": record({"cancelled": NATURAL}),
    "CancelSelection": record(
        {
            "messageIds?": TEXTS,
            **{f"{key}?": TEXT for key in ("queueName", "url", "topicName")},
            "fromDate?": INSTANT,
            "toDate?": INSTANT,
            "scheduleId?": TEXT,
            "callerIP?": TEXT,
        }
    ),
    "DeadLetter": record(
        {
            **_MESSAGE,
            "responseStatus": told(INTEGER, "0 if there was no response."),
            "responseHeader?": _HEADER_MAP,
            **_ANSWER_BODY,
            "failureCallbackInfo?": ref("FailureCallbackInfo"),
            "dlqId": TEXT,
        }
    ),
    "FailureCallbackInfo": record(
        {
            "state": {
                "type": "string",
                "enum": ["CALLBACK_INPROGRESS", "CALLBACK_SUCCESS", "CALLBACK_FAIL"],
            },
            "responseStatus?": INTEGER,
            **_ANSWER_BODY,
            "responseHeaders?": _HEADER_MAP,
        }
    ),
    "DeadLetterList": record({"messages": array(ref("DeadLetter")), "cursor?": TEXT}),
    "DeadLetterSelection": record({"dlqIds?": TEXTS}),
    "DeadLettersDeleted": record({"cursor?": TEXT, "deleted": NATURAL}),
    "Retried": record(_PUBLISHED),
    "RetriedList": record(
        {"cursor": told(TEXT, "Empty at the end."), "responses": array(ref("Retried"))}
    ),
    "Event": record(_EVENT),
    "EventList": record({"cursor?": TEXT, "events": array(ref("Event"))}),
    "GroupedLog": record({"cursor?": TEXT, "messages": array(ref("MessageLog"))}),
    "MessageLog": record({"messageId": TEXT, "events": array(ref("Event"))}),
    "Queue": record(
        {
            "createdAt": INSTANT,
            "updatedAt": INSTANT,
            "name": NAME,
            "parallelism": POSITIVE,
            "lag": told(NATURAL, "Messages that have not ended."),
            "paused": FLAG,
        }
    ),
    "QueueRequest": record(
        {"queueName": NAME, "parallelism?": {**POSITIVE, "default": 1}, "paused?": FLAG}
    ),
    "Schedule": record(_SCHEDULE),
    "Endpoint": record({"name?": TEXT, "url": URL}),
    "EndpointRef": {
        **record({"name?": TEXT, "url?": URL}),
        "anyOf": [{"required": ["name"]}, {"required": ["url"]}],
    },
    "EndpointsRequest": record({"endpoints": {**array(ref("Endpoint")), "minItems": 1}}),
    "EndpointRefsRequest": record({"endpoints": array(ref("EndpointRef"))}),
    "DefaultHeaders": record(
        {"headers": {"type": "object", "additionalProperties": ref("HeaderValue")}}
    ),
    "UrlGroup": record(
        {
            "createdAt": INSTANT,
            "updatedAt": INSTANT,
            "name": NAME,
            "endpoints": array(ref("Endpoint")),
            "headers?": told(_HEADER_MAP, "Default headers of publishes to the group."),
        }
    ),
    "FlowControlKey": record(
        {
            "flowControlKey": TEXT,
            "waitListSize": NATURAL,
            "parallelismMax": NATURAL,
            "parallelismCount": NATURAL,
            "rateMax": NATURAL,
            "rateCount": NATURAL,
            "ratePeriod": told(NATURAL, "Seconds."),
            "ratePeriodStart": told(NATURAL, "Unix time in seconds."),
            "isPaused": FLAG,
            "isPinnedParallelism": FLAG,
            "isPinnedRate": FLAG,
        }
    ),
    "GlobalParallelism": record({"parallelismMax": NATURAL, "parallelismCount": NATURAL}),
    "SigningKeys": record({"current": TEXT, "next": TEXT}),
}
