"""Claim and settle: the only way to a delivery, once each, with nothing held in between."""

import pytest

from fakestash.engine import FAR_FUTURE, Engine
from fakestash.engine.due import Firing, ResponseDue
from fakestash.errors import InternalError
from fakestash.model.messages import Attempt, MessageState
from fakestash.model.outcomes import Outcome, Responded, TimedOut
from tests.builders import (
    ACTIVE,
    BROKEN,
    CREATED,
    DELIVERED,
    ERROR,
    OK,
    REFUSED,
    RETRY,
    START,
    Stage,
    happened,
    timeline,
)


def claimed(engine: Engine) -> Attempt:
    """The attempt that comes up next."""
    return attempt_of(engine.claim(FAR_FUTURE))


def attempt_of(firing: Firing | None) -> Attempt:
    """The attempt that this event started."""
    assert firing is not None
    assert firing.attempt is not None
    return firing.attempt


def test_a_claim_starts_the_attempt_at_its_own_instant() -> None:
    stage = Stage()
    message = stage.publish(delay=500, timeout=9_000)

    firing = stage.engine.claim(START + 10_000)

    attempt = attempt_of(firing)
    assert firing == Firing(START + 500, message, attempt, 1)
    assert attempt[:4] == (message, 0, START + 500, 9_000)
    assert (message.state, message.attempts, message.attempt) == (MessageState.ACTIVE, 1, attempt)
    assert stage.offset == 500


@pytest.mark.parametrize(("until", "found"), [(499, False), (500, True), (501, True)])
def test_a_claim_includes_its_end(until: int, found: bool) -> None:
    stage = Stage()
    stage.publish(delay=500)

    assert (stage.engine.claim(START + until) is not None) is found


def test_a_claim_of_nothing_leaves_the_clock_alone() -> None:
    stage = Stage()
    stage.publish(delay=500)

    assert (stage.engine.claim(START + 400), stage.offset) == (None, 0)


def test_events_of_one_instant_come_up_as_they_were_set() -> None:
    stage = Stage()
    late = stage.publish(delay=100)
    stage.advance(50)
    soon, last = stage.publish(delay=50), stage.publish(delay=50)

    order = [claimed(stage.engine).message for _ in range(3)]

    assert order == [late, soon, last]


def test_an_outcome_with_latency_comes_up_later_as_an_event_of_its_own() -> None:
    stage = Stage()
    message = stage.publish()
    attempt = claimed(stage.engine)
    slow = Responded(200, took=300)

    stage.engine.settle(attempt, slow)

    assert (message.state, message.attempt) == (MessageState.ACTIVE, None)
    assert stage.engine.claim(FAR_FUTURE) == Firing(
        START + 300, ResponseDue(attempt, slow), None, 2
    )
    assert timeline(message) == [(0, CREATED), (0, ACTIVE), (300, DELIVERED)]


def test_an_attempt_is_settled_once() -> None:
    stage = Stage()
    message = stage.publish()
    attempt = claimed(stage.engine)
    stage.engine.settle(attempt, BROKEN)
    before = timeline(message)

    with pytest.raises(InternalError, match=f"^attempt 0 of {message.id} is not awaited$"):
        stage.engine.settle(attempt, OK)

    assert (timeline(message), message.state) == (before, MessageState.PENDING)


def test_an_attempt_is_settled_once_also_while_its_latency_passes() -> None:
    stage = Stage()
    stage.publish()
    attempt = claimed(stage.engine)
    stage.engine.settle(attempt, Responded(200, took=300))

    with pytest.raises(InternalError, match="is not awaited"):
        stage.engine.settle(attempt, OK)


def test_an_earlier_attempt_does_not_settle_a_later_one() -> None:
    stage = Stage()
    message = stage.publish()
    first = claimed(stage.engine)
    stage.engine.settle(first, BROKEN)
    second = claimed(stage.engine)

    with pytest.raises(InternalError, match=f"^attempt 0 of {message.id} is not awaited$"):
        stage.engine.settle(first, OK)
    stage.engine.settle(second, OK)

    assert message.state is MessageState.DELIVERED


