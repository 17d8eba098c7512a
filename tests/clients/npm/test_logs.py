"""``Client.logs`` and ``Client.events``: the whole log, a page of it, a part of it."""

from tests.builders import HOUR, START
from tests.clients.npm.expected import (
    AS_TEXT,
    BROKEN_ORDERS,
    DELIVERED,
    ERROR,
    Object,
    base64_of,
    event,
    logged,
    published,
    raised,
    refused,
)
from tests.clients.npm.player import Player


def test_the_log_tells_every_step_the_latest_first(player: Player) -> None:
    play = player.play("logs.whole")

    url = "https://shop.test/orders?id=7"
    order = {
        "header": {"Content-Type": [AS_TEXT[1]], "X-Shop": ["tea"]},
        "body": base64_of("tea"),
    }
    once = {"maxRetries": 1}
    log = logged(
        event(12_000, "FAILED", 2, BROKEN_ORDERS, **once),
        event(12_000, "ERROR", 2, BROKEN_ORDERS, **once, **ERROR),
        event(12_000, "ACTIVE", 2, BROKEN_ORDERS, **once),
        event(0, "RETRY", 2, BROKEN_ORDERS, **once, nextDeliveryTime=START + 12_000),
        event(0, "ERROR", 2, BROKEN_ORDERS, **once, **ERROR),
        event(0, "ACTIVE", 2, BROKEN_ORDERS, **once),
        event(0, "DELIVERED", 1, url, **order, **DELIVERED),
        event(0, "ACTIVE", 1, url, **order),
        event(0, "CREATED", 2, BROKEN_ORDERS, **once, nextDeliveryTime=START),
        event(0, "CREATED", 1, url, **order, nextDeliveryTime=START),
    )
    assert play.calls == [
        published(1),
        published(2),
        ("Client.logs", log),
        ("Client.events", log),
    ]


def test_the_log_comes_in_pages(player: Player) -> None:
    play = player.play("logs.pages")

    url = "https://shop.test/a"
    delivered = event(0, "DELIVERED", 1, url, **DELIVERED)
    active = event(0, "ACTIVE", 1, url)
    created = event(0, "CREATED", 1, url, nextDeliveryTime=START)
    assert play.calls == [
        published(1),
        ("Client.logs", logged(delivered, active, cursor=f"{START}-1")),
        ("Client.logs", logged(created)),
        ("Client.logs", refused(400, f"invalid cursor: {START}")),
        ("Client.events", logged(created)),
        ("Client.events", logged()),
        ("Client.logs", logged(delivered, cursor=f"{START}-2")),
        (
            "Client.logs",
            refused(400, 'invalid count: expected an integer between 1 and 1000, got "0"'),
        ),
    ]


def test_every_filter_finds_its_events(player: Player) -> None:
    play = player.play("logs.filters")

    first = "https://shop.test/1?x"
    labels = {"label": "a", "labels": ["a", "b"]}
    limits = {"flowControlKey": "k", "rate": 1, "period": 1}
    group = {"topicName": "shops", "urlGroup": "shops"}
    made = {"header": {"Content-Type": ["application/json"]}, "scheduleId": "hourly"}

    def of_first(state: str, **more: object) -> Object:
        return event(0, state, 1, first, **labels, **more)

    def of_second(state: str, **more: object) -> Object:
        shown = event(0, state, 2, "https://broken.test/2", **more)
        del shown["maxRetries"]  # which is 0
        return shown

    def of_third(state: str, **more: object) -> Object:
        return event(0, state, 3, "https://shop.test/3", **limits, **more)

    def of_group(state: str, **more: object) -> Object:
        return event(0, state, 4, "https://shop.test/group", **group, **more)

    def of_queue(state: str, **more: object) -> Object:
        return event(0, state, 5, "https://shop.test/queue", queueName="till", **more)

    def of_schedule(state: str, **more: object) -> Object:
        return event(HOUR, state, 6, "https://shop.test/schedule", **made, **more)

    due = {"nextDeliveryTime": START}
    whole_first = [
        of_first("DELIVERED", **DELIVERED),
        of_first("ACTIVE"),
        of_first("CREATED", **due),
    ]
    pages: list[list[Object]] = [
        [
            of_schedule("CREATED", nextDeliveryTime=START + HOUR),
            of_queue("CREATED", **due),
            of_group("CREATED", **due),
            of_third("CREATED", **due),
            of_second("CREATED", **due),
            of_first("CREATED", **due),
        ],
        [
            of_queue("ACTIVE"),
            of_group("ACTIVE"),
            of_third("ACTIVE"),
            of_second("ERROR", **ERROR),
            of_second("ACTIVE"),
            of_first("ACTIVE"),
        ],
        [of_second("FAILED")],
        whole_first,
        [of_first("DELIVERED", **DELIVERED)],
        [of_second("ACTIVE"), of_first("ACTIVE")],
        [of_second("ERROR", **ERROR)],
        [of_first("ACTIVE")],
        [of_third("ACTIVE")],
        [of_group("ACTIVE")],
        [of_group("ACTIVE")],
        [of_queue("ACTIVE")],
        [of_schedule("ACTIVE")],
        [],
        [of_schedule("ACTIVE")],
        whole_first,
    ]
    none_given = (
        'Empty array provided for query parameter "messageIds". This would result in no filter '
        "being applied, which could affect all resources."
    )
    assert play.calls == [
        ("UrlGroups.addEndpoints", None),
        ("Schedules.create", {"scheduleId": "hourly"}),
        *map(published, range(1, 4)),
        ("Client.publish", [{"messageId": "message-4", "url": "https://shop.test/group"}]),
        ("Queue.enqueue", {"messageId": "message-5"}),
        *(("Client.logs", logged(*events)) for events in pages),
        ("Client.logs", raised("QstashEmptyArrayError", none_given)),
    ]
