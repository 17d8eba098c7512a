"""One publish to a topic from its making to its end, as both versions tell it."""

import pytest

from fakestash.ids import message_id_of
from tests.api.client import Api
from tests.api.v1.client import by_place, publish, task_ids, topic
from tests.builders import START

GOOD, SLOW, BAD = "https://good.test/a", "https://slow.test/b", "https://broken.test/c"

ONE_RETRY = ("Upstash-Retries", "1")
IN_FIVE_SECONDS = ("Upstash-Delay", "5s")


class Story:
    """A message to three endpoints: one takes it, one takes its time, one always fails."""

    def __init__(self) -> None:
        self.api = Api(by_place)
        self.topic_id = topic(self.api, "orders", GOOD, SLOW, BAD)
        self.id = publish(self.api, self.topic_id, ONE_RETRY, IN_FIVE_SECONDS)
        self.good, self.slow, self.bad = task_ids(self.api, self.id)

    def task(
        self,
        task_id: str,
        url: str,
        state: str,
        *,
        done: int | None = None,
        failed: int | None = None,
        due: int | None = None,
        retried: int = 0,
    ) -> dict[str, object]:
        """A task as it is shown; when it ended, failed last and comes next are offsets."""
        return {
            **({} if done is None else {"completedAt": START + done}),
            "error": "" if failed is None else "HTTP status 500",
            "lastErrorAt": 0 if failed is None else START + failed,
            "maxRetry": 1,
            "messageId": self.id,
            **({} if due is None else {"nextProcessAt": START + due}),
            "retried": retried,
            "state": state,
            "taskId": task_id,
            "url": url,
        }

    def tasks(self) -> list[dict[str, object]]:
        """What the list shows, which must be what each task shows by itself."""
        alone = [
            self.api.read(f"/v1/tasks/{task_id}") for task_id in (self.bad, self.slow, self.good)
        ]
        assert self.api.read(f"/v1/messages/{self.id}/tasks") == {"tasks": alone}
        return alone

    def log(self, task_id: str) -> list[tuple[object, ...]]:
        """The log of one task, earliest first: offset, state, next time and error."""
        shown = self.api.read(f"/v1/tasks/{task_id}/logs")
        assert [key for key in shown if key != "logs"] == []
        assert {(row["messageId"], row["taskId"]) for row in shown["logs"]} == {(self.id, task_id)}
        return [
            (
                row["time"] - START,
                row["state"],
                row["nextScheduledAt"] - START if "nextScheduledAt" in row else None,
                row.get("error"),
            )
            for row in reversed(shown["logs"])
        ]


@pytest.mark.fidelity("GET /v1/messages/{id}/tasks", "docs")
def test_the_tasks_of_a_message_at_every_step() -> None:
    story = Story()
    advance = story.api.stage.advance
    planned = [
        story.task(story.bad, BAD, "planned", due=5000),
        story.task(story.slow, SLOW, "planned", due=5000),
        story.task(story.good, GOOD, "planned", due=5000),
    ]
    waiting = story.task(story.bad, BAD, "error", failed=5000, due=17_000)
    good = story.task(story.good, GOOD, "delivered", done=5000)
    slow = story.task(story.slow, SLOW, "delivered", done=7000)
    failed = story.task(story.bad, BAD, "failed", done=17_000, failed=17_000, retried=1)

    assert story.tasks() == planned
    advance(4999)
    assert story.tasks() == planned
    advance(1)
    assert story.tasks() == [waiting, story.task(story.slow, SLOW, "active"), good]
    advance(2000)
    assert story.tasks() == [waiting, slow, good]
    advance(9999)
    assert story.tasks() == [waiting, slow, good]
    advance(1)
    assert story.tasks() == [failed, slow, good]


