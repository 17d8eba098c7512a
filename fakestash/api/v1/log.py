"""The log in two forms, which tell of what version 2 made too, by the ids of this version."""

from fakestash.api.calls import Call, Reply, json_reply
from fakestash.engine import Engine
from fakestash.wire.encode_v1 import event_list, log_list
from fakestash.wire.lists_v1 import read_cursor, read_event_query


def logs(engine: Engine, call: Call) -> Reply:
    """``GET /v1/logs``."""
    found = engine.publications.log(call.user_id, read_cursor(call.query))
    return json_reply(200, log_list(found))


def events(engine: Engine, call: Call) -> Reply:
    """``GET /v1/events``, which took the place of the logs."""
    found = engine.log(call.user_id, read_event_query(call.query))
    return json_reply(200, event_list(found))
