"""``Client.batch`` and ``Client.batchJSON``: each entry as if it were published by itself."""

from tests.builders import MINUTE, START
from tests.clients.npm.expected import (
    AS_JSON,
    BROKEN,
    BROKEN_ORDERS,
    CALLED,
    ERROR,
    FAILED,
    MODEL,
    ORDERS,
    SHOP,
    base64_of,
    event,
    logged,
    redacted,
    refused,
    reported,
    sent,
    waiting,
)
from tests.clients.npm.player import Player

A, B = "https://shop.test/a", "https://shop.test/b"
OPENAI = "https://api.openai.com/v1/chat/completions"
HELICONE = "https://gateway.helicone.ai/v1/chat/completions"
KEY = ("Authorization", "Bearer sk")


def test_every_option_of_an_entry_is_honoured(player: Player) -> None:
    play = player.play("batches.everyOption")

    settings = {
        "method": "PUT",
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
        "retryDelayExpression": "5000",
        "notBefore": START + MINUTE,
        "ratePerSecond": 5,
    }
    text = {"Content-Type": [redacted("text/x-tea")], "X-Shop": [redacted("tea")]}
    json = {"Content-Type": [redacted("application/json")], "X-Shop": [redacted("tea")]}
    in_log = {
        **settings,
        "header": text,
        "body": base64_of(redacted("tea")),
        "retryDelayExpr": "5000",
    }
    assert play.calls == [
        ("Client.batch", [{"messageId": "message-1"}]),
        ("Client.batchJSON", [{"messageId": "message-2"}]),
        (
            "Messages.get",
            waiting(1, BROKEN_ORDERS, **in_message, header=text, body=redacted("tea")),
        ),
        (
            "Messages.get",
            waiting(2, BROKEN_ORDERS, **in_message, header=json, body=redacted('"tea"')),
        ),
        (
            "Client.logs",
            logged(
                *(
                    event(at, state, 1, BROKEN_ORDERS, **in_log, **more)
                    for at, state, more in (
                        (65_000, "FAILED", {}),
                        (65_000, "ERROR", ERROR),
                        (65_000, "ACTIVE", {}),
                        (60_000, "RETRY", {"nextDeliveryTime": START + 65_000}),
                        (60_000, "ERROR", ERROR),
                        (60_000, "ACTIVE", {}),
                        (0, "CREATED", {"nextDeliveryTime": START + 60_000}),
                    )
                )
            ),
        ),
    ]

    line = f"PUT {BROKEN_ORDERS}"
    as_text = [("Content-Type", "text/x-tea"), SHOP]
    first = sent(1, line, *as_text, body="tea", at=60_000)
    other = sent(2, line, AS_JSON, SHOP, body='"tea"', at=60_000)
    retry = sent(1, line, *as_text, body="tea", at=65_000, retried=1)
    other_retry = sent(2, line, AS_JSON, SHOP, body='"tea"', at=65_000, retried=1)
    dlq_ids = f"{START + 65_000}-0", f"{START + 65_000}-1"
    assert play.deliveries == [
        first,
        other,
        reported(3, first, BROKEN, retries=1, due=MINUTE),
        reported(4, other, BROKEN, retries=1, due=MINUTE),
        retry,
        other_retry,
        reported(5, retry, BROKEN, retries=1, due=MINUTE),
        reported(6, retry, BROKEN, to=FAILED, retries=1, due=MINUTE, dlq_id=dlq_ids[0]),
        reported(7, other_retry, BROKEN, retries=1, due=MINUTE),
        reported(8, other_retry, BROKEN, to=FAILED, retries=1, due=MINUTE, dlq_id=dlq_ids[1]),
    ]


def test_urls_groups_and_queues_mix_in_one_call(player: Player) -> None:
    play = player.play("batches.mixed")

    def pair(number: int) -> list[dict[str, str]]:
        return [
            {"messageId": f"message-{number}", "url": A},
            {"messageId": f"message-{number + 1}", "url": B},
        ]

    assert play.calls == [
        ("UrlGroups.addEndpoints", None),
        (
            "Client.batch",
            [
                {"messageId": "message-1"},
                pair(2),
                {"messageId": "message-4"},
                pair(5),
                {"messageId": "message-7"},
                {"messageId": "message-7", "deduplicated": True},
                {"error": "topic nobody not found"},
            ],
        ),
        ("Messages.get", waiting(4, ORDERS, queueName="till", body="milk")),
        ("Client.batch", [{"messageId": "message-8"}]),
        ("Client.batch", []),
    ]
    topic = ("Upstash-Topic-Name", "shops")
    assert play.deliveries == [
        sent(1, f"POST {ORDERS}", body="tea"),
        sent(2, f"POST {A}", topic, body="coffee"),
        sent(3, f"POST {B}", topic, body="coffee"),
        sent(4, f"POST {ORDERS}", body="milk"),
        sent(5, f"POST {A}", topic),
        sent(6, f"POST {B}", topic),
        sent(7, f"POST {ORDERS}"),
        sent(8, f"POST {ORDERS}"),
    ]


def test_a_batch_of_json_takes_providers_too(player: Player) -> None:
    play = player.play("batches.json")

    made = [{"messageId": f"message-{number}"} for number in range(1, 7)]
    assert play.calls == [("Client.batchJSON", made)]
    analytics = [("Helicone-Auth", "Bearer he"), ("Helicone-Target-Url", "https://api.openai.com")]
    asked = sent(4, f"POST {OPENAI}", KEY, AS_JSON, body='{"model":"gpt"}')
    watched = sent(5, f"POST {HELICONE}", KEY, AS_JSON, *analytics, body='{"model":"gpt"}')
    assert play.deliveries == [
        sent(1, f"POST {ORDERS}", AS_JSON, SHOP, body='{"id":7}'),
        sent(2, f"POST {ORDERS}", AS_JSON, body='"tea"'),
        sent(3, f"POST {ORDERS}", AS_JSON),
        asked,
        watched,
        sent(
            6,
            "POST https://api.resend.com/emails",
            ("Authorization", "Bearer re"),
            AS_JSON,
            body='{"to":"me"}',
        ),
        reported(7, asked, MODEL),
        reported(8, watched, MODEL),
    ]


def test_one_bad_entry_refuses_the_call_but_for_a_missing_group(player: Player) -> None:
    play = player.play("batches.refused")

    assert play.calls == [
        ("Client.batch", refused(412, "quota maxRetries exceeded, current limit: 5")),
        ("Client.batch", [{"messageId": "message-1"}, {"error": "topic shop.test not found"}]),
        ("Client.batch", refused(400, "delay is not supported for queues")),
    ]
    assert play.deliveries == [sent(1, f"POST {ORDERS}")]
