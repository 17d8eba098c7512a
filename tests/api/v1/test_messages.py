"""Messages and tasks: what is shown, for how long, in which order, and how they are cancelled."""

from dataclasses import replace

import pytest

from fakestash.ids import task_id_of
from fakestash.plans import PAYG
from tests.api.client import (
    PEER,
    SOMEBODY_ELSE,
    Api,
    Response,
    error_response,
    json_response,
)
from tests.api.v1.client import ACCEPTED, URL, by_place, publish, task_ids, topic
from tests.builders import BROKEN, DAY, OK, SECOND, START

ONE, TWO, BAD = "https://one.test/a", "https://two.test/b", "https://broken.test/c"

LATER = ("Upstash-Delay", "10s")
WEEK = 7 * DAY


def no_message(message_id: str) -> Response:
    return error_response(404, f"message {message_id} not found")


def states(api: Api, message_id: str) -> list[str]:
    """The states of the tasks, first endpoint first."""
    return [api.read(f"/v1/tasks/{task_id}")["state"] for task_id in task_ids(api, message_id)]


# --- what is shown -------------------------------------------------------------------------


@pytest.mark.fidelity(
    "version 1: bodies in base64",
    "docs",
    verdict="approximate",
    here="always; the documents show plain text as well",
)
def test_a_message_to_a_url() -> None:
    api = Api()

    message_id = publish(api, URL)

    assert api.call("GET", f"/v1/messages/{message_id}") == json_response(
        200,
        f'{{"messageId":"{message_id}","url":"{URL}","destinationType":"url","method":"POST",'
        f'"header":{{}},"body":"aGk=","createdAt":{START},"settings":{{"retries":5}}}}',
    )


@pytest.mark.fidelity("GET /v1/messages/{id}", "docs")
def test_a_message_to_a_topic_with_all_that_can_be_shown() -> None:
    api = Api()
    topic_id = topic(api, "orders", ONE)
    message_id = publish(
        api,
        "orders",
        ("Content-Type", "text/plain"),
        ("Upstash-Forward-X-A", "1"),
        ("Upstash-Forward-X-A", "2"),
        ("X-Plain", "3"),
        ("Upstash-Method", "PUT"),
        ("Upstash-Delay", "1m"),
        ("Upstash-Not-Before", "1767225610"),
        ("Upstash-Retries", "0"),
        ("Upstash-Callback", "https://shop.test/done"),
    )

    assert api.call("GET", f"/v1/messages/{message_id}") == json_response(
        200,
        f'{{"messageId":"{message_id}","topicId":"{topic_id}","topicName":"orders",'
        '"destinationType":"topic","method":"PUT",'
        '"header":{"Content-Type":["text/plain"],"X-A":["1","2"]},"body":"aGk=",'
        f'"createdAt":{START},'
        f'"settings":{{"delay":60,"notBefore":{START + 10_000},"retries":0}}}}',
    )


def test_a_message_without_a_body_shows_none_and_a_hidden_one_its_hash() -> None:
    api = Api()
    plain = publish(api, URL, body=b"")
    hidden = publish(
        api, URL, ("Upstash-Redact-Fields", "body,header[X]"), ("Upstash-Forward-X", "1")
    )

    assert "body" not in api.read(f"/v1/messages/{plain}")
    shown = api.read(f"/v1/messages/{hidden}")
    # The hash of "hi" in a text, in base64.
    assert shown["body"] == (
        "UkVEQUNURUQ6OGY0MzQzNDY2NDhmNmI5NmRmODlkZGE5MDFjNTE3NmIxMGE2ZDgzOTYxZGQzYzFhYzg4YjU5YjJkYzMyN2FhNA=="
    )
    assert shown["header"]["X"][0].startswith("REDACTED:")


