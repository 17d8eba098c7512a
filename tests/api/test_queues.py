"""Queues over HTTP."""

import pytest

from tests.api.client import EMPTY, PEER, SOMEBODY_ELSE, Api, error_response, json_response
from tests.builders import SECOND

NAME = "queue name can only contain alphanumeric characters, hyphens, periods and underscores"
MISSING = error_response(404, "queue q not found")


def queue(
    name: str = "q", parallelism: int = 1, lag: int = 0, *, paused: bool = False, updated: int = 0
) -> str:
    return (
        f'{{"createdAt":1767225600000,"updatedAt":{1767225600000 + updated},"name":"{name}",'
        f'"parallelism":{parallelism},"lag":{lag},"paused":{"true" if paused else "false"}}}'
    )


def with_queue(name: str = "q", **more: object) -> Api:
    api = Api()
    api.has("POST", "/v2/queues", {"queueName": name, **more})
    return api


@pytest.mark.fidelity("POST /v2/queues", "sdk")
@pytest.mark.parametrize("path", ["/v2/queues", "/v2/queues/", "/V2/Queues"])
def test_a_queue_is_made_with_an_empty_reply(path: str) -> None:
    api = Api()

    assert api.send("POST", path, {"queueName": "q"}) == EMPTY
    assert api.call("GET", "/v2/queues/q") == json_response(200, queue())


@pytest.mark.fidelity("GET /v2/queues/{name}", "sdk")
def test_a_queue_is_replaced_as_a_whole() -> None:
    api = with_queue(parallelism=3, paused=True)
    first = api.call("GET", "/v2/queues/q")
    api.stage.advance(SECOND)

    assert first == json_response(200, queue(parallelism=3, paused=True))
    assert api.send("POST", "/v2/queues", {"queueName": "q", "parallelism": 2}) == EMPTY
    assert api.call("GET", "/v2/queues/q") == json_response(
        200, queue(parallelism=2, updated=SECOND)
    )


@pytest.mark.fidelity("GET /v2/queues", "sdk")
def test_queues_are_listed_in_order_of_creation() -> None:
    api = with_queue("b")
    api.has("POST", "/v2/queues", {"queueName": "a"})

    assert api.call("GET", "/v2/queues/") == json_response(200, f"[{queue('b')},{queue('a')}]")
    assert api.call("GET", "/v2/queues", token=SOMEBODY_ELSE) == json_response(200, "[]")


def test_the_lag_of_a_queue_is_the_number_of_its_unfinished_messages() -> None:
    api = Api()
    api.has("POST", "/v2/enqueue/q/https://shop.test/hook")
    api.has("POST", "/v2/enqueue/q/https://shop.test/hook")
    before = api.call("GET", "/v2/queues/q")
    api.stage.advance(0)

    assert before == json_response(200, queue(lag=2))
    assert api.call("GET", "/v2/queues/q") == json_response(200, queue())


@pytest.mark.fidelity("POST /v2/queues/{name}/pause", "docs")
@pytest.mark.fidelity("POST /v2/queues/{name}/resume", "docs")
def test_a_queue_is_paused_and_resumed() -> None:
    api = with_queue()
    paused = json_response(200, queue(paused=True))

    assert api.call("POST", "/v2/queues/q/pause") == EMPTY
    assert api.call("GET", "/v2/queues/q") == paused
    assert api.call("POST", "/v2/queues/q/Pause/") == EMPTY
    assert api.call("GET", "/v2/queues/q") == paused
    assert api.call("POST", "/v2/queues/q/resume") == EMPTY
    assert api.call("GET", "/v2/queues/q") == json_response(200, queue())


@pytest.mark.fidelity("DELETE /v2/queues/{name}", "docs")
def test_a_queue_is_deleted_with_its_messages_also_if_it_is_not_there() -> None:
    api = Api()
    api.has("POST", "/v2/enqueue/q/https://shop.test/hook")

    assert api.call("DELETE", "/v2/queues/q") == EMPTY
    assert api.call("DELETE", "/v2/queues/q") == EMPTY
    assert api.call("GET", "/v2/queues/q") == MISSING
    assert api.call("GET", "/v2/queues") == json_response(200, "[]")
    api.stage.advance(0)
    assert [(entry.state, entry.caller_ip) for entry in api.stage.log()] == [
        ("CREATED", PEER[0]),
        ("CANCEL_REQUESTED", PEER[0]),
        ("CANCELED", PEER[0]),
    ]


def test_a_name_in_a_path_is_decoded_once_and_keeps_its_case() -> None:
    api = with_queue("a.B_c-1")

    assert api.call("GET", "/v2/queues/a%2EB_c-1").status == 200
    assert api.call("GET", "/v2/queues/A.B_c-1") == error_response(404, "queue A.B_c-1 not found")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", "invalid json body"),
        (b"{", "invalid json body"),
        (b"\xff", "invalid json body"),
        (b"[]", "invalid body: expected a json object"),
        (b"null", "invalid body: expected a json object"),
        (b"{}", 'invalid body: field "queueName" is required'),
        (b'{"queueName":1}', 'invalid body: field "queueName" must be a string'),
        (b'{"queueName":"a b"}', NAME),
        (b'{"queueName":"gr\xc3\xbcn"}', NAME),
        (
            b'{"queueName":"q","parallelism":"2"}',
            'invalid body: field "parallelism" must be an integer',
        ),
        (
            b'{"queueName":"q","parallelism":1.5}',
            'invalid body: field "parallelism" must be an integer',
        ),
        (
            b'{"queueName":"q","parallelism":true}',
            'invalid body: field "parallelism" must be an integer',
        ),
        (
            b'{"queueName":"q","parallelism":0}',
            'invalid body: field "parallelism" must be greater than 0',
        ),
        (b'{"queueName":"q","paused":1}', 'invalid body: field "paused" must be a boolean'),
    ],
)
def test_a_bad_queue_is_refused_and_nothing_happens(body: bytes, text: str) -> None:
    api = with_queue(parallelism=2)
    before = api.state()

    assert api.call("POST", "/v2/queues", body=body) == error_response(400, text)
    assert api.state() == before


def test_more_parallelism_than_the_plan_has_is_refused() -> None:
    api = with_queue()
    before = api.state()

    assert api.send("POST", "/v2/queues", {"queueName": "q", "parallelism": 11}) == (
        error_response(412, "quota maxParallelism exceeded, current limit: 10")
    )
    assert api.state() == before


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v2/queues/q"), ("POST", "/v2/queues/q/pause"), ("POST", "/v2/queues/q/resume")],
)
def test_a_missing_queue_is_not_found(method: str, path: str) -> None:
    api = with_queue("other")
    before = api.state()

    assert api.call(method, path) == MISSING
    assert api.state() == before


def test_the_list_takes_no_parameters() -> None:
    assert Api().call("GET", "/v2/queues?count=1") == error_response(
        400, "unknown query parameter: count"
    )
