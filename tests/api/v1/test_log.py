"""The log in its two forms, and what the account is told about itself."""

import pytest

from fakestash.ids import message_id_of, task_id_of
from fakestash.plans import FREE, PAYG, PRO, Plan
from tests.api.client import SOMEBODY_ELSE, Api, json_response
from tests.api.v1.client import URL, publish, task_ids
from tests.builders import BROKEN, OK, START


@pytest.mark.fidelity(
    "version 1: a retry in the log",
    "assumed",
    verdict="approximate",
    here="`error`, then `planned` with its instant",
)
@pytest.mark.fidelity("GET /v1/logs", "sdk")
def test_the_log_tells_all_that_happened_newest_first() -> None:
    api = Api(BROKEN, OK)
    message_id = publish(api, URL)
    (task_id,) = task_ids(api, message_id)
    api.stage.advance(12_000)
    ids = f'"messageId":"{message_id}","taskId":"{task_id}"'

    def line(offset: int, state: str, more: str = "") -> str:
        return f'{{"time":{START + offset},"state":"{state}",{ids}{more}}}'

    again = f',"nextScheduledAt":{START + 12_000}'
    lines = (
        line(12_000, "delivered"),
        line(12_000, "active"),
        line(0, "planned", again),
        line(0, "error", ',"error":"HTTP status 500"'),
        line(0, "active"),
        line(0, "created", f',"nextScheduledAt":{START}'),
    )
    whole = json_response(200, f'{{"logs":[{",".join(lines)}]}}')
    for path in ("logs", f"messages/{message_id}/logs", f"tasks/{task_id}/logs"):
        assert api.call("GET", f"/v1/{path}") == whole
    assert api.call("GET", f"/v1/logs?cursor={START + 12_000}") == json_response(
        200, f'{{"logs":[{",".join(lines[2:])}]}}'
    )
    assert api.call("GET", "/v1/logs", token=SOMEBODY_ELSE) == json_response(200, '{"logs":[]}')


@pytest.mark.fidelity("GET /v1/events", "docs")
def test_events_tell_the_same_with_ids_of_their_own() -> None:
    api = Api(BROKEN, OK)
    message_id = publish(api, URL)
    (task_id,) = task_ids(api, message_id)
    api.stage.advance(12_000)

    def event(row_id: str, state: str, more: str = "", error: str = "") -> str:
        time = row_id.partition("-")[0]
        return (
            f'{{"id":"{row_id}","time":{time},"messageId":"{message_id}"{more},"state":"{state}",'
            f'"taskId":"{task_id}","url":"{URL}"{error}}}'
        )

    lines = (
        event(f"{START + 12_000}-1", "delivered"),
        event(f"{START + 12_000}-0", "active"),
        event(f"{START}-3", "planned", f',"nextDeliveryTime":{START + 12_000}'),
        event(f"{START}-2", "error", error=',"error":"HTTP status 500"'),
        event(f"{START}-1", "active"),
        event(f"{START}-0", "created", f',"nextDeliveryTime":{START}'),
    )
    assert api.call("GET", "/v1/events") == json_response(
        200, f'{{"cursor":"","events":[{",".join(lines)}]}}'
    )
    assert api.call("GET", f"/v1/events?cursor={START}-3") == json_response(
        200, f'{{"cursor":"","events":[{",".join(lines[3:])}]}}'
    )


def test_a_page_of_events_has_a_hundred_and_its_cursor_leads_on_within_an_instant() -> None:
    api = Api()
    for _ in range(150):
        publish(api, URL)

    first = api.read("/v1/events")
    second = api.read(f"/v1/events?cursor={first['cursor']}")

    assert list(first) == ["cursor", "events"]
    assert first["cursor"] == first["events"][-1]["id"] == f"{START}-50"
    assert [len(first["events"]), len(second["events"]), second["cursor"]] == [100, 50, ""]


