"""Publishing: one message for whatever is published, to a topic too, with a task per endpoint.

In version 2 each task is a message with an id of its own, and the id that is given here is
unknown. Deliveries carry the id that is given here (D124).
"""

from typing import Final

from fakestash.api.calls import Call, Reply, json_reply
from fakestash.decisions import D127_V1_PUBLISH_STATUS
from fakestash.engine import Engine
from fakestash.engine.deduplication import key_of
from fakestash.model.messages import PublishRequest
from fakestash.wire.publish_v1 import read_publication

_DUPLICATE: Final = 202
_DEDUPLICATION_ID: Final = "Upstash-Deduplication-Id"


def publish(engine: Engine, call: Call) -> Reply:
    """``POST /v1/publish/{destination}``: a message, or with ``Upstash-Cron`` a schedule.

    A duplicate is answered with the id of the first, and told by which deduplication id it is
    one: the hash of its content if it was sent without.
    """
    request = read_publication(
        call.arguments[0],
        call.query,
        call.headers,
        call.body,
        caller_ip=call.caller_ip,
        token_in_header=call.token_in_header,
        plan=engine.plan,
        defaults_of=lambda topic: engine.topics.default_headers(call.user_id, topic),
        llm_target=call.llm_target,
    )
    if request.cron is None:
        key = "messageId"
        (made,) = engine.accept(call.user_id, request)
    else:
        key = "scheduleId"
        made = engine.schedules.create_once(call.user_id, request)
    if not made.deduplicated:
        return json_reply(D127_V1_PUBLISH_STATUS, {key: made.message_id})
    reply = json_reply(_DUPLICATE, {key: made.message_id, "deduplicated": True})
    return reply._replace(headers=((_DEDUPLICATION_ID, _deduplication_id(request)),))


def _deduplication_id(request: PublishRequest) -> str:
    """As a header has it: the bytes of its UTF-8, each as a character."""
    key = key_of(request, request.command) or ("", "")
    return key[1].encode().decode("latin-1")
