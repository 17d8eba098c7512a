"""Signing keys, in both versions the same, and the health of the process."""

from fakestash.api.calls import TEXT, Call, Reply, json_reply
from fakestash.engine import Engine
from fakestash.model.users import SigningKeys


def get(engine: Engine, call: Call) -> Reply:
    """``GET /v2/keys`` and ``GET /v1/keys`` (D131)."""
    return _keys_reply(engine.signing_keys(call.user_id))


def rotate(engine: Engine, call: Call) -> Reply:
    """``POST /v2/keys/rotate`` and ``POST /v1/keys/rotate``."""
    return _keys_reply(engine.rotate_signing_keys(call.user_id))


def health() -> Reply:
    """``GET /v2/readiness`` and ``GET /v2/liveness``, for whoever watches the process (D79)."""
    return Reply(200, b"OK", TEXT)


def _keys_reply(keys: SigningKeys) -> Reply:
    return json_reply(200, {"current": keys.current, "next": keys.next})
