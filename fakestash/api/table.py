"""Every route of the service, with what this fake has of it.

Both versions are complete; version 1 was retired by the vendor. What is ours and not the
service's is under ``/_fakestash``.
"""

from typing import Final

from fakestash.api import description
from fakestash.api.calls import Handler
from fakestash.api.routes import Endpoint, Routes, RouteTable
from fakestash.api.v1 import endpoints as v1_endpoints
from fakestash.api.v1 import log as v1_log
from fakestash.api.v1 import messages as v1_messages
from fakestash.api.v1 import publishing as v1_publishing
from fakestash.api.v1 import quota as v1_quota
from fakestash.api.v1 import schedules as v1_schedules
from fakestash.api.v1 import topics as v1_topics
from fakestash.api.v2 import (
    dead_letters,
    flow_control,
    keys,
    log,
    messages,
    publishing,
    queues,
    schedules,
    url_groups,
)


def _publishing(handler: Handler) -> Endpoint:
    """Publishing is limited by the day, and not by the second."""
    return Endpoint(handler, reads_body=True, makes_messages=True, is_managing=False)


def _with_body(handler: Handler) -> Endpoint:
    return Endpoint(handler, reads_body=True)


_HEALTH: Final = {"GET": Endpoint(public=keys.health)}

V2: Final[Routes] = {
    "/v2/publish/{destination}": {"POST": _publishing(publishing.publish)},
    "/v2/enqueue/{queue}/{destination}": {"POST": _publishing(publishing.enqueue)},
    "/v2/batch": {"POST": _publishing(publishing.batch)},
    "/v2/messages": {"DELETE": _with_body(messages.cancel_all)},
    "/v2/messages/{id}": {
        "GET": Endpoint(messages.get),
        "DELETE": Endpoint(messages.cancel),
    },
    "/v2/queues": {"GET": Endpoint(queues.list_all), "POST": _with_body(queues.upsert)},
    "/v2/queues/{name}": {"GET": Endpoint(queues.get), "DELETE": Endpoint(queues.delete)},
    "/v2/queues/{name}/pause": {"POST": Endpoint(queues.pause)},
    "/v2/queues/{name}/resume": {"POST": Endpoint(queues.resume)},
    "/v2/schedules": {"GET": Endpoint(schedules.list_all)},
    "/v2/schedules/{destination}": {"POST": _with_body(schedules.create)},
    "/v2/schedules/{id}": {"GET": Endpoint(schedules.get), "DELETE": Endpoint(schedules.delete)},
    "/v2/schedules/{id}/pause": {
        "PATCH": Endpoint(schedules.pause),
        "POST": Endpoint(schedules.pause),
    },
    "/v2/schedules/{id}/resume": {
        "PATCH": Endpoint(schedules.resume),
        "POST": Endpoint(schedules.resume),
    },
    "/v2/topics": {"GET": Endpoint(url_groups.list_all)},
    "/v2/topics/{name}": {
        "GET": Endpoint(url_groups.get),
        "PATCH": _with_body(url_groups.set_headers),
        "DELETE": Endpoint(url_groups.delete),
    },
    "/v2/topics/{name}/endpoints": {
        "POST": _with_body(url_groups.add_endpoints),
        "DELETE": _with_body(url_groups.remove_endpoints),
    },
    "/v2/dlq": {
        "GET": Endpoint(dead_letters.list_page),
        "DELETE": _with_body(dead_letters.delete_all),
    },
    "/v2/dlq/{dlqId}": {
        "GET": Endpoint(dead_letters.get),
        "DELETE": Endpoint(dead_letters.delete),
    },
    "/v2/dlq/retry": {
        "POST": Endpoint(dead_letters.retry_all, reads_body=True, makes_messages=True)
    },
    "/v2/dlq/retry/{dlqId}": {"POST": Endpoint(dead_letters.retry, makes_messages=True)},
    "/v2/events": {"GET": Endpoint(log.read)},
    "/v2/logs": {"GET": Endpoint(log.read)},
    "/v2/flowControl": {"GET": Endpoint(flow_control.list_all)},
    "/v2/flowControl/{key}": {"GET": Endpoint(flow_control.get)},
    "/v2/flowControl/{key}/pause": {"POST": Endpoint(flow_control.pause)},
    "/v2/flowControl/{key}/resume": {"POST": Endpoint(flow_control.resume)},
    "/v2/flowControl/{key}/pin": {"POST": Endpoint(flow_control.pin)},
    "/v2/flowControl/{key}/unpin": {"POST": Endpoint(flow_control.unpin)},
    "/v2/flowControl/{key}/resetRate": {"POST": Endpoint(flow_control.reset_rate)},
    "/v2/flowControl/{key}/reset": {"POST": Endpoint(flow_control.reset)},
    "/v2/globalParallelism": {"GET": Endpoint(flow_control.global_parallelism)},
    "/v2/keys": {"GET": Endpoint(keys.get)},
    "/v2/keys/rotate": {"POST": Endpoint(keys.rotate)},
    "/v2/readiness": _HEALTH,
    "/v2/liveness": _HEALTH,
}

V1: Final[Routes] = {
    "/v1/publish/{destination}": {"POST": _publishing(v1_publishing.publish)},
    "/v1/endpoints": {
        "GET": Endpoint(v1_endpoints.list_all),
        "POST": _with_body(v1_endpoints.create),
    },
    "/v1/endpoints/{id}": {
        "GET": Endpoint(v1_endpoints.get),
        "PUT": _with_body(v1_endpoints.update),
        "DELETE": Endpoint(v1_endpoints.delete),
    },
    "/v1/topics": {"GET": Endpoint(v1_topics.list_all), "POST": _with_body(v1_topics.create)},
    "/v1/topics/{id}": {
        "GET": Endpoint(v1_topics.get),
        "PUT": _with_body(v1_topics.rename),
        "DELETE": Endpoint(v1_topics.delete),
    },
    "/v1/messages": {"GET": Endpoint(v1_messages.list_page)},
    "/v1/messages/{id}": {
        "GET": Endpoint(v1_messages.get),
        "DELETE": Endpoint(v1_messages.cancel),
    },
    "/v1/messages/{id}/tasks": {"GET": Endpoint(v1_messages.tasks)},
    "/v1/messages/{id}/logs": {"GET": Endpoint(v1_messages.logs)},
    "/v1/tasks/{id}": {"GET": Endpoint(v1_messages.task)},
    "/v1/tasks/{id}/logs": {"GET": Endpoint(v1_messages.task_logs)},
    "/v1/logs": {"GET": Endpoint(v1_log.logs)},
    "/v1/events": {"GET": Endpoint(v1_log.events)},
    "/v1/schedules": {"GET": Endpoint(v1_schedules.list_all)},
    "/v1/schedules/{id}": {
        "GET": Endpoint(v1_schedules.get),
        "DELETE": Endpoint(v1_schedules.delete),
    },
    "/v1/schedules/{id}/logs": {"GET": Endpoint(v1_schedules.logs)},
    "/v1/schedules/{id}/tasks": {"GET": Endpoint(v1_schedules.tasks)},
    "/v1/keys": {"GET": Endpoint(keys.get)},
    "/v1/keys/rotate": {"POST": Endpoint(keys.rotate)},
    "/v1/quota": {"GET": Endpoint(v1_quota.get)},
}

OURS: Final[Routes] = {
    "/_fakestash/openapi.json": {"GET": Endpoint(public=description.openapi)},
}

TABLE: Final = RouteTable({**V2, **V1, **OURS})
