"""Time limits: an attempt that takes longer than its timeout fails when the timeout is over."""

from dataclasses import replace

import pytest

from fakestash.model.messages import Message
from fakestash.model.outcomes import Outcome, Responded, TimedOut, Unreachable
from fakestash.plans import PAYG
from tests.builders import ACTIVE, CREATED, DELIVERED, ERROR, FAILED, OK, RETRY, Stage, timeline


def delivered_with(outcome: Outcome, timeout: int | None = 2_000) -> Message:
    """A message without retries whose only attempt has this outcome."""
    stage = Stage(outcome)
    message = stage.publish(retries=0, timeout=timeout)
    stage.driver.run_until_idle()
    return message


@pytest.mark.parametrize("took", [1, 1_999, 2_000])
def test_an_answer_within_the_limit_counts_when_it_is_complete(took: int) -> None:
    message = delivered_with(Responded(200, took=took))

    assert timeline(message) == [(0, CREATED), (0, ACTIVE), (took, DELIVERED)]
    assert (message.outcome, message.entries[-1].duration) == (Responded(200, took=took), took)


@pytest.mark.fidelity("`Upstash-Timeout`", "docs")
@pytest.mark.parametrize(
    "outcome", [Responded(200, took=2_001), Responded(500, took=9_999), Unreachable("EOF", 2_001)]
)
def test_whatever_comes_after_the_limit_is_a_timeout(outcome: Outcome) -> None:
    message = delivered_with(outcome)

    assert timeline(message) == [(0, CREATED), (0, ACTIVE), (2_000, ERROR), (2_000, FAILED)]
    assert (message.outcome, message.entries[2].duration) == (TimedOut(), 2_000)


def test_a_destination_that_never_answers_takes_the_whole_limit() -> None:
    message = delivered_with(TimedOut())

    assert timeline(message) == [(0, CREATED), (0, ACTIVE), (2_000, ERROR), (2_000, FAILED)]


@pytest.mark.parametrize("took", [0, 1_500, 2_000])
def test_a_timeout_whose_time_went_by_on_the_clock_takes_only_the_rest(took: int) -> None:
    message = delivered_with(TimedOut(took=took))

    assert timeline(message) == [(0, CREATED), (0, ACTIVE), (took, ERROR), (took, FAILED)]


def test_a_connection_may_fail_slowly() -> None:
    message = delivered_with(Unreachable("EOF", took=2_000))

    assert timeline(message)[2:] == [(2_000, ERROR), (2_000, FAILED)]
    assert message.outcome == Unreachable("EOF", took=2_000)


def test_what_the_app_raised_survives_the_timeout() -> None:
    error = ValueError("too late anyway")

    assert delivered_with(Responded(500, took=5_000, exception=error)).outcome == TimedOut(
        exception=error
    )


def test_without_a_limit_of_its_own_the_plans_counts() -> None:
    message = delivered_with(TimedOut(), timeout=None)

    assert timeline(message)[2:] == [(7_200_000, ERROR), (7_200_000, FAILED)]


def test_another_plan_has_another_limit() -> None:
    stage = Stage(TimedOut(), plan=replace(PAYG, max_timeout=15))
    message = stage.publish(retries=0)

    stage.driver.run_until_idle()

    assert timeline(message)[2:] == [(15_000, ERROR), (15_000, FAILED)]


def test_a_timeout_is_retried_and_the_limit_counts_anew() -> None:
    stage = Stage(TimedOut(), Responded(200, took=2_000))
    message = stage.publish(timeout=2_000)

    stage.driver.run_until_idle()

    assert timeline(message) == [
        (0, CREATED),
        (0, ACTIVE),
        (2_000, ERROR),
        (2_000, RETRY),
        (14_000, ACTIVE),
        (16_000, DELIVERED),
    ]


@pytest.mark.fidelity("deliveries: large answers are cut", "docs")
@pytest.mark.parametrize(
    ("size", "kept"), [(9, b"x" * 9), (10, b"x" * 10), (11, b"x" * 10), (99, b"x" * 10)]
)
def test_the_body_of_an_answer_is_kept_up_to_the_size_of_a_message(size: int, kept: bytes) -> None:
    stage = Stage(
        Responded(500, (("A", "1"),), b"x" * size, 30), OK, plan=replace(PAYG, max_message_size=10)
    )
    message = stage.publish()

    stage.driver.run_until_idle()

    assert message.entries[2].outcome == Responded(500, (("A", "1"),), kept, 30)
    assert [delivery.response_body for delivery in stage.courier.deliveries] == [kept, b""]
