"""``Client.publish`` and ``Client.publishJSON``: what comes back, and what arrives."""

from tests.builders import DAY, MINUTE, START
from tests.clients.npm.expected import (
    AS_JSON,
    AS_TEXT,
    BROKEN,
    BROKEN_ORDERS,
    CALLED,
    DELIVERED,
    ERROR,
    FAILED,
    OK,
    ORDERS,
    SHOP,
    SILENT,
    Object,
    base64_of,
    event,
    logged,
    message,
    published,
    raised,
    redacted,
    refused,
    reported,
    sent,
    waiting,
)
from tests.clients.npm.player import Player


def test_a_publish_without_anything_is_an_empty_post(player: Player) -> None:
    play = player.play("publishing.bare")

    assert play.calls == [published(1), ("Messages.get", waiting(1, ORDERS))]
    assert play.deliveries == [sent(1, f"POST {ORDERS}")]


def test_every_option_of_a_publish_is_honoured(player: Player) -> None:
    play = player.play("publishing.everyOption")

    settings = {
        "method": "PUT",
        "header": {"Content-Type": ["text/x-tea"], "X-Shop": ["tea"], "X-Till": [redacted("7")]},
        "maxRetries": 2,
        "timeout": 20_000,
        "callback": CALLED,
        "failureCallback": FAILED,
        "flowControlKey": "till",
        "parallelism": 2,
        "rate": 5,
        "period": 60,
        "label": "orders",
        "labels": ["orders", "tea"],
    }
    expression = "1000 * (1 + retried)"
    in_message = {
        **settings,
        "body": redacted("tea"),
        "retryDelayExpression": expression,
        "notBefore": START + MINUTE,
        "ratePerSecond": 5,
    }
    in_log = {**settings, "body": base64_of(redacted("tea")), "retryDelayExpr": expression}
    dead_letter = {
        "responseStatus": 500,
        "responseHeader": BROKEN.headers,
        "responseBody": BROKEN.body,
        "failureCallbackInfo": {"state": "CALLBACK_SUCCESS", "responseStatus": 200},
        "dlqId": f"{START + 63_000}-0",
    }
    assert play.calls == [
        published(1),
        ("Messages.get", waiting(1, BROKEN_ORDERS, **in_message)),
        (
            "Client.logs",
            logged(
                *(
                    event(at, state, 1, BROKEN_ORDERS, **in_log, **more)
                    for at, state, more in (
                        (63_000, "FAILED", {}),
                        (63_000, "ERROR", ERROR),
                        (63_000, "ACTIVE", {}),
                        (61_000, "RETRY", {"nextDeliveryTime": START + 63_000}),
                        (61_000, "ERROR", ERROR),
                        (61_000, "ACTIVE", {}),
                        (60_000, "RETRY", {"nextDeliveryTime": START + 61_000}),
                        (60_000, "ERROR", ERROR),
                        (60_000, "ACTIVE", {}),
                        (0, "CREATED", {"nextDeliveryTime": START + 60_000}),
                    )
                )
            ),
        ),
        (
            "DLQ.listMessages",
            {"messages": [message(1, BROKEN_ORDERS, **in_message, **dead_letter)]},
        ),
    ]

    line = f"PUT {BROKEN_ORDERS}"
    fields = [("Content-Type", "text/x-tea"), SHOP, ("X-Till", "7")]
    first = sent(1, line, *fields, body="tea", at=60_000)
    second = sent(1, line, *fields, body="tea", at=61_000, retried=1)
    third = sent(1, line, *fields, body="tea", at=63_000, retried=2)
    dlq_id = f"{START + 63_000}-0"
    assert play.deliveries == [
        first,
        reported(2, first, BROKEN, retries=2, due=MINUTE),
        second,
        reported(3, second, BROKEN, retries=2, due=MINUTE),
        third,
        reported(4, third, BROKEN, retries=2, due=MINUTE),
        reported(5, third, BROKEN, to=FAILED, retries=2, due=MINUTE, dlq_id=dlq_id),
    ]


def test_options_that_take_other_forms_mean_the_same(player: Player) -> None:
    play = player.play("publishing.otherForms")

    limits = {"rate": 4, "period": 1, "ratePerSecond": 4}
    long_limits = {"rate": 5, "period": 90, "ratePerSecond": 5}
    headers = {"Content-Type": [redacted(AS_TEXT[1])], "X-A": [redacted("1")]}
    shown: list[Object] = [
        {"notBefore": START + DAY, "timeout": MINUTE, "label": "tea", "labels": ["tea"]},
        {"method": "GET", "maxRetries": 0},
        {"flowControlKey": "a", "parallelism": 3, "period": 1},
        {"method": "PATCH", "flowControlKey": "b", **limits},
        {"method": "DELETE", "flowControlKey": "c", **long_limits},
        {"header": headers, "body": "tea"},
    ]
    assert play.calls == [
        *map(published, range(1, 7)),
        *(
            ("Messages.get", waiting(number, ORDERS, **changes))
            for number, changes in enumerate(shown, start=1)
        ),
    ]


