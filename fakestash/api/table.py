"""Every route of the service, with what this fake has of it.

Version 2 as documented; version 1 was retired by the vendor, but its routes are known so
that a client that still calls them is told what it met. An endpoint without a handler
answers that it is not supported yet, once the caller is known.
"""

from typing import Final

from fakestash.api import v2
from fakestash.api.routes import Endpoint, Routes, RouteTable

_NOT_YET: Final = Endpoint()
_HEALTH: Final = {"GET": Endpoint(fixed=v2.HEALTHY)}

V2: Final[Routes] = {
    "/v2/publish/{destination}": {"POST": Endpoint(v2.publish, reads_body=True)},
    "/v2/enqueue/{queue}/{destination}": {"POST": _NOT_YET},
    "/v2/batch": {"POST": _NOT_YET},
    "/v2/messages": {"DELETE": _NOT_YET},
    "/v2/messages/{id}": {
        "GET": Endpoint(v2.get_message),
        "DELETE": Endpoint(v2.cancel_message),
    },
    "/v2/events": {"GET": Endpoint(v2.list_log)},
    "/v2/logs": {"GET": Endpoint(v2.list_log)},
    "/v2/dlq": {"GET": Endpoint(v2.list_dead_letters), "DELETE": _NOT_YET},
    "/v2/dlq/{dlqId}": {
        "GET": Endpoint(v2.get_dead_letter),
        "DELETE": Endpoint(v2.delete_dead_letter),
    },
    "/v2/dlq/retry": {"POST": _NOT_YET},
    "/v2/dlq/retry/{dlqId}": {"POST": _NOT_YET},
    "/v2/keys": {"GET": Endpoint(v2.get_keys)},
    "/v2/keys/rotate": {"POST": Endpoint(v2.rotate_keys)},
    "/v2/readiness": _HEALTH,
    "/v2/liveness": _HEALTH,
    "/v2/queues": {"GET": _NOT_YET, "POST": _NOT_YET},
    "/v2/queues/{name}": {"GET": _NOT_YET, "DELETE": _NOT_YET},
    "/v2/queues/{name}/pause": {"POST": _NOT_YET},
    "/v2/queues/{name}/resume": {"POST": _NOT_YET},
    "/v2/schedules": {"GET": _NOT_YET},
    "/v2/schedules/{destination}": {"POST": _NOT_YET},
    "/v2/schedules/{id}": {"GET": _NOT_YET, "DELETE": _NOT_YET},
    "/v2/schedules/{id}/pause": {"PATCH": _NOT_YET, "POST": _NOT_YET},
    "/v2/schedules/{id}/resume": {"PATCH": _NOT_YET, "POST": _NOT_YET},
    "/v2/topics": {"GET": _NOT_YET},
    "/v2/topics/{name}": {"GET": _NOT_YET, "PATCH": _NOT_YET, "DELETE": _NOT_YET},
    "/v2/topics/{name}/endpoints": {"POST": _NOT_YET, "DELETE": _NOT_YET},
    "/v2/flowControl": {"GET": _NOT_YET},
    "/v2/flowControl/{key}": {"GET": _NOT_YET},
    **{
        f"/v2/flowControl/{{key}}/{action}": {"POST": _NOT_YET}
        for action in ("pause", "resume", "pin", "unpin", "resetRate", "reset")
    },
    "/v2/globalParallelism": {"GET": _NOT_YET},
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

TABLE: Final = RouteTable({**V2, **V1})
