"""Limits of flow control keys, and of a user as a whole."""

from fakestash import refusals
from fakestash.api.calls import EMPTY, Call, Reply, json_reply
from fakestash.engine import Engine
from fakestash.wire.encode_resources import flow_control_object, global_parallelism_object
from fakestash.wire.lists import read_pin, read_search, read_unpin


def list_all(engine: Engine, call: Call) -> Reply:
    """``GET /v2/flowControl``."""
    found = engine.flow_control.list(call.user_id, read_search(call.query))
    return json_reply(200, [flow_control_object(status) for status in found])


def get(engine: Engine, call: Call) -> Reply:
    """``GET /v2/flowControl/{key}``."""
    return json_reply(200, flow_control_object(engine.flow_control.get(call.user_id, _key(call))))


def pause(engine: Engine, call: Call) -> Reply:
    """``POST /v2/flowControl/{key}/pause``."""
    engine.flow_control.pause(call.user_id, _key(call))
    return EMPTY


def resume(engine: Engine, call: Call) -> Reply:
    """``POST /v2/flowControl/{key}/resume``."""
    engine.flow_control.resume(call.user_id, _key(call))
    return EMPTY


def pin(engine: Engine, call: Call) -> Reply:
    """``POST /v2/flowControl/{key}/pin``."""
    key = _key(call)
    engine.flow_control.pin(call.user_id, key, read_pin(call.query))
    return EMPTY


def unpin(engine: Engine, call: Call) -> Reply:
    """``POST /v2/flowControl/{key}/unpin``."""
    key = _key(call)
    parallelism, rate = read_unpin(call.query)
    engine.flow_control.unpin(call.user_id, key, parallelism=parallelism, rate=rate)
    return EMPTY


def reset_rate(engine: Engine, call: Call) -> Reply:
    """``POST /v2/flowControl/{key}/resetRate``."""
    engine.flow_control.reset_rate(call.user_id, _key(call))
    return EMPTY


def reset(engine: Engine, call: Call) -> Reply:
    """``POST /v2/flowControl/{key}/reset``."""
    engine.flow_control.reset(call.user_id, _key(call))
    return EMPTY


def global_parallelism(engine: Engine, call: Call) -> Reply:
    """``GET /v2/globalParallelism``."""
    found = engine.flow_control.global_parallelism(call.user_id)
    return json_reply(200, global_parallelism_object(found))


def _key(call: Call) -> str:
    """The key in the path, which must be one.

    Raises:
        ServiceError: 400 if it is empty.
    """
    key = call.arguments[0]
    if not key:
        raise refusals.flow_control_key_empty()
    return key