def test_every_kind_of_body_arrives_as_it_is(player: Player) -> None:
    play = player.play("publishing.bodies")

    query = "application/x-www-form-urlencoded;charset=UTF-8"
    shown: list[Object] = [
        {"header": {"Content-Type": [AS_TEXT[1]]}, "body": "tëa"},
        {"header": {"Content-Type": [query]}, "body": "id=7"},
        {"header": {"Content-Type": ["image/x-tea"]}, "bodyBase64": "AP8K"},
        {"bodyBase64": "wyg="},
    ]
    assert play.calls == [
        call
        for number, changes in enumerate(shown, start=1)
        for call in (published(number), ("Messages.get", waiting(number, ORDERS, **changes)))
    ]
    assert play.deliveries == [
        sent(1, f"POST {ORDERS}", AS_TEXT, body="tëa"),
        sent(2, f"POST {ORDERS}", ("Content-Type", query), body="id=7"),
        sent(3, f"POST {ORDERS}", ("Content-Type", "image/x-tea"), body="\0\\xff\n"),
        sent(4, f"POST {ORDERS}", body="\\xc3("),
    ]


def test_every_form_of_headers_arrives(player: Player) -> None:
    play = player.play("publishing.headerForms")

    last = sent(6, f"POST {ORDERS}")
    report = reported(7, last, OK)
    assert play.calls == [*map(published, range(1, 7))]
    assert play.deliveries == [
        sent(1, f"POST {ORDERS}", ("Content-Type", "a/b"), SHOP),
        sent(2, f"POST {ORDERS}", SHOP),
        sent(3, f"POST {ORDERS}", ("X-Shop", "tea, coffee")),
        sent(4, f"POST {ORDERS}", ("X-Shop", "coffee")),
        sent(5, f"POST {ORDERS}", ("Upstash-Inner", "1")),
        last,
        sent(7, f"PATCH {CALLED}", AS_JSON, ("X-Order", "7"), body=report.body),
    ]


def test_urls_are_called_as_the_client_writes_them(player: Player) -> None:
    play = player.play("publishing.urls")

    with_query = "https://shop.test/orders?id=7&name=green%20tea&id=8"
    assert play.calls == [
        published(1),
        published(2),
        ("Messages.get", waiting(2, with_query, maxRetries=1)),
        published(3),
        published(4),
    ]
    assert play.deliveries == [
        sent(1, "POST https://shop.test"),
        sent(2, f"POST {with_query}"),
        sent(3, "POST https://shop.test//orders/a%20b?%C3%A9=t%C3%ABa"),
        sent(4, "POST http://shop.test:8080/orders/"),
    ]


def test_json_is_published_as_json(player: Player) -> None:
    play = player.play("publishing.json")

    made = [("Client.publishJSON", {"messageId": f"message-{number}"}) for number in range(1, 6)]
    assert play.calls == made
    assert play.deliveries == [
        sent(1, f"POST {ORDERS}", AS_JSON, SHOP, body='{"id":7,"name":"tëa"}'),
        sent(3, f"POST {ORDERS}", AS_JSON, body="null"),
        sent(4, f"POST {ORDERS}", AS_JSON),
        sent(5, f"POST {ORDERS}", AS_JSON, body="[1]"),
        sent(2, f"PUT {ORDERS}", AS_JSON, body='"tea"', at=MINUTE),
    ]


def test_duplicates_are_told_and_not_sent(player: Player) -> None:
    play = player.play("publishing.duplicates")

    def duplicate(number: int) -> tuple[str, object]:
        return ("Client.publish", {"messageId": f"message-{number}", "deduplicated": True})

    known = {"messageId": "message-5", "url": ORDERS}
    assert play.calls == [
        published(1),
        duplicate(1),
        published(2),
        duplicate(2),
        published(3),
        duplicate(1),
        published(4),
        ("UrlGroups.addEndpoints", None),
        ("Client.publish", [known]),
        ("UrlGroups.addEndpoints", None),
        (
            "Client.publish",
            [
                {**known, "deduplicated": True},
                {"messageId": "message-6", "url": "https://shop.test/b"},
            ],
        ),
    ]
    topic = ("Upstash-Topic-Name", "shops")
    assert play.deliveries == [
        sent(1, f"POST {ORDERS}"),
        sent(2, f"POST {ORDERS}", AS_TEXT, body="tea"),
        sent(3, f"POST {ORDERS}", AS_TEXT, body="coffee"),
        sent(4, f"POST {ORDERS}", at=10 * MINUTE),
        sent(5, f"POST {ORDERS}", topic, at=10 * MINUTE),
        sent(6, "POST https://shop.test/b", topic, at=10 * MINUTE),
    ]