@pytest.mark.fidelity(
    "version 1: `deadline`",
    "docs",
    verdict="missing",
    here="no object has it: there is no header that sets one",
)
@pytest.mark.fidelity("GET /v1/tasks/{id}", "docs")
def test_a_task_alone_and_in_its_list() -> None:
    api = Api()
    message_id = publish(api, URL, LATER)
    (task_id,) = task_ids(api, message_id)
    task = (
        f'{{"error":"","lastErrorAt":0,"maxRetry":5,"messageId":"{message_id}",'
        f'"nextProcessAt":{START + 10_000},"retried":0,"state":"planned","taskId":"{task_id}",'
        f'"url":"{URL}"}}'
    )

    assert (task_id[:4], len(task_id)) == ("tsk_", 32)
    assert api.call("GET", f"/v1/tasks/{task_id}") == json_response(200, task)
    assert api.call("GET", f"/v1/messages/{message_id}/tasks") == json_response(
        200, f'{{"tasks":[{task}]}}'
    )


@pytest.mark.fidelity(
    "version 1: the state of a task that waits",
    "assumed",
    verdict="approximate",
    here="`planned` until it is due, `created` while it is held, `error` once it has failed",
)
def test_a_task_that_is_due_but_held_is_created_and_after_a_failure_in_error() -> None:
    api = Api(BROKEN, OK)
    api.has("POST", "/v2/queues", {"queueName": "q", "paused": True})
    message_id = publish(api, URL, ("Upstash-Queue-Name", "q"))
    shown = [states(api, message_id)]

    api.stage.advance(SECOND)
    shown.append(states(api, message_id))
    api.has("POST", "/v2/queues/q/resume")
    api.stage.advance(0)
    api.has("POST", "/v2/queues/q/pause")
    shown.append(states(api, message_id))
    api.stage.advance(DAY)
    shown.append(states(api, message_id))

    assert shown == [["created"], ["created"], ["error"], ["error"]]
    assert api.read(f"/v1/tasks/{task_ids(api, message_id)[0]}") == {
        "error": "HTTP status 500",
        "lastErrorAt": START + SECOND,
        "maxRetry": 5,
        "messageId": message_id,
        "nextProcessAt": START + SECOND + 12_000,
        "retried": 0,
        "state": "error",
        "taskId": task_ids(api, message_id)[0],
        "url": URL,
    }


def test_a_retry_counts_once_it_is_done() -> None:
    api = Api(BROKEN, by_place)
    message_id = publish(api, "https://slow.test", ("Upstash-Retry-Delay", "1000"))
    (task_id,) = task_ids(api, message_id)
    counts: list[tuple[object, ...]] = []
    for offset in (0, 1000, 2000):
        api.stage.advance(offset)
        task = api.read(f"/v1/tasks/{task_id}")
        counts.append((task["state"], task["retried"], task["error"], task.get("completedAt")))

    assert counts == [
        ("error", 0, "HTTP status 500", None),
        ("active", 0, "HTTP status 500", None),
        ("delivered", 1, "HTTP status 500", START + 3000),
    ]


@pytest.mark.fidelity(
    "version 1: a publish to an empty topic",
    "assumed",
    verdict="approximate",
    here="a message without tasks, for as long as the log is kept",
)
def test_a_message_to_an_empty_topic_has_no_tasks() -> None:
    api = Api()
    topic_id = topic(api, "a")
    message_id = publish(api, "a")
    path = f"/v1/messages/{message_id}"

    assert api.read(path)["topicId"] == topic_id
    assert api.call("GET", f"{path}/tasks") == json_response(200, '{"tasks":[]}')
    assert api.call("GET", f"{path}/logs") == json_response(200, '{"logs":[]}')
    assert [each["messageId"] for each in api.read("/v1/messages")["messages"]] == [message_id]
    assert api.call("DELETE", path) == no_message(message_id)
    api.stage.advance(WEEK - 1)
    assert api.call("GET", path).status == 200
    api.stage.advance(1)
    assert api.call("GET", path) == no_message(message_id)
    assert api.read("/v1/messages") == {"messages": []}


