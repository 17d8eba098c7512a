"""One message and its one success: what is sent, and when."""

from typing import Final

from tests.scenarios.shape import Delivered, Scenario, Step
from tests.scenarios.told.words import HOOK, MINUTE, OTHER, advance, answers, publish

SCENARIOS: Final = (
    Scenario(
        "delivered-at-once",
        steps=(
            publish(
                "order",
                body='{"id": 7}',
                content_type="application/json",
                headers={"X-Trace": "abc"},
            ),
            advance(MINUTE),
        ),
        log="""
            0 order CREATED ACTIVE DELIVERED
        """,
        deliveries=(
            Delivered(
                0,
                "order",
                HOOK,
                '{"id": 7}',
                headers={
                    "Content-Type": "application/json",
                    "X-Trace": "abc",
                    "Upstash-Message-Id": "order",
                    "Upstash-Retried": "0",
                    "User-Agent": "Upstash-QStash",
                },
            ),
        ),
        headers=(
            "Content-Type",
            "X-Trace",
            "Upstash-Message-Id",
            "Upstash-Retried",
            "User-Agent",
            "Upstash-Topic-Name",
            "Upstash-Schedule-Id",
        ),
    ),
    Scenario(
        "any-method",
        steps=(
            publish("read", method="GET"),
            publish("write", method="PUT", body="new"),
            publish("remove", OTHER, method="DELETE"),
            advance(MINUTE),
        ),
        log="""
            0 read CREATED
            0 write CREATED
            0 remove CREATED
            0 read ACTIVE DELIVERED
            0 write ACTIVE DELIVERED
            0 remove ACTIVE DELIVERED
        """,
        deliveries=(
            Delivered(0, "read", HOOK, method="GET"),
            Delivered(0, "write", HOOK, "new", method="PUT"),
            Delivered(0, "remove", OTHER, method="DELETE"),
        ),
    ),
    Scenario(
        "any-success-counts",
        steps=(
            answers(HOOK, 201, 204, 299, 302),
            publish("made", body="1"),
            publish("empty", body="2"),
            publish("odd", body="3"),
            publish("moved", body="4", retries=0),
            advance(MINUTE),
            Step(
                "letters", shows=("message", "status"), gives=[{"message": "moved", "status": 302}]
            ),
            Step("delete_letter", {"of": "moved"}),
        ),
        log="""
            0 made CREATED
            0 empty CREATED
            0 odd CREATED
            0 moved CREATED
            0 made ACTIVE DELIVERED
            0 empty ACTIVE DELIVERED
            0 odd ACTIVE DELIVERED
            0 moved ACTIVE ERROR FAILED
        """,
        deliveries=(
            Delivered(0, "made", HOOK, "1"),
            Delivered(0, "empty", HOOK, "2"),
            Delivered(0, "odd", HOOK, "3"),
            Delivered(0, "moved", HOOK, "4"),
        ),
    ),
    Scenario(
        "delayed",
        steps=(
            publish("late", body="b", delay=120),
            publish("later", body="c", delay=180),
            publish("now", body="a"),
            advance(2 * MINUTE + MINUTE // 2),
            advance(MINUTE),
        ),
        log="""
            0 late CREATED
            0 later CREATED
            0 now CREATED ACTIVE DELIVERED
            120000 late ACTIVE DELIVERED
            180000 later ACTIVE DELIVERED
        """,
        deliveries=(
            Delivered(0, "now", HOOK, "a"),
            Delivered(120_000, "late", HOOK, "b"),
            Delivered(180_000, "later", HOOK, "c"),
        ),
    ),
    Scenario(
        "not-before-beats-delay",
        steps=(
            publish("at two", body="at two", not_before=120),
            publish("at three", body="at three", not_before=180, delay=60),
            publish("past", body="past", not_before=-60),
            advance(4 * MINUTE),
        ),
        log="""
            0 "at two" CREATED
            0 "at three" CREATED
            0 past CREATED ACTIVE DELIVERED
            120000 "at two" ACTIVE DELIVERED
            180000 "at three" ACTIVE DELIVERED
        """,
        deliveries=(
            Delivered(0, "past", HOOK, "past"),
            Delivered(120_000, "at two", HOOK, "at two"),
            Delivered(180_000, "at three", HOOK, "at three"),
        ),
    ),
)
