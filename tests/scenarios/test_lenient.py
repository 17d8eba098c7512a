"""How stories are compared where nothing can be had to the millisecond."""

import pytest

from tests.scenarios.lenient import TOLERANCE, Differences, differences
from tests.scenarios.shape import Delivered, Letter, Logged, Story

EXPECTED = Story(
    answers=([{"message": "a", "at": 0}],),
    log=(
        Logged(0, "a", "CREATED"),
        Logged(0, "b", "CREATED"),
        Logged(0, "a", "ACTIVE"),
        Logged(60_000, "a", "FAILED"),
    ),
    deliveries=(Delivered(0, "a", "https://shop.test"),),
    letters=(Letter(60_000, "a", 500),),
    lag={"q": 0},
)
SAME = Differences([], [])


def with_log(*log: Logged, delivered: int = 0, failed: int = 60_000) -> Story:
    return EXPECTED._replace(
        log=log,
        deliveries=(EXPECTED.deliveries[0]._replace(at=delivered),),
        letters=(EXPECTED.letters[0]._replace(at=failed),),
    )


def test_a_story_is_as_expected() -> None:
    assert differences(EXPECTED, EXPECTED) == SAME


def test_each_part_may_be_a_little_later_than_the_one_before() -> None:
    told = with_log(
        Logged(TOLERANCE, "b", "CREATED"),
        Logged(TOLERANCE, "a", "CREATED"),
        Logged(2 * TOLERANCE, "a", "ACTIVE"),
        Logged(60_000 + 3 * TOLERANCE, "a", "FAILED"),
        delivered=2 * TOLERANCE,
        failed=60_000 + 3 * TOLERANCE,
    )

    assert differences(told, EXPECTED) == SAME


def test_what_is_later_than_that_is_too_late() -> None:
    told = with_log(*EXPECTED.log[:-1], Logged(84_001, "a", "FAILED"), failed=84_001)

    assert differences(told, EXPECTED) == Differences([], ["log a: at 84001, long after 60000"])


@pytest.mark.parametrize(
    "told",
    [
        with_log(*EXPECTED.log[:-1], Logged(59_999, "a", "FAILED"), failed=59_999),
        with_log(*EXPECTED.log[:-1]),
        with_log(*EXPECTED.log, Logged(60_000, "b", "ACTIVE")),
        with_log(*EXPECTED.log, Logged(60_000, "c", "CREATED")),
        with_log(EXPECTED.log[2], *EXPECTED.log[:2], EXPECTED.log[3]),
        with_log(*EXPECTED.log, delivered=1),
        with_log(*EXPECTED.log, failed=60_001),
        EXPECTED._replace(deliveries=()),
        EXPECTED._replace(deliveries=(Delivered(0, "a", "https://shop.test", "body"),)),
        EXPECTED._replace(letters=()),
        EXPECTED._replace(letters=(Letter(60_000, "a", 503),)),
        EXPECTED._replace(lag={"q": 1}),
        EXPECTED._replace(answers=()),
        EXPECTED._replace(answers=([{"message": "b", "at": 0}],)),
        EXPECTED._replace(answers=([{"message": "a", "at": -1}],)),
    ],
)
def test_anything_else_is_wrong(told: Story) -> None:
    assert differences(told, EXPECTED).wrong != []
