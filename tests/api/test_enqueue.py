"""Enqueuing over HTTP, by its own route and by a header of a publish."""

import pytest

from tests.api.client import Api, Header, Response, error_response, json_response

QUEUE: Header = ("Upstash-Queue-Name", "q")


@pytest.mark.fidelity("POST /v2/enqueue/{queue}/{destination}", "sdk")
@pytest.mark.parametrize(
    ("target", "header"),
    [
        ("/v2/enqueue/q/https://shop.test/hook", []),
        ("/V2/Enqueue/q/https://shop.test/hook", []),
        ("/v2/publish/https://shop.test/hook", [QUEUE]),
        ("/v2/publish/https://shop.test/hook?upstash-queue-name=q", []),
    ],
)
def test_a_message_is_enqueued_and_its_queue_made(target: str, header: list[Header]) -> None:
    api = Api()

    response = api.call("POST", target, *header, body=b"hi")

    (message,) = api.engine.pending()
    assert response == json_response(201, f'{{"messageId":"{message.id}"}}')
    assert (message.command.url, message.command.body) == ("https://shop.test/hook", b"hi")
    assert api.read(f"/v2/messages/{message.id}")["queueName"] == "q"
    assert [(one["name"], one["parallelism"]) for one in api.read("/v2/queues")] == [("q", 1)]


@pytest.mark.fidelity("enqueue: a missing queue is made, one that is there left alone", "sdk")
def test_enqueuing_leaves_the_parallelism_of_a_queue() -> None:
    api = Api()
    api.has("POST", "/v2/queues", {"queueName": "q", "parallelism": 3})
    api.has("POST", "/v2/enqueue/q/https://shop.test/hook")

    assert api.read("/v2/queues/q")["parallelism"] == 3


def test_a_duplicate_is_answered_with_the_first_message() -> None:
    api = Api()
    header = ("Upstash-Deduplication-Id", "order-7")
    target = "/v2/enqueue/q/https://shop.test/hook"
    first = api.call("POST", target, header)
    (message_id,) = api.ids()

    assert first == json_response(201, f'{{"messageId":"{message_id}"}}')
    assert api.call("POST", target, header) == json_response(
        202, f'{{"messageId":"{message_id}","deduplicated":true}}'
    )
    assert api.ids() == [message_id]


def test_a_group_is_enqueued_for_each_endpoint() -> None:
    api = Api()
    endpoints = [{"url": "https://a.test"}, {"url": "https://b.test"}]
    api.has("POST", "/v2/topics/g/endpoints", {"endpoints": endpoints})

    response = api.call("POST", "/v2/enqueue/q/g")

    first, second = api.ids()
    assert response == json_response(
        201,
        f'[{{"messageId":"{first}","url":"https://a.test"}},'
        f'{{"messageId":"{second}","url":"https://b.test"}}]',
    )
    assert api.read("/v2/queues/q")["lag"] == 2


NAME = error_response(
    400, "queue name can only contain alphanumeric characters, hyphens, periods and underscores"
)
DELAY = error_response(400, "delay is not supported for queues")


@pytest.mark.fidelity("enqueue: a delay is refused", "reported")
@pytest.mark.parametrize(
    ("target", "header", "response"),
    [
        ("/v2/enqueue/a%20b/https://shop.test", [], NAME),
        ("/v2/publish/https://shop.test", [("Upstash-Queue-Name", "a b")], NAME),
        ("/v2/enqueue/q/https://shop.test", [("Upstash-Delay", "10s")], DELAY),
        ("/v2/enqueue/q/https://shop.test", [("Upstash-Not-Before", "1800000000")], DELAY),
        ("/v2/publish/https://shop.test", [QUEUE, ("Upstash-Delay", "10s")], DELAY),
        ("/v2/enqueue/q", [], error_response(400, "a non-empty destination must be provided")),
        ("/v2/enqueue/q/", [], error_response(400, "a non-empty destination must be provided")),
        (
            "/v2/enqueue/q/shop.test/x",
            [],
            error_response(
                400, "invalid destination url: endpoint has invalid scheme, add http:// or https://"
            ),
        ),
        ("/v2/enqueue/q/g", [], error_response(404, "topic g not found")),
        (
            "/v2/enqueue/q/https://shop.test",
            [("Upstash-Retries", "6")],
            error_response(412, "quota maxRetries exceeded, current limit: 5"),
        ),
    ],
)
def test_a_bad_message_is_refused_and_nothing_happens(
    target: str, header: list[Header], response: Response
) -> None:
    api = Api()
    before = api.state()

    assert api.call("POST", target, *header) == response
    assert api.state() == before
