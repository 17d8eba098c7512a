"""Queues: made, changed, paused and deleted."""

from fakestash.api.calls import EMPTY, Call, Reply, json_reply, refuse_parameters
from fakestash.engine import Engine
from fakestash.wire.bodies import read_queue
from fakestash.wire.encode_resources import queue_object


def list_all(engine: Engine, call: Call) -> Reply:
    """``GET /v2/queues``."""
    refuse_parameters(call)
    return json_reply(200, [queue_object(queue) for queue in engine.queues.list(call.user_id)])


def upsert(engine: Engine, call: Call) -> Reply:
    """``POST /v2/queues``."""
    name, parallelism, is_paused = read_queue(call.body)
    engine.queues.upsert(call.user_id, name, parallelism, is_paused)
    return EMPTY


def get(engine: Engine, call: Call) -> Reply:
    """``GET /v2/queues/{name}``."""
    return json_reply(200, queue_object(engine.queues.get(call.user_id, call.arguments[0])))


def delete(engine: Engine, call: Call) -> Reply:
    """``DELETE /v2/queues/{name}``."""
    engine.queues.delete(call.user_id, call.arguments[0], call.caller_ip)
    return EMPTY


def pause(engine: Engine, call: Call) -> Reply:
    """``POST /v2/queues/{name}/pause``."""
    engine.queues.pause(call.user_id, call.arguments[0])
    return EMPTY


def resume(engine: Engine, call: Call) -> Reply:
    """``POST /v2/queues/{name}/resume``."""
    engine.queues.resume(call.user_id, call.arguments[0])
    return EMPTY
