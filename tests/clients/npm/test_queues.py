"""``Queue``: its settings, its order, and what is enqueued."""

from tests.builders import MINUTE, START
from tests.clients.npm.expected import (
    AS_JSON,
    AS_TEXT,
    BROKEN,
    BROKEN_ORDERS,
    CALLED,
    ERROR,
    FAILED,
    MODEL,
    ORDERS,
    SHOP,
    Object,
    base64_of,
    event,
    logged,
    message,
    raised,
    redacted,
    refused,
    reported,
    sent,
    waiting,
)
from tests.clients.npm.player import Player

A, B = "https://shop.test/a", "https://shop.test/b"


def queue(**changes: object) -> Object:
    return {
        "createdAt": START,
        "updatedAt": START,
        "name": "till",
        "parallelism": 1,
        "lag": 0,
        "paused": False,
        **changes,
    }


def enqueued(number: int) -> tuple[str, Object]:
    return ("Queue.enqueue", {"messageId": f"message-{number}"})


def test_a_queue_is_made_changed_and_deleted(player: Player) -> None:
    play = player.play("queues.life")

    assert play.calls == [
        ("Queue.get", refused(404, "queue till not found")),
        ("Queue.upsert", None),
        ("Queue.get", queue()),
        ("Queue.upsert", None),
        ("Queue.get", queue(parallelism=3, paused=True)),
        ("Queue.resume", None),
        ("Queue.list", [queue(parallelism=3)]),
        ("Queue.pause", None),
        ("Queue.list", [queue(parallelism=3, paused=True)]),
        ("Queue.delete", None),
        ("Queue.delete", None),
        ("Queue.list", []),
    ]


def test_what_is_enqueued_waits_for_the_pause_and_for_what_came_before(player: Player) -> None:
    play = player.play("queues.order")

    resumed = START + MINUTE
    assert play.calls == [
        ("Queue.upsert", None),
        enqueued(1),
        enqueued(2),
        ("Queue.get", queue(lag=2, paused=True)),
        ("Queue.resume", None),
        ("Queue.get", queue(updatedAt=resumed, lag=2)),
        ("Queue.get", queue(updatedAt=resumed)),
    ]
    assert play.deliveries == [
        sent(1, "POST https://slow.test/1", at=MINUTE),
        sent(2, "POST https://slow.test/2", at=MINUTE + 10_000),
    ]


def test_every_option_of_an_enqueue_is_honoured(player: Player) -> None:
    play = player.play("queues.everyOption")

    settings = {
        "queueName": "till",
        "method": "PUT",
        "header": {"Content-Type": [redacted("text/x-tea")], "X-Shop": [redacted("tea")]},
        "maxRetries": 1,
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
    in_message = {
        **settings,
        "body": redacted("tea"),
        "retryDelayExpression": "5000",
        "ratePerSecond": 5,
    }
    in_log = {**settings, "body": base64_of(redacted("tea")), "retryDelayExpr": "5000"}
    dlq_id = f"{START + 5_000}-0"
    dead_letter = {
        "responseStatus": 500,
        "responseHeader": BROKEN.headers,
        "responseBody": BROKEN.body,
        "failureCallbackInfo": {"state": "CALLBACK_SUCCESS", "responseStatus": 200},
        "dlqId": dlq_id,
    }
    assert play.calls == [
        enqueued(1),
        ("Messages.get", waiting(1, BROKEN_ORDERS, **in_message)),
        ("Queue.get", queue(lag=1)),
        (
            "Client.logs",
            logged(
                *(
                    event(at, state, 1, BROKEN_ORDERS, **in_log, **more)
                    for at, state, more in (
                        (5_000, "FAILED", {}),
                        (5_000, "ERROR", ERROR),
                        (5_000, "ACTIVE", {}),
                        (0, "RETRY", {"nextDeliveryTime": START + 5_000}),
                        (0, "ERROR", ERROR),
                        (0, "ACTIVE", {}),
                        (0, "CREATED", {"nextDeliveryTime": START}),
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
    fields = [("Content-Type", "text/x-tea"), SHOP]
    first = sent(1, line, *fields, body="tea")
    retry = sent(1, line, *fields, body="tea", at=5_000, retried=1)
    assert play.deliveries == [
        first,
        reported(2, first, BROKEN, retries=1),
        retry,
        reported(3, retry, BROKEN, retries=1),
        reported(4, retry, BROKEN, to=FAILED, retries=1, dlq_id=dlq_id),
    ]


def test_groups_json_and_models_go_through_a_queue_too(player: Player) -> None:
    play = player.play("queues.otherDestinations")

    def pair(number: int) -> list[dict[str, str]]:
        return [
            {"messageId": f"message-{number}", "url": A},
            {"messageId": f"message-{number + 1}", "url": B},
        ]

    assert play.calls == [
        ("UrlGroups.addEndpoints", None),
        ("Queue.enqueue", pair(1)),
        ("Queue.enqueue", pair(3)),
        *(("Queue.enqueueJSON", {"messageId": f"message-{number}"}) for number in (5, 6, 7)),
    ]
    topic = ("Upstash-Topic-Name", "shops")
    key = [("X-Api-Key", "sk"), ("Anthropic-Version", "2023-06-01"), AS_JSON]
    analytics = [
        ("Helicone-Auth", "Bearer he"),
        ("Helicone-Target-Url", "https://api.anthropic.com"),
    ]
    body = '{"model":"claude"}'
    asked = sent(6, "POST https://api.anthropic.com/v1/messages", *key, body=body)
    watched = sent(7, "PUT https://gateway.helicone.ai/v1/messages", *key, *analytics, body=body)
    assert play.deliveries == [
        sent(1, f"POST {A}", topic, AS_TEXT, body="tea"),
        sent(2, f"POST {B}", topic, AS_TEXT, body="tea"),
        sent(3, f"POST {A}", topic),
        sent(4, f"POST {B}", topic),
        sent(5, f"POST {ORDERS}", AS_JSON, SHOP, body='{"id":7}'),
        asked,
        reported(8, asked, MODEL),
        watched,
        reported(9, watched, MODEL),
    ]


def test_what_a_queue_does_not_do_is_refused(player: Player) -> None:
    play = player.play("queues.refused")

    name = "queue name can only contain alphanumeric characters, hyphens, periods and underscores"
    assert play.calls == [
        ("Queue.enqueue", refused(400, "delay is not supported for queues")),
        ("Queue.enqueue", refused(400, "delay is not supported for queues")),
        ("Queue.enqueue", refused(404, "topic nobody not found")),
        ("Queue.upsert", refused(412, "quota maxParallelism exceeded, current limit: 10")),
        (
            "Queue.upsert",
            refused(400, 'invalid body: field "parallelism" must be greater than 0'),
        ),
        ("Queue.pause", refused(404, "queue till not found")),
        ("Queue.resume", refused(404, "queue till not found")),
        ("Queue.upsert", refused(400, name)),
        ("Queue.upsert", raised("Error", "Please provide a queue name to the Queue constructor")),
    ]
