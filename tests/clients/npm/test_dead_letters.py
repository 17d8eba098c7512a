"""``DLQ``: what failed for good, listed, deleted, tried again."""

from tests.builders import HOUR, START
from tests.clients.npm.expected import (
    AS_JSON,
    AS_TEXT,
    FAILED,
    SHOP,
    SILENT,
    Object,
    dead,
    message,
    published,
    raised,
    refused,
    reported,
    sent,
    waiting,
)
from tests.clients.npm.player import Player

NONE_GIVEN = raised(
    "QstashError",
    "Empty dlqIds array provided. If you intend to target all DLQ messages, "
    "use { all: true } explicitly.",
)


def dlq_id(number: int) -> str:
    return f"{START}-{number}"


def page(*letters: Object, cursor: str | None = None) -> tuple[str, Object]:
    found: Object = {"messages": list(letters)}
    return ("DLQ.listMessages", found if cursor is None else {**found, "cursor": cursor})


def retried(*numbers: int, cursor: str | None = None) -> tuple[str, Object]:
    made: Object = {"responses": [{"messageId": f"message-{number}"} for number in numbers]}
    return ("DLQ.retry", made if cursor is None else {**made, "cursor": cursor})


def deleted(count: int, **more: object) -> tuple[str, Object]:
    return ("DLQ.delete", {"deleted": count, **more})


OF_EVERY_KIND = [
    ("UrlGroups.addEndpoints", None),
    ("Schedules.create", {"scheduleId": "hourly"}),
    published(1),
    published(2),
    ("Client.publish", [{"messageId": "message-3", "url": "https://broken.test/group"}]),
    ("Queue.enqueue", {"messageId": "message-4"}),
]


def test_what_failed_is_listed_by_pages_and_by_ids(player: Player) -> None:
    play = player.play("dead_letters.listed")

    text = {"header": {"Content-Type": [AS_TEXT[1]], "X-Shop": ["tea"]}, "body": "tea"}
    labels = {"label": "a", "labels": ["a"]}
    first = dead(1, "https://broken.test/1", dlq_id(0), **text, **labels)
    second = message(
        2,
        "https://broken.test/bytes",
        bodyBase64="/w==",
        maxRetries=0,
        responseStatus=500,
        responseBodyBase64="/w==",
        dlqId=dlq_id(1),
    )
    third = message(
        3,
        "https://nowhere.test/",
        maxRetries=0,
        failureCallback=FAILED,
        failureCallbackInfo={"state": "CALLBACK_SUCCESS", "responseStatus": 200},
        responseStatus=0,
        dlqId=dlq_id(2),
    )
    none_given = (
        'Empty array provided for query parameter "dlqIds". This would result in no filter '
        "being applied, which could affect all resources."
    )
    assert play.calls == [
        *map(published, range(1, 4)),
        page(first, second, third),
        page(first, second, cursor=dlq_id(1)),
        page(third),
        page(first),
        page(second),
        ("DLQ.listMessages", raised("QstashEmptyArrayError", none_given)),
    ]
    lost = sent(3, "POST https://nowhere.test/")
    assert play.deliveries == [
        sent(1, "POST https://broken.test/1", AS_TEXT, SHOP, body="tea"),
        sent(2, "POST https://broken.test/bytes", body="\\xff"),
        lost,
        reported(4, lost, SILENT, to=FAILED, retries=0, dlq_id=dlq_id(2)),
    ]


def test_every_filter_finds_its_dead_letter(player: Player) -> None:
    play = player.play("dead_letters.filtered")

    labelled = dead(1, "https://broken.test/1", dlq_id(0), label="a", labels=["a", "b"])
    limited = message(
        2,
        "https://nowhere.test/2",
        maxRetries=0,
        flowControlKey="k",
        rate=1,
        period=1,
        ratePerSecond=1,
        responseStatus=0,
        dlqId=dlq_id(1),
    )
    group = {"topicName": "shops", "urlGroup": "shops"}
    grouped = dead(3, "https://broken.test/group", dlq_id(2), **group)
    queued = dead(4, "https://broken.test/queue", dlq_id(3), queueName="till")
    scheduled = dead(
        5,
        "https://broken.test/schedule",
        f"{START + HOUR}-0",
        header={"Content-Type": ["application/json"]},
        notBefore=START + HOUR,
        createdAt=START + HOUR,
        scheduleId="hourly",
    )
    assert play.calls == [
        *OF_EVERY_KIND,
        page(labelled),
        page(labelled),
        page(),
        page(limited),
        page(limited),
        page(grouped),
        page(queued),
        page(scheduled),
        page(),
        page(scheduled),
        ("DLQ.listMessages", refused(400, "unknown query parameter: host")),
    ]


