"""Queues: first in, first out, as many at a time as they are told."""

from typing import Final

from tests.scenarios.shape import Delivered, Scenario, Step
from tests.scenarios.told.words import HOOK, MINUTE, OTHER, advance, answers, enqueue, slow

_LAG: Final = ("lag", "parallelism", "paused")

SCENARIOS: Final = (
    Scenario(
        "queue-waits-for-its-failing-head",
        steps=(
            answers(HOOK, {"status": 500, "headers": {"Retry-After": "120"}}, 200),
            enqueue("head", "q", body="1"),
            enqueue("next", "q", OTHER, body="2"),
            enqueue("last", "q", body="3"),
            Step("message", {"of": "next"}, shows=("queue",), gives={"queue": "q"}),
            advance(MINUTE),
            Step(
                "queue",
                {"queue": "q"},
                shows=_LAG,
                gives={"lag": 3, "parallelism": 1, "paused": False},
            ),
            advance(2 * MINUTE),
        ),
        log="""
            0 head CREATED
            0 next CREATED
            0 last CREATED
            0 head ACTIVE ERROR RETRY
            120000 head ACTIVE DELIVERED
            120000 next ACTIVE DELIVERED
            120000 last ACTIVE DELIVERED
        """,
        deliveries=(
            Delivered(0, "head", HOOK, "1"),
            Delivered(120_000, "head", HOOK, "1", 1),
            Delivered(120_000, "next", OTHER, "2"),
            Delivered(120_000, "last", HOOK, "3"),
        ),
        lag={"q": 0},
    ),
    Scenario(
        "queue-of-two-at-a-time",
        steps=(
            Step("set_queue", {"queue": "q", "parallelism": 2}),
            answers(HOOK, slow(60), slow(120), slow(60), slow(60)),
            enqueue("a", "q", body="a"),
            enqueue("b", "q", body="b"),
            enqueue("c", "q", body="c"),
            enqueue("d", "q", body="d"),
            advance(4 * MINUTE),
        ),
        log="""
            0 a CREATED
            0 b CREATED
            0 c CREATED
            0 d CREATED
            0 a ACTIVE
            0 b ACTIVE
            60000 a DELIVERED
            60000 c ACTIVE
            120000 b DELIVERED
            120000 c DELIVERED
            120000 d ACTIVE
            180000 d DELIVERED
        """,
        deliveries=(
            Delivered(0, "a", HOOK, "a"),
            Delivered(0, "b", HOOK, "b"),
            Delivered(60_000, "c", HOOK, "c"),
            Delivered(120_000, "d", HOOK, "d"),
        ),
        lag={"q": 0},
    ),
    Scenario(
        "queue-paused-and-resumed",
        steps=(
            Step("set_queue", {"queue": "q", "parallelism": 1, "paused": True}),
            enqueue("a", "q", body="a"),
            enqueue("b", "q", body="b"),
            advance(MINUTE),
            Step(
                "queue",
                {"queue": "q"},
                shows=_LAG,
                gives={"lag": 2, "parallelism": 1, "paused": True},
            ),
            Step("resume_queue", {"queue": "q"}),
            advance(MINUTE),
            Step("pause_queue", {"queue": "q"}),
            Step("pause_queue", {"queue": "q"}),
            enqueue("c", "q", body="c"),
            advance(MINUTE),
            Step("pause_queue", {"queue": "nowhere"}, gives="404 queue nowhere not found"),
        ),
        log="""
            0 a CREATED
            0 b CREATED
            60000 a ACTIVE DELIVERED
            60000 b ACTIVE DELIVERED
            120000 c CREATED
        """,
        deliveries=(Delivered(60_000, "a", HOOK, "a"), Delivered(60_000, "b", HOOK, "b")),
        lag={"q": 1},
    ),
    Scenario(
        "queue-moves-on-when-its-head-is-cancelled",
        steps=(
            answers(HOOK, {"status": 500, "headers": {"Retry-After": "180"}}, 200),
            enqueue("head", "q", body="1"),
            enqueue("next", "q", body="2"),
            advance(MINUTE),
            Step("cancel", {"of": "head"}),
            advance(3 * MINUTE),
        ),
        log="""
            0 head CREATED
            0 next CREATED
            0 head ACTIVE ERROR RETRY
            60000 head CANCEL_REQUESTED
            60000 next ACTIVE DELIVERED
            180000 head CANCELED
        """,
        deliveries=(Delivered(0, "head", HOOK, "1"), Delivered(60_000, "next", HOOK, "2")),
        lag={"q": 0},
    ),
    Scenario(
        "queue-deleted-with-what-is-in-it",
        steps=(
            Step("set_queue", {"queue": "q", "paused": True}),
            enqueue("a", "q"),
            enqueue("b", "q"),
            advance(MINUTE),
            Step("delete_queue", {"queue": "q"}),
            Step("delete_queue", {"queue": "q"}),
            Step("queue", {"queue": "q"}, gives="404 queue q not found"),
            advance(MINUTE),
        ),
        log="""
            0 a CREATED
            0 b CREATED
            60000 a CANCEL_REQUESTED CANCELED
            60000 b CANCEL_REQUESTED CANCELED
        """,
    ),
)
