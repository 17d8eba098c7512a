"""``Client``: where it calls, what it adds to each call, and how it takes a refusal."""

import json
import re

from tests.builders import DAY, HOUR, START
from tests.clients.npm.expected import (
    AS_JSON,
    AS_TEXT,
    ORDERS,
    SHOP,
    published,
    raised,
    refused,
    sent,
)
from tests.clients.npm.player import Player


def test_url_and_token_come_from_anywhere(player: Player) -> None:
    play = player.play("configuration.places")

    assert play.calls == [
        published(1),
        ("Client.publish", refused(401, "unable to authenticate: invalid token")),
        ("Client.publish", refused(401, "unable to authenticate: missing token")),
        published(2),
    ]


def test_global_headers_go_with_every_message(player: Player) -> None:
    play = player.play("configuration.globalHeaders")

    till = ("X-Till", "7")
    assert play.calls == [
        published(1),
        ("Client.publishJSON", {"messageId": "message-2"}),
        ("Client.batch", [{"messageId": "message-3"}]),
        ("Client.batchJSON", [{"messageId": "message-4"}]),
        ("Queue.enqueue", {"messageId": "message-5"}),
        ("Schedules.create", {"scheduleId": "hourly"}),
        (
            "Schedules.list",
            [
                {
                    "createdAt": START,
                    "scheduleId": "hourly",
                    "cron": "@hourly",
                    "destination": ORDERS,
                    "method": "POST",
                    "header": {
                        "Content-Type": ["application/json"],
                        "X-Shop": ["tea"],
                        "X-Till": ["7"],
                    },
                    "retries": 1,
                    "nextScheduleTime": START + HOUR,
                    "callerIP": "127.0.0.1",
                    "isPaused": False,
                    "parallelism": 0,
                }
            ],
        ),
    ]
    assert play.deliveries == [
        sent(1, f"POST {ORDERS}", SHOP, till),
        sent(2, f"POST {ORDERS}", SHOP, ("X-Till", "8"), AS_JSON),
        sent(3, f"POST {ORDERS}", SHOP, till),
        sent(4, f"POST {ORDERS}", SHOP, till, AS_JSON),
        sent(5, f"POST {ORDERS}", SHOP, till),
    ]


def test_telemetry_is_not_delivered(player: Player) -> None:
    play = player.play("configuration.telemetry")

    assert play.calls == [published(1), published(2)]
    assert play.deliveries == [sent(1, f"POST {ORDERS}"), sent(2, f"POST {ORDERS}")]


def test_calls_that_reach_nobody_are_tried_again_as_configured(player: Player) -> None:
    play = player.play("configuration.retries")

    assert play.calls == [
        ("Client.publish", raised("TypeError", "fetch failed")),
        ("Client.publish", raised("TypeError", "fetch failed")),
        published(1),
    ]
    assert play.deliveries == [sent(1, f"POST {ORDERS}", AS_TEXT, body="[0,1]")]


def test_the_two_limits_are_told_apart(player: Player) -> None:
    play = player.play("configuration.limits")

    day = f'{{"limit":"1","remaining":"0","reset":"{(START + DAY) // 1000}"}}'
    second = f'{{"limit":"2","remaining":"0","reset":"{START // 1000 + 1}"}}'
    assert play.calls == [
        published(1),
        (
            "Client.publish",
            raised(
                "QstashDailyRatelimitError",
                f"Exceeded daily rate limit. {day}",
                status=429,
                limit="1",
                remaining="0",
                reset=f"{(START + DAY) // 1000}",
            ),
        ),
        ("UrlGroups.list", []),
        ("UrlGroups.list", []),
        (
            "UrlGroups.list",
            raised(
                "QstashRatelimitError",
                f"Exceeded burst rate limit. {second}",
                status=429,
                limit="2",
                remaining="0",
                reset=f"{START // 1000 + 1}",
            ),
        ),
    ]


def limited(name: str, kind: str, fields: dict[str, str]) -> object:
    """What the client raises of a limit that is reached."""
    shown = json.dumps(fields, separators=(",", ":"))
    named = {re.sub("-(.)", lambda found: found[1].upper(), key): fields[key] for key in fields}
    return raised(name, f"Exceeded {kind} rate limit. {shown}", status=429, **named)


def test_each_limit_has_its_class_and_a_lost_answer_is_published_twice(player: Player) -> None:
    play = player.play("configuration.faults")

    day = {"limit": "1000", "remaining": "0", "reset": str((START + DAY) // 1000)}
    second = {"limit": "100", "remaining": "0", "reset": str(START // 1000 + 1)}
    chat = {
        "limit-requests": "100",
        "limit-tokens": "100000",
        "remaining-requests": "0",
        "remaining-tokens": "99000",
        "reset-requests": "1s",
        "reset-tokens": "600ms",
    }
    assert play.calls == [
        ("Client.publish", limited("QstashDailyRatelimitError", "daily", day)),
        ("Client.publish", limited("QstashRatelimitError", "burst", second)),
        ("Client.publish", limited("QstashChatRatelimitError", "chat", chat)),
        ("Client.publish", refused(503, "down")),
        published(1),
    ]
    assert play.deliveries == [sent(2, f"POST {ORDERS}"), sent(1, f"POST {ORDERS}")]


def test_there_are_no_workflows(player: Player) -> None:
    play = player.play("configuration.workflows")

    assert play.calls == [
        ("Workflow.cancel", refused(404, "route not found: DELETE /v2/workflows/runs/wfr_1"))
    ]
