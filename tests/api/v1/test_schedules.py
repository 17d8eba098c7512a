"""Schedules, which are publishes that repeat themselves."""

import json

import pytest

from tests.api.client import SOMEBODY_ELSE, Api, error_response, json_response
from tests.api.v1.client import ACCEPTED, URL, by_place, publish, topic
from tests.builders import DAY, HOUR, START, USER

ONE, TWO = "https://one.test/a", "https://two.test/b"

DAILY = ("Upstash-Cron", "0 0 * * *")
NO_SCHEDULE = error_response(404, "schedule s not found")


def own(schedule_id: str) -> tuple[str, str]:
    return ("Upstash-Schedule-Id", schedule_id)


@pytest.mark.fidelity("GET /v1/schedules", "docs")
def test_a_publish_with_a_cron_expression_makes_a_schedule_and_no_message() -> None:
    api = Api()

    response = api.call("POST", f"/v1/publish/{URL}", ("Upstash-Cron", " 0 0 * * * "), body=b"hi")

    (schedule,) = api.engine.schedules.list(USER)
    shown = (
        f'{{"scheduleId":"{schedule.id}","cron":"0 0 * * *","createdAt":{START},'
        '"content":{"header":{},"body":"aGk="},'
        f'"destination":{{"type":"url","url":"{URL}"}},"settings":{{"retries":5}}}}'
    )
    assert response == json_response(201, f'{{"scheduleId":"{schedule.id}"}}')
    assert (schedule.id[:4], len(schedule.id)) == ("scd_", 32)
    assert api.call("GET", f"/v1/schedules/{schedule.id}") == json_response(200, shown)
    assert api.call("GET", "/v1/schedules") == json_response(200, f"[{shown}]")
    assert api.call("GET", "/v1/schedules", token=SOMEBODY_ELSE) == json_response(200, "[]")
    assert api.ids() == []


@pytest.mark.fidelity("GET /v1/schedules/{id}", "docs")
def test_a_schedule_for_a_topic_with_all_that_can_be_shown() -> None:
    api = Api()
    topic_id = topic(api, "a", ONE)
    (endpoint,) = api.read("/v1/endpoints")
    settings = (
        *(DAILY, own("s"), ("Content-Type", "text/plain"), ("Upstash-Retries", "2")),
        *(("Upstash-Delay", "1m"), ("Upstash-Callback", "https://shop.test/done")),
    )

    publish(api, topic_id, *settings, body=b"")

    assert api.call("GET", "/v1/schedules/s") == json_response(
        200,
        f'{{"scheduleId":"s","cron":"0 0 * * *","createdAt":{START},'
        '"content":{"header":{"Content-Type":["text/plain"]},"body":""},'
        f'"destination":{{"type":"topic","topic":{{"topicId":"{topic_id}","name":"a",'
        f'"endpoints":[{json.dumps(endpoint, separators=(",", ":"))}]}}}},'
        '"settings":{"retries":2,"delay":60,"callback":"https://shop.test/done"}}',
    )


def test_a_schedule_shows_its_topic_as_it_is_now_and_what_is_known_of_one_that_is_gone() -> None:
    api = Api()
    topic_id = topic(api, "a")
    publish(api, topic_id, DAILY, own("by-id"))
    publish(api, "a", DAILY, own("by-name"))

    def destinations() -> list[object]:
        return [each["destination"]["topic"] for each in api.read("/v1/schedules")]

    there = {"topicId": topic_id, "name": "a", "endpoints": []}
    assert destinations() == [there, there]
    api.has("PUT", "/v1/topics/a", {"name": "b"})
    renamed = {"topicId": topic_id, "name": "b", "endpoints": []}
    assert destinations() == [renamed, {"name": "a", "endpoints": []}]
    api.has("DELETE", "/v1/topics/b")
    assert destinations() == [
        {"topicId": topic_id, "endpoints": []},
        {"name": "a", "endpoints": []},
    ]


def test_every_firing_is_a_message_with_a_task_for_each_endpoint() -> None:
    api = Api(by_place)
    topic_id = topic(api, "a", ONE, TWO)
    publish(api, topic_id, DAILY, own("s"))

    api.stage.advance(2 * DAY)
    second, first = api.read("/v1/messages")["messages"]

    assert [
        (each["createdAt"] - START, each["scheduleId"], each["topicId"], each["destinationType"])
        for each in (first, second)
    ] == [(DAY, "s", topic_id, "topic"), (2 * DAY, "s", topic_id, "topic")]
    assert [
        (
            request.url,
            request.headers["Upstash-Message-Id"],
            request.headers["Upstash-Schedule-Id"],
        )
        for request in api.stage.destination.requests
    ] == [(url, message["messageId"], "s") for message in (first, second) for url in (ONE, TWO)]


