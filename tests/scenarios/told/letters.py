"""Dead letters: found, deleted, and sent again."""

from typing import Final

from tests.scenarios.shape import Delivered, Letter, Scenario, Step
from tests.scenarios.told.words import HOOK, MINUTE, OTHER, advance, answers, publish, slow

_NO_RETRY: Final = "the client cannot send dead letters again"

SCENARIOS: Final = (
    Scenario(
        "letters-found-and-deleted",
        steps=(
            answers(HOOK, 500),
            answers(OTHER, 404),
            publish("a", body="a", retries=0, labels=["red"]),
            publish("b", OTHER, body="b", retries=0, labels=["red", "blue"]),
            publish("c", body="c", retries=0),
            advance(MINUTE),
            Step(
                "letters",
                {"label": "red"},
                shows=("message", "status"),
                gives=[{"message": "a", "status": 500}, {"message": "b", "status": 404}],
            ),
            Step("letters", {"status": 404}, shows=("message",), gives=[{"message": "b"}]),
            Step("letters", {"url": HOOK, "label": "blue"}, shows=("message",), gives=[]),
            Step("delete_letter", {"of": "a"}),
        ),
        log="""
            0 a CREATED
            0 b CREATED
            0 c CREATED
            0 a ACTIVE ERROR FAILED
            0 b ACTIVE ERROR FAILED
            0 c ACTIVE ERROR FAILED
        """,
        deliveries=(
            Delivered(0, "a", HOOK, "a"),
            Delivered(0, "b", OTHER, "b"),
            Delivered(0, "c", HOOK, "c"),
        ),
        letters=(Letter(0, "b", 404), Letter(0, "c", 500)),
    ),
    Scenario(
        "letters-sent-again",
        steps=(
            answers(HOOK, 500, 500, slow(30)),
            publish("a", body="a", retries=0, headers={"X-Trace": "1"}, labels=["red"]),
            publish("b", body="b", retries=0, delay=60),
            publish("c", OTHER, body="c", retries=0),
            advance(2 * MINUTE),
            Step("retry_letters", {"of": ["a", "b"]}, ("a again", "b again")),
            Step(
                "message",
                {"of": "a again"},
                shows=("label", "retries", "body"),
                gives={"label": "red", "retries": 0, "body": "a"},
            ),
            advance(MINUTE),
        ),
        log="""
            0 a CREATED
            0 b CREATED
            0 c CREATED
            0 a ACTIVE ERROR FAILED
            0 c ACTIVE DELIVERED
            60000 b ACTIVE ERROR FAILED
            120000 "a again" CREATED
            120000 "b again" CREATED
            120000 "a again" ACTIVE
            120000 "b again" ACTIVE
            150000 "a again" DELIVERED
            150000 "b again" DELIVERED
        """,
        deliveries=(
            Delivered(0, "a", HOOK, "a", headers={"X-Trace": "1"}),
            Delivered(0, "c", OTHER, "c"),
            Delivered(60_000, "b", HOOK, "b"),
            Delivered(120_000, "a again", HOOK, "a", headers={"X-Trace": "1"}),
            Delivered(120_000, "b again", HOOK, "b"),
        ),
        headers=("X-Trace",),
        unsaid={"python": _NO_RETRY, "python-async": _NO_RETRY},
    ),
    Scenario(
        "letter-sent-again-with-other-settings",
        steps=(
            answers(HOOK, 500),
            publish("a", body="a", retries=0),
            advance(MINUTE),
            Step("retry_letter", {"of": "a", "retries": 1, "delay": 60}, ("a again",)),
            advance(2 * MINUTE),
        ),
        log="""
            0 a CREATED ACTIVE ERROR FAILED
            60000 "a again" CREATED
            120000 "a again" ACTIVE ERROR RETRY
            132000 "a again" ACTIVE ERROR FAILED
        """,
        deliveries=(
            Delivered(0, "a", HOOK, "a"),
            Delivered(120_000, "a again", HOOK, "a"),
            Delivered(132_000, "a again", HOOK, "a", 1),
        ),
        letters=(Letter(132_000, "a again", 500),),
        unsaid={
            "python": _NO_RETRY,
            "python-async": _NO_RETRY,
            "npm": "the client sends dead letters again as they are",
        },
    ),
)
