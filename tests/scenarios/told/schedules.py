"""Schedules: fired at each instant of theirs, wherever the clock comes from."""

from typing import Final

from tests.scenarios.shape import Delivered, Letter, Scenario, Step
from tests.scenarios.told.words import MINUTE, OTHER, advance, answers, slow

_TICK: Final = "https://shop.test/tick"
_HALF_A_MINUTE: Final = MINUTE // 2

SCENARIOS: Final = (
    Scenario(
        "schedule-fires-at-each-minute-passed",
        steps=(
            Step(
                "schedule",
                {"cron": "* * * * *", "url": _TICK, "body": "hi", "headers": {"X-Trace": "1"}},
                ("minutely",),
            ),
            Step(
                "schedule_state",
                {"schedule": "minutely"},
                shows=("cron", "destination", "paused", "last", "next"),
                gives={
                    "cron": "* * * * *",
                    "destination": _TICK,
                    "paused": False,
                    "last": None,
                    "next": 60_000,
                },
            ),
            advance(3 * MINUTE + _HALF_A_MINUTE),
            Step(
                "schedule_state",
                {"schedule": "minutely"},
                shows=("last", "next", "states"),
                gives={"last": 180_000, "next": 240_000, "states": {"tick 3": "SUCCESS"}},
            ),
            Step("delete_schedule", {"schedule": "minutely"}),
            advance(2 * MINUTE),
        ),
        log="""
            60000 "tick 1" CREATED ACTIVE DELIVERED
            120000 "tick 2" CREATED ACTIVE DELIVERED
            180000 "tick 3" CREATED ACTIVE DELIVERED
        """,
        deliveries=tuple(
            Delivered(
                number * MINUTE,
                f"tick {number}",
                _TICK,
                "hi",
                headers={"X-Trace": "1", "Upstash-Schedule-Id": "minutely"},
            )
            for number in (1, 2, 3)
        ),
        headers=("X-Trace", "Upstash-Schedule-Id"),
    ),
    Scenario(
        "schedule-paused-and-resumed",
        steps=(
            Step("schedule", {"cron": "* * * * *", "url": _TICK}, ("minutely",)),
            advance(MINUTE + _HALF_A_MINUTE),
            Step("pause_schedule", {"schedule": "minutely"}),
            advance(2 * MINUTE),
            Step(
                "schedule_state",
                {"schedule": "minutely"},
                shows=("paused", "last", "next"),
                gives={"paused": True, "last": 60_000, "next": 240_000},
            ),
            Step("resume_schedule", {"schedule": "minutely"}),
            advance(MINUTE),
            Step("delete_schedule", {"schedule": "minutely"}),
            Step(
                "pause_schedule", {"schedule": "minutely"}, gives="404 schedule minutely not found"
            ),
        ),
        log="""
            60000 "tick 1" CREATED ACTIVE DELIVERED
            240000 "tick 2" CREATED ACTIVE DELIVERED
        """,
        deliveries=(Delivered(60_000, "tick 1", _TICK), Delivered(240_000, "tick 2", _TICK)),
    ),
    Scenario(
        "schedule-to-a-group",
        steps=(
            Step(
                "schedule",
                {"cron": "*/2 * * * *", "group": "shops"},
                gives="404 topic shops not found",
            ),
            Step(
                "add_endpoints", {"group": "shops", "endpoints": [{"url": _TICK}, {"url": OTHER}]}
            ),
            answers(OTHER, 500),
            Step(
                "schedule",
                {"cron": "*/2 * * * *", "group": "shops", "body": "hi", "retries": 0},
                ("minutely",),
            ),
            advance(3 * MINUTE),
            Step(
                "schedule_state",
                {"schedule": "minutely"},
                shows=("destination", "states"),
                gives={"destination": "shops", "states": {"tick 1": "SUCCESS", "other 1": "FAIL"}},
            ),
            Step("delete_schedule", {"schedule": "minutely"}),
            advance(2 * MINUTE),
        ),
        log="""
            120000 "tick 1" CREATED
            120000 "other 1" CREATED
            120000 "tick 1" ACTIVE DELIVERED
            120000 "other 1" ACTIVE ERROR FAILED
        """,
        deliveries=(
            Delivered(120_000, "tick 1", _TICK, "hi", headers={"Upstash-Topic-Name": "shops"}),
            Delivered(120_000, "other 1", OTHER, "hi", headers={"Upstash-Topic-Name": "shops"}),
        ),
        letters=(Letter(120_000, "other 1", 500),),
        headers=("Upstash-Topic-Name",),
    ),
    Scenario(
        "schedule-into-a-queue",
        steps=(
            answers(_TICK, slow(90)),
            Step("schedule", {"cron": "* * * * *", "url": _TICK, "queue": "q"}, ("minutely",)),
            advance(3 * MINUTE + _HALF_A_MINUTE),
            Step("delete_schedule", {"schedule": "minutely"}),
            Step(
                "queue",
                {"queue": "q"},
                shows=("lag", "parallelism"),
                gives={"lag": 2, "parallelism": 1},
            ),
            advance(3 * MINUTE),
        ),
        log="""
            60000 "tick 1" CREATED ACTIVE
            120000 "tick 2" CREATED
            150000 "tick 1" DELIVERED
            150000 "tick 2" ACTIVE
            180000 "tick 3" CREATED
            240000 "tick 2" DELIVERED
            240000 "tick 3" ACTIVE
            330000 "tick 3" DELIVERED
        """,
        deliveries=(
            Delivered(60_000, "tick 1", _TICK),
            Delivered(150_000, "tick 2", _TICK),
            Delivered(240_000, "tick 3", _TICK),
        ),
        lag={"q": 0},
    ),
    Scenario(
        "schedule-overwritten",
        steps=(
            Step(
                "schedule",
                {"cron": "* * * * *", "url": _TICK, "body": "one", "schedule_id": "own"},
                ("own",),
            ),
            advance(MINUTE + _HALF_A_MINUTE),
            Step(
                "schedule",
                {"cron": "*/3 * * * *", "url": _TICK, "schedule_id": "own", "delay": 60},
                ("own",),
            ),
            advance(3 * MINUTE),
            Step("delete_schedule", {"schedule": "own"}),
        ),
        log="""
            60000 "tick 1" CREATED ACTIVE DELIVERED
            180000 "tick 2" CREATED
            240000 "tick 2" ACTIVE DELIVERED
        """,
        deliveries=(Delivered(60_000, "tick 1", _TICK, "one"), Delivered(240_000, "tick 2", _TICK)),
    ),
)