def test_messages_and_tasks_are_their_users_own() -> None:
    api = Api()
    message_id = publish(api, URL)
    (task_id,) = task_ids(api, message_id)

    assert api.call("GET", "/v1/messages", token=SOMEBODY_ELSE) == json_response(
        200, '{"messages":[]}'
    )
    for path in ("", "/tasks", "/logs"):
        assert api.call(
            "GET", f"/v1/messages/{message_id}{path}", token=SOMEBODY_ELSE
        ) == no_message(message_id)
    for path in ("", "/logs"):
        assert api.call("GET", f"/v1/tasks/{task_id}{path}", token=SOMEBODY_ELSE) == error_response(
            404, f"task {task_id} not found"
        )


# --- for how long --------------------------------------------------------------------------


@pytest.mark.fidelity(
    "version 1: for how long messages and tasks are shown",
    "assumed",
    verdict="approximate",
    here="for as long as their log, which also shows them after their end",
)
def test_what_has_ended_stays_for_as_long_as_its_log() -> None:
    api = Api()
    message_id = publish(api, URL, LATER)
    (task_id,) = task_ids(api, message_id)
    paths = [f"/v1/messages/{message_id}{more}" for more in ("", "/tasks", "/logs")]
    paths += [f"/v1/tasks/{task_id}{more}" for more in ("", "/logs")]
    api.stage.advance(10_000 + WEEK - 1)

    assert [api.call("GET", path).status for path in paths] == [200] * 5
    api.stage.advance(1)
    assert [api.call("GET", path).status for path in paths] == [404] * 5
    assert api.read("/v1/messages") == {"messages": []}


def test_a_task_that_ended_long_before_the_others_is_gone_before_them() -> None:
    api = Api(by_place)
    topic(api, "a", ONE, BAD)
    message_id = publish(api, "a", ("Upstash-Retry-Delay", "86400000"))
    good, bad = task_ids(api, message_id)

    api.stage.advance(WEEK)

    assert api.call("GET", f"/v1/tasks/{good}").status == 404
    assert [each["taskId"] for each in api.read(f"/v1/messages/{message_id}/tasks")["tasks"]] == [
        bad
    ]
    assert api.call("GET", f"/v1/messages/{message_id}").status == 200


def test_what_is_still_to_come_stays_however_long_it_takes() -> None:
    api = Api()
    message_id = publish(api, URL, ("Upstash-Delay", "30d"))

    api.stage.advance(30 * DAY - 1)

    assert states(api, message_id) == ["planned"]
    assert api.read(f"/v1/messages/{message_id}/logs") == {"logs": []}


# --- in which order ------------------------------------------------------------------------


@pytest.mark.fidelity("GET /v1/messages", "sdk")
def test_messages_are_listed_newest_first_a_hundred_at_a_time() -> None:
    api = Api()
    ids: list[str] = []
    for _ in range(201):
        ids.append(publish(api, URL))
        api.stage.advance(1)

    first = api.read("/v1/messages")
    second = api.read(f"/v1/messages?cursor={first['cursor']}")
    third = api.read(f"/v1/messages?cursor={second['cursor']}")

    assert [first["cursor"], second["cursor"]] == [START + 101, START + 1]
    assert list(first) == ["cursor", "messages"]
    assert list(third) == ["messages"]
    shown = [each["messageId"] for page in (first, second, third) for each in page["messages"]]
    assert shown == ids[::-1]
    assert api.read(f"/v1/messages?cursor={START}") == {"messages": []}
    assert api.read("/v1/messages?cursor=0") == api.read("/v1/messages?cursor=") == first


@pytest.mark.fidelity(
    "version 1: a page has a hundred rows",
    "docs",
    verdict="different",
    here="or more: it ends where an instant does, as its cursor is one; not so for events",
)
def test_a_page_holds_all_of_its_last_instant_which_could_not_be_asked_for_any_more() -> None:
    api = Api()
    old = publish(api, URL)
    api.stage.advance(1)
    ids = [publish(api, URL) for _ in range(150)]
    first = api.read("/v1/messages")
    log = api.read("/v1/logs")

    assert [each["messageId"] for each in first["messages"]] == ids[::-1]
    assert api.read(f"/v1/messages?cursor={first['cursor']}")["messages"][0]["messageId"] == old
    assert [row["messageId"] for row in log["logs"]] == ids[::-1]
    older = api.read(f"/v1/logs?cursor={log['cursor']}")
    assert [(row["messageId"], row["state"]) for row in older["logs"]] == [
        (old, "delivered"),
        (old, "active"),
        (old, "created"),
    ]
    assert list(older) == ["logs"]


