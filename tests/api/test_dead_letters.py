"""The dead letter queue over HTTP, as far as it changes something: deleting and retrying."""

import json

import pytest

from fakestash.model.messages import PublishCommand
from tests.api.client import (
    EMPTY,
    PEER,
    SOMEBODY_ELSE,
    Api,
    Response,
    error_response,
    json_response,
)
from tests.builders import BROKEN, OK, SECOND

FIRST, SECOND_ID, THIRD = "1767225600000-0", "1767225601000-0", "1767225602000-0"
MISSING = error_response(404, f"dlq message {FIRST} not found")
SOME_MISSING = error_response(404, "some messages were not found in the dlq")


def failed(*labels: str) -> Api:
    """One dead letter per label, a second apart."""
    api = Api(*[BROKEN] * len(labels), OK)
    for label in labels:
        api.publish(("Upstash-Retries", "0"), ("Upstash-Label", label))
        api.stage.advance(SECOND)
    return api


def left(api: Api) -> list[str]:
    return [letter["label"] for letter in api.read("/v2/dlq")["messages"]]


def deleted(count: int) -> Response:
    return json_response(200, f'{{"deleted":{count}}}')


# --- deleting ------------------------------------------------------------------------------


@pytest.mark.fidelity("DELETE /v2/dlq/{dlqId}", "sdk")
@pytest.mark.parametrize("path", [f"/v2/dlq/{FIRST}", f"/V2/DLQ/{FIRST}/"])
def test_a_dead_letter_is_deleted_once(path: str) -> None:
    api = failed("a")

    assert api.call("DELETE", path) == EMPTY
    assert api.call("DELETE", path) == MISSING
    assert api.call("GET", path) == MISSING
    assert api.call("GET", "/v2/dlq") == json_response(200, '{"messages":[]}')


@pytest.mark.fidelity("DELETE /v2/dlq", "sdk")
@pytest.mark.parametrize(
    ("target", "body", "gone"),
    [
        ("/v2/dlq", b"", "abc"),
        ("/v2/dlq/", b"", "abc"),
        ("/v2/dlq", b"{}", "abc"),
        (f"/v2/dlq?dlqIds={FIRST}&dlqIds={THIRD}&dlqIds=1-0", b"", "ac"),
        (f"/v2/dlq?dlqIds={FIRST},{THIRD}", b"", "ac"),
        (f"/v2/dlq?dlqIds={FIRST}&label=b", b"", "a"),
        ("/v2/dlq", json.dumps({"dlqIds": [SECOND_ID, "x-y"]}).encode(), "b"),
        ("/v2/dlq?label=b,c", b"", "bc"),
        ("/v2/dlq?responseStatus=404", b"", ""),
        ("/v2/dlq?fromDate=1767225601000", b"", "bc"),
        ("/v2/dlq?dlqIds=1-0", b"", ""),
    ],
)
def test_dead_letters_are_deleted_by_what_is_asked_for(target: str, body: bytes, gone: str) -> None:
    api = failed("a", "b", "c")

    assert api.call("DELETE", target, body=body) == deleted(len(gone))
    assert left(api) == [label for label in "abc" if label not in gone]


@pytest.mark.fidelity("dead letters: bulk deletion by ids, filters or pages", "sdk")
def test_dead_letters_are_deleted_page_by_page() -> None:
    api = failed("a", "b", "c")

    assert api.call("DELETE", "/v2/dlq?count=2") == json_response(
        200, f'{{"cursor":"{SECOND_ID}","deleted":2}}'
    )
    assert api.call("DELETE", f"/v2/dlq?count=2&cursor={SECOND_ID}") == deleted(1)
    assert api.call("DELETE", "/v2/dlq") == deleted(0)


# --- retrying ------------------------------------------------------------------------------


@pytest.mark.fidelity("POST /v2/dlq/retry/{dlqId}", "docs")
def test_a_dead_letter_is_retried_as_a_new_message_with_its_settings() -> None:
    api = failed("a")

    response = api.call("POST", f"/v2/dlq/retry/{FIRST}")

    (message,) = api.engine.pending()
    assert response == json_response(201, f'{{"messageId":"{message.id}"}}')
    assert message.command == PublishCommand(
        "https://shop.test/hook", b"hi", retries=0, labels=("a",), caller_ip=PEER[0]
    )
    assert left(api) == []
    assert api.call("POST", f"/v2/dlq/retry/{FIRST}") == MISSING


@pytest.mark.fidelity("dead letters: headers of a retry replace settings", "docs")
def test_settings_that_come_with_a_retry_replace_the_old_ones() -> None:
    api = failed("a", "b")
    header = (("Upstash-Retries", "2"), ("Upstash-Forward-X", "1"))

    api.has("POST", f"/v2/dlq/retry/{FIRST}?upstash-delay=10s", None, *header)
    api.has("POST", "/v2/dlq/retry", None, ("Upstash-Label", "c"))

    assert [
        (one.command.retries, one.command.headers, one.command.delay, one.command.labels)
        for one in api.engine.pending()
    ] == [(2, (("X", "1"),), 10_000, ("a",)), (0, (), 0, ("c",))]


