"""What is accepted: batches, duplicates, and what is beyond the plan."""

from typing import Final

from tests.scenarios.shape import Delivered, Json, Scenario, Step
from tests.scenarios.told.words import HOOK, MINUTE, OTHER, advance, answers, publish, slow

_GROUP: Final = "https://shop.test/grouped"


def _again(name: str, **settings: Json) -> Step:
    """A publish that is a duplicate of the message of this name."""
    return Step("publish", {"url": HOOK, **settings}, gives=[f"{name} again"])


SCENARIOS: Final = (
    Scenario(
        "batch-of-all-kinds",
        steps=(
            Step(
                "add_endpoints", {"group": "shops", "endpoints": [{"url": HOOK}, {"url": _GROUP}]}
            ),
            answers(OTHER, slow(30)),
            Step(
                "batch",
                {
                    "messages": [
                        {"url": HOOK, "body": "plain", "delay": 60, "headers": {"X-Trace": "1"}},
                        {"url": OTHER, "body": "queued", "queue": "q", "labels": ["slow"]},
                        {"group": "shops", "body": "grouped", "method": "PUT"},
                    ]
                },
                ("plain", "queued", "one", "two"),
                gives=["plain", "queued", ["one", "two"]],
            ),
            Step(
                "message",
                {"of": "queued"},
                shows=("queue", "label"),
                gives={"queue": "q", "label": "slow"},
            ),
            advance(2 * MINUTE),
        ),
        log="""
            0 plain CREATED
            0 queued CREATED
            0 one CREATED
            0 two CREATED
            0 queued ACTIVE
            0 one ACTIVE DELIVERED
            0 two ACTIVE DELIVERED
            30000 queued DELIVERED
            60000 plain ACTIVE DELIVERED
        """,
        deliveries=(
            Delivered(0, "queued", OTHER, "queued"),
            Delivered(0, "one", HOOK, "grouped", method="PUT"),
            Delivered(0, "two", _GROUP, "grouped", method="PUT"),
            Delivered(60_000, "plain", HOOK, "plain", headers={"X-Trace": "1"}),
        ),
        lag={"q": 0},
        headers=("X-Trace",),
    ),
    Scenario(
        "duplicates-by-id",
        steps=(
            publish("order", body="1", deduplication_id="order-7"),
            _again("order", body="other", deduplication_id="order-7"),
            publish("next", body="2", deduplication_id="order-8"),
            advance(MINUTE),
            _again("order", body="1", deduplication_id="order-7"),
            advance(MINUTE),
        ),
        log="""
            0 order CREATED
            0 next CREATED
            0 order ACTIVE DELIVERED
            0 next ACTIVE DELIVERED
        """,
        deliveries=(Delivered(0, "order", HOOK, "1"), Delivered(0, "next", HOOK, "2")),
    ),
    Scenario(
        "duplicates-by-content",
        steps=(
            publish("order", body="1", content_based_deduplication=True),
            _again("order", body="1", content_based_deduplication=True, labels=["x"]),
            publish("body", body="2", content_based_deduplication=True),
            publish("header", body="1", content_based_deduplication=True, headers={"X-Trace": "1"}),
            publish("url", OTHER, body="1", content_based_deduplication=True),
            publish("unasked", body="1"),
            advance(MINUTE),
        ),
        log="""
            0 order CREATED
            0 body CREATED
            0 header CREATED
            0 url CREATED
            0 unasked CREATED
            0 order ACTIVE DELIVERED
            0 body ACTIVE DELIVERED
            0 header ACTIVE DELIVERED
            0 url ACTIVE DELIVERED
            0 unasked ACTIVE DELIVERED
        """,
        deliveries=(
            Delivered(0, "order", HOOK, "1"),
            Delivered(0, "body", HOOK, "2"),
            Delivered(0, "header", HOOK, "1"),
            Delivered(0, "url", OTHER, "1"),
            Delivered(0, "unasked", HOOK, "1"),
        ),
    ),
    Scenario(
        "duplicates-end-with-their-window",
        steps=(
            publish("first", body="1", deduplication_id="daily"),
            advance(8 * MINUTE),
            _again("first", body="1", deduplication_id="daily"),
            advance(3 * MINUTE),  # the duplicate did not make it longer
            publish("second", body="1", deduplication_id="daily"),
            _again("second", body="1", deduplication_id="daily"),
            advance(MINUTE),
        ),
        log="""
            0 first CREATED ACTIVE DELIVERED
            660000 second CREATED ACTIVE DELIVERED
        """,
        deliveries=(Delivered(0, "first", HOOK, "1"), Delivered(660_000, "second", HOOK, "1")),
    ),
    Scenario(
        "duplicates-by-endpoint",
        steps=(
            Step("add_endpoints", {"group": "shops", "endpoints": [{"url": HOOK}]}),
            Step("publish", {"group": "shops", "body": "1", "deduplication_id": "x"}, ("hook",)),
            Step("add_endpoints", {"group": "shops", "endpoints": [{"url": OTHER}]}),
            Step(
                "publish",
                {"group": "shops", "body": "2", "deduplication_id": "x"},
                ("other",),
                gives=["hook again", "other"],
            ),
            publish("single", body="3", deduplication_id="x"),
            advance(MINUTE),
        ),
        log="""
            0 hook CREATED
            0 other CREATED
            0 single CREATED
            0 hook ACTIVE DELIVERED
            0 other ACTIVE DELIVERED
            0 single ACTIVE DELIVERED
        """,
        deliveries=(
            Delivered(0, "hook", HOOK, "1"),
            Delivered(0, "other", OTHER, "2"),
            Delivered(0, "single", HOOK, "3"),
        ),
    ),
    Scenario(
        "beyond-the-plan",
        steps=(
            Step(
                "publish",
                {"url": HOOK, "delay": 366 * 86_400},
                gives="412 quota maxDelay exceeded, current limit: 31536000",
            ),
            Step(
                "publish",
                {"url": HOOK, "retries": 6},
                gives="412 quota maxRetries exceeded, current limit: 5",
            ),
            Step(
                "set_queue",
                {"queue": "q", "parallelism": 11},
                gives="412 quota maxParallelism exceeded, current limit: 10",
            ),
            Step(
                "set_queue",
                {"queue": "a b"},
                gives="400 queue name can only contain alphanumeric characters, hyphens, periods "
                "and underscores",
            ),
            publish("order", retries=5, body="hi"),
            advance(MINUTE),
        ),
        log="""
            0 order CREATED ACTIVE DELIVERED
        """,
        deliveries=(Delivered(0, "order", HOOK, "hi"),),
    ),
)