def test_an_attempt_that_was_never_claimed_is_not_settled() -> None:
    stage = Stage()
    message = stage.publish()
    made_up = Attempt(message, 0, START, 1_000, "sig_1", 7)

    with pytest.raises(InternalError, match=f"^attempt 0 of {message.id} is not awaited$"):
        stage.engine.settle(made_up, OK)

    assert timeline(message) == [(0, CREATED)]


def test_an_equal_attempt_is_not_the_one_that_was_claimed() -> None:
    stage = Stage()
    stage.publish()
    attempt = claimed(stage.engine)

    with pytest.raises(InternalError, match="is not awaited"):
        stage.engine.settle(attempt._replace(), OK)

    stage.engine.settle(attempt, OK)


def test_several_attempts_may_be_in_flight_and_land_in_any_order() -> None:
    stage = Stage()
    first, second, third = stage.publish(), stage.publish(delay=10), stage.publish(delay=20)
    attempts = [claimed(stage.engine) for _ in range(3)]

    outcomes: list[Outcome] = [OK, REFUSED, BROKEN]

    for attempt, outcome in zip(reversed(attempts), outcomes, strict=True):
        stage.engine.settle(attempt, outcome)

    assert [timeline(message) for message in (first, second, third)] == [
        [(0, CREATED), (0, ACTIVE), (20, ERROR), (20, RETRY)],
        [(0, CREATED), (10, ACTIVE), (20, ERROR), (20, RETRY)],
        [(0, CREATED), (20, ACTIVE), (20, DELIVERED)],
    ]


def test_deliveries_overlap_in_virtual_time() -> None:
    slow, quick, hanging = Responded(200, took=500), Responded(500, took=100), TimedOut()
    stage = Stage(slow, quick, hanging, OK)
    first = stage.publish()
    second = stage.publish(delay=50)
    third = stage.publish(delay=60, timeout=1_000)

    stage.driver.run_until_idle()

    assert [timeline(message) for message in (first, second, third)] == [
        [(0, CREATED), (0, ACTIVE), (500, DELIVERED)],
        [
            (0, CREATED),
            (50, ACTIVE),
            (150, ERROR),
            (150, RETRY),
            (12_150, ACTIVE),
            (12_150, DELIVERED),
        ],
        [
            (0, CREATED),
            (60, ACTIVE),
            (1_060, ERROR),
            (1_060, RETRY),
            (13_060, ACTIVE),
            (13_060, DELIVERED),
        ],
    ]
    assert happened(stage.log()) == sorted(happened(stage.log()), key=lambda entry: entry[0])


def test_what_is_published_between_claim_and_settle_is_due_after_what_was_due_before() -> None:
    stage = Stage()
    stage.publish()
    waiting = stage.publish()
    attempt = claimed(stage.engine)

    published = stage.publish()
    stage.engine.settle(attempt, OK)

    assert [claimed(stage.engine).message for _ in range(2)] == [waiting, published]


def test_the_next_timer_can_be_looked_at() -> None:
    stage = Stage()
    message = stage.publish(delay=500)

    assert stage.engine.next_timer() == (START + 500, 1, message)


def test_the_timers_that_were_set_are_counted() -> None:
    stage = Stage(BROKEN)
    before = stage.engine.timers_set
    stage.publish()
    published = stage.engine.timers_set
    stage.advance(0)

    assert (before, published, stage.engine.timers_set) == (0, 1, 2)


def test_when_nothing_is_due_the_clock_moves_to_the_end() -> None:
    stage = Stage()
    stage.publish(delay=500)

    assert [(stage.engine.is_done(START + offset), stage.offset) for offset in (499, 500, 501)] == [
        (True, 499),
        (False, 499),
        (False, 499),
    ]


def test_the_far_future_moves_no_clock() -> None:
    stage = Stage()

    assert (stage.engine.is_done(FAR_FUTURE), stage.offset) == (True, 0)
