"""URL groups: one message for each endpoint there is when it is published."""

from typing import Final

from tests.scenarios.shape import Delivered, Letter, Scenario, Step
from tests.scenarios.told.words import HOOK, MINUTE, OTHER, advance, answers, slow

_TWO: Final = {"group": "shops", "endpoints": [{"url": HOOK, "name": "main"}, {"url": OTHER}]}
_TOPIC: Final = {"Upstash-Topic-Name": "shops"}

SCENARIOS: Final = (
    Scenario(
        "group-with-one-endpoint-that-fails",
        steps=(
            Step("add_endpoints", _TWO),
            answers(OTHER, {"status": 500, "body": "closed"}),
            answers(HOOK, slow(30)),
            Step("publish", {"group": "shops", "body": "hi", "retries": 1}, ("main", "other")),
            Step(
                "message",
                {"of": "main"},
                shows=("url", "group", "endpoint", "retries"),
                gives={"url": HOOK, "group": "shops", "endpoint": "main", "retries": 1},
            ),
            advance(MINUTE),
            Step("letters", {"group": "shops"}, shows=("message",), gives=[{"message": "other"}]),
        ),
        log="""
            0 main CREATED
            0 other CREATED
            0 main ACTIVE
            0 other ACTIVE ERROR RETRY
            12000 other ACTIVE ERROR FAILED
            30000 main DELIVERED
        """,
        deliveries=(
            Delivered(0, "main", HOOK, "hi", headers=_TOPIC),
            Delivered(0, "other", OTHER, "hi", headers=_TOPIC),
            Delivered(12_000, "other", OTHER, "hi", 1, headers=_TOPIC),
        ),
        letters=(Letter(12_000, "other", 500, "closed"),),
        headers=("Upstash-Topic-Name",),
    ),
    Scenario(
        "group-changes-do-not-touch-messages",
        steps=(
            Step("publish", {"group": "shops"}, gives="404 topic shops not found"),
            Step("add_endpoints", _TWO),
            Step("publish", {"group": "shops", "body": "1", "delay": 120}, ("main 1", "other 1")),
            advance(MINUTE),
            Step("remove_endpoints", {"group": "shops", "endpoints": [{"name": "main"}]}),
            Step("publish", {"group": "shops", "body": "2"}, ("other 2",)),
            advance(2 * MINUTE),
            Step("remove_endpoints", {"group": "shops", "endpoints": [{"url": OTHER}]}),
            Step("publish", {"group": "shops"}, gives="404 topic shops not found"),
        ),
        log="""
            0 "main 1" CREATED
            0 "other 1" CREATED
            60000 "other 2" CREATED ACTIVE DELIVERED
            120000 "main 1" ACTIVE DELIVERED
            120000 "other 1" ACTIVE DELIVERED
        """,
        deliveries=(
            Delivered(60_000, "other 2", OTHER, "2"),
            Delivered(120_000, "main 1", HOOK, "1"),
            Delivered(120_000, "other 1", OTHER, "1"),
        ),
    ),
    Scenario(
        "group-enqueued",
        steps=(
            Step("add_endpoints", _TWO),
            answers(HOOK, slow(60)),
            Step("enqueue", {"queue": "q", "group": "shops", "body": "hi"}, ("main", "other")),
            advance(2 * MINUTE),
        ),
        log="""
            0 main CREATED
            0 other CREATED
            0 main ACTIVE
            60000 main DELIVERED
            60000 other ACTIVE DELIVERED
        """,
        deliveries=(
            Delivered(0, "main", HOOK, "hi"),
            Delivered(60_000, "other", OTHER, "hi"),
        ),
        lag={"q": 0},
    ),
)
