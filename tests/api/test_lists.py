"""The log, the dead letter queue and the keys over HTTP."""

import json
from typing import Any

import pytest

from tests.api.client import EMPTY, Api, error_response, json_response
from tests.builders import BROKEN, SECOND


def body_of(api: Api, target: str) -> dict[str, Any]:
    response = api.call("GET", target)
    assert response.status == 200, response
    found: dict[str, Any] = json.loads(response.body)
    return found


def states(api: Api, query: str) -> list[str]:
    return [event["state"] for event in body_of(api, f"/v2/logs?{query}")["events"]]


# --- log -----------------------------------------------------------------------------------


@pytest.mark.fidelity("GET /v2/logs", "measured")
@pytest.mark.fidelity("GET /v2/events", "sdk")
@pytest.mark.parametrize("path", ["/v2/events", "/v2/logs", "/v2/Logs/"])
def test_the_log_is_the_same_on_both_paths(path: str) -> None:
    api = Api()
    message_id = api.publish()

    assert api.call("GET", path) == json_response(
        200,
        f'{{"events":[{{"time":1767225600000,"messageId":"{message_id}","state":"CREATED",'
        '"nextDeliveryTime":1767225600000,"url":"https://shop.test/hook","header":{},'
        '"body":"aGk=","method":"POST","maxRetries":3,"callerIp":"203.0.113.7",'
        '"host":"shop.test","path":"/hook"}]}',
    )


def test_an_empty_log_is_an_empty_array() -> None:
    assert Api().call("GET", "/v2/logs") == json_response(200, '{"events":[]}')


def test_the_log_is_read_page_by_page() -> None:
    api = Api()
    api.publish()
    api.stage.advance(SECOND)

    first = body_of(api, "/v2/logs?count=2")
    second = body_of(api, f"/v2/logs?count=2&cursor={first['cursor']}")

    assert [event["state"] for event in first["events"]] == ["DELIVERED", "ACTIVE"]
    assert [event["state"] for event in second["events"]] == ["CREATED"]
    assert "cursor" not in second


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("order=earliestFirst", ["CREATED", "ACTIVE", "ERROR", "RETRY"]),
        ("", ["RETRY", "ERROR", "ACTIVE", "CREATED"]),
        ("state=IN_PROGRESS", ["RETRY", "ERROR", "ACTIVE"]),
        ("state=created&state=error", ["ERROR", "CREATED"]),
        ("state=created&label=b", ["CREATED"]),
        ("state=created&label=c", []),
        ("state=created&host=SHOP.test", ["CREATED"]),
        ("state=created&host=shop.test:8080", ["CREATED"]),
        ("state=created&host=shop.test:80", []),
        ("state=created&path=/", ["CREATED"]),
        ("state=created&path=/x", []),
        ("state=created&url=http://Shop.test:8080", ["CREATED"]),
        ("state=created&url=http://shop.test", []),
        ("state=created&callerIp=203.0.113.7", ["CREATED"]),
        ("state=created&callerIp=1.1.1.1", []),
        ("state=created&messageId=msg_x", []),
        ("state=created&messageIds=msg_x,msg_y", []),
        ("state=created&queueName=q", []),
        ("state=created&queueName=&api=llm", ["CREATED"]),
        ("state=created&fromDate=1767225600000&toDate=1767225600000", ["CREATED"]),
        ("fromDate=1767225600001", []),
        ("toDate=1767225599999", []),
    ],
)
def test_the_log_is_filtered(query: str, found: list[str]) -> None:
    api = Api(BROKEN)
    api.publish(("Upstash-Label", "a,b"), target="http://Shop.test:8080")
    api.stage.advance(1)

    assert states(api, query) == found


def test_the_log_of_one_message() -> None:
    api = Api()
    first, second = api.publish(), api.publish()

    for query in (f"messageId={first}", f"messageIds={first}&messageIds=msg_x"):
        events = body_of(api, f"/v2/logs?{query}")["events"]
        assert [event["messageId"] for event in events] == [first]
    both = body_of(api, f"/v2/logs?messageIds={first},{second}")["events"]
    assert [event["messageId"] for event in both] == [second, first]


@pytest.mark.fidelity("log: `groupBy=messageId`", "sdk")
def test_the_log_may_be_asked_for_by_message() -> None:
    api = Api()
    first, second = api.publish(("Upstash-Delay", "1h")), api.publish()
    api.stage.advance(0)

    grouped = body_of(api, "/v2/logs?groupBy=messageId&count=1")

    assert list(grouped) == ["cursor", "messages"]
    assert [
        (message["messageId"], [event["state"] for event in message["events"]])
        for message in grouped["messages"]
    ] == [(second, ["DELIVERED", "ACTIVE", "CREATED"])]
    rest = body_of(api, f"/v2/events?groupBy=messageId&cursor={grouped['cursor']}")
    assert [message["messageId"] for message in rest["messages"]] == [first]
    assert "cursor" not in rest


