"""Publishing: when the first attempt is due, and what the plan refuses."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from fakestash.errors import ServiceError
from fakestash.model.messages import MessageState
from fakestash.plans import PAYG
from tests.builders import CREATED, START, Stage, timeline

SMALL = replace(PAYG, max_message_size=10)


def refusal(call: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(ServiceError) as raised:
        call()
    return raised.value.status, raised.value.text


def test_a_new_message_waits_for_its_first_attempt() -> None:
    message = Stage().publish(delay=2_000)

    assert (message.state, message.created_at, message.not_before, message.due_at) == (
        MessageState.PENDING,
        START,
        START + 2_000,
        START + 2_000,
    )


@pytest.mark.fidelity("`Upstash-Not-Before`", "docs")
@pytest.mark.parametrize(
    ("delay", "not_before", "due"),
    [
        (0, None, 0),
        (1, None, 1),
        (5_000, None, 5_000),
        (0, START + 7_000, 7_000),
        (5_000, START + 7_000, 7_000),
        (5_000, START, 0),
        (0, START - 1, 0),
        (5_000, 0, 0),
    ],
)
def test_an_instant_beats_a_delay_and_a_past_one_means_now(
    delay: int, not_before: int | None, due: int
) -> None:
    stage = Stage()
    message = stage.publish(delay=delay, not_before=not_before)

    stage.driver.run_until_idle()

    assert message.not_before - START == due
    assert [offset for offset, _ in timeline(message)] == [0, due, due]


@pytest.mark.fidelity("`Upstash-Delay`", "docs")
def test_a_delay_counts_from_the_publish() -> None:
    stage = Stage()
    stage.advance(300)

    assert stage.publish(delay=50).due_at == START + 350


def test_the_limits_are_those_of_the_pay_as_you_go_plan() -> None:
    assert (PAYG.max_delay, PAYG.max_retries, PAYG.max_timeout, PAYG.max_message_size) == (
        31_536_000,
        5,
        7_200,
        10_485_760,
    )


def test_exactly_the_limit_is_accepted() -> None:
    stage = Stage(plan=SMALL)

    message = stage.publish(delay=31_536_000_000, retries=5, timeout=7_200_000, body=b"0123456789")

    assert timeline(message) == [(0, CREATED)]


@pytest.mark.parametrize(
    ("publish", "text"),
    [
        (lambda stage: stage.publish(delay=31_536_001_000), "maxDelay"),
        (lambda stage: stage.publish(not_before=START + 31_536_001_000), "maxDelay"),
        (lambda stage: stage.publish(retries=6), "maxRetries"),
        (lambda stage: stage.publish(timeout=7_200_001), "maxTimeout"),
        (lambda stage: stage.publish(body=b"0123456789a"), "maxMessageSize"),
    ],
)
def test_more_than_the_plan_allows_is_refused_and_leaves_no_trace(
    publish: Callable[[Stage], object], text: str
) -> None:
    limits = {"maxDelay": 31_536_000, "maxRetries": 5, "maxTimeout": 7_200, "maxMessageSize": 10}
    stage = Stage(plan=SMALL)

    assert refusal(lambda: publish(stage)) == (
        412,
        f"quota {text} exceeded, current limit: {limits[text]}",
    )
    assert (stage.log(), stage.engine.pending(), stage.engine.next_timer()) == ([], [], None)


def test_a_part_of_a_second_beyond_the_longest_delay_is_not_counted() -> None:
    stage = Stage()
    stage.advance(1)

    # not-before comes in whole seconds, the clock stands between two of them.
    message = stage.publish(not_before=START + 31_536_001_000)

    assert message.not_before - message.created_at == 31_536_000_999


def test_the_first_quota_that_is_exceeded_is_named() -> None:
    stage = Stage(plan=SMALL)

    assert refusal(
        lambda: stage.publish(delay=31_536_001_000, retries=6, timeout=7_200_001, body=b"x" * 11)
    ) == (412, "quota maxDelay exceeded, current limit: 31536000")


def test_refused_messages_use_up_no_ids() -> None:
    stage, other = Stage(), Stage()
    refusal(lambda: stage.publish(retries=6))

    assert stage.publish().id == other.publish().id


def test_other_plans_have_other_limits() -> None:
    stage = Stage(plan=replace(PAYG, max_retries=20))

    assert stage.publish(retries=20).command.retries == 20
    assert refusal(lambda: stage.publish(retries=21))[1] == (
        "quota maxRetries exceeded, current limit: 20"
    )
