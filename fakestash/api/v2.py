"""The endpoints of version 2 that the fake has: read the call, ask the engine, write the reply."""

from typing import Final

from fakestash.api.calls import EMPTY, JSON, Call, Reply, json_reply
from fakestash.decisions import D28_CANCEL_STATUS
from fakestash.engine import Engine
from fakestash.model.users import SigningKeys
from fakestash.wire.encode import dead_letter_list, dead_letter_object, message_object
from fakestash.wire.encode_log import event_list
from fakestash.wire.lists import read_dead_letter_query, read_log_query
from fakestash.wire.publish import read_publish

_CREATED: Final = 201

HEALTHY: Final = Reply(200, b"OK", b"text/plain; charset=utf-8")
"""``GET /v2/readiness`` and ``GET /v2/liveness``, for whoever watches the process (D79)."""


def publish(engine: Engine, call: Call) -> Reply:
    """``POST /v2/publish/{destination}``."""
    command = read_publish(
        call.arguments[0],
        call.query,
        call.headers,
        call.body,
        caller_ip=call.caller_ip,
        token_in_header=call.token_in_header,
    )
    message = engine.publish(call.user_id, command)
    # An id needs no escapes, and this is the reply that is made most often.
    return Reply(_CREATED, b'{"messageId":"%b"}' % message.id.encode("ascii"), JSON)


def get_message(engine: Engine, call: Call) -> Reply:
    """``GET /v2/messages/{id}``."""
    return json_reply(200, message_object(engine.message(call.user_id, call.arguments[0])))


def cancel_message(engine: Engine, call: Call) -> Reply:
    """``DELETE /v2/messages/{id}``."""
    engine.cancel(call.user_id, call.arguments[0], call.caller_ip)
    return json_reply(D28_CANCEL_STATUS, {"cancelled": 1})


def list_log(engine: Engine, call: Call) -> Reply:
    """``GET /v2/logs`` and ``GET /v2/events``, which are the same."""
    return json_reply(200, event_list(engine.log(call.user_id, read_log_query(call.query))))


def list_dead_letters(engine: Engine, call: Call) -> Reply:
    """``GET /v2/dlq``."""
    query = read_dead_letter_query(call.query)
    return json_reply(200, dead_letter_list(engine.dead_letters(call.user_id, query)))


def get_dead_letter(engine: Engine, call: Call) -> Reply:
    """``GET /v2/dlq/{dlqId}``."""
    letter = engine.dead_letter(call.user_id, call.arguments[0])
    return json_reply(200, dead_letter_object(letter))


def delete_dead_letter(engine: Engine, call: Call) -> Reply:
    """``DELETE /v2/dlq/{dlqId}``."""
    engine.delete_dead_letter(call.user_id, call.arguments[0])
    return EMPTY


def get_keys(engine: Engine, call: Call) -> Reply:
    """``GET /v2/keys``."""
    return _keys_reply(engine.signing_keys(call.user_id))


def rotate_keys(engine: Engine, call: Call) -> Reply:
    """``POST /v2/keys/rotate``."""
    return _keys_reply(engine.rotate_signing_keys(call.user_id))


def _keys_reply(keys: SigningKeys) -> Reply:
    return json_reply(200, {"current": keys.current, "next": keys.next})
