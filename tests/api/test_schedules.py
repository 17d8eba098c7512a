"""Schedules over HTTP."""

import json

import pytest

from tests.api.client import (
    EMPTY,
    SOMEBODY_ELSE,
    Api,
    Header,
    Response,
    error_response,
    json_response,
)
from tests.builders import MINUTE, SECOND

CRON: Header = ("Upstash-Cron", "*/10 * * * * ")
ID: Header = ("Upstash-Schedule-Id", "nightly")
TARGET = "/v2/schedules/https://shop.test/hook"
MISSING = error_response(404, "schedule nightly not found")

PLAIN = (
    '{"createdAt":1767225600000,"scheduleId":"nightly","cron":"*/10 * * * *",'
    '"destination":"https://shop.test/hook","method":"POST","header":{},"retries":3,'
    '"nextScheduleTime":1767226200000,"callerIP":"203.0.113.7","isPaused":false,"parallelism":0}'
)


def with_schedule(*header: Header, target: str = TARGET, body: bytes = b"") -> Api:
    api = Api()
    response = api.call("POST", target, CRON, ID, *header, body=body)
    assert response == json_response(200, '{"scheduleId":"nightly"}')
    return api


def test_a_schedule_is_shown_as_it_was_made() -> None:
    assert with_schedule().call("GET", "/v2/schedules/nightly") == json_response(200, PLAIN)


@pytest.mark.fidelity("GET /v2/schedules/{id}", "docs")
def test_a_schedule_is_shown_with_all_its_settings() -> None:
    api = with_schedule(
        ("Content-Type", "text/plain"),
        ("Upstash-Method", "PUT"),
        ("Upstash-Retries", "1"),
        ("Upstash-Retry-Delay", "1000 * (1 + retried)"),
        ("Upstash-Timeout", "30s"),
        ("Upstash-Delay", "1m"),
        ("Upstash-Queue-Name", "q"),
        ("Upstash-Forward-X-Y", "1"),
        ("Upstash-Callback", "https://shop.test/done"),
        ("Upstash-Callback-Forward-A", "b"),
        ("Upstash-Failure-Callback", "https://shop.test/failed"),
        ("Upstash-Flow-Control-Key", "k"),
        ("Upstash-Flow-Control-Value", "rate=5,period=1m"),
        ("Upstash-Label", "a,b"),
        body=b"hi",
    )

    assert api.call("GET", "/v2/schedules/nightly") == json_response(
        200,
        '{"createdAt":1767225600000,"scheduleId":"nightly","cron":"*/10 * * * *",'
        '"destination":"https://shop.test/hook","method":"PUT",'
        '"header":{"Content-Type":["text/plain"],"X-Y":["1"]},"body":"hi","retries":1,"delay":60,'
        '"callback":"https://shop.test/done","callbackHeader":{"A":["b"]},'
        '"failureCallback":"https://shop.test/failed","timeout":30000,"queueName":"q",'
        '"nextScheduleTime":1767226200000,"callerIP":"203.0.113.7","isPaused":false,'
        '"flowControlKey":"k","parallelism":0,"rate":5,"period":60,'
        '"retryDelayExpression":"1000 * (1 + retried)","label":"a","labels":["a","b"]}',
    )


@pytest.mark.fidelity("POST /v2/schedules/{destination}", "docs")
def test_a_schedule_without_an_id_is_given_one() -> None:
    api = Api()

    made = api.call("POST", TARGET, CRON)

    (schedule,) = api.read("/v2/schedules")
    assert schedule["scheduleId"].startswith("scd_")
    assert made == json_response(200, f'{{"scheduleId":"{schedule["scheduleId"]}"}}')


@pytest.mark.parametrize(
    ("target", "destination"),
    [
        ("/V2/Schedules/https://shop.test//x/pause", "https://shop.test//x/pause"),
        ("/v2/schedules/https://shop.test/a%2Fb?c=d", "https://shop.test/a%2Fb?c=d"),
        ("/v2/schedules/https://shop.test?upstash-retries=2", "https://shop.test"),
        ("/v2/schedules/g", "g"),
        ("/v2/schedules/g/", "g"),
        ("/v2/publish/https://shop.test/x", "https://shop.test/x"),
        ("/v2/publish/g", "g"),
    ],
)
def test_the_destination_of_a_schedule_is_the_rest_of_the_target(
    target: str, destination: str
) -> None:
    api = Api()
    api.has("POST", "/v2/topics/g/endpoints", {"endpoints": [{"url": "https://shop.test"}]})

    assert api.call("POST", target, CRON, ID) == json_response(200, '{"scheduleId":"nightly"}')
    assert [one["destination"] for one in api.read("/v2/schedules")] == [destination]
    assert api.ids() == []


@pytest.mark.fidelity("`Upstash-Cron`", "docs")
def test_cron_and_id_may_come_in_the_query() -> None:
    api = Api()
    response = api.call("POST", f"{TARGET}?upstash-cron=0+*+*+*+*&upstash-schedule-id=s")

    assert response == json_response(200, '{"scheduleId":"s"}')
    assert [one["cron"] for one in api.read("/v2/schedules")] == ["0 * * * *"]


def test_a_schedule_fires_and_shows_what_became_of_it() -> None:
    api = with_schedule(body=b"hi")
    api.stage.advance(10 * MINUTE)
    (event,) = api.read("/v2/logs?state=delivered")["events"]

    assert (event["scheduleId"], event["body"]) == ("nightly", "aGk=")
    assert api.read("/v2/schedules/nightly") == {
        **json.loads(PLAIN),
        "body": "hi",
        "lastScheduleTime": 1767226200000,
        "nextScheduleTime": 1767226800000,
        "lastScheduleStates": {event["messageId"]: "SUCCESS"},
    }


