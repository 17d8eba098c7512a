"""Batches over HTTP."""

import json

import pytest

from tests.api.client import PEER, Api, error_response, json_response

HOOK = "https://shop.test/hook"


def with_group(*urls: str) -> Api:
    api = Api()
    endpoints = [{"url": url} for url in urls or ("https://a.test", "https://b.test")]
    api.has("POST", "/v2/topics/g/endpoints", {"endpoints": endpoints})
    return api


@pytest.mark.parametrize("path", ["/v2/batch", "/v2/batch/", "/V2/Batch"])
def test_one_entry_is_answered_in_an_array_too(path: str) -> None:
    api = Api()

    response = api.send("POST", path, [{"destination": HOOK}])

    (message_id,) = api.ids()
    assert response == json_response(201, f'[{{"messageId":"{message_id}"}}]')


def test_no_entry_is_answered_with_an_empty_array() -> None:
    assert Api().send("POST", "/v2/batch", []) == json_response(201, "[]")


@pytest.mark.fidelity("POST /v2/batch", "sdk")
def test_every_entry_has_its_element_in_order_and_a_group_an_array() -> None:
    api = with_group()
    dedup = {"Upstash-Deduplication-Id": "x"}

    response = api.send(
        "POST",
        "/v2/batch",
        [
            {"destination": HOOK, "headers": dedup, "body": "first"},
            {"destination": "g", "queue": "q"},
            {"destination": "missing"},
            {"destination": HOOK, "headers": dedup, "body": "second", "queue": None},
            {"destination": HOOK, "body": None, "queue": ""},
            {"destination": HOOK, "body": "x" * 10_485_761},
        ],
    )

    first, one, two, last = api.ids()
    assert response == json_response(
        201,
        f'[{{"messageId":"{first}"}},'
        f'[{{"messageId":"{one}","url":"https://a.test"}},'
        f'{{"messageId":"{two}","url":"https://b.test"}}],'
        '{"error":"topic missing not found"},'
        f'{{"messageId":"{first}","deduplicated":true}},'
        f'{{"messageId":"{last}"}},'
        '{"error":"quota maxMessageSize exceeded, current limit: 10485760"}]',
    )
    commands = [message.command for message in api.engine.pending()]
    assert [(command.body, command.extras.queue) for command in commands] == [
        (b"first", None),
        (b"", "q"),
        (b"", "q"),
        (b"", None),
    ]


def test_duplicates_alone_do_not_change_the_status_of_a_batch() -> None:
    api = with_group()
    entry = {"destination": "g", "headers": {"upstash-deduplication-id": "x"}}
    api.has("POST", "/v2/batch", [entry])

    response = api.send("POST", "/v2/batch", [entry])

    first, second = api.ids()
    assert response == json_response(
        201,
        f'[[{{"messageId":"{first}","url":"https://a.test","deduplicated":true}},'
        f'{{"messageId":"{second}","url":"https://b.test","deduplicated":true}}]]',
    )


def test_headers_may_be_arrays_and_those_of_the_call_do_not_count() -> None:
    api = Api()
    entry = {
        "destination": f"{HOOK}?a=b",
        "headers": {"upstash-RETRIES": ["1"], "Upstash-Forward-X": "y", "Content-Type": "text/x"},
        "body": "grün",
    }

    response = api.send(
        "POST", "/v2/batch", [entry], ("Upstash-Delay", "1h"), ("Upstash-Retries", "x")
    )

    (message,) = api.engine.pending()
    command = message.command
    assert response.status == 201
    assert (command.url, command.retries, command.delay) == (f"{HOOK}?a=b", 1, 0)
    assert sorted(command.headers) == [("Content-Type", "text/x"), ("X", "y")]
    assert (command.body, command.caller_ip) == ("grün".encode(), PEER[0])


def test_a_group_in_a_batch_has_its_default_headers() -> None:
    api = with_group("https://a.test")
    api.has("PATCH", "/v2/topics/g", {"headers": {"Upstash-Retries": "1", "Upstash-Delay": "1m"}})

    api.has("POST", "/v2/batch", [{"destination": "g", "headers": {"Upstash-Delay": "2m"}}])

    assert [(one.command.retries, one.command.delay) for one in api.engine.pending()] == [
        (1, 120_000)
    ]


GOOD = {"destination": HOOK}
SCHEME = "invalid destination url: endpoint has invalid scheme, add http:// or https://"


@pytest.mark.fidelity("batch: one bad entry refuses the call", "reported")
@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        (b"", 400, "invalid json body"),
        (b"[", 400, "invalid json body"),
        (b"\xff", 400, "invalid json body"),
        (b"[" * 100_000, 400, "invalid json body"),
        (b"{}", 400, "invalid body: expected a json array"),
        (b"null", 400, "invalid body: expected a json array"),
        ([GOOD, 1], 400, "invalid body: expected a json object"),
        ([GOOD, {}], 400, 'invalid body: field "destination" is required'),
        ([GOOD, {"destination": 1}], 400, 'invalid body: field "destination" must be a string'),
        ([GOOD, {"destination": ""}], 400, "a non-empty destination must be provided"),
        ([GOOD, {"destination": "a.test/x"}], 400, SCHEME),
        ([GOOD, {**GOOD, "body": 1}], 400, 'invalid body: field "body" must be a string'),
        ([GOOD, {**GOOD, "queue": 1}], 400, 'invalid body: field "queue" must be a string'),
        ([GOOD, {**GOOD, "headers": []}], 400, 'invalid body: field "headers" must be an object'),
        (
            [GOOD, {**GOOD, "headers": {"Upstash-Retries": "x"}}],
            400,
            'invalid retries: expected a non-negative integer, got "x"',
        ),
        (
            [GOOD, {**GOOD, "headers": {"Upstash-Delay": "1m"}, "queue": "q"}],
            400,
            "delay is not supported for queues",
        ),
        (
            [GOOD, {**GOOD, "queue": "a b"}],
            400,
            "queue name can only contain alphanumeric characters, hyphens, periods and underscores",
        ),
        (
            [GOOD, {**GOOD, "headers": {"Upstash-Delay": "366d"}}],
            412,
            "quota maxDelay exceeded, current limit: 31536000",
        ),
    ],
)
def test_a_bad_batch_is_refused_as_a_whole_and_nothing_happens(
    body: object, status: int, text: str
) -> None:
    api = with_group()
    before = api.state()
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()

    assert api.call("POST", "/v2/batch", body=sent) == error_response(status, text)
    assert api.state() == before


def test_api_llm_goes_to_its_target_in_a_batch_too() -> None:
    api = Api(llm_target="https://llm.test/v1")
    entry = {"destination": "api/llm", "headers": {"Upstash-Callback": HOOK}}

    assert api.send("POST", "/v2/batch", [entry]).status == 201
    assert [message.command.url for message in api.engine.pending()] == ["https://llm.test/v1"]
