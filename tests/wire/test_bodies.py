"""The JSON bodies that manage queues and URL groups."""

import json
from collections.abc import Callable

import pytest

from fakestash.errors import ServiceError
from fakestash.model.resources import Endpoint, EndpointRef
from fakestash.wire.bodies import (
    QueueBody,
    ids_in_body,
    read_default_headers,
    read_endpoint_refs,
    read_endpoints,
    read_queue,
)


def refusal(read: Callable[[bytes], object], value: object) -> tuple[int, str]:
    with pytest.raises(ServiceError) as refused:
        read(json.dumps(value).encode())
    return refused.value.status, refused.value.text


def bad(text: str) -> tuple[int, str]:
    return 400, f"invalid body: {text}"


NAME_RULE = (
    400,
    "queue name can only contain alphanumeric characters, hyphens, periods and underscores",
)


@pytest.mark.parametrize(
    "read",
    [
        read_queue,
        read_endpoints,
        read_endpoint_refs,
        read_default_headers,
        lambda body: ids_in_body(body, "ids"),
    ],
)
def test_every_body_is_an_object(read: Callable[[bytes], object]) -> None:
    assert refusal(read, []) == bad("expected a json object")
    with pytest.raises(ServiceError, match="invalid json body"):
        read(b"{")


# --- queues ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"queueName": "a.B-1_"}, QueueBody("a.B-1_", 1, False)),
        ({"queueName": "q", "parallelism": 5, "paused": True}, QueueBody("q", 5, True)),
        ({"queueName": "q", "parallelism": None, "paused": None}, QueueBody("q", 1, False)),
        ({"queueName": "q", "paused": False, "lag": "x"}, QueueBody("q", 1, False)),
    ],
)
def test_a_queue(value: object, found: QueueBody) -> None:
    assert read_queue(json.dumps(value).encode()) == found


@pytest.mark.parametrize(
    ("value", "refused"),
    [
        ({}, bad('field "queueName" is required')),
        ({"queueName": None}, bad('field "queueName" is required')),
        ({"queueName": 1}, bad('field "queueName" must be a string')),
        ({"queueName": ""}, NAME_RULE),
        ({"queueName": "my queue"}, NAME_RULE),
        (
            {"queueName": "q", "parallelism": "1"},
            bad('field "parallelism" must be an integer'),
        ),
        (
            {"queueName": "q", "parallelism": True},
            bad('field "parallelism" must be an integer'),
        ),
        (
            {"queueName": "q", "parallelism": 1.0},
            bad('field "parallelism" must be an integer'),
        ),
        (
            {"queueName": "q", "parallelism": 0},
            bad('field "parallelism" must be greater than 0'),
        ),
        (
            {"queueName": "q", "parallelism": -1},
            bad('field "parallelism" must be greater than 0'),
        ),
        ({"queueName": "q", "paused": 1}, bad('field "paused" must be a boolean')),
    ],
)
def test_a_bad_queue_is_refused(value: object, refused: tuple[int, str]) -> None:
    assert refusal(read_queue, value) == refused


# --- endpoints -------------------------------------------------------------------------------


def test_endpoints_to_add() -> None:
    value = {
        "endpoints": [
            {"url": "https://a.test/x?upstash-retries=1", "name": "ä b"},
            {"url": "HTTP://b.test", "name": ""},
            {"url": "https://a.test", "name": None, "other": 1},
        ]
    }

    assert read_endpoints(json.dumps(value).encode()) == (
        Endpoint("https://a.test/x?upstash-retries=1", "ä b"),
        Endpoint("HTTP://b.test"),
        Endpoint("https://a.test"),
    )


def test_endpoints_to_remove() -> None:
    value = {
        "endpoints": [
            {"name": "a"},
            {"url": "anything"},
            {"name": "b", "url": "https://b.test"},
            {"name": "", "url": "c"},
        ]
    }

    assert read_endpoint_refs(json.dumps(value).encode()) == (
        EndpointRef("a"),
        EndpointRef(url="anything"),
        EndpointRef("b", "https://b.test"),
        EndpointRef(url="c"),
    )


