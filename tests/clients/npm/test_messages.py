"""``Messages``: read, and cancelled in every way."""

from tests.builders import HOUR, START
from tests.clients.npm.expected import (
    Object,
    event,
    logged,
    message,
    published,
    raised,
    refused,
    sent,
)
from tests.clients.npm.player import Player

NONE_GIVEN = (
    "Empty messageIds array provided. If you intend to target all messages, "
    "use { all: true } explicitly."
)


def cancelled(count: int) -> tuple[str, Object]:
    return ("Messages.cancel", {"cancelled": count})


def test_the_old_ways_to_cancel_work(player: Player) -> None:
    play = player.play("messages.deprecatedCancels")

    url = "https://shop.test/a"
    assert play.calls == [
        *map(published, range(1, 6)),
        ("Messages.delete", None),
        ("Messages.delete", refused(404, "message message-1 not found")),
        ("Messages.get", refused(404, "message message-1 not found")),
        ("Messages.deleteMany", 2),
        ("Messages.deleteAll", 2),
        ("Messages.deleteAll", 0),
        (
            "Client.logs",
            logged(
                event(HOUR, "CANCELED", 1, url),
                event(0, "CANCEL_REQUESTED", 1, url),
                event(0, "CREATED", 1, url, nextDeliveryTime=START + HOUR),
            ),
        ),
    ]
    assert play.deliveries == []


def test_messages_are_cancelled_by_their_ids(player: Player) -> None:
    play = player.play("messages.cancelledById")

    url = "https://shop.test/d"
    delivered = {"state": "DELIVERED", "retried": 0, "responseStatus": 200}
    assert play.calls == [
        *map(published, range(1, 5)),
        cancelled(1),
        ("Messages.cancel", refused(404, "message message-1 not found")),
        cancelled(1),
        cancelled(1),
        cancelled(0),
        ("Messages.cancel", raised("QstashError", "Message id cannot be empty")),
        ("Messages.cancel", raised("QstashError", NONE_GIVEN)),
        ("Messages.get", message(4, url, notBefore=START + HOUR, **delivered)),
        ("Messages.get", refused(404, "message message-4 not found")),
        ("Messages.cancel", refused(404, "message message-4 not found")),
    ]
    assert play.deliveries == [sent(4, f"POST {url}", at=HOUR)]


def test_every_filter_finds_its_message(player: Player) -> None:
    play = player.play("messages.cancelledByFilter")

    made = {"header": {"Content-Type": ["application/json"]}, "scheduleId": "hourly"}
    limits = {"flowControlKey": "k", "rate": 1, "period": 1}
    group = {"topicName": "shops", "urlGroup": "shops"}

    def requested(number: int, url: str, **changes: object) -> Object:
        return event(HOUR, "CANCEL_REQUESTED", number, url, **changes)

    assert play.calls == [
        ("UrlGroups.addEndpoints", None),
        ("Schedules.create", {"scheduleId": "hourly"}),
        *map(published, range(1, 7)),
        ("Client.publish", [{"messageId": "message-7", "url": "https://group.test/a"}]),
        ("Queue.enqueue", {"messageId": "message-8"}),
        cancelled(0),
        *(cancelled(1) for _ in range(8)),
        cancelled(0),
        cancelled(0),
        cancelled(1),
        (
            "Client.logs",
            logged(
                requested(5, "https://shop.test/label", label="c", labels=["c"]),
                requested(9, "https://schedule.test/", **made),
                requested(8, "https://shop.test/queue", queueName="till"),
                requested(7, "https://group.test/a", **group),
                requested(6, "https://shop.test/flow", **limits),
                requested(3, "https://shop.test/path/x?y"),
                requested(2, "https://other.test:8080/x"),
                requested(1, "https://shop.test/url?a,b"),
                requested(4, "https://shop.test/label", label="a", labels=["a", "b"]),
            ),
        ),
        *map(published, range(10, 13)),
        cancelled(1),
        cancelled(2),
        (
            "Messages.cancel",
            refused(400, 'invalid count: expected an integer between 1 and 500, got "501"'),
        ),
    ]
    assert play.deliveries == []
