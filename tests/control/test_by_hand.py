"""Firing and delivering by hand over HTTP."""

from fakestash import FakeQStash
from tests.builders import START, URL
from tests.control.remote import Remote


def test_a_schedule_fires_now() -> None:
    fake = FakeQStash()
    fake.destination(URL)
    remote = Remote(fake)
    headers = (("Upstash-Cron", "0 0 * * *"), ("Upstash-Schedule-Id", "daily"))
    remote.publish(URL, *headers, version="v2/schedules")

    (message_id,) = remote.done("/schedules/daily/fire")["messageIds"]
    report = remote.done("/clock/advance", {"duration": 0})

    assert [each["messageId"] for each in report["deliveries"]] == [message_id]


def test_a_schedule_that_cannot_fire_says_why() -> None:
    fake = FakeQStash()
    remote = Remote(fake)
    headers = (("Upstash-Cron", "0 0 * * *"), ("Upstash-Schedule-Id", "daily"))
    remote.publish(URL, *headers, version="v2/schedules")
    fake.engine.schedules.pause(fake.user_id, "daily")

    assert remote.post("/schedules/daily/fire") == (
        409,
        {"error": "schedule daily is paused and does not fire: resume it"},
    )
    status, found = remote.post("/schedules/weekly/fire")
    assert status == 404
    assert "weekly" in found["error"]


def test_a_message_that_waits_is_delivered_now() -> None:
    fake = FakeQStash()
    fake.destination(URL)
    remote = Remote(fake)
    message_id = remote.publish(URL, ("Upstash-Delay", "1h"))

    delivery = remote.done(f"/messages/{message_id}/deliver")

    assert (delivery["messageId"], delivery["at"], delivery["status"]) == (message_id, START, 200)
    status, found = remote.post(f"/messages/{message_id}/deliver")
    assert status == 409
    assert message_id in found["error"]
    assert remote.post("/messages/msg_x/deliver")[0] == 404