@pytest.mark.fidelity("POST /v2/dlq/retry", "sdk")
@pytest.mark.parametrize(
    ("target", "body", "retried"),
    [
        ("/v2/dlq/retry", b"", "abc"),
        ("/v2/dlq/retry/", b"", "abc"),
        (f"/v2/dlq/retry?dlqIds={FIRST}&dlqIds={THIRD}", b"", "ac"),
        ("/v2/dlq/retry", json.dumps({"dlqIds": [SECOND_ID]}).encode(), "b"),
        ("/v2/dlq/retry?label=c", b"", "c"),
        ("/v2/dlq/retry?label=x", b"", ""),
    ],
)
def test_dead_letters_are_retried_by_what_is_asked_for(
    target: str, body: bytes, retried: str
) -> None:
    api = failed("a", "b", "c")

    response = api.call("POST", target, body=body)

    responses = ",".join(f'{{"messageId":"{message_id}"}}' for message_id in api.ids())
    assert response == json_response(201, f'{{"cursor":"","responses":[{responses}]}}')
    assert [one.command.labels for one in api.engine.pending()] == [(label,) for label in retried]
    assert left(api) == [label for label in "abc" if label not in retried]


def test_dead_letters_are_retried_page_by_page() -> None:
    api = failed("a", "b", "c")

    first = api.read("/v2/dlq/retry?count=2", "POST")
    second = api.read(f"/v2/dlq/retry?cursor={first['cursor']}", "POST")

    assert (first["cursor"], len(first["responses"])) == (SECOND_ID, 2)
    assert (second["cursor"], len(second["responses"])) == ("", 1)


# --- refusals ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "target", "body", "response"),
    [
        ("DELETE", "/v2/dlq?x=1", b"", error_response(400, "unknown query parameter: x")),
        (
            "DELETE",
            "/v2/dlq?host=shop.test",
            b"",
            error_response(400, "unknown query parameter: host"),
        ),
        ("DELETE", "/v2/dlq", b"{", error_response(400, "invalid json body")),
        ("DELETE", "/v2/dlq", b"[]", error_response(400, "invalid body: expected a json object")),
        (
            "DELETE",
            "/v2/dlq",
            b'{"dlqIds":"1-0"}',
            error_response(400, 'invalid body: field "dlqIds" must be an array'),
        ),
        (
            "DELETE",
            "/v2/dlq?count=0",
            b"",
            error_response(400, 'invalid count: expected an integer between 1 and 100, got "0"'),
        ),
        ("DELETE", "/v2/dlq?cursor=x", b"", error_response(400, "invalid cursor: x")),
        ("DELETE", "/v2/dlq/x", b"", error_response(404, "dlq message x not found")),
        ("POST", "/v2/dlq/retry/x", b"", error_response(404, "dlq message x not found")),
        ("POST", "/v2/dlq/retry?x=1", b"", error_response(400, "unknown query parameter: x")),
        ("POST", "/v2/dlq/retry", b"{", error_response(400, "invalid json body")),
        ("POST", f"/v2/dlq/retry?dlqIds={FIRST}&dlqIds=1-0", b"", SOME_MISSING),
        ("POST", "/v2/dlq/retry", b'{"dlqIds":["1-0"]}', SOME_MISSING),
    ],
)
def test_a_bad_call_is_refused_and_nothing_happens(
    method: str, target: str, body: bytes, response: Response
) -> None:
    api = failed("a", "b")
    before = api.state()

    assert api.call(method, target, body=body) == response
    assert api.state() == before


@pytest.mark.parametrize("target", [f"/v2/dlq/retry/{FIRST}", "/v2/dlq/retry"])
@pytest.mark.parametrize(
    ("value", "response"),
    [
        ("x", error_response(400, 'invalid retries: expected a non-negative integer, got "x"')),
        ("6", error_response(412, "quota maxRetries exceeded, current limit: 5")),
    ],
)
def test_a_retry_with_a_bad_setting_is_refused_and_nothing_happens(
    target: str, value: str, response: Response
) -> None:
    api = failed("a", "b")
    before = api.state()

    assert api.call("POST", target, ("Upstash-Retries", value)) == response
    assert api.state() == before


def test_users_do_not_see_each_others_dead_letters() -> None:
    api = failed("a")
    before = api.state()

    assert api.call("DELETE", f"/v2/dlq/{FIRST}", token=SOMEBODY_ELSE) == MISSING
    assert api.call("POST", f"/v2/dlq/retry/{FIRST}", token=SOMEBODY_ELSE) == MISSING
    assert api.call("DELETE", "/v2/dlq", token=SOMEBODY_ELSE) == deleted(0)
    assert api.state() == before
