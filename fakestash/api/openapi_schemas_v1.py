"""The JSON of version 1 as schemas, with names that begin with ``V1``.

As with those of version 2, keys stand in the order in which the encoders write them.
"""

from collections.abc import Mapping
from typing import Final

from fakestash.api.openapi_schemas import (
    BASE64,
    INSTANT,
    METHOD,
    NAME,
    NATURAL,
    POSITIVE,
    TEXT,
    URL,
    array,
    record,
    ref,
    told,
)
from fakestash.wire.encode_v1 import LOG_STATES
from fakestash.wire.json_values import JsonObject

_STATE: Final[JsonObject] = {"type": "string", "enum": list(dict.fromkeys(LOG_STATES.values()))}
_SECONDS: Final = told(POSITIVE, "Seconds.")
_LIMIT: Final = told(NATURAL, "0 is no limit.")
_CURSOR: Final[Mapping[str, JsonObject]] = {
    "cursor?": told(INSTANT, "Of the last row, if more follow.")
}
_TIMING: Final[Mapping[str, JsonObject]] = {"delay?": _SECONDS, "notBefore?": INSTANT}

V1_SCHEMAS: Final[Mapping[str, JsonObject]] = {
    "V1Scheduled": record(
        {
            "scheduleId": TEXT,
            "deduplicated?": {"const": True, "description": "It is an earlier schedule."},
        }
    ),
    "V1EndpointRequest": {
        **record({"url": URL, "topicId?": TEXT, "topicName?": TEXT}),
        "anyOf": [{"required": ["topicId"]}, {"required": ["topicName"]}],
    },
    "V1UrlRequest": record({"url": URL}),
    "V1TopicRequest": record({"name": NAME}),
    "V1Endpoint": record({"endpointId": TEXT, "url": URL, "topicId": TEXT}),
    "V1Topic": record({"topicId": TEXT, "name": NAME, "endpoints": array(ref("V1Endpoint"))}),
    "V1Message": record(
        {
            "messageId": TEXT,
            "topicId?": TEXT,
            "topicName?": TEXT,
            "endpointId?": TEXT,
            "url?": URL,
            "destinationType": {"type": "string", "enum": ["url", "topic"]},
            "method": METHOD,
            "header": ref("HeaderMap"),
            "body?": BASE64,
            "createdAt": INSTANT,
            "scheduleId?": TEXT,
            "settings": record({**_TIMING, "retries": NATURAL}),
        }
    ),
    "V1MessageList": record({**_CURSOR, "messages": array(ref("V1Message"))}),
    "V1Task": record(
        {
            "completedAt?": INSTANT,
            "error": told(TEXT, "Of the last failed attempt; empty if none failed."),
            "lastErrorAt": told(INSTANT, "0 if none failed."),
            "maxRetry": NATURAL,
            "messageId": TEXT,
            "nextProcessAt?": INSTANT,
            "retried": NATURAL,
            "state": _STATE,
            "taskId": TEXT,
            "url": URL,
        }
    ),
    "V1TaskList": record({**_CURSOR, "tasks": array(ref("V1Task"))}),
    "V1ScheduledTaskList": record({**_CURSOR, "logs": array(ref("V1Task"))}),
    "V1Log": record(
        {
            "time": INSTANT,
            "state": _STATE,
            "messageId": TEXT,
            "taskId": TEXT,
            "nextScheduledAt?": INSTANT,
            "error?": TEXT,
        }
    ),
    "V1LogList": record({**_CURSOR, "logs": array(ref("V1Log"))}),
    "V1Event": record(
        {
            "id": TEXT,
            "time": INSTANT,
            "messageId": TEXT,
            "nextDeliveryTime?": INSTANT,
            "state": _STATE,
            "taskId": TEXT,
            "url": URL,
            "error?": TEXT,
        }
    ),
    "V1EventList": record(
        {"cursor": told(TEXT, "Empty at the end."), "events": array(ref("V1Event"))}
    ),
    "V1Schedule": record(
        {
            "scheduleId": TEXT,
            "cron": TEXT,
            "createdAt": INSTANT,
            "content": record({"header": ref("HeaderMap"), "body": BASE64}),
            "destination": {
                "oneOf": [
                    record({"type": {"const": "url"}, "url": URL}),
                    record(
                        {
                            "type": {"const": "topic"},
                            "topic": told(ref("V1Topic"), "Without all its keys if it is gone."),
                        }
                    ),
                ]
            },
            "settings": record({"retries": NATURAL, **_TIMING, "callback?": URL}),
        }
    ),
    "V1Quota": record(
        {
            "maxTopics": NATURAL,
            "maxEndpointsPerTopic": NATURAL,
            "maxMessageSize": told(NATURAL, "Bytes."),
            "maxRetries": NATURAL,
            "maxSchedules": _LIMIT,
            "maxRequestsPerDay": _LIMIT,
            "retention": told(NATURAL, "Seconds."),
            "timeout": told(NATURAL, "Seconds."),
            "maxDelay": told(NATURAL, "Seconds; 0 is no limit."),
        }
    ),
}
