"""Callbacks: messages that tell what came back."""

from typing import Final

from tests.scenarios.shape import Delivered, Json, Letter, Scenario
from tests.scenarios.told.words import HOOK, MINUTE, advance, answers, enqueue, publish, slow

_CALLBACK: Final = "https://shop.test/callback"
_FAILURE: Final = "https://shop.test/failure"
_JSON: Final = {"Content-Type": "application/json"}
_TEXT: Final = {"Content-Type": "text/plain"}


def _told(of: str, status: int, body: str = "", **more: Json) -> dict[str, Json]:
    """What a callback tells of a message whose body is its name."""
    return {
        "of": of,
        "status": status,
        "url": HOOK,
        "method": "POST",
        "maxRetries": 3,
        "body": body,
        "sourceBody": of,
        **more,
    }


SCENARIOS: Final = (
    Scenario(
        "callback-and-failure-callback",
        steps=(
            answers(HOOK, {"status": 500, "body": "down"}, {"status": 503, "body": "gone"}),
            publish(
                "order",
                body="order",
                content_type="text/plain",
                retries=1,
                callback={"url": _CALLBACK, "headers": {"X-Kind": "report"}, "method": "PUT"},
                failure_callback={"url": _FAILURE, "headers": {"X-Kind": "alarm"}},
                headers={"X-Trace": "1"},
            ),
            advance(MINUTE),
        ),
        log="""
            0 order CREATED ACTIVE ERROR RETRY
            0 "callback 1" CREATED ACTIVE DELIVERED
            12000 order ACTIVE ERROR FAILED
            12000 "callback 2" CREATED
            12000 "failure 1" CREATED
            12000 "callback 2" ACTIVE DELIVERED
            12000 "failure 1" ACTIVE DELIVERED
        """,
        deliveries=(
            Delivered(0, "order", HOOK, "order", headers={**_TEXT, "X-Trace": "1"}),
            Delivered(
                0,
                "callback 1",
                _CALLBACK,
                _told("order", 500, "down", maxRetries=1),
                method="PUT",
                headers={**_JSON, "X-Kind": "report"},
            ),
            Delivered(12_000, "order", HOOK, "order", 1, headers={**_TEXT, "X-Trace": "1"}),
            Delivered(
                12_000,
                "callback 2",
                _CALLBACK,
                _told("order", 503, "gone", maxRetries=1, retried=1),
                method="PUT",
                headers={**_JSON, "X-Kind": "report"},
            ),
            Delivered(
                12_000,
                "failure 1",
                _FAILURE,
                _told("order", 503, "gone", maxRetries=1, retried=1, failed=True),
                headers={**_JSON, "X-Kind": "alarm"},
            ),
        ),
        letters=(Letter(12_000, "order", 503, "gone"),),
        headers=("Content-Type", "X-Kind", "X-Trace"),
    ),
    Scenario(
        "callback-that-fails",
        steps=(
            answers(_CALLBACK, {"status": 500, "body": "busy"}),
            publish("order", body="order", callback={"url": _CALLBACK, "retries": 1}),
            advance(MINUTE),
        ),
        log="""
            0 order CREATED ACTIVE DELIVERED
            0 "callback 1" CREATED ACTIVE ERROR RETRY
            12000 "callback 1" ACTIVE ERROR FAILED
        """,
        deliveries=(
            Delivered(0, "order", HOOK, "order"),
            Delivered(0, "callback 1", _CALLBACK, _told("order", 200)),
            Delivered(12_000, "callback 1", _CALLBACK, _told("order", 200), 1),
        ),
        letters=(Letter(12_000, "callback 1", 500, "busy"),),
    ),
    Scenario(
        "queue-waits-for-callbacks",
        steps=(
            answers(_CALLBACK, slow(60)),
            enqueue("a", "q", body="a", callback={"url": _CALLBACK}),
            enqueue("b", "q", body="b"),
            advance(2 * MINUTE),
        ),
        log="""
            0 a CREATED
            0 b CREATED
            0 a ACTIVE DELIVERED
            0 "callback 1" CREATED ACTIVE
            60000 "callback 1" DELIVERED
            60000 b ACTIVE DELIVERED
        """,
        deliveries=(
            Delivered(0, "a", HOOK, "a"),
            Delivered(0, "callback 1", _CALLBACK, _told("a", 200)),
            Delivered(60_000, "b", HOOK, "b"),
        ),
        lag={"q": 0},
    ),
)
