"""What the fake does differently from the service, or not at all, where no other test says so."""

import base64
import json

import pytest

from fakestash.model.outcomes import Responded
from fakestash.plans import PAYG
from tests.api.client import Api, error_response
from tests.builders import ACTIVE, OK, SECOND, Stage, timeline

HOOK = "https://shop.test/hook"


# --- destinations --------------------------------------------------------------------------


@pytest.mark.fidelity(
    "destinations: hosts that do not exist are refused",
    "measured",
    verdict="different",
    here="accepted: no name is looked up before a delivery",
)
def test_hosts_that_the_service_would_refuse_are_accepted() -> None:
    api = Api()

    for host in ("http://localhost:3000", "http://127.0.0.1", "http://[::1]:80", "http://no.such"):
        api.publish(target=f"{host}/hook")


@pytest.mark.fidelity(
    "destinations: names of this machine are refused",
    "measured",
    verdict="different",
    here="`localhost` alone is, with `strict_hosts=True`: no name is looked up",
)
def test_hosts_are_not_looked_up_however_strict_they_are_judged() -> None:
    stage = Stage(strict_hosts=True)

    stage.publish("https://no.such.host.invalid/hook")
    stage.publish("https://localhost.test")

    assert len(stage.engine.pending()) == 2


@pytest.mark.fidelity(
    "providers: `api/llm`, the vendor's own model",
    "sdk",
    verdict="missing",
    here="a 400; with `llm_target=` another URL stands in for it",
)
def test_the_language_model_of_the_service_is_not_there() -> None:
    header = ("Upstash-Callback", HOOK)

    assert Api().call("POST", "/v2/publish/api/llm", header) == error_response(
        400, "invalid destination url: api/llm is not supported"
    )


# --- what is not there ---------------------------------------------------------------------


@pytest.mark.fidelity(
    "batch: `Upstash-Cron` in an entry", "docs", verdict="missing", here="a 501 for the call"
)
def test_a_schedule_in_a_batch_refuses_the_batch() -> None:
    api = Api()
    hourly = {"destination": HOOK, "headers": {"Upstash-Cron": "@hourly"}}

    assert api.send("POST", "/v2/batch", [{"destination": HOOK}, hourly]) == error_response(
        501,
        "fakestash does not support Upstash-Cron in a batch yet: "
        "see the table of differences in its README",
    )
    assert (api.ids(), api.read("/v2/schedules")) == ([], [])


@pytest.mark.fidelity("workflows", "docs", verdict="missing", here="a 404 on their routes")
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"/v2/trigger/{HOOK}"),
        ("GET", "/v2/workflows/logs"),
        ("DELETE", "/v2/workflows/runs/wfr_1"),
        ("POST", "/v2/notify/event"),
        ("POST", "/v2/wait/event"),
    ],
)
def test_there_are_no_workflows(method: str, path: str) -> None:
    assert Api().call(method, path) == error_response(404, f"route not found: {method} {path}")


@pytest.mark.fidelity(
    "providers: chats, streamed or not", "sdk", verdict="missing", here="a 404 on their routes"
)
@pytest.mark.parametrize("path", ["/llm/v1/chat/completions", "/v1/chat/completions"])
def test_there_is_no_chat(path: str) -> None:
    assert Api().call("POST", path) == error_response(404, f"route not found: POST {path}")


@pytest.mark.fidelity("plans: bandwidth of a month", "docs", verdict="missing", here="not counted")
def test_a_month_has_no_limit_of_bytes() -> None:
    stage = Stage()
    body = b"x" * PAYG.max_message_size
    messages = 50 * 2**30 // len(body) + 1

    for _ in range(messages):
        stage.publish(body=body)

    assert len(stage.engine.pending()) == messages == 5_121


# --- time ----------------------------------------------------------------------------------


@pytest.mark.fidelity(
    "retries: dates in `Retry-After`",
    "docs",
    verdict="different",
    here="compared with the fake's clock; seconds are safer on a virtual one",
)
def test_a_date_in_retry_after_is_read_on_the_clock_of_the_fake() -> None:
    stage = Stage(Responded(503, (("Retry-After", "Thu, 01 Jan 2026 00:00:30 GMT"),)), OK)
    message = stage.publish()

    stage.advance(30 * SECOND)

    assert [offset for offset, state in timeline(message) if state is ACTIVE] == [0, 30 * SECOND]


@pytest.mark.fidelity(
    "queues: a pause may take a minute",
    "docs",
    verdict="different",
    here="at once, as the end of a pause",
)
def test_a_queue_is_paused_at_once() -> None:
    api = Api()
    api.has("POST", f"/v2/enqueue/q/{HOOK}")

    api.has("POST", "/v2/queues/q/pause")
    api.stage.advance(60 * SECOND)

    assert [entry.state for entry in api.stage.log()] == ["CREATED"]


@pytest.mark.fidelity(
    "schedules: active a minute after their creation at the latest",
    "docs",
    verdict="different",
    here="at once",
)
def test_a_schedule_is_active_at_once() -> None:
    api = Api()
    api.stage.advance(59 * SECOND)

    api.has("POST", f"/v2/schedules/{HOOK}", None, ("Upstash-Cron", "* * * * *"))
    api.stage.advance(SECOND)

    assert [entry.state for entry in api.stage.log()] == ["CREATED", "ACTIVE", "DELIVERED"]


@pytest.mark.fidelity(
    "deliveries: each takes the time that its answer takes",
    "measured",
    verdict="different",
    here="none on a virtual clock, unless a scripted answer says `took=`",
)
def test_a_delivery_takes_no_time_unless_it_is_said_how_much() -> None:
    api = Api(OK, Responded(200, took=40))
    for _ in range(2):
        api.publish()
        api.stage.advance(SECOND)

    assert [event["duration"] for event in api.read("/v2/logs?state=delivered")["events"]] == [
        40,
        0,
    ]


# --- users ---------------------------------------------------------------------------------


@pytest.mark.fidelity(
    "token: one of another region is a 404",
    "reported",
    verdict="different",
    here="a 401, as for any unknown token: there is one region",
)
def test_a_token_of_another_region_is_as_unknown_as_any() -> None:
    token = base64.b64encode(json.dumps({"UserID": "elsewhere", "Password": "x"}).encode()).decode()

    assert Api().call("GET", "/v2/keys", token=("Authorization", f"Bearer {token}")) == (
        error_response(401, "unable to authenticate: invalid token")
    )