def test_a_page_that_holds_all_there_is_has_no_cursor() -> None:
    api = Api()
    for _ in range(150):
        publish(api, URL)

    assert list(api.read("/v1/messages")) == ["messages"]
    assert list(api.read("/v1/logs")) == ["logs"]
    assert len(api.read("/v1/logs")["logs"]) == 150


def test_all_tasks_of_a_message_are_on_one_page_because_they_are_of_one_instant() -> None:
    api = Api(plan=replace(PAYG, max_endpoints_per_topic=200))
    topic(api, "a", *(f"https://shop.test/{number}" for number in range(130)))
    message_id = publish(api, "a")

    shown = api.read(f"/v1/messages/{message_id}/tasks")

    assert list(shown) == ["tasks"]
    assert [task["url"].rpartition("/")[2] for task in shown["tasks"]] == [
        str(number) for number in reversed(range(130))
    ]


# --- cancelling ----------------------------------------------------------------------------


@pytest.mark.fidelity(
    "version 1: cancelling what cannot be cancelled any more",
    "assumed",
    verdict="approximate",
    here="a 404, as in version 2",
)
@pytest.mark.fidelity("DELETE /v1/messages/{id}", "measured")
def test_cancelling_a_message_cancels_all_its_tasks() -> None:
    api = Api()
    topic(api, "a", ONE, TWO, "https://three.test")
    message_id = publish(api, "a", LATER)
    other = publish(api, URL, LATER)
    before = states(api, message_id)

    assert api.call("DELETE", f"/v1/messages/{message_id}") == ACCEPTED
    assert (before, states(api, message_id)) == (["planned"] * 3, ["canceled"] * 3)
    assert [list(task) for task in api.read(f"/v1/messages/{message_id}/tasks")["tasks"]] == [
        ["error", "lastErrorAt", "maxRetry", "messageId", "retried", "state", "taskId", "url"]
    ] * 3
    api.stage.advance(10_000)

    assert [
        (task["state"], task["completedAt"] - START)
        for task in api.read(f"/v1/messages/{message_id}/tasks")["tasks"]
    ] == [("canceled", 10_000)] * 3
    assert states(api, other) == ["delivered"]
    assert [request.url for request in api.stage.destination.requests] == [URL]
    assert api.call("GET", f"/v1/messages/{message_id}").status == 200
    assert api.call("DELETE", f"/v1/messages/{message_id}") == no_message(message_id)


def test_tasks_that_have_ended_are_not_cancelled() -> None:
    api = Api(by_place)
    topic(api, "a", ONE, BAD)
    message_id = publish(api, "a")
    api.stage.advance(0)

    assert api.call("DELETE", f"/v1/messages/{message_id}") == ACCEPTED
    assert states(api, message_id) == ["delivered", "canceled"]
    rows = api.read(f"/v1/messages/{message_id}/logs")["logs"]
    assert [row["state"] for row in rows][:2] == ["canceled", "planned"]
    (asked,) = api.read("/v2/logs?state=CANCEL_REQUESTED")["events"]
    assert (asked["url"], asked["callerIp"]) == (BAD, PEER[0])


def test_a_task_that_runs_is_active_although_it_is_to_be_cancelled() -> None:
    api = Api(by_place)
    message_id = publish(api, "https://slow.test")
    api.stage.advance(0)

    assert api.call("DELETE", f"/v1/messages/{message_id}") == ACCEPTED
    assert states(api, message_id) == ["active"]
    assert api.call("DELETE", f"/v1/messages/{message_id}") == no_message(message_id)
    api.stage.advance(2000)
    assert states(api, message_id) == ["delivered"]


