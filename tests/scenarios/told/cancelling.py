"""Messages that are cancelled: one, some, all that match, and all there are."""

from typing import Final

from tests.scenarios.shape import Delivered, Letter, Scenario, Step
from tests.scenarios.told.words import HOOK, MINUTE, OTHER, advance, answers, publish, slow

_BY_FILTER: Final = "the client can cancel by id, or everything"

SCENARIOS: Final = (
    Scenario(
        "cancelled-while-waiting",
        steps=(
            publish("order", delay=180),
            advance(MINUTE),
            Step("cancel", {"of": "order"}),
            Step("cancel", {"of": "order"}, gives="404 message order not found"),
            Step("message", {"of": "order"}, gives="404 message order not found"),
            advance(3 * MINUTE),
        ),
        log="""
            0 order CREATED
            60000 order CANCEL_REQUESTED
            180000 order CANCELED
        """,
    ),
    Scenario(
        "cancelled-while-it-waits-for-a-retry",
        steps=(
            answers(HOOK, {"status": 500, "headers": {"Retry-After": "120"}}),
            publish("order", body="hi"),
            advance(MINUTE),
            Step("cancel", {"of": "order"}),
            advance(2 * MINUTE),
        ),
        log="""
            0 order CREATED ACTIVE ERROR RETRY
            60000 order CANCEL_REQUESTED
            120000 order CANCELED
        """,
        deliveries=(Delivered(0, "order", HOOK, "hi"),),
    ),
    Scenario(
        "cancelled-while-active",
        steps=(
            answers(HOOK, slow(120)),
            answers(OTHER, slow(180, 500)),
            answers("https://shop.test/last", slow(240, 500)),
            publish("fine", body="1"),
            publish("fails", OTHER, body="2"),
            publish("ends", "https://shop.test/last", body="3", retries=0),
            advance(MINUTE),
            Step("cancel", {"of": "fine"}),
            Step("cancel", {"of": "fails"}),
            Step("cancel", {"of": "ends"}),
            advance(4 * MINUTE),
        ),
        log="""
            0 fine CREATED
            0 fails CREATED
            0 ends CREATED
            0 fine ACTIVE
            0 fails ACTIVE
            0 ends ACTIVE
            60000 fine CANCEL_REQUESTED
            60000 fails CANCEL_REQUESTED
            60000 ends CANCEL_REQUESTED
            120000 fine DELIVERED
            180000 fails ERROR RETRY
            192000 fails CANCELED
            240000 ends ERROR FAILED
        """,
        deliveries=(
            Delivered(0, "fine", HOOK, "1"),
            Delivered(0, "fails", OTHER, "2"),
            Delivered(0, "ends", "https://shop.test/last", "3"),
        ),
        letters=(Letter(240_000, "ends", 500),),
    ),
    Scenario(
        "cancelled-by-filter",
        steps=(
            publish("red hook", delay=180, labels=["red"]),
            publish("red other", OTHER, delay=180, labels=["red", "round"]),
            publish("blue hook", body="blue", delay=180, labels=["blue"]),
            advance(MINUTE),
            Step("cancel_all", {"label": "red", "url": HOOK}, gives=1),
            Step("cancel_all", {"label": "red"}, gives=1),
            Step("cancel_all", {"label": "red"}, gives=0),
            advance(3 * MINUTE),
        ),
        log="""
            0 "red hook" CREATED
            0 "red other" CREATED
            0 "blue hook" CREATED
            60000 "red hook" CANCEL_REQUESTED
            60000 "red other" CANCEL_REQUESTED
            180000 "red hook" CANCELED
            180000 "red other" CANCELED
            180000 "blue hook" ACTIVE DELIVERED
        """,
        deliveries=(Delivered(180_000, "blue hook", HOOK, "blue"),),
        unsaid={"python": _BY_FILTER, "python-async": _BY_FILTER},
    ),
    Scenario(
        "cancelled-by-ids-then-all",
        steps=(
            publish("a", delay=180),
            publish("b", delay=180),
            publish("c", delay=180),
            publish("sent", body="d"),
            advance(MINUTE),
            Step("cancel_many", {"of": ["a", "b", "sent"]}, gives=2),
            Step("cancel_all", gives=1),
            Step("cancel_all", gives=0),
            advance(3 * MINUTE),
        ),
        log="""
            0 a CREATED
            0 b CREATED
            0 c CREATED
            0 sent CREATED ACTIVE DELIVERED
            60000 a CANCEL_REQUESTED
            60000 b CANCEL_REQUESTED
            60000 c CANCEL_REQUESTED
            180000 a CANCELED
            180000 b CANCELED
            180000 c CANCELED
        """,
        deliveries=(Delivered(0, "sent", HOOK, "d"),),
    ),
)
