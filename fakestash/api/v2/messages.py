"""Messages under way: looked at and cancelled."""

from fakestash.api.calls import Call, Reply, json_reply
from fakestash.decisions import D28_CANCEL_STATUS
from fakestash.engine import Engine
from fakestash.wire.encode import message_object
from fakestash.wire.lists import read_cancel_query


def get(engine: Engine, call: Call) -> Reply:
    """``GET /v2/messages/{id}``."""
    return json_reply(200, message_object(engine.message(call.user_id, call.arguments[0])))


def cancel(engine: Engine, call: Call) -> Reply:
    """``DELETE /v2/messages/{id}``."""
    engine.cancel(call.user_id, call.arguments[0], call.caller_ip)
    return _cancelled(1)


def cancel_all(engine: Engine, call: Call) -> Reply:
    """``DELETE /v2/messages``: those that the query or the body asks for."""
    query = read_cancel_query(call.query, call.body)
    return _cancelled(engine.cancel_all(call.user_id, query, call.caller_ip))


def _cancelled(count: int) -> Reply:
    return json_reply(D28_CANCEL_STATUS, {"cancelled": count})
