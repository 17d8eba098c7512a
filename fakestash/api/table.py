"""Every route of the service, with what this fake has of it.

Version 2 is complete. Version 1 was retired by the vendor, but its routes are known so that
a client that still calls them is told what it met: an endpoint without a handler answers
that it is not supported yet, once the caller is known. What is ours and not the service's is
under ``/_fakestash``.
"""

from typing import Final

from fakestash.api import description
from fakestash.api.calls import Handler
from fakestash.api.routes import Endpoint, Routes, RouteTable
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


_NOT_YET: Final = Endpoint()
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
    "/v1/publish/{destination}": {"POST": _NOT_YET},
    "/v1/endpoints": {"GET": _NOT_YET, "POST": _NOT_YET},
    "/v1/endpoints/{id}": {"GET": _NOT_YET, "PUT": _NOT_YET, "DELETE": _NOT_YET},
    "/v1/topics": {"GET": _NOT_YET, "POST": _NOT_YET},
    "/v1/topics/{id}": {"GET": _NOT_YET, "PUT": _NOT_YET, "DELETE": _NOT_YET},
    "/v1/messages": {"GET": _NOT_YET},
    "/v1/messages/{id}": {"GET": _NOT_YET, "DELETE": _NOT_YET},
    "/v1/messages/{id}/tasks": {"GET": _NOT_YET},
    "/v1/messages/{id}/logs": {"GET": _NOT_YET},
    "/v1/tasks/{id}": {"GET": _NOT_YET},
    "/v1/tasks/{id}/logs": {"GET": _NOT_YET},
    "/v1/logs": {"GET": _NOT_YET},
    "/v1/events": {"GET": _NOT_YET},
    "/v1/schedules": {"GET": _NOT_YET},
    "/v1/schedules/{id}": {"GET": _NOT_YET, "DELETE": _NOT_YET},
    "/v1/schedules/{id}/logs": {"GET": _NOT_YET},
    "/v1/schedules/{id}/tasks": {"GET": _NOT_YET},
    "/v1/keys": {"GET": _NOT_YET},
    "/v1/keys/rotate": {"POST": _NOT_YET},
    "/v1/quota": {"GET": _NOT_YET},
}

OURS: Final[Routes] = {
    "/_fakestash/openapi.json": {"GET": Endpoint(public=description.openapi)},
}

TABLE: Final = RouteTable({**V2, **V1, **OURS})
