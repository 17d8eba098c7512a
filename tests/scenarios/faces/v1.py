"""Version 1 of the API, which is deprecated: plain HTTP to the ASGI app in this process.

Messages, topics and schedules are made, changed and shown by version 1 alone, with every header
that a publish may have. It has no dead letters, which are left to version 2, and nothing to show
of queues and flow control keys, which are looked at there.

A step means a task, by the id of the message that it is in version 2: what is made is called the
same by both versions.
"""

from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Final

from starlette.types import ASGIApp

from fakestash.ids import message_id_of, task_id_of
from fakestash.model.messages import DEFAULT_RETRIES
from tests.api.client import Header
from tests.scenarios.faces import wire
from tests.scenarios.faces.http import AppFace, HttpFace
from tests.scenarios.play import Accepted, Row
from tests.scenarios.shape import Args, Json, Kind

PLAYED: Final = (
    "delivered-at-once",
    "any-method",
    "any-success-counts",
    "delayed",
    "not-before-beats-delay",
    "retries-up-to-the-dead-letter",
    "recovers",
    "too-slow",
    "not-to-be-retried",
    "retry-after",
    "cancelled-while-waiting",
    "cancelled-while-it-waits-for-a-retry",
    "cancelled-while-active",
    "queue-waits-for-its-failing-head",
    "queue-moves-on-when-its-head-is-cancelled",
    "rate",
    "one-in-flight",
    "group-with-one-endpoint-that-fails",
    "group-changes-do-not-touch-messages",
    "group-enqueued",
    "duplicates-by-id",
    "duplicates-by-content",
    "duplicates-end-with-their-window",
    "duplicates-by-endpoint",
    "callback-and-failure-callback",
    "callback-that-fails",
    "queue-waits-for-callbacks",
    "schedule-fires-at-each-minute-passed",
    "schedule-to-a-group",
    "schedule-into-a-queue",
    "schedule-overwritten",
    "letters-found-and-deleted",
    "letters-sent-again",
    "letter-sent-again-with-other-settings",
    "headers-forwarded-as-they-are",
    "settings-in-the-query",
)
"""The scenarios that can be said."""

UNSAYABLE: Final[Mapping[Kind, str]] = {
    "batch": "messages are published one by one",
    "cancel_many": "messages are cancelled one by one",
    "cancel_all": "messages are cancelled one by one",
    "set_queue": "queues come about by a header, and are as they are",
    "pause_queue": "queues come about by a header, and are as they are",
    "resume_queue": "queues come about by a header, and are as they are",
    "delete_queue": "queues come about by a header, and are as they are",
    "pause_schedule": "schedules are made and deleted",
    "resume_schedule": "schedules are made and deleted",
    "pause_key": "keys come about by a header, and are as they are",
    "resume_key": "keys come about by a header, and are as they are",
    "pin": "keys come about by a header, and are as they are",
    "unpin": "keys come about by a header, and are as they are",
    "reset_rate": "keys come about by a header, and are as they are",
    "log": "the log is read as a whole: it has no filters",
}
"""The kinds of steps that cannot be said, and why."""

UNTOLD: Final[Mapping[Kind, frozenset[str]]] = {
    "message": frozenset({"endpoint", "queue", "label"}),
    "schedule_state": frozenset({"paused", "last", "next", "states"}),
}
"""What is not told of a message and a schedule that are shown."""

NOT_TOLD: Final = "not told"
"""What stands in its place."""


