"""How often a user may call: messages of a day, management calls of a second."""

from dataclasses import replace

import pytest

from fakestash.errors import ServiceError
from fakestash.model.messages import PublishCommand, PublishRequest
from fakestash.model.resources import Endpoint
from fakestash.model.settings import CallbackSettings, CronSettings
from fakestash.plans import FREE, PAYG, PRO, Plan
from fakestash.syntax.cron import parse
from tests.builders import BROKEN, DAY, HOUR, MINUTE, OK, SHOP, START, URL, USER, Stage

START_S = START // 1_000
TWO_A_DAY = replace(FREE, messages_per_day=2)


def refusal(stage: Stage, user: str = USER, *, makes_messages: bool = True) -> ServiceError | None:
    """What a call is refused with, if it is."""
    try:
        stage.engine.count_call(user, makes_messages=makes_messages)
    except ServiceError as error:
        return error
    return None


def is_refused(stage: Stage, user: str = USER) -> bool:
    """Whether a call that makes messages is one too many of its day."""
    return refusal(stage, user) is not None


def calls(stage: Stage, number: int) -> list[bool]:
    """Which of so many management calls are refused."""
    return [refusal(stage, makes_messages=False) is not None for _ in range(number)]


# --- a day -----------------------------------------------------------------------------------


@pytest.mark.fidelity("plans: 1000 messages a day are free", "measured")
def test_a_thousand_messages_are_free_each_day() -> None:
    stage = Stage(plan=FREE)
    for _ in range(1_000):
        assert not is_refused(stage)
        stage.publish()

    error = refusal(stage)

    assert error is not None
    assert (error.status, error.text, error.headers) == (
        429,
        "exceeded daily rate limit",
        (
            ("RateLimit-Limit", "1000"),
            ("RateLimit-Remaining", "0"),
            ("RateLimit-Reset", str(START_S + 86_400)),
        ),
    )


def test_the_day_ends_at_midnight_utc() -> None:
    stage = Stage(plan=TWO_A_DAY)
    stage.advance(23 * HOUR)
    for _ in range(2):
        stage.publish()

    stage.advance(HOUR - 1)
    before = is_refused(stage)
    stage.advance(1)

    assert (before, is_refused(stage)) == (True, False)


def test_every_day_counts_anew() -> None:
    stage = Stage(plan=TWO_A_DAY)
    refused_on: list[bool] = []
    for made in (2, 1, 3):
        for _ in range(made):
            stage.publish()
        refused_on.append(is_refused(stage))
        stage.advance(DAY)

    assert refused_on == [True, False, True]


@pytest.mark.parametrize("plan", [PAYG, PRO])
def test_other_plans_count_no_messages(plan: Plan) -> None:
    stage = Stage(plan=plan)
    for _ in range(1_001):
        stage.publish()

    assert not is_refused(stage)


def test_users_are_counted_apart() -> None:
    stage = Stage(plan=TWO_A_DAY)
    for _ in range(2):
        stage.publish()

    assert (is_refused(stage), is_refused(stage, "testUser1")) == (True, False)


def test_each_message_of_a_fan_out_counts() -> None:
    stage = Stage(plan=TWO_A_DAY)
    stage.engine.url_groups.add_endpoints(USER, "g", (Endpoint(SHOP + "a"), Endpoint(SHOP + "b")))

    stage.accept(PublishRequest(PublishCommand(""), "g"))

    assert is_refused(stage)


def test_a_firing_counts() -> None:
    stage = Stage(plan=TWO_A_DAY)
    every_minute = CronSettings(parse("* * * * *"))
    stage.engine.schedules.create(USER, PublishRequest(PublishCommand(URL), cron=every_minute))
    counted = [is_refused(stage)]

    for _ in range(2):
        stage.advance(MINUTE)
        counted.append(is_refused(stage))

    assert counted == [False, False, True]


@pytest.mark.fidelity("plans: callbacks count for the day", "assumed")
def test_a_callback_counts() -> None:
    stage = Stage(plan=TWO_A_DAY)
    stage.send("a", callback=CallbackSettings("https://back.test"))
    before = is_refused(stage)

    stage.advance(0)

    assert (before, is_refused(stage)) == (False, True)


@pytest.mark.fidelity("plans: retries do not count for the day", "assumed")
def test_a_retry_does_not_count_and_a_dead_letter_sent_again_does() -> None:
    stage = Stage(BROKEN, BROKEN, OK, plan=TWO_A_DAY)
    stage.publish(retries=1)
    stage.driver.run_until_idle()
    before = is_refused(stage)

    (letter,) = stage.engine.all_dead_letters(USER)
    stage.engine.retry_dead_letter(USER, letter.dlq_id, lambda each: each)

    assert (before, is_refused(stage)) == (False, True)


def test_a_duplicate_does_not_count() -> None:
    stage = Stage(plan=TWO_A_DAY)
    for _ in range(3):
        stage.accept(PublishRequest(PublishCommand(URL), deduplication_id="once"))

    assert not is_refused(stage)


def test_a_refused_publish_does_not_count() -> None:
    stage = Stage(plan=TWO_A_DAY)
    for _ in range(3):
        with pytest.raises(ServiceError):
            stage.publish(retries=6)

    assert not is_refused(stage)


def test_a_message_counts_on_the_day_on_which_it_is_made() -> None:
    stage = Stage(plan=TWO_A_DAY)
    for _ in range(2):
        stage.publish(delay=DAY)
    today = is_refused(stage)

    stage.advance(DAY)

    assert (today, is_refused(stage)) == (True, False)


def test_a_message_that_is_cancelled_has_been_made() -> None:
    stage = Stage(plan=TWO_A_DAY)
    for _ in range(2):
        stage.cancel(stage.publish())

    assert is_refused(stage)


# --- a second --------------------------------------------------------------------------------

BURST = replace(PAYG, calls_per_second=3)


def test_the_limit_per_second_is_off() -> None:
    assert calls(Stage(), 1_000) == [False] * 1_000


def test_it_can_be_switched_on() -> None:
    assert calls(Stage(plan=PAYG.with_burst_limit()), 101) == [False] * 100 + [True]


def test_so_many_management_calls_may_come_in_each_second() -> None:
    stage = Stage(plan=BURST)
    seen = [calls(stage, 4)]
    for ms in (999, 1):
        stage.advance(ms)
        seen.append(calls(stage, 1))

    assert seen == [[False, False, False, True], [True], [False]]


def test_the_refusal_names_the_second_in_which_calls_are_taken_again() -> None:
    stage = Stage(plan=BURST)
    stage.advance(1_700)
    calls(stage, 3)

    error = refusal(stage, makes_messages=False)

    assert error is not None
    assert (error.status, error.text, error.headers) == (
        429,
        "exceeded burst rate limit",
        (
            ("Burst-RateLimit-Limit", "3"),
            ("Burst-RateLimit-Remaining", "0"),
            ("Burst-RateLimit-Reset", str(START_S + 2)),
        ),
    )


def test_calls_that_make_messages_have_no_limit_per_second() -> None:
    stage = Stage(plan=BURST)

    assert [refusal(stage) for _ in range(10)] == [None] * 10
    assert calls(stage, 3) == [False] * 3


def test_the_calls_of_users_are_counted_apart() -> None:
    stage = Stage(plan=BURST)
    calls(stage, 3)

    assert refusal(stage, "testUser1", makes_messages=False) is None
