"""The dead letter queue: looked at, emptied, and published again."""

from typing import Final

from fakestash.api.calls import EMPTY, Call, Reply, json_reply
from fakestash.engine import Engine
from fakestash.wire.encode import dead_letter_list, dead_letter_object
from fakestash.wire.json_values import JsonObject
from fakestash.wire.lists import read_dead_letter_query, read_dead_letter_selection
from fakestash.wire.publish import read_changes

_CREATED: Final = 201


def list_page(engine: Engine, call: Call) -> Reply:
    """``GET /v2/dlq``."""
    query = read_dead_letter_query(call.query)
    return json_reply(200, dead_letter_list(engine.dead_letters(call.user_id, query)))


def get(engine: Engine, call: Call) -> Reply:
    """``GET /v2/dlq/{dlqId}``."""
    letter = engine.dead_letter(call.user_id, call.arguments[0])
    return json_reply(200, dead_letter_object(letter))


def delete(engine: Engine, call: Call) -> Reply:
    """``DELETE /v2/dlq/{dlqId}``."""
    engine.delete_dead_letter(call.user_id, call.arguments[0])
    return EMPTY


def delete_all(engine: Engine, call: Call) -> Reply:
    """``DELETE /v2/dlq``: those that the query or the body asks for."""
    query = read_dead_letter_selection(call.query, call.body)
    deleted = engine.delete_dead_letters(call.user_id, query)
    shown: JsonObject = {} if deleted.cursor is None else {"cursor": deleted.cursor}
    return json_reply(200, {**shown, "deleted": deleted.number})


def retry(engine: Engine, call: Call) -> Reply:
    """``POST /v2/dlq/retry/{dlqId}``: settings of a publish that come with it replace the old."""
    change = read_changes(call.query, call.headers, token_in_header=call.token_in_header)
    message_id = engine.retry_dead_letter(call.user_id, call.arguments[0], change)
    return json_reply(_CREATED, {"messageId": message_id})


def retry_all(engine: Engine, call: Call) -> Reply:
    """``POST /v2/dlq/retry``. Unlike elsewhere, a cursor that leads nowhere is an empty text."""
    query = read_dead_letter_selection(call.query, call.body)
    change = read_changes(call.query, call.headers, token_in_header=call.token_in_header)
    message_ids, cursor = engine.retry_dead_letters(call.user_id, query, change)
    responses = [{"messageId": message_id} for message_id in message_ids]
    return json_reply(_CREATED, {"cursor": cursor or "", "responses": responses})
