"""Endpoints of topics, each with an id.

They are those of the URL groups of version 2, whose names for them are not shown here.
"""

from fakestash.api.calls import Call, Reply, json_reply, refuse_parameters
from fakestash.api.v1.replies import deleted
from fakestash.engine import Engine
from fakestash.engine.topics import Placed
from fakestash.wire.encode_v1 import endpoint_object
from fakestash.wire.json_values import JsonObject
from fakestash.wire.lists_v1 import read_endpoint, read_url


def list_all(engine: Engine, call: Call) -> Reply:
    """``GET /v1/endpoints``: those of all topics, topic by topic."""
    refuse_parameters(call)
    return json_reply(200, [_shown(placed) for placed in engine.topics.endpoints(call.user_id)])


def create(engine: Engine, call: Call) -> Reply:
    """``POST /v1/endpoints``."""
    url, topic_id, topic_name = read_endpoint(call.body)
    placed = engine.topics.add_endpoint(call.user_id, url, topic_id=topic_id, name=topic_name)
    return json_reply(200, _shown(placed))


def get(engine: Engine, call: Call) -> Reply:
    """``GET /v1/endpoints/{id}``."""
    return json_reply(200, _shown(engine.topics.endpoint(call.user_id, call.arguments[0])))


def update(engine: Engine, call: Call) -> Reply:
    """``PUT /v1/endpoints/{id}``: another URL for what is published from now on."""
    url = read_url(call.body)
    placed = engine.topics.update_endpoint(call.user_id, call.arguments[0], url)
    return json_reply(200, _shown(placed))


def delete(engine: Engine, call: Call) -> Reply:
    """``DELETE /v1/endpoints/{id}``: the topic stays, even if it is empty then (D125)."""
    engine.topics.delete_endpoint(call.user_id, call.arguments[0])
    return deleted(call)


def _shown(placed: Placed) -> JsonObject:
    return endpoint_object(placed.endpoint, placed.group.id)