@pytest.mark.parametrize("read", [read_endpoints, read_endpoint_refs])
@pytest.mark.parametrize(
    ("value", "refused"),
    [
        ({}, bad('field "endpoints" is required')),
        ({"endpoints": None}, bad('field "endpoints" is required')),
        ({"endpoints": {}}, bad('field "endpoints" must be an array')),
        ({"endpoints": []}, bad('field "endpoints" must not be empty')),
        ({"endpoints": ["a"]}, bad('field "endpoints" must be an array of objects')),
        ({"endpoints": [{"url": 1}]}, bad('field "url" must be a string')),
        (
            {"endpoints": [{"url": "https://a.test", "name": 1}]},
            bad('field "name" must be a string'),
        ),
    ],
)
def test_bad_endpoints_are_refused(
    read: Callable[[bytes], object], value: object, refused: tuple[int, str]
) -> None:
    assert refusal(read, value) == refused


INVALID_SCHEME = "invalid destination url: endpoint has invalid scheme, add http:// or https://"


@pytest.mark.parametrize(
    ("endpoint", "refused"),
    [
        ({"name": "a"}, bad('field "url" is required')),
        ({"url": ""}, (400, "a non-empty destination must be provided")),
        ({"url": "my-group"}, (400, INVALID_SCHEME)),
        ({"url": "api/llm"}, (400, INVALID_SCHEME)),
        (
            {"url": "https://a b"},
            (400, 'invalid destination url: cannot parse url "https://a b"'),
        ),
    ],
)
def test_an_endpoint_to_add_has_a_url_like_a_destination(
    endpoint: object, refused: tuple[int, str]
) -> None:
    good = {"url": "https://a.test"}

    assert refusal(read_endpoints, {"endpoints": [good, endpoint]}) == refused


@pytest.mark.parametrize("endpoint", [{}, {"name": "", "url": None}, {"other": "x"}])
def test_an_endpoint_to_remove_has_a_name_or_a_url(endpoint: object) -> None:
    assert refusal(read_endpoint_refs, {"endpoints": [{"name": "a"}, endpoint]}) == bad(
        'field "endpoints" must have a name or a url each'
    )


# --- default headers -------------------------------------------------------------------------


def test_default_headers_are_kept_as_given() -> None:
    body = b'{"headers":{"upstash-RETRIES":"3","Upstash-Header-Forward":["true",""],"X":[]}}'

    assert read_default_headers(body) == (
        ("upstash-RETRIES", ("3",)),
        ("Upstash-Header-Forward", ("true", "")),
        ("X", ()),
    )
    assert read_default_headers(b'{"headers":{}}') == ()


@pytest.mark.parametrize(
    ("value", "refused"),
    [
        ({}, bad('field "headers" is required')),
        ({"headers": None}, bad('field "headers" is required')),
        ({"headers": []}, bad('field "headers" must be an object')),
        ({"headers": {"A": 3}}, bad('field "A" must be a string')),
    ],
)
def test_bad_default_headers_are_refused(value: object, refused: tuple[int, str]) -> None:
    assert refusal(read_default_headers, value) == refused


# --- ids -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "ids"),
    [
        (b"", ()),
        (b"{}", ()),
        (b'{"ids":null}', ()),
        (b'{"ids":[]}', ()),
        (b'{"ids":["b","a","b"]}', ("b", "a", "b")),
    ],
)
def test_ids_of_a_bulk_call(body: bytes, ids: tuple[str, ...]) -> None:
    assert ids_in_body(body, "ids") == ids


@pytest.mark.parametrize(
    ("value", "refused"),
    [
        ({"ids": "a"}, bad('field "ids" must be an array')),
        ({"ids": [1]}, bad('field "ids" must be a string')),
        ({"ids": ["a"], "queueName": "q"}, bad('field "queueName" is unknown')),
    ],
)
def test_bad_ids_of_a_bulk_call_are_refused(value: object, refused: tuple[int, str]) -> None:
    assert refusal(lambda body: ids_in_body(body, "ids"), value) == refused
