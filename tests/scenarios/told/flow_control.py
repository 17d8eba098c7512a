"""Flow control: how many attempts start in a period, and how many are in flight."""

from typing import Final

from tests.scenarios.shape import Delivered, Scenario, Step
from tests.scenarios.told.words import HOOK, MINUTE, OTHER, advance, answers, publish, slow

_TWO_A_MINUTE: Final = {"key": "k", "rate": 2, "period": 60}
_ONE_AT_A_TIME: Final = {"key": "k", "parallelism": 1}
_TEN_AT_A_TIME: Final = {"key": "k", "parallelism": 10}

SCENARIOS: Final = (
    Scenario(
        "rate",
        steps=(
            publish("a", body="a", flow_control=_TWO_A_MINUTE),
            publish("b", OTHER, body="b", flow_control=_TWO_A_MINUTE),
            publish("c", body="c", flow_control=_TWO_A_MINUTE),
            publish("d", body="d", flow_control=_TWO_A_MINUTE),
            publish("e", body="e", flow_control=_TWO_A_MINUTE),
            publish("free", body="free"),
            advance(3 * MINUTE),
        ),
        log="""
            0 a CREATED
            0 b CREATED
            0 c CREATED
            0 d CREATED
            0 e CREATED
            0 free CREATED
            0 a ACTIVE DELIVERED
            0 b ACTIVE DELIVERED
            0 free ACTIVE DELIVERED
            60000 c ACTIVE DELIVERED
            60000 d ACTIVE DELIVERED
            120000 e ACTIVE DELIVERED
        """,
        deliveries=(
            Delivered(0, "a", HOOK, "a"),
            Delivered(0, "b", OTHER, "b"),
            Delivered(0, "free", HOOK, "free"),
            Delivered(60_000, "c", HOOK, "c"),
            Delivered(60_000, "d", HOOK, "d"),
            Delivered(120_000, "e", HOOK, "e"),
        ),
    ),
    Scenario(
        "one-in-flight",
        steps=(
            answers(HOOK, slow(60), slow(120), slow(60)),
            publish("a", body="a", flow_control=_ONE_AT_A_TIME),
            publish("b", body="b", flow_control=_ONE_AT_A_TIME),
            publish("c", body="c", flow_control=_ONE_AT_A_TIME),
            advance(2 * MINUTE),
            Step(
                "key",
                {"key": "k"},
                shows=("waiting", "in_flight", "parallelism", "rate"),
                gives={"waiting": 1, "in_flight": 1, "parallelism": 1, "rate": 0},
            ),
            advance(3 * MINUTE),
        ),
        log="""
            0 a CREATED
            0 b CREATED
            0 c CREATED
            0 a ACTIVE
            60000 a DELIVERED
            60000 b ACTIVE
            180000 b DELIVERED
            180000 c ACTIVE
            240000 c DELIVERED
        """,
        deliveries=(
            Delivered(0, "a", HOOK, "a"),
            Delivered(60_000, "b", HOOK, "b"),
            Delivered(180_000, "c", HOOK, "c"),
        ),
    ),
    Scenario(
        "pinned-and-unpinned",
        steps=(
            answers(HOOK, slow(300)),
            Step("pin", {"key": "k", "parallelism": 1}),
            publish("a", body="a", flow_control=_TEN_AT_A_TIME),
            publish("b", body="b", flow_control=_TEN_AT_A_TIME),
            advance(MINUTE),
            Step(
                "key",
                {"key": "k"},
                shows=("parallelism", "waiting", "pinned"),
                gives={"parallelism": 1, "waiting": 1, "pinned": [True, False]},
            ),
            Step("unpin", {"key": "k", "parallelism": True}),
            advance(MINUTE),
            Step(
                "key",
                {"key": "k"},
                shows=("parallelism", "waiting", "pinned"),
                gives={"parallelism": 1, "waiting": 1, "pinned": [False, False]},
            ),
            publish("c", body="c", flow_control=_TEN_AT_A_TIME),
            advance(6 * MINUTE),
        ),
        log="""
            0 a CREATED
            0 b CREATED
            0 a ACTIVE
            120000 c CREATED
            120000 b ACTIVE
            120000 c ACTIVE
            300000 a DELIVERED
            420000 b DELIVERED
            420000 c DELIVERED
        """,
        deliveries=(
            Delivered(0, "a", HOOK, "a"),
            Delivered(120_000, "b", HOOK, "b"),
            Delivered(120_000, "c", HOOK, "c"),
        ),
    ),
    Scenario(
        "key-paused-and-resumed",
        steps=(
            Step("pause_key", {"key": "k"}),
            publish("a", body="a", flow_control=_TEN_AT_A_TIME),
            advance(MINUTE),
            Step(
                "key",
                {"key": "k"},
                shows=("paused", "waiting", "in_flight"),
                gives={"paused": True, "waiting": 1, "in_flight": 0},
            ),
            Step("resume_key", {"key": "k"}),
            advance(MINUTE),
        ),
        log="""
            0 a CREATED
            60000 a ACTIVE DELIVERED
        """,
        deliveries=(Delivered(60_000, "a", HOOK, "a"),),
    ),
    Scenario(
        "rate-started-anew",
        steps=(
            publish("a", body="a", flow_control={"key": "k", "rate": 1, "period": 300}),
            publish("b", body="b", flow_control={"key": "k", "rate": 1, "period": 300}),
            publish("c", body="c", flow_control={"key": "k", "rate": 1, "period": 300}),
            advance(MINUTE),
            Step("reset_rate", {"key": "k"}),
            advance(6 * MINUTE),
        ),
        log="""
            0 a CREATED
            0 b CREATED
            0 c CREATED
            0 a ACTIVE DELIVERED
            60000 b ACTIVE DELIVERED
            360000 c ACTIVE DELIVERED
        """,
        deliveries=(
            Delivered(0, "a", HOOK, "a"),
            Delivered(60_000, "b", HOOK, "b"),
            Delivered(360_000, "c", HOOK, "c"),
        ),
    ),
)