def test_every_filter_deletes_its_dead_letter(player: Player) -> None:
    play = player.play("dead_letters.deletedByFilter")

    assert play.calls == [*OF_EVERY_KIND, deleted(0), *(deleted(1) for _ in range(5)), page()]


def test_every_filter_has_its_dead_letter_tried_again(player: Player) -> None:
    play = player.play("dead_letters.retriedByFilter")

    assert play.calls == [
        *OF_EVERY_KIND,
        retried(),
        *(retried(number) for number in range(5, 10)),
    ]
    of_group = ("Upstash-Topic-Name", "shops")
    of_schedule = [("Upstash-Schedule-Id", "hourly"), AS_JSON]
    scheduled = "POST https://broken.test/schedule"
    assert play.deliveries == [
        sent(1, "POST https://broken.test/1"),
        sent(2, "POST https://nowhere.test/2"),
        sent(3, "POST https://broken.test/group", of_group),
        sent(4, "POST https://broken.test/queue"),
        sent(10, scheduled, *of_schedule, at=HOUR),
        sent(5, "POST https://broken.test/1", at=HOUR),
        sent(6, "POST https://nowhere.test/2", at=HOUR),
        sent(7, "POST https://broken.test/group", of_group, at=HOUR),
        sent(8, "POST https://broken.test/queue", at=HOUR),
        sent(9, scheduled, *of_schedule, at=HOUR),
    ]


def test_dead_letters_are_deleted_in_every_way(player: Player) -> None:
    play = player.play("dead_letters.deleted")

    letters = [
        dead(number, f"https://broken.test/{number}", dlq_id(number - 1)) for number in range(1, 8)
    ]
    assert play.calls == [
        *map(published, range(1, 8)),
        page(*letters),
        deleted(1),
        ("DLQ.delete", refused(404, f"dlq message {dlq_id(0)} not found")),
        deleted(1),
        deleted(1),
        ("DLQ.deleteMany", {"deleted": 1}),
        deleted(1),
        deleted(1, cursor=dlq_id(5)),
        deleted(1),
        page(),
        deleted(0),
        ("DLQ.delete", raised("QstashError", "DLQ id cannot be empty")),
        ("DLQ.delete", NONE_GIVEN),
    ]


def test_dead_letters_are_tried_again_in_every_way(player: Player) -> None:
    play = player.play("dead_letters.retried")

    text = {"header": {"Content-Type": [AS_TEXT[1]], "X-Shop": ["tea"]}, "body": "tea"}
    labels = {"label": "a", "labels": ["a"]}
    first = dead(1, "https://broken.test/1", dlq_id(0), **text, **labels)
    others = [
        dead(number, f"https://broken.test/{number}", dlq_id(number - 1)) for number in range(2, 6)
    ]
    again = waiting(6, "https://broken.test/1", **text, **labels, maxRetries=0)
    assert play.calls == [
        *map(published, range(1, 6)),
        page(first, *others),
        retried(6),
        ("Messages.get", again),
        retried(7),
        retried(8),
        retried(9),
        retried(10),
        retried(),
        ("DLQ.retry", refused(404, "some messages were not found in the dlq")),
        retried(),
        ("DLQ.retry", NONE_GIVEN),
        retried(11, 12, cursor=dlq_id(6)),
        retried(13, 14, 15),
    ]
    attempts = [(number, (number - 1) % 5 + 1) for number in range(1, 11)]
    assert play.deliveries == [
        sent(number, "POST https://broken.test/1", AS_TEXT, SHOP, body="tea")
        if name == 1
        else sent(number, f"POST https://broken.test/{name}")
        for number, name in attempts
    ]