@pytest.mark.fidelity("log: `trimBody`", "sdk")
@pytest.mark.parametrize(
    ("trim", "shown"), [("-1", {}), ("0", {}), ("1", {"body": "aA=="}), ("9", {"body": "aGk="})]
)
def test_bodies_in_the_log_may_be_cut(trim: str, shown: dict[str, str]) -> None:
    api = Api()
    api.publish()

    (event,) = body_of(api, f"/v2/logs?trimBody={trim}")["events"]
    ((grouped,),) = (
        message["events"]
        for message in body_of(api, f"/v2/logs?groupBy=messageId&trimBody={trim}")["messages"]
    )

    assert {key: event[key] for key in event if key == "body"} == shown
    assert grouped == event


# --- dead letter queue ---------------------------------------------------------------------


def failed(*labels: str) -> Api:
    api = Api(BROKEN)
    for label in labels:
        api.publish(("Upstash-Retries", "0"), ("Upstash-Label", label))
        api.stage.advance(SECOND)
    return api


@pytest.mark.fidelity("GET /v2/dlq", "sdk")
def test_dead_letters_are_listed_from_the_first_on() -> None:
    api = failed("a", "b", "c")

    first = body_of(api, "/v2/dlq?count=2")
    second = body_of(api, f"/v2/dlq/?count=2&cursor={first['cursor']}")

    assert [letter["label"] for letter in first["messages"]] == ["a", "b"]
    assert list(first) == ["messages", "cursor"]
    assert [letter["label"] for letter in second["messages"]] == ["c"]
    assert list(second) == ["messages"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("order=latestFirst", ["b", "a"]),
        ("dlqIds=1767225601000-0", ["b"]),
        ("dlqIds=1767225600000-0&dlqIds=1767225601000-0", ["a", "b"]),
        ("responseStatus=500", ["a", "b"]),
        ("responseStatus=404", []),
        ("label=b,c", ["b"]),
        ("fromDate=1767225601000", ["b"]),
        ("toDate=1767225600999", ["a"]),
        ("topicName=g", []),
        ("flowControlKey=&scheduleId=", ["a", "b"]),
    ],
)
def test_dead_letters_are_filtered(query: str, found: list[str]) -> None:
    letters = body_of(failed("a", "b"), f"/v2/dlq?{query}")["messages"]

    assert [letter["label"] for letter in letters] == found


@pytest.mark.fidelity("GET /v2/dlq/{dlqId}", "docs")
def test_a_dead_letter_is_shown_alone_as_in_the_list() -> None:
    api = failed("a")
    listed = api.call("GET", "/v2/dlq").body

    alone = api.call("GET", "/v2/dlq/1767225600000-0")

    assert alone == json_response(200, listed.removeprefix('{"messages":[').removesuffix("]}"))


def test_a_dead_letter_is_deleted_once() -> None:
    api = failed("a")
    missing = error_response(404, "dlq message 1767225600000-0 not found")

    assert api.call("DELETE", "/v2/dlq/1767225600000-0") == EMPTY
    assert api.call("DELETE", "/v2/dlq/1767225600000-0") == missing
    assert api.call("GET", "/v2/dlq/1767225600000-0") == missing
    assert api.call("GET", "/v2/dlq") == json_response(200, '{"messages":[]}')


# --- bad questions -------------------------------------------------------------------------


@pytest.mark.fidelity("lists: unknown query parameters are refused", "sdk")
@pytest.mark.parametrize("path", ["/v2/logs", "/v2/events", "/v2/dlq"])
@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("x=1", "unknown query parameter: x"),
        ("order=x", "invalid order: x"),
        ("cursor=x", "invalid cursor: x"),
        ("cursor=1-%22", 'invalid cursor: 1-"'),
        ("fromDate=x", 'invalid fromDate: expected an integer, got "x"'),
    ],
)
def test_a_bad_question_is_refused_and_nothing_happens(path: str, query: str, text: str) -> None:
    api = failed("a")
    before = api.state()

    assert api.call("GET", f"{path}?{query}") == error_response(400, text)
    assert api.state() == before


# --- keys ----------------------------------------------------------------------------------


@pytest.mark.fidelity("POST /v2/keys/rotate", "docs")
def test_keys_rotate() -> None:
    api = Api()
    rotated = api.call("POST", "/v2/keys/rotate")
    keys = json.loads(rotated.body)

    assert list(keys) == ["current", "next"]
    assert keys["current"] == "sig_5ZB6DVzB1wjE8S6rZ7eenA8Pdnhs"
    assert keys["next"].startswith("sig_")
    assert rotated == api.call("GET", "/v2/keys")
    assert rotated.status == 200


def test_a_refused_rotation_leaves_the_keys() -> None:
    api = Api()
    before = api.state()

    assert api.call("GET", "/v2/keys/rotate") == error_response(
        405, "method not allowed: GET /v2/keys/rotate", ("allow", "POST")
    )
    assert api.state() == before
