"""URL groups, which the wire calls topics."""

from fakestash.api.calls import EMPTY, Call, Reply, json_reply, refuse_parameters
from fakestash.engine import Engine
from fakestash.wire.bodies import read_default_headers, read_endpoint_refs, read_endpoints
from fakestash.wire.encode_resources import url_group_object


def list_all(engine: Engine, call: Call) -> Reply:
    """``GET /v2/topics``."""
    refuse_parameters(call)
    return json_reply(
        200, [url_group_object(group) for group in engine.url_groups.list(call.user_id)]
    )


def get(engine: Engine, call: Call) -> Reply:
    """``GET /v2/topics/{name}``."""
    return json_reply(200, url_group_object(engine.url_groups.get(call.user_id, call.arguments[0])))


def set_headers(engine: Engine, call: Call) -> Reply:
    """``PATCH /v2/topics/{name}``: the default headers of publishes to the group."""
    headers = read_default_headers(call.body)
    engine.url_groups.set_headers(call.user_id, call.arguments[0], headers)
    return EMPTY


def delete(engine: Engine, call: Call) -> Reply:
    """``DELETE /v2/topics/{name}``."""
    engine.url_groups.delete(call.user_id, call.arguments[0])
    return EMPTY


def add_endpoints(engine: Engine, call: Call) -> Reply:
    """``POST /v2/topics/{name}/endpoints``."""
    endpoints = read_endpoints(call.body)
    engine.url_groups.add_endpoints(call.user_id, call.arguments[0], endpoints)
    return EMPTY


def remove_endpoints(engine: Engine, call: Call) -> Reply:
    """``DELETE /v2/topics/{name}/endpoints``."""
    endpoints = read_endpoint_refs(call.body)
    engine.url_groups.remove_endpoints(call.user_id, call.arguments[0], endpoints)
    return EMPTY