class V1Face(AppFace):
    """Calls an app by version 1."""

    version = "v1"

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app)
        self._version_2 = HttpFace(app)
        self._made: dict[str, list[str]] = {}
        self._endpoints: dict[str, str] = {}

    # --- messages ------------------------------------------------------------------------

    def publish(self, **settings: Json) -> list[Accepted]:
        answer = self._publish(settings)
        message_id, again = answer["messageId"], answer.get("deduplicated", False)
        if not again:  # what has ended is forgotten before what is a duplicate of it
            tasks = self._json("GET", f"messages/{message_id}/tasks")["tasks"]
            self._made[message_id] = [_message_of(task) for task in reversed(tasks)]
        return [Accepted(one, again) for one in self._made[message_id]]

    def enqueue(self, *, queue: str, **settings: Json) -> list[Accepted]:
        return self.publish(queue=queue, **settings)

    def cancel(self, *, of: str) -> None:
        self._call("DELETE", f"messages/{self._task(of)['messageId']}")

    # --- topics --------------------------------------------------------------------------

    def add_endpoints(self, *, group: str, endpoints: Sequence[Mapping[str, str]]) -> None:
        if all(topic["name"] != group for topic in self._json("GET", "topics")):
            self._call("POST", "topics", {"name": group})
        for endpoint in endpoints:
            value = {"url": endpoint["url"], "topicName": group}
            made = self._json("POST", "endpoints", value)["endpointId"]
            for word in endpoint.values():
                self._endpoints[word] = made

    def remove_endpoints(self, *, group: str, endpoints: Sequence[Mapping[str, str]]) -> None:
        for endpoint in endpoints:
            meant = endpoint.get("name") or endpoint["url"]
            self._call("DELETE", f"endpoints/{self._endpoints[meant]}")

    # --- schedules -----------------------------------------------------------------------

    def schedule(self, *, cron: str, schedule_id: str | None = None, **settings: Json) -> Json:
        header = [("Upstash-Cron", cron), ("Upstash-Schedule-Id", schedule_id or "")]
        return self._publish(settings, header)["scheduleId"]

    def delete_schedule(self, *, schedule: str) -> None:
        self._call("DELETE", f"schedules/{schedule}")

    # --- dead letters --------------------------------------------------------------------

    def retry_letter(self, *, of: str, **changes: Json) -> list[Accepted]:
        return self._version_2.retry_letter(of=of, **changes)

    def retry_letters(self, *, of: Sequence[str]) -> list[Accepted]:
        return self._version_2.retry_letters(of=of)

    def delete_letter(self, *, of: str) -> None:
        self._version_2.delete_letter(of=of)

    # --- what can be looked at -----------------------------------------------------------

    def message(self, *, of: str) -> Row:
        task = self._task(of)
        shown = self._json("GET", f"messages/{task['messageId']}")
        return {
            "url": task["url"],
            "method": shown["method"],
            "body": b64decode(shown.get("body", "")).decode(),
            "headers": shown["header"],
            "retries": task["maxRetry"],
            "group": shown.get("topicName"),
            **dict.fromkeys(UNTOLD["message"], NOT_TOLD),
        }

    def log(self) -> list[Row]:
        answer = self._json("GET", "events")
        events = answer["events"]
        while answer["cursor"]:
            answer = self._json("GET", f"events?cursor={answer['cursor']}")
            events += answer["events"]
        return [_log_row(event) for event in reversed(events)]

    def letters(self, **filters: Json) -> list[Row]:
        return self._version_2.letters(**filters)

    def queue(self, *, queue: str) -> Row:
        return self._version_2.queue(queue=queue)

    def key(self, *, key: str) -> Row:
        return self._version_2.key(key=key)

    def schedule_state(self, *, schedule: str) -> Row:
        shown = self._json("GET", f"schedules/{schedule}")
        destination = shown["destination"]
        return {
            "cron": shown["cron"],
            "destination": destination.get("url") or destination["topic"]["name"],
            **dict.fromkeys(UNTOLD["schedule_state"], NOT_TOLD),
        }

    # --- how it is said ------------------------------------------------------------------

    def _publish(self, settings: Args, header: Sequence[Header] = ()) -> Json:
        """Publish, with as many retries as version 2 has where nothing is said of them."""
        said = {"retries": DEFAULT_RETRIES, **settings}
        return self._post(f"publish/{wire.destination_of(settings)}", said, header)

    def _task(self, message_id: str) -> Json:
        return self._json("GET", f"tasks/{task_id_of(message_id)}")


def _message_of(row: Args) -> str:
    """The message that a task is in version 2."""
    message_id = message_id_of(row["taskId"])
    assert message_id is not None, row
    return message_id


def _log_row(event: Args) -> Row:
    return {
        "at": event["time"],
        "message": _message_of(event),
        "publication": event["messageId"],
        "state": event["state"],
        "url": event["url"],
    }
