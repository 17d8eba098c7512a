"""Requests as the official clients send them: none of what they add by themselves is refused."""

import pytest

from fakestash.model.messages import PublishCommand
from tests.api.client import BEARER, PEER, Api, Header, json_response

PYTHON: tuple[Header, ...] = (
    ("Accept", "*/*"),
    ("Accept-Encoding", "gzip, deflate"),
    ("Connection", "keep-alive"),
    ("User-Agent", "python-httpx/0.28.1"),
)
JAVASCRIPT: tuple[Header, ...] = (
    ("accept", "*/*"),
    ("accept-language", "*"),
    ("sec-fetch-mode", "cors"),
    ("user-agent", "node"),
    ("upstash-telemetry-sdk", "upstash-qstash-js@2.12.0"),
    ("upstash-telemetry-platform", ""),
    ("upstash-telemetry-runtime", "node@v22.0.0"),
)
ORDERS = "https://shop.test/orders"
JSON = ("Content-Type", "application/json")


def published(*header: Header) -> PublishCommand:
    api = Api()
    response = api.call("POST", f"/v2/publish/{ORDERS}", *header, body=b'{"id": 7}')
    (message,) = api.engine.pending()
    assert response == json_response(201, f'{{"messageId":"{message.id}"}}')
    return message.command


def test_the_python_client_publishes_json() -> None:
    assert published(*PYTHON, JSON) == PublishCommand(
        ORDERS, b'{"id": 7}', headers=(("Content-Type", "application/json"),), caller_ip=PEER[0]
    )


def test_the_python_client_publishes_with_every_setting_that_is_off() -> None:
    assert published(
        *PYTHON,
        JSON,
        ("Upstash-Method", "POST"),
        ("Upstash-Retries", "3"),
        ("Upstash-Delay", "0s"),
        ("Upstash-Content-Based-Deduplication", "False"),
    ) == PublishCommand(
        ORDERS, b'{"id": 7}', headers=(("Content-Type", "application/json"),), caller_ip=PEER[0]
    )


def test_the_javascript_client_publishes_json() -> None:
    assert published(
        *JAVASCRIPT,
        ("content-type", "application/json"),
        ("upstash-method", "POST"),
        ("upstash-forward-x-trace", "1"),
        ("upstash-delay", "10s"),
        ("upstash-label", "a,b"),
    ) == PublishCommand(
        ORDERS,
        b'{"id": 7}',
        headers=(("X-Trace", "1"), ("Content-Type", "application/json")),
        delay=10_000,
        labels=("a", "b"),
        caller_ip=PEER[0],
    )


def test_clients_list_without_any_question() -> None:
    api = Api()

    for header in (PYTHON, JAVASCRIPT):
        assert api.call("GET", "/v2/events", *header).status == 200
        assert api.call("GET", "/v2/dlq", *header).status == 200
        assert api.call("GET", "/v2/dlq/", *header).status == 200


@pytest.mark.fidelity("GET /v2/keys", "sdk")
def test_the_health_check_of_the_javascript_client_knows_the_default_keys() -> None:
    assert Api().call("GET", "/v2/keys", token=BEARER) == json_response(
        200,
        '{"current":"sig_7kYjw48mhY7kAjqNGcy6cr29RJ6r","next":"sig_5ZB6DVzB1wjE8S6rZ7eenA8Pdnhs"}',
    )
