"""What fails: when it is tried again, and where it ends."""

from typing import Final

from tests.scenarios.shape import Delivered, Letter, Scenario, Step
from tests.scenarios.told.words import HOOK, MINUTE, OTHER, advance, answers, publish, slow

_FOR_GOOD: Final = {"status": 489, "headers": {"Upstash-NonRetryable-Error": "true"}, "body": "no"}

SCENARIOS: Final = (
    Scenario(
        "retries-up-to-the-dead-letter",
        steps=(
            answers(HOOK, 500, 503, {"fault": "refused"}, {"status": 500, "body": "still down"}),
            publish("order", body="hi"),
            advance(33 * MINUTE),
        ),
        log="""
            0 order CREATED ACTIVE ERROR RETRY
            12000 order ACTIVE ERROR RETRY
            160000 order ACTIVE ERROR RETRY
            1968000 order ACTIVE ERROR FAILED
        """,
        deliveries=(
            Delivered(0, "order", HOOK, "hi"),
            Delivered(12_000, "order", HOOK, "hi", 1),
            Delivered(160_000, "order", HOOK, "hi", 2),
            Delivered(1_968_000, "order", HOOK, "hi", 3),
        ),
        letters=(Letter(1_968_000, "order", 500, "still down"),),
    ),
    Scenario(
        "recovers",
        steps=(
            answers(HOOK, 503, 200),
            publish("order", body="hi"),
            advance(MINUTE),
        ),
        log="""
            0 order CREATED ACTIVE ERROR RETRY
            12000 order ACTIVE DELIVERED
        """,
        deliveries=(
            Delivered(0, "order", HOOK, "hi", headers={"Upstash-Retried": "0"}),
            Delivered(12_000, "order", HOOK, "hi", 1, headers={"Upstash-Retried": "1"}),
        ),
        headers=("Upstash-Retried",),
    ),
    Scenario(
        "too-slow",
        steps=(
            answers(HOOK, slow(120), 200),
            answers(OTHER, slow(120)),
            publish("patient", body="1", timeout=180, retries=0),
            advance(MINUTE),
            publish("hurried", OTHER, body="2", timeout=60, retries=0),
            advance(2 * MINUTE),
        ),
        log="""
            0 patient CREATED ACTIVE
            60000 hurried CREATED ACTIVE
            120000 patient DELIVERED
            120000 hurried ERROR FAILED
        """,
        deliveries=(
            Delivered(0, "patient", HOOK, "1"),
            Delivered(60_000, "hurried", OTHER, "2"),
        ),
        letters=(Letter(120_000, "hurried", 0),),
    ),
    Scenario(
        "not-to-be-retried",
        steps=(
            answers(HOOK, _FOR_GOOD),
            answers(OTHER, 489, 200),
            publish("hopeless", body="1"),
            publish("plain", OTHER, body="2"),
            advance(MINUTE),
        ),
        log="""
            0 hopeless CREATED
            0 plain CREATED
            0 hopeless ACTIVE ERROR FAILED
            0 plain ACTIVE ERROR RETRY
            12000 plain ACTIVE DELIVERED
        """,
        deliveries=(
            Delivered(0, "hopeless", HOOK, "1"),
            Delivered(0, "plain", OTHER, "2"),
            Delivered(12_000, "plain", OTHER, "2", 1),
        ),
        letters=(Letter(0, "hopeless", 489, "no"),),
    ),
    Scenario(
        "retry-after",
        steps=(
            answers(
                HOOK,
                {"status": 429, "headers": {"Retry-After": "90"}},
                {"status": 503, "headers": {"X-RateLimit-Reset": "1m30s"}},
                {"status": 500, "headers": {"Retry-After": "0"}},
                200,
            ),
            publish("order", body="hi", retry_delay="1000"),
            advance(4 * MINUTE),
        ),
        log="""
            0 order CREATED ACTIVE ERROR RETRY
            90000 order ACTIVE ERROR RETRY
            180000 order ACTIVE ERROR RETRY ACTIVE DELIVERED
        """,
        deliveries=(
            Delivered(0, "order", HOOK, "hi"),
            Delivered(90_000, "order", HOOK, "hi", 1),
            Delivered(180_000, "order", HOOK, "hi", 2),
            Delivered(180_000, "order", HOOK, "hi", 3),
        ),
    ),
    Scenario(
        "retry-delay-expression",
        steps=(
            answers(HOOK, 500, 500, 500, 200),
            publish("order", body="hi", retry_delay="max(60000, 60000 * retried)"),
            advance(5 * MINUTE),
            Step(
                "log",
                {"state": "RETRY"},
                shows=("message", "at"),
                gives=[
                    {"message": "order", "at": 0},
                    {"message": "order", "at": 60_000},
                    {"message": "order", "at": 120_000},
                ],
            ),
        ),
        log="""
            0 order CREATED ACTIVE ERROR RETRY
            60000 order ACTIVE ERROR RETRY
            120000 order ACTIVE ERROR RETRY
            240000 order ACTIVE DELIVERED
        """,
        deliveries=(
            Delivered(0, "order", HOOK, "hi"),
            Delivered(60_000, "order", HOOK, "hi", 1),
            Delivered(120_000, "order", HOOK, "hi", 2),
            Delivered(240_000, "order", HOOK, "hi", 3),
        ),
    ),
)
