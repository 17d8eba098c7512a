"""What a callback says."""

import json

import pytest

from fakestash.model.messages import MessageState
from fakestash.model.outcomes import Outcome, Responded, TimedOut, Unreachable
from fakestash.model.settings import Extras, Redaction
from fakestash.wire.callback_body import callback_body
from fakestash.wire.json_values import JsonObject
from tests.wire.messages import FULL, PLAIN, a_message

OK = Responded(200)
PLAIN_SHOWN: JsonObject = {
    "status": 200,
    "header": {},
    "body": "",
    "sourceMessageId": "msg_1",
    "url": "https://shop.test/hook",
    "method": "POST",
    "sourceHeader": {},
    "sourceBody": "",
    "maxRetries": 3,
    "notBefore": 1_767_225_600_000,
    "createdAt": 1_767_225_600_000,
    "callerIP": "127.0.0.1",
}


def test_a_plain_callback_is_this_text() -> None:
    assert callback_body(a_message(), OK, 0, None) == (
        b'{"status":200,"header":{},"body":"","sourceMessageId":"msg_1",'
        b'"url":"https://shop.test/hook","method":"POST","sourceHeader":{},"sourceBody":"",'
        b'"maxRetries":3,"notBefore":1767225600000,"createdAt":1767225600000,'
        b'"callerIP":"127.0.0.1"}'
    )


@pytest.mark.fidelity("callbacks: keys, types and their order", "measured")
def test_a_callback_with_everything_is_this_text() -> None:
    answer = Responded(404, (("x-b", "1"), ("content-type", "a/b"), ("X-B", "2")), b"weg")

    text = callback_body(a_message(FULL, MessageState.FAILED), answer, 2, "12-0")

    assert text.decode() == (
        '{"status":404,"header":{"Content-Type":["a/b"],"X-B":["1","2"]},"body":"d2Vn",'
        '"retried":2,"dlqId":"12-0","sourceMessageId":"msg_1","topicName":"shops",'
        '"endpointName":"first","url":"https://shop.test:8443/a%20b?c=d","method":"PUT",'
        '"sourceHeader":{"Content-Type":["text/plain"],"X-B":["grün","2"]},'
        '"sourceBody":"Z3LDvG4=","maxRetries":2,"notBefore":1767225605000,'
        '"createdAt":1767225600000,"scheduleId":"scd_1","callerIP":"203.0.113.7"}'
    )


@pytest.mark.parametrize("outcome", [Unreachable("EOF"), TimedOut()])
def test_an_attempt_without_an_answer_has_status_0(outcome: Outcome) -> None:
    assert json.loads(callback_body(a_message(), outcome, 0, None)) == {
        **PLAIN_SHOWN,
        "status": 0,
    }


def test_bodies_are_base64_with_padding() -> None:
    message = a_message(PLAIN._replace(body=b"\xff"))

    assert json.loads(callback_body(message, Responded(200, body=b"a"), 0, None)) == {
        **PLAIN_SHOWN,
        "body": "YQ==",
        "sourceBody": "/w==",
    }


@pytest.mark.parametrize(
    ("retried", "dlq_id", "keys"),
    [
        (0, None, {}),
        (1, None, {"retried": 1}),
        (0, "12-0", {"dlqId": "12-0"}),
    ],
)
def test_what_has_no_value_is_left_out(retried: int, dlq_id: str | None, keys: JsonObject) -> None:
    text = callback_body(a_message(), OK, retried, dlq_id)

    assert json.loads(text) == {**PLAIN_SHOWN, **keys}


def test_no_retries_allowed_are_told() -> None:
    message = a_message(PLAIN._replace(retries=0))

    assert json.loads(callback_body(message, OK, 0, None)) == {**PLAIN_SHOWN, "maxRetries": 0}


@pytest.mark.fidelity("redaction: not in callbacks", "assumed")
def test_nothing_is_hidden_from_a_callback() -> None:
    hidden = Redaction(body=True, all_headers=True)
    message = a_message(
        PLAIN._replace(body=b"hi", headers=(("X", "1"),), extras=Extras(redaction=hidden))
    )

    assert json.loads(callback_body(message, OK, 0, None)) == {
        **PLAIN_SHOWN,
        "sourceHeader": {"X": ["1"]},
        "sourceBody": "aGk=",
    }