@pytest.mark.fidelity("GET /v2/schedules", "sdk")
def test_an_overwritten_schedule_keeps_nothing_but_its_age() -> None:
    api = with_schedule(("Upstash-Method", "PUT"), ("Upstash-Label", "a"), body=b"hi")
    api.stage.advance(SECOND)
    response = api.call("POST", TARGET, CRON, ID)

    assert response == json_response(200, '{"scheduleId":"nightly"}')
    assert api.call("GET", "/v2/schedules") == json_response(200, f"[{PLAIN}]")


def test_schedules_are_listed_in_order_of_creation() -> None:
    api = Api()
    for name in ("b", "a"):
        api.has("POST", TARGET, None, CRON, ("Upstash-Schedule-Id", name))

    assert [one["scheduleId"] for one in api.read("/v2/schedules/")] == ["b", "a"]
    assert api.call("GET", "/v2/schedules", token=SOMEBODY_ELSE) == json_response(200, "[]")


@pytest.mark.fidelity("PATCH /v2/schedules/{id}/pause", "sdk")
@pytest.mark.fidelity("POST /v2/schedules/{id}/pause", "docs")
@pytest.mark.fidelity("PATCH /v2/schedules/{id}/resume", "sdk")
@pytest.mark.fidelity("POST /v2/schedules/{id}/resume", "docs")
@pytest.mark.parametrize("method", ["PATCH", "POST"])
def test_a_schedule_is_paused_and_resumed(method: str) -> None:
    api = with_schedule()

    assert api.call(method, "/v2/schedules/nightly/pause") == EMPTY
    api.stage.advance(10 * MINUTE)
    assert (api.ids(), api.stage.log()) == ([], [])
    assert api.read("/v2/schedules/nightly")["isPaused"] is True
    assert api.call(method, "/v2/schedules/nightly/resume/") == EMPTY
    assert api.read("/v2/schedules/nightly")["isPaused"] is False


@pytest.mark.fidelity("DELETE /v2/schedules/{id}", "docs")
def test_a_schedule_is_deleted_also_if_it_is_not_there() -> None:
    api = with_schedule()

    assert api.call("DELETE", "/v2/schedules/nightly") == EMPTY
    assert api.call("DELETE", "/v2/schedules/nightly") == EMPTY
    assert api.call("GET", "/v2/schedules/nightly") == MISSING
    assert api.call("GET", "/v2/schedules") == json_response(200, "[]")


@pytest.mark.parametrize(
    ("method", "action"),
    [
        ("GET", ""), ("PATCH", "/pause"), ("POST", "/pause"), ("PATCH", "/resume"),
        ("POST", "/resume"),
    ],
)  # fmt: skip
def test_a_missing_schedule_is_not_found(method: str, action: str) -> None:
    api = Api()
    before = api.state()

    assert api.call(method, f"/v2/schedules/nightly{action}") == MISSING
    assert api.state() == before


def bad(text: str) -> Response:
    return error_response(400, text)


@pytest.mark.parametrize(
    ("target", "header", "response"),
    [
        (TARGET, [], bad("Invalid cron expression empty spec string")),
        (TARGET, [("Upstash-Cron", " ")], bad("Invalid cron expression empty spec string")),
        (
            TARGET,
            [("Upstash-Cron", "a b c")],
            bad("Invalid cron expression expected exactly 5 fields, found 3: [a b c]"),
        ),
        (
            TARGET,
            [("Upstash-Cron", "61 * * * *")],
            bad("Invalid cron expression end of range (61) above maximum (59): 61"),
        ),
        (
            TARGET,
            [("Upstash-Cron", "CRON_TZ=No/Where * * * * *")],
            bad(
                "Invalid cron expression provided bad location No/Where: unknown time zone No/Where"
            ),
        ),
        (
            TARGET,
            [CRON, ("Upstash-Schedule-Id", "a b")],
            bad(
                "schedule id can only contain alphanumeric characters, hyphens, periods and "
                "underscores"
            ),
        ),
        (
            TARGET,
            [CRON, ("Upstash-Retries", "x")],
            bad('invalid retries: expected a non-negative integer, got "x"'),
        ),
        (
            TARGET,
            [CRON, ("Upstash-Retries", "6")],
            error_response(412, "quota maxRetries exceeded, current limit: 5"),
        ),
        ("/v2/schedules", [CRON], bad("a non-empty destination must be provided")),
        ("/v2/schedules/", [CRON], bad("a non-empty destination must be provided")),
        (
            "/v2/schedules/shop.test/x",
            [CRON],
            bad("invalid destination url: endpoint has invalid scheme, add http:// or https://"),
        ),
        ("/v2/schedules/g", [CRON], error_response(404, "topic g not found")),
        ("/v2/publish/g", [CRON], error_response(404, "topic g not found")),
    ],
)
def test_a_bad_schedule_is_refused_and_nothing_happens(
    target: str, header: list[Header], response: Response
) -> None:
    api = with_schedule()
    before = api.state()

    assert api.call("POST", target, *header) == response
    assert api.state() == before


def test_a_delay_is_allowed_for_a_scheduled_message_of_a_queue() -> None:
    api = with_schedule(("Upstash-Queue-Name", "q"), ("Upstash-Delay", "10s"))
    api.stage.advance(10 * MINUTE)

    assert [
        (message.command.extras.queue, message.not_before - message.created_at)
        for message in api.engine.pending()
    ] == [("q", 10_000)]