@pytest.mark.fidelity("GET /v1/tasks/{id}/logs", "docs")
def test_the_log_of_each_task() -> None:
    story = Story()

    story.api.stage.advance(17_000)

    assert story.log(story.good) == [
        (0, "created", 5000, None),
        (5000, "active", None, None),
        (5000, "delivered", None, None),
    ]
    assert story.log(story.slow) == [
        (0, "created", 5000, None),
        (5000, "active", None, None),
        (7000, "delivered", None, None),
    ]
    assert story.log(story.bad) == [
        (0, "created", 5000, None),
        (5000, "active", None, None),
        (5000, "error", None, "HTTP status 500"),
        (5000, "planned", 17_000, None),
        (17_000, "active", None, None),
        (17_000, "error", None, "HTTP status 500"),
        (17_000, "failed", None, None),
    ]


@pytest.mark.fidelity("GET /v1/messages/{id}/logs", "sdk")
def test_the_log_of_a_message_is_that_of_its_tasks_newest_first() -> None:
    story = Story()
    api = story.api
    publish(api, GOOD)

    api.stage.advance(5000)
    whole = [row for row in api.read("/v1/logs")["logs"] if row["messageId"] == story.id]

    assert api.read(f"/v1/messages/{story.id}/logs") == {"logs": whole}
    assert [(row["time"] - START, row["state"], row["taskId"]) for row in whole] == [
        (5000, "planned", story.bad),
        (5000, "error", story.bad),
        (5000, "active", story.bad),
        (5000, "active", story.slow),
        (5000, "delivered", story.good),
        (5000, "active", story.good),
        (0, "created", story.bad),
        (0, "created", story.slow),
        (0, "created", story.good),
    ]


@pytest.mark.fidelity(
    "version 1: `Upstash-Message-Id` of a message to a topic",
    "assumed",
    verdict="approximate",
    here="the id that the publish was answered with, at every endpoint",
)
def test_deliveries_carry_the_id_of_the_message_and_the_name_of_the_topic() -> None:
    story = Story()

    story.api.stage.advance(17_000)

    assert [
        (
            request.url,
            request.headers["Upstash-Message-Id"],
            request.headers["Upstash-Topic-Name"],
            request.headers["Upstash-Retried"],
        )
        for request in story.api.stage.destination.requests
    ] == [
        (GOOD, story.id, "orders", "0"),
        (SLOW, story.id, "orders", "0"),
        (BAD, story.id, "orders", "0"),
        (BAD, story.id, "orders", "1"),
    ]


@pytest.mark.fidelity(
    "version 1: its messages and dead letters in version 2",
    "assumed",
    verdict="approximate",
    here="each task is a message there, with an id of its own",
)
def test_version_2_knows_each_task_as_a_message() -> None:
    story = Story()
    api = story.api

    api.stage.advance(17_000)
    (letter,) = api.read("/v2/dlq")["messages"]
    ended = {
        event["messageId"]: (event["state"], event["url"], event["topicName"])
        for event in api.read("/v2/logs?state=DELIVERED,FAILED")["events"]
    }

    assert (letter["messageId"], letter["url"], letter["topicName"], letter["responseStatus"]) == (
        message_id_of(story.bad),
        BAD,
        "orders",
        500,
    )
    assert ended == {
        message_id_of(story.good): ("DELIVERED", GOOD, "orders"),
        message_id_of(story.slow): ("DELIVERED", SLOW, "orders"),
        message_id_of(story.bad): ("FAILED", BAD, "orders"),
    }


def test_the_message_is_shown_as_it_was_made_from_first_to_last() -> None:
    story = Story()
    path = f"/v1/messages/{story.id}"
    shown = story.api.read(path)

    story.api.stage.advance(17_000)

    assert story.api.read(path) == shown
    assert shown == {
        "messageId": story.id,
        "topicId": story.topic_id,
        "topicName": "orders",
        "destinationType": "topic",
        "method": "POST",
        "header": {},
        "body": "aGk=",
        "createdAt": START,
        "settings": {"delay": 5, "retries": 1},
    }
