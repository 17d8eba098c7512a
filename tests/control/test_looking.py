"""What is to come, what happened and why, and what is left behind, over HTTP."""

import pytest

from fakestash import FakeQStash
from tests.builders import DAY, HOUR, START, URL
from tests.control.remote import Remote

TEXT = ("Accept", "text/plain")


def failing() -> tuple[Remote, str]:
    """A message that is in the dead letter queue."""
    fake = FakeQStash()
    fake.destination(URL).responds(500)
    remote = Remote(fake)
    message_id = remote.publish(URL, ("Upstash-Retries", "0"))
    remote.done("/clock/advance", {"duration": 0})
    return remote, message_id


def test_what_is_to_come_is_told_in_order() -> None:
    remote = Remote()
    message_id = remote.publish(URL, ("Upstash-Delay", "1h"))

    assert remote.get("/upcoming") == {
        "upcoming": [
            {
                "at": START + HOUR,
                "in": "1 h",
                "kind": "attempt",
                "what": f"attempt 1 of 4 of {message_id} to {URL}",
                "messageId": message_id,
                "url": URL,
                "urls": [URL],
            }
        ]
    }
    assert remote.get("/upcoming?within=59m") == {"upcoming": []}


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 7),
        ("?count=2", 2),
        ("?within=2d", 2),
        (f"?within={DAY // 1000}", 1),
        ("?within=1.5d", 1),
    ],
)
def test_one_may_look_as_far_ahead_as_one_wants(query: str, count: int) -> None:
    remote = Remote()
    remote.publish(URL, ("Upstash-Cron", "0 0 * * *"), version="v2/schedules")

    found = remote.get(f"/upcoming{query}")["upcoming"]

    assert len(found) == count
    assert {(each["kind"], "scheduleId" in each) for each in found} == {("firing", True)}


@pytest.mark.parametrize(
    "query", ["within=soon", "within=1..2", "within=", "count=10001", "count=x"]
)
def test_a_bad_look_ahead_is_refused(query: str) -> None:
    assert Remote().call("GET", f"/upcoming?{query}", b"")[0] == 400


def test_a_message_is_explained_as_in_python() -> None:
    remote, message_id = failing()

    text = remote.fake.explain(message_id)

    assert remote.get(f"/messages/{message_id}/explain") == {"messageId": message_id, "text": text}
    plain = remote.response("GET", f"/messages/{message_id}/explain", b"", TEXT)
    assert (plain.body, dict(plain.header)["content-type"]) == (
        f"{text}\n",
        "text/plain; charset=utf-8",
    )


def test_a_message_that_is_not_there_is_not_explained() -> None:
    status, found = Remote().call("GET", "/messages/msg_x/explain", b"")

    assert status == 404
    assert "msg_x" in found["error"]


def test_the_timeline_is_told_as_in_python() -> None:
    remote, _ = failing()

    assert remote.get("/timeline") == {"text": remote.fake.timeline()}
    assert remote.response("GET", "/timeline", b"", TEXT).body == f"{remote.fake.timeline()}\n"


def test_the_audit_tells_what_is_left_behind() -> None:
    remote, message_id = failing()

    found = remote.get("/audit")

    assert found["text"] == str(remote.fake.audit())
    assert [(each["kind"], each["messageId"]) for each in found["findings"]] == [
        ("dead letter", message_id)
    ]


def test_what_the_audit_finds_about_no_message_names_none() -> None:
    remote = Remote()
    remote.done("/destinations", {"url": URL})

    (finding,) = remote.get("/audit")["findings"]

    assert (finding["kind"], finding["url"], "messageId" in finding) == ("unused", URL, False)


def test_the_summary_counts_what_became_of_the_messages() -> None:
    remote, _ = failing()
    remote.publish(URL, ("Upstash-Delay", "1h"))
    for delay in ("1s", "1h"):  # the second one stands there until its time has come
        canceled = remote.publish(URL, ("Upstash-Delay", delay))
        remote.fake.engine.cancel(remote.fake.user_id, canceled, "127.0.0.1")
    remote.done("/clock/advance", {"duration": 2})

    assert remote.get("/summary") == {
        "delivered": 0,
        "failed": 1,
        "canceled": 2,
        "pending": 1,
        "deadLetters": 1,
        "deliveries": 1,
        "text": "0 delivered, 1 failed, 2 canceled, 1 pending, 1 in the dead letter queue, "
        "1 delivery attempt",
    }


def test_what_the_service_does_not_know_is_shown_and_forgotten() -> None:
    remote = Remote()
    remote.publish(URL, ("Upstash-Retires", "1"))

    (note,) = remote.get("/strictness")["notes"]

    assert (note["value"], note["suggestion"]) == ("Upstash-Retires", "Upstash-Retries")
    assert remote.delete("/strictness") == (204, None)
    assert remote.get("/strictness") == {"notes": []}
