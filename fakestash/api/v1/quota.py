"""What the user's plan allows."""

from fakestash.api.calls import Call, Reply, json_reply
from fakestash.engine import Engine
from fakestash.wire.encode_v1 import quota_object


def get(engine: Engine, _: Call) -> Reply:
    """``GET /v1/quota``."""
    return json_reply(200, quota_object(engine.plan))
