"""What makes messages: publish, enqueue and batch.

A publish that says when to repeat itself makes a schedule instead (D32).
"""

from collections.abc import Sequence
from typing import Final

from fakestash.api.calls import JSON, Call, Reply, json_reply
from fakestash.api.v2.schedules import scheduled
from fakestash.decisions import D27_BATCH_STATUS, D27_ENQUEUE_STATUS
from fakestash.engine import Engine
from fakestash.errors import ServiceError
from fakestash.model.messages import Accepted, PublishRequest
from fakestash.wire.batch import read_batch
from fakestash.wire.json_values import JsonObject
from fakestash.wire.publish import read_enqueue, read_publish

_CREATED: Final = 201
_DUPLICATE: Final = 202


def publish(engine: Engine, call: Call) -> Reply:
    """``POST /v2/publish/{destination}``."""
    request = read_publish(
        call.arguments[0],
        call.query,
        call.headers,
        call.body,
        caller_ip=call.caller_ip,
        token_in_header=call.token_in_header,
        defaults_of=lambda group: engine.url_groups.default_headers(call.user_id, group),
        llm_target=call.llm_target,
    )
    return _published(engine, call.user_id, request, _CREATED)


def enqueue(engine: Engine, call: Call) -> Reply:
    """``POST /v2/enqueue/{queue}/{destination}``."""
    queue, destination = call.arguments
    request = read_enqueue(
        queue,
        destination,
        call.query,
        call.headers,
        call.body,
        caller_ip=call.caller_ip,
        token_in_header=call.token_in_header,
        defaults_of=lambda group: engine.url_groups.default_headers(call.user_id, group),
        llm_target=call.llm_target,
    )
    return _published(engine, call.user_id, request, D27_ENQUEUE_STATUS)


def batch(engine: Engine, call: Call) -> Reply:
    """``POST /v2/batch``: an element for each entry, also for those that were refused."""
    entries = read_batch(
        call.body,
        caller_ip=call.caller_ip,
        defaults_of=lambda group: engine.url_groups.default_headers(call.user_id, group),
        llm_target=call.llm_target,
        watch=call.watch,
    )
    answers = engine.accept_batch(call.user_id, entries)
    shown = [_element(entry, answer) for entry, answer in zip(entries, answers, strict=True)]
    return json_reply(D27_BATCH_STATUS, shown)


def _published(engine: Engine, user_id: str, request: PublishRequest, success: int) -> Reply:
    """Do what is asked for; ``success`` is the status if that makes a message.

    To a group it is a duplicate only if it is one for every endpoint (D33).
    """
    command, group, deduplication_id, is_content_deduplicated, cron, *_ = request
    if cron is not None:
        return scheduled(engine, user_id, request)
    if group is None and deduplication_id is None and not is_content_deduplicated:
        return _new_message(engine.publish(user_id, command).id, success)
    accepted = engine.accept(user_id, request)
    if group is not None:
        are_duplicates = bool(accepted) and all(one.deduplicated for one in accepted)
        return json_reply(_DUPLICATE if are_duplicates else success, _of_group(accepted))
    (one,) = accepted
    if one.deduplicated:
        return json_reply(_DUPLICATE, _of_url(one))
    return _new_message(one.message_id, success)


def _new_message(message_id: str, status: int) -> Reply:
    # An id needs no escapes, and this is the reply that is made most often.
    return Reply(status, b'{"messageId":"%b"}' % message_id.encode("ascii"), JSON)


def _element(
    entry: PublishRequest | ServiceError, answer: tuple[Accepted, ...] | ServiceError
) -> object:
    """What a batch tells about one entry: an array if it went to a group."""
    if isinstance(answer, ServiceError):
        return {"error": answer.text}
    if isinstance(entry, PublishRequest) and entry.group is not None:
        return _of_group(answer)
    (one,) = answer
    return _of_url(one)


def _of_group(accepted: Sequence[Accepted]) -> list[JsonObject]:
    """One object for each endpoint; there may be none (D34)."""
    return [_with_duplicate({"messageId": one.message_id, "url": one.url}, one) for one in accepted]


def _of_url(one: Accepted) -> JsonObject:
    return _with_duplicate({"messageId": one.message_id}, one)


def _with_duplicate(shown: JsonObject, one: Accepted) -> JsonObject:
    """Duplicates are marked; anything else says nothing about it."""
    return {**shown, "deduplicated": True} if one.deduplicated else shown
