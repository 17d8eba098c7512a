"""Reading and cancelling messages."""

import pytest

from tests.api.client import PEER, Api, error_response, json_response
from tests.builders import BROKEN, SECOND

UNKNOWN = [
    ("msg_x", "msg_x"),
    ("%00", "\x00"),
    ("a%0D%0Ab", "a\r\nb"),
    ("%22", '"'),
    ("%F0%9F%98%80", "\U0001f600"),
]


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


def test_a_message_is_shown_for_a_moment_after_its_end() -> None:
    api = Api()
    message_id = api.publish()
    api.stage.advance(SECOND)
    within = api.call("GET", f"/v2/messages/{message_id}")
    api.stage.advance(1)
    after = api.call("GET", f"/v2/messages/{message_id}")

    assert within.status == 200
    assert after == error_response(404, f"message {message_id} not found")


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