def test_a_publish_to_a_group_goes_to_each_endpoint(player: Player) -> None:
    play = player.play("publishing.toGroups")

    first, second = "https://shop.test/a", "https://shop.test/b"
    shown = {
        "topicName": "shops",
        "urlGroup": "shops",
        "header": {"Content-Type": [AS_TEXT[1]]},
        "body": "tea",
    }

    def pair(number: int) -> list[dict[str, str]]:
        return [
            {"messageId": f"message-{number}", "url": first},
            {"messageId": f"message-{number + 1}", "url": second},
        ]

    assert play.calls == [
        ("UrlGroups.addEndpoints", None),
        ("Client.publish", pair(1)),
        ("Messages.get", waiting(1, first, **shown, endpointName="first")),
        ("Messages.get", waiting(2, second, **shown)),
        ("Client.publish", pair(3)),
        ("Client.publishJSON", pair(5)),
        ("Client.publish", refused(404, "topic nobody not found")),
    ]
    topic = ("Upstash-Topic-Name", "shops")
    assert play.deliveries == [
        sent(1, f"POST {first}", topic, AS_TEXT, body="tea"),
        sent(2, f"POST {second}", topic, AS_TEXT, body="tea"),
        sent(3, f"POST {first}", topic),
        sent(4, f"POST {second}", topic),
        sent(5, f"POST {first}", topic, AS_JSON, body='{"id":7}'),
        sent(6, f"POST {second}", topic, AS_JSON, body='{"id":7}'),
    ]


def test_callbacks_tell_of_answers_and_of_silence(player: Player) -> None:
    play = player.play("publishing.callbacks")

    shown = {
        "header": {"Content-Type": [AS_TEXT[1]]},
        "body": base64_of("tea"),
        "callback": CALLED,
        "failureCallback": FAILED,
    }
    assert play.calls == [
        published(1),
        published(2),
        (
            "Client.logs",
            logged(
                event(0, "DELIVERED", 1, ORDERS, **shown, **DELIVERED),
                event(0, "ACTIVE", 1, ORDERS, **shown),
                event(0, "CREATED", 1, ORDERS, **shown, nextDeliveryTime=START),
            ),
        ),
    ]
    order = sent(1, f"POST {ORDERS}", AS_TEXT, body="tea")
    lost = sent(2, "POST https://nowhere.test/")
    assert play.deliveries == [
        order,
        lost,
        reported(3, order, OK),
        reported(4, lost, SILENT, retries=0),
        reported(5, lost, SILENT, retries=0, to=FAILED, dlq_id=f"{START}-0"),
    ]


def test_what_is_wrong_is_raised_with_the_words_of_the_service(player: Player) -> None:
    play = player.play("publishing.refused")

    no_scheme = "endpoint has invalid scheme, add http:// or https://"
    value = "invalid flow control value"
    assert play.calls == [
        ("Client.publish", outcome)
        for outcome in (
            raised("QstashError", "Failed to infer request path for {}"),
            refused(400, f"invalid destination url: {no_scheme}"),
            refused(400, 'invalid delay: cannot parse duration "tomorrow"'),
            refused(412, "quota maxDelay exceeded, current limit: 31536000"),
            refused(412, "quota maxDelay exceeded, current limit: 31536000"),
            refused(412, "quota maxRetries exceeded, current limit: 5"),
            refused(400, 'invalid retries: expected a non-negative integer, got "-1"'),
            refused(400, 'invalid retry delay expression: unexpected token "*" at position 4'),
            refused(412, "quota maxTimeout exceeded, current limit: 7200"),
            refused(400, 'invalid timeout: cannot parse duration "0.5s"'),
            refused(
                400, 'invalid method: expected one of GET, POST, PUT, PATCH, DELETE, got "TRACE"'
            ),
            refused(400, "DeduplicationId cannot contain ':'"),
            refused(400, f"invalid callback url: {no_scheme}"),
            refused(400, f"invalid failure callback url: {no_scheme}"),
            raised(
                "QstashError",
                "Provide at least one of parallelism or ratePerSecond for flowControl",
            ),
            refused(400, f"{value}: rate must be a positive integer"),
            refused(400, f"{value}: period cannot exceed 604800 seconds"),
            refused(412, "quota maxMessageSize exceeded, current limit: 10485760"),
        )
    ]
    assert play.deliveries == []