def test_logs_have_a_cursor_in_milliseconds() -> None:
    api = Api()
    for _ in range(60):
        publish(api, URL)
        api.stage.advance(1)

    first = api.read("/v1/logs")
    second = api.read(f"/v1/logs?cursor={first['cursor']}")

    # Three lines an instant: the page ends where the 34th does.
    assert (first["cursor"], len(first["logs"])) == (START + 26, 102)
    assert (list(second), len(second["logs"])) == (["logs"], 78)
    assert second["logs"][0]["time"] == START + 25


@pytest.mark.fidelity(
    "version 1: a cancellation in the log",
    "assumed",
    verdict="approximate",
    here="`canceled` twice: when it is asked for, and when it happens",
)
def test_a_cancellation_is_told_when_it_is_asked_for_and_when_it_happens() -> None:
    api = Api()
    message_id = publish(api, URL, ("Upstash-Delay", "5s"))
    api.stage.advance(1000)
    api.has("DELETE", f"/v1/messages/{message_id}")
    api.stage.advance(10_000)

    assert [(row["state"], row["time"] - START) for row in api.read("/v1/logs")["logs"]] == [
        ("canceled", 5000),
        ("canceled", 1000),
        ("created", 0),
    ]


def test_both_versions_tell_of_the_same_happenings() -> None:
    api = Api(BROKEN, OK)
    publish(api, URL)
    made_by_v2 = api.publish()
    api.stage.advance(12_000)

    old, new = api.read("/v1/events")["events"], api.read("/v2/events")["events"]

    assert [(row["time"], message_id_of(row["taskId"])) for row in old] == [
        (row["time"], row["messageId"]) for row in new
    ]
    assert {row["messageId"] for row in old if row["taskId"] == task_id_of(made_by_v2)} == {
        made_by_v2
    }


# --- the account ---------------------------------------------------------------------------


@pytest.mark.fidelity("GET /v1/quota", "docs")
@pytest.mark.parametrize(
    ("plan", "shown"),
    [
        (
            FREE,
            (
                '{"maxTopics":1,"maxEndpointsPerTopic":100,"maxMessageSize":1048576,"maxRetries":5,'
                '"maxSchedules":10,"maxRequestsPerDay":1000,"retention":259200,"timeout":900,'
                '"maxDelay":604800}'
            ),
        ),
        (
            PAYG,
            (
                '{"maxTopics":100,"maxEndpointsPerTopic":100,"maxMessageSize":10485760,'
                '"maxRetries":5,"maxSchedules":0,"maxRequestsPerDay":0,"retention":604800,'
                '"timeout":7200,"maxDelay":31536000}'
            ),
        ),
        (
            PRO,
            (
                '{"maxTopics":1000,"maxEndpointsPerTopic":1000,"maxMessageSize":52428800,'
                '"maxRetries":999,"maxSchedules":0,"maxRequestsPerDay":0,"retention":1209600,'
                '"timeout":21600,"maxDelay":0}'
            ),
        ),
    ],
)
def test_the_quota_is_that_of_the_plan(plan: Plan, shown: str) -> None:
    assert Api(plan=plan).call("GET", "/v1/quota") == json_response(200, shown)


@pytest.mark.fidelity(
    "GET /v1/keys",
    "docs",
    verdict="different",
    here="a 200, as in version 2; the documents show a 202",
)
@pytest.mark.fidelity(
    "POST /v1/keys/rotate",
    "docs",
    verdict="different",
    here="a 200, as in version 2; the documents show a 202",
)
def test_the_signing_keys_are_those_of_version_2_and_can_be_rotated() -> None:
    api = Api()
    before = api.call("GET", "/v1/keys")
    assert before == api.call("GET", "/v2/keys")

    rotated = api.call("POST", "/v1/keys/rotate")

    assert rotated == api.call("GET", "/v1/keys") == api.call("GET", "/v2/keys")
    assert rotated.body.startswith('{"current":"sig_5ZB6DVzB1wjE8S6rZ7eenA8Pdnhs","next":"sig_')
