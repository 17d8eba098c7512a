"""Topics, by name or id: the URL groups of version 2 (D125), which may be empty.

One that version 2 made has ids for itself and its endpoints as well. The other way round, what
is made here can be used there at once; a topic that is deleted there is gone here.
"""

from fakestash.api.calls import Call, Reply, json_reply, refuse_parameters
from fakestash.api.v1.replies import deleted
from fakestash.engine import Engine
from fakestash.wire.encode_v1 import topic_object
from fakestash.wire.lists_v1 import read_topic_name


def list_all(engine: Engine, call: Call) -> Reply:
    """``GET /v1/topics``, in order of creation."""
    refuse_parameters(call)
    return json_reply(200, [topic_object(group) for group in engine.topics.list(call.user_id)])


def create(engine: Engine, call: Call) -> Reply:
    """``POST /v1/topics``: an empty one; a name that is taken is a conflict (D129)."""
    name = read_topic_name(call.body)
    return json_reply(200, topic_object(engine.topics.create(call.user_id, name)))


def get(engine: Engine, call: Call) -> Reply:
    """``GET /v1/topics/{id or name}``."""
    return json_reply(200, topic_object(engine.topics.get(call.user_id, call.arguments[0])))


def rename(engine: Engine, call: Call) -> Reply:
    """``PUT /v1/topics/{id or name}``."""
    name = read_topic_name(call.body)
    renamed = engine.topics.rename(call.user_id, call.arguments[0], name)
    return json_reply(200, topic_object(renamed))


def delete(engine: Engine, call: Call) -> Reply:
    """``DELETE /v1/topics/{id or name}``: its endpoints go with it, its messages stay (D125)."""
    engine.topics.delete(call.user_id, call.arguments[0])
    return deleted(call)
