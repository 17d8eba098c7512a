"""Reading and cancelling messages."""

import json

import pytest

from tests.api.client import (
    PEER,
    SOMEBODY_ELSE,
    Api,
    Response,
    error_response,
    json_response,
)
from tests.builders import BROKEN, SECOND

UNKNOWN = [
    ("msg_x", "msg_x"),
    ("%00", "\x00"),
    ("a%0D%0Ab", "a\r\nb"),
    ("%22", '"'),
    ("%F0%9F%98%80", "\U0001f600"),
]


@pytest.mark.fidelity("GET /v2/messages/{id}", "measured")
def test_a_message_is_shown_while_it_is_under_way() -> None:
    api = Api()
    message_id = api.publish(("Upstash-Delay", "10s"), ("Content-Type", "text/plain"))

    assert api.call("GET", f"/v2/messages/{message_id}") == json_response(
        200,
        f'{{"messageId":"{message_id}","url":"https://shop.test/hook","method":"POST",'
        '"header":{"Content-Type":["text/plain"]},"body":"hi","maxRetries":3,'
        '"notBefore":1767225610000,"createdAt":1767225600000,"callerIP":"203.0.113.7",'
        '"state":"CREATED","retried":0,"nextDeliveryTime":1767225610000}',
    )


@pytest.mark.fidelity(
    "messages: gone soon after the end",
    "sdk",
    verdict="approximate",
    here="after exactly one second of the fake's clock",
)
def test_a_message_is_shown_for_a_moment_after_its_end() -> None:
    api = Api()
    message_id = api.publish()
    api.stage.advance(SECOND)
    within = api.call("GET", f"/v2/messages/{message_id}")
    api.stage.advance(1)
    after = api.call("GET", f"/v2/messages/{message_id}")

    assert within.status == 200
    assert after == error_response(404, f"message {message_id} not found")


@pytest.mark.fidelity("DELETE /v2/messages/{id}", "measured")
def test_a_message_is_cancelled_once_and_gone() -> None:
    api = Api()
    message_id = api.publish(("Upstash-Delay", "10s"))
    path = f"/v2/messages/{message_id}"
    missing = error_response(404, f"message {message_id} not found")

    assert api.call("DELETE", path) == json_response(202, '{"cancelled":1}')
    assert api.call("DELETE", path) == missing
    assert api.call("GET", path) == missing
    assert [(entry.state, entry.caller_ip) for entry in api.stage.log()] == [
        ("CREATED", PEER[0]),
        ("CANCEL_REQUESTED", PEER[0]),
    ]


def test_a_finished_message_cannot_be_cancelled() -> None:
    api = Api(BROKEN)
    message_id = api.publish(("Upstash-Retries", "0"))
    api.stage.advance(1)
    before = api.state()

    assert api.call("DELETE", f"/v2/messages/{message_id}") == error_response(
        404, f"message {message_id} not found"
    )
    assert api.state() == before


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize(("segment", "shown"), UNKNOWN)
def test_an_unknown_message_is_not_found(method: str, segment: str, shown: str) -> None:
    api = Api()
    api.publish()
    before = api.state()

    assert api.call(method, f"/v2/messages/{segment}") == error_response(
        404, f"message {shown} not found"
    )
    assert api.state() == before


# --- cancelling in bulk --------------------------------------------------------------------


def cancelled(count: int) -> Response:
    return json_response(202, f'{{"cancelled":{count}}}')


def delayed() -> Api:
    """Three messages that wait, a second apart: of a group, of a queue, with a label."""
    api = Api()
    api.has("POST", "/v2/topics/g/endpoints", {"endpoints": [{"url": "https://a.test/x"}]})
    api.has("POST", "/v2/publish/g", None, ("Upstash-Delay", "1h"))
    api.stage.advance(SECOND)
    api.has("POST", "/v2/queues", {"queueName": "q", "paused": True})
    api.has("POST", "/v2/enqueue/q/https://b.test:8080/y?z=1")
    api.stage.advance(SECOND)
    limits = (("Upstash-Flow-Control-Key", "k"), ("Upstash-Flow-Control-Value", "rate=1"))
    api.has(
        "POST",
        "/v2/publish/https://c.test",
        None,
        ("Upstash-Delay", "1h"),
        ("Upstash-Label", "one,two"),
        *limits,
    )
    return api


def left(api: Api) -> str:
    """The hosts of those not asked to be cancelled, by their letter."""
    return "".join(
        message.command.url[8] for message in api.engine.pending() if not message.cancel_asked
    )