# --- together with version 2 ---------------------------------------------------------------


def test_a_message_of_version_2_is_one_of_its_own_with_one_task() -> None:
    api = Api()
    message_id = api.publish(("Upstash-Forward-X", "1"))
    task_id = task_id_of(message_id)

    assert api.read("/v1/messages") == {
        "messages": [
            {
                "messageId": message_id,
                "url": URL,
                "destinationType": "url",
                "method": "POST",
                "header": {"X": ["1"]},
                "body": "aGk=",
                "createdAt": START,
                "settings": {"retries": 3},
            }
        ]
    }
    (task,) = api.read(f"/v1/messages/{message_id}/tasks")["tasks"]
    assert (task["messageId"], task["taskId"]) == (message_id, task_id)
    assert api.call("DELETE", f"/v1/messages/{message_id}") == ACCEPTED
    assert api.call("GET", f"/v2/messages/{message_id}") == no_message(message_id)


def test_a_message_of_version_2_to_a_group_tells_topic_and_endpoint_while_they_are_there() -> None:
    api = Api()
    topic_id = topic(api, "a", ONE, TWO)
    ids = [each["endpointId"] for each in api.read("/v1/endpoints")]
    api.has("POST", "/v2/publish/a")
    api.stage.advance(0)

    def shown() -> list[tuple[object, ...]]:
        return [
            tuple(each.get(key) for key in ("topicId", "topicName", "endpointId", "url"))
            for each in api.read("/v1/messages")["messages"]
        ]

    found = shown()
    assert found == [(topic_id, "a", ids[1], TWO), (topic_id, "a", ids[0], ONE)]
    assert {each["destinationType"] for each in api.read("/v1/messages")["messages"]} == {"topic"}
    api.has("DELETE", "/v2/topics/a")
    assert shown() == [(None, "a", None, TWO), (None, "a", None, ONE)]


def test_a_message_and_its_tasks_have_different_ids_in_version_2() -> None:
    api = Api()
    message_id = publish(api, URL, LATER)
    (event,) = api.read("/v2/logs")["events"]
    inner = event["messageId"]

    assert task_ids(api, message_id) == [task_id_of(inner)]
    assert api.read(f"/v2/messages/{inner}")["url"] == URL
    assert api.call("GET", f"/v2/messages/{message_id}") == no_message(message_id)
    assert api.call("GET", f"/v1/messages/{inner}") == no_message(inner)
    assert api.call("DELETE", f"/v1/messages/{inner}") == no_message(inner)


def test_callbacks_are_messages_too_and_name_the_one_that_they_report_on() -> None:
    api = Api()
    done = "https://shop.test/done"
    message_id = publish(api, URL, ("Upstash-Callback", done))

    api.stage.advance(0)

    assert [each["url"] for each in api.read("/v1/messages")["messages"]] == [done, URL]
    report = api.stage.destination.requests[1].json()
    assert (report["sourceMessageId"], report["maxRetries"]) == (message_id, 5)


@pytest.mark.parametrize("bulk", [False, True])
def test_a_dead_letter_that_is_sent_again_is_a_message_of_its_own(bulk: bool) -> None:
    api = Api(BROKEN, OK)
    topic(api, "a", ONE)
    message_id = publish(api, "a", ("Upstash-Retries", "0"))
    api.stage.advance(0)
    (letter,) = api.read("/v2/dlq")["messages"]
    path = "/v2/dlq/retry" if bulk else f"/v2/dlq/retry/{letter['dlqId']}"
    answer = api.read(path, "POST")
    again = answer["responses"][0]["messageId"] if bulk else answer["messageId"]

    api.stage.advance(0)

    assert states(api, again) == ["delivered"]
    assert states(api, message_id) == ["failed"]
    assert [
        request.headers["Upstash-Message-Id"] for request in api.stage.destination.requests
    ] == [message_id, again]
    assert {each["messageId"] for each in api.read("/v1/messages")["messages"]} == {
        message_id,
        again,
    }