@pytest.mark.fidelity("GET /v1/schedules/{id}/logs", "sdk")
@pytest.mark.fidelity(
    "GET /v1/schedules/{id}/tasks",
    "sdk",
    verdict="approximate",
    here="task objects, under the key `logs` that clients read",
)
def test_the_tasks_and_the_log_of_a_schedule_are_those_of_what_it_fired() -> None:
    api = Api()
    publish(api, URL, DAILY, own("s"))
    publish(api, ONE, DAILY, own("other"))
    publish(api, URL)

    api.stage.advance(2 * DAY)
    fired = [each for each in api.read("/v1/messages")["messages"] if each.get("scheduleId") == "s"]
    tasks = [
        task
        for each in fired
        for task in api.read(f"/v1/messages/{each['messageId']}/tasks")["tasks"]
    ]
    rows = [
        row for each in fired for row in api.read(f"/v1/messages/{each['messageId']}/logs")["logs"]
    ]

    assert len(tasks) == 2
    assert api.read("/v1/schedules/s/tasks") == {"logs": tasks}
    assert [row["state"] for row in rows] == ["delivered", "active", "created"] * 2
    assert api.read("/v1/schedules/s/logs") == {"logs": rows}


def test_the_lists_of_a_schedule_have_pages() -> None:
    api = Api()
    publish(api, URL, ("Upstash-Cron", "0 * * * *"), own("s"))

    api.stage.advance(120 * HOUR)
    tasks = api.read("/v1/schedules/s/tasks")
    more = api.read(f"/v1/schedules/s/tasks?cursor={tasks['cursor']}")
    log = api.read("/v1/schedules/s/logs")

    assert [tasks["cursor"], len(tasks["logs"]), len(more["logs"])] == [START + 21 * HOUR, 100, 20]
    assert list(more) == ["logs"]
    # Three lines an instant: the page ends where the 34th does.
    assert [log["cursor"], len(log["logs"])] == [START + 87 * HOUR, 102]
    next_log = api.read(f"/v1/schedules/s/logs?cursor={log['cursor']}")
    assert next_log["logs"][0]["time"] == START + 86 * HOUR


@pytest.mark.fidelity("DELETE /v1/schedules/{id}", "measured")
def test_a_deleted_schedule_fires_no_more_and_leaves_its_messages() -> None:
    api = Api()
    publish(api, URL, DAILY, own("s"))
    api.stage.advance(DAY)

    assert api.call("DELETE", "/v1/schedules/s") == ACCEPTED
    api.stage.advance(DAY)
    assert [each["scheduleId"] for each in api.read("/v1/messages")["messages"]] == ["s"]
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/logs"), ("GET", "/tasks")):
        assert api.call(method, f"/v1/schedules/s{path}") == NO_SCHEDULE


# --- together with version 2 ---------------------------------------------------------------


@pytest.mark.fidelity(
    "version 1: schedules of version 2",
    "assumed",
    verdict="approximate",
    here="shown like its own; they fire a message for each endpoint of a topic",
)
def test_a_schedule_of_version_2_is_shown_and_fires_a_message_for_each_endpoint() -> None:
    api = Api()
    topic_id = topic(api, "a", ONE, TWO)
    api.has("POST", "/v2/schedules/a", None, DAILY, own("s"))

    api.stage.advance(DAY)

    assert api.read("/v1/schedules/s")["destination"]["topic"]["topicId"] == topic_id
    assert [each["url"] for each in api.read("/v1/messages")["messages"]] == [TWO, ONE]
    assert [each["url"] for each in api.read("/v1/schedules/s/tasks")["logs"]] == [TWO, ONE]


def test_a_schedule_of_this_version_can_be_paused_by_version_2() -> None:
    api = Api()
    topic_id = topic(api, "a", ONE)
    publish(api, topic_id, DAILY, own("s"))
    api.has("POST", "/v2/schedules/s/pause")

    api.stage.advance(DAY)

    shown = api.read("/v2/schedules/s")
    assert (shown["destination"], shown["isPaused"], shown["retries"]) == (topic_id, True, 5)
    assert api.read("/v1/messages") == {"messages": []}


def test_a_schedule_whose_topic_is_gone_says_so_in_version_2() -> None:
    api = Api()
    topic_id = topic(api, "a", ONE)
    publish(api, topic_id, DAILY, own("s"))
    api.has("DELETE", "/v1/topics/a")

    api.stage.advance(DAY)

    assert api.read("/v2/schedules/s")["error"] == f"topic {topic_id} not found"
    assert api.read("/v1/messages") == {"messages": []}