@pytest.mark.fidelity("DELETE /v2/messages", "sdk")
@pytest.mark.parametrize(
    ("target", "body", "gone"),
    [
        ("/v2/messages", b"", "abc"),
        ("/v2/messages/", b"", "abc"),
        ("/V2/Messages/", b"", "abc"),
        ("/v2/messages", b"{}", "abc"),
        ("/v2/messages", b'{"messageIds":[]}', "abc"),
        ("/v2/messages?topicName=g", b"", "a"),
        ("/v2/messages?queueName=q,r", b"", "b"),
        ("/v2/messages?url=https://b.test:8080/y?z=1", b"", "b"),
        ("/v2/messages?url=https://b.test:8080/y", b"", ""),
        ("/v2/messages?host=b.test&path=/y", b"", "b"),
        ("/v2/messages?host=a.test&host=c.test", b"", "ac"),
        ("/v2/messages?label=two", b"", "c"),
        ("/v2/messages?flowControlKey=k", b"", "c"),
        ("/v2/messages?scheduleId=s", b"", ""),
        ("/v2/messages?callerIp=203.0.113.7&label=one", b"", "c"),
        ("/v2/messages?callerIP=1.1.1.1", b"", ""),
        ("/v2/messages?fromDate=1767225601000&toDate=1767225601000", b"", "b"),
        ("/v2/messages?count=2", b"", "ab"),
        ("/v2/messages", b'{"queueName":"q"}', "b"),
        ("/v2/messages", b'{"topicName":"g","callerIP":"203.0.113.7"}', "a"),
        ("/v2/messages", b'{"fromDate":1767225601000}', "bc"),
        ("/v2/messages", b'{"url":"https://c.test","toDate":1767225602000}', "c"),
    ],
)
def test_messages_are_cancelled_by_what_is_asked_for(target: str, body: bytes, gone: str) -> None:
    api = delayed()

    assert api.call("DELETE", target, body=body) == cancelled(len(gone))
    assert left(api) == "".join(letter for letter in "abc" if letter not in gone)


@pytest.mark.fidelity("bulk cancel: by ids, in the query or the body", "sdk")
@pytest.mark.parametrize("way", ["repeated", "commas", "body"])
def test_messages_are_cancelled_by_id_and_counted_once(way: str) -> None:
    api = delayed()
    ids = [*api.ids()[:2], "msg_unknown"]
    query = {
        "repeated": "?" + "&".join(f"messageIds={one}" for one in ids) + "&label=one",
        "commas": f"?messageIds={','.join(ids)}",
        "body": "",
    }[way]
    body = json.dumps({"messageIds": ids}).encode() if way == "body" else b""

    assert api.call("DELETE", f"/v2/messages{query}", body=body) == cancelled(2)
    assert left(api) == "c"
    assert api.call("DELETE", f"/v2/messages{query}", body=body) == cancelled(0)
    assert api.call("DELETE", "/v2/messages") == cancelled(1)


def test_the_log_tells_who_cancelled() -> None:
    api = Api()
    api.publish(("Upstash-Delay", "1h"))
    api.has("DELETE", "/v2/messages")

    assert [(entry.state, entry.caller_ip) for entry in api.stage.log()] == [
        ("CREATED", PEER[0]),
        ("CANCEL_REQUESTED", PEER[0]),
    ]


def test_users_do_not_cancel_each_others_messages() -> None:
    api = delayed()
    before = api.state()
    ids = "&".join(f"messageIds={one}" for one in api.ids())

    assert api.call("DELETE", "/v2/messages", token=SOMEBODY_ELSE) == cancelled(0)
    assert api.call("DELETE", f"/v2/messages?{ids}", token=SOMEBODY_ELSE) == cancelled(0)
    assert api.state() == before


@pytest.mark.parametrize(
    ("target", "body", "text"),
    [
        ("/v2/messages?x=1", b"", "unknown query parameter: x"),
        ("/v2/messages?state=created", b"", "unknown query parameter: state"),
        (
            "/v2/messages?count=0",
            b"",
            'invalid count: expected an integer between 1 and 500, got "0"',
        ),
        ("/v2/messages?fromDate=x", b"", 'invalid fromDate: expected an integer, got "x"'),
        ("/v2/messages", b"{", "invalid json body"),
        ("/v2/messages", b"[]", "invalid body: expected a json object"),
        (
            "/v2/messages",
            b'{"messageIds":["a",1]}',
            'invalid body: field "messageIds" must be a string',
        ),
        ("/v2/messages", b'{"x":1}', 'invalid body: field "x" is unknown'),
        ("/v2/messages", b'{"queueName":1}', 'invalid body: field "queueName" must be a string'),
        ("/v2/messages", b'{"fromDate":"1"}', 'invalid body: field "fromDate" must be an integer'),
    ],
)
def test_a_bad_cancellation_is_refused_and_nothing_happens(
    target: str, body: bytes, text: str
) -> None:
    api = delayed()
    before = api.state()

    assert api.call("DELETE", target, body=body) == error_response(400, text)
    assert api.state() == before
