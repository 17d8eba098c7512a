"""The log, which has two paths."""

from fakestash.api.calls import Call, Reply, json_reply
from fakestash.engine import Engine
from fakestash.wire.encode_log import event_list, grouped_log
from fakestash.wire.lists import read_log_query


def read(engine: Engine, call: Call) -> Reply:
    """``GET /v2/logs`` and ``GET /v2/events``, which are the same."""
    query = read_log_query(call.query)
    if query.is_grouped:
        return json_reply(
            200, grouped_log(engine.grouped_log(call.user_id, query), query.trim_body)
        )
    return json_reply(200, event_list(engine.log(call.user_id, query), query.trim_body))
