"""When the next attempt happens: what the answer asks for, the expression, the default backoff."""

from dataclasses import replace
from itertools import pairwise

import pytest

from fakestash.model.messages import Message
from fakestash.model.outcomes import Outcome, Responded, TimedOut
from fakestash.plans import PAYG
from tests.builders import (
    ACTIVE,
    BROKEN,
    DAY,
    FAILED,
    HOUR,
    NOT_RETRYABLE,
    OK,
    REFUSED,
    SECOND,
    Stage,
    timeline,
)

PATIENT = replace(PAYG, max_retries=20)


def starts(message: Message) -> list[int]:
    """The offsets at which the attempts started."""
    return [offset for offset, state in timeline(message) if state is ACTIVE]


def waits(message: Message) -> list[int]:
    """The times from one attempt (that takes no time) to the next."""
    return [later - earlier for earlier, later in pairwise(starts(message))]


def wait_after(answer: Outcome, retry_delay: str | None = None) -> int:
    """How long the first retry waits after this answer."""
    stage = Stage(answer, OK)
    message = stage.publish(retries=1, retry_delay=retry_delay)
    stage.driver.run_until_idle()
    (wait,) = waits(message)
    return wait


def asking(status: int = 429, **headers: str) -> Responded:
    """A failed answer with these headers."""
    return Responded(
        status, tuple((name.replace("_", "-"), value) for name, value in headers.items())
    )


# --- the default backoff ---------------------------------------------------------------------


@pytest.mark.fidelity("retries: default waits of 12 s, 148 s, 1808 s, 22026 s, a day", "measured")
@pytest.mark.fidelity(
    "retries: waits vary by about a tenth",
    "measured",
    verdict="missing",
    here="exactly the default wait",
)
def test_the_default_waits_are_powers_of_e_in_whole_seconds_and_at_most_a_day() -> None:
    stage = Stage(BROKEN, plan=PATIENT)
    message = stage.publish(retries=7)

    stage.driver.run_until_idle()

    assert starts(message) == [
        0,
        12_000,
        160_000,
        1_968_000,
        23_994_000,
        110_394_000,
        196_794_000,
        283_194_000,
    ]
    assert waits(message) == [
        12 * SECOND,
        148 * SECOND,
        1_808 * SECOND,
        22_026 * SECOND,
        DAY,
        DAY,
        DAY,
    ]


@pytest.mark.fidelity("`Upstash-Retries`", "docs")
@pytest.mark.parametrize("retries", [0, 1, 2, 5, 20])
def test_there_are_as_many_retries_as_were_asked_for(retries: int) -> None:
    stage = Stage(BROKEN, plan=PATIENT)
    message = stage.publish(retries=retries)

    stage.driver.run_until_idle()

    assert (len(starts(message)), message.retried) == (retries + 1, retries)
    assert [request.retried for request in stage.destination.requests] == list(range(retries + 1))
    assert timeline(message)[-1][1] == FAILED


def test_the_wait_counts_from_the_end_of_the_attempt() -> None:
    stage = Stage(Responded(500, took=700), Responded(500, took=300), OK)
    message = stage.publish()

    stage.driver.run_until_idle()

    assert starts(message) == [0, 12_700, 161_000]


@pytest.mark.fidelity("retries: after any other status and after no answer", "measured")
@pytest.mark.parametrize(
    "failure",
    [
        Responded(100),
        Responded(301, (("Location", "https://other.test/"),)),
        Responded(304),
        Responded(400),
        Responded(404),
        Responded(503),
        REFUSED,
        TimedOut(took=0),
    ],
)
def test_every_failure_is_retried(failure: Outcome) -> None:
    assert wait_after(failure) == 12_000


@pytest.mark.fidelity("deliveries: redirections are not followed", "assumed")
def test_a_redirection_is_not_followed() -> None:
    stage = Stage(Responded(301, (("Location", "https://other.test/"),)), OK)
    stage.publish("https://shop.test/hook")

    stage.driver.run_until_idle()

    assert [request.url for request in stage.destination.requests] == [
        "https://shop.test/hook",
        "https://shop.test/hook",
    ]


# --- not retryable ---------------------------------------------------------------------------


@pytest.mark.fidelity("retries: none after 489 with `Upstash-NonRetryable-Error`", "sdk")
@pytest.mark.parametrize(
    "answer",
    [
        NOT_RETRYABLE,
        Responded(489, (("upstash-nonretryable-error", "true"),)),
        Responded(489, (("X", "1"), ("UPSTASH-NONRETRYABLE-ERROR", " True "))),
        Responded(489, (("Retry-After", "1"), ("Upstash-NonRetryable-Error", "true"))),
    ],
)
def test_status_489_with_its_header_ends_the_message(answer: Responded) -> None:
    stage = Stage(answer)
    message = stage.publish(retries=3)

    stage.driver.run_until_idle()

    assert starts(message) == [0]


@pytest.mark.parametrize(
    "answer",
    [
        Responded(489),
        Responded(489, (("Upstash-NonRetryable-Error", "false"),)),
        Responded(489, (("Upstash-NonRetryable-Error", ""),)),
        Responded(489, (("NonRetryable-Error", "true"),)),
        Responded(488, (("Upstash-NonRetryable-Error", "true"),)),
        Responded(500, (("Upstash-NonRetryable-Error", "true"),)),
    ],
)
def test_one_without_the_other_is_an_ordinary_failure(answer: Responded) -> None:
    assert wait_after(answer) == 12_000


def test_the_header_does_not_keep_a_success_from_being_one() -> None:
    stage = Stage(Responded(200, (("Upstash-NonRetryable-Error", "true"),)))
    stage.publish()

    stage.driver.run_until_idle()

    assert stage.engine.all_dead_letters("defaultUser") == []


# --- what the answer asks for ----------------------------------------------------------------


@pytest.mark.fidelity("retries: `Retry-After`, `X-RateLimit-Reset` and their like", "docs")
@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        (asking(Retry_After="5"), 5_000),
        (asking(Retry_After="0"), 0),
        (asking(status=500, retry_after="1.5"), 1_500),
        (asking(status=302, Retry_After="7"), 7_000),
        (asking(status=489, Retry_After="7"), 7_000),
        (asking(Retry_After="Thu, 01 Jan 2026 00:00:30 GMT"), 30_000),
        (asking(Retry_After="Wed, 31 Dec 2025 23:59:59 GMT"), 0),
        (asking(X_RateLimit_Reset="6m5s"), 365_000),
        (asking(X_RateLimit_Reset_Requests="250ms"), 250),
        (asking(X_RateLimit_Reset_Tokens="2"), 2_000),
        (asking(X_RateLimit_Reset_Tokens="2", X_RateLimit_Reset="3", Retry_After="4"), 4_000),
        (asking(X_RateLimit_Reset_Tokens="2", X_RateLimit_Reset="3"), 3_000),
        (asking(Retry_After="soon", X_RateLimit_Reset="3"), 3_000),
        (asking(Retry_After="86400"), DAY),
    ],
)
def test_the_answer_says_how_long_to_wait(answer: Responded, wait: int) -> None:
    assert wait_after(answer) == wait


@pytest.mark.parametrize("value", ["86401", "-1", "soon", ""])
def test_a_wait_that_is_no_use_is_ignored(value: str) -> None:
    assert wait_after(asking(Retry_After=value)) == 12_000
    assert wait_after(asking(Retry_After=value), retry_delay="2000") == 2_000


def test_a_date_is_compared_with_the_instant_at_which_the_answer_is_complete() -> None:
    stage = Stage(
        Responded(503, (("Retry-After", "Thu, 01 Jan 2026 00:00:30 GMT"),), took=10_000), OK
    )
    message = stage.publish()

    stage.driver.run_until_idle()

    assert starts(message) == [0, 30_000]


def test_each_answer_speaks_for_itself() -> None:
    stage = Stage(asking(Retry_After="3"), BROKEN, asking(Retry_After="4"), BROKEN)
    message = stage.publish(retries=3)

    stage.driver.run_until_idle()

    assert waits(message) == [3_000, 148_000, 4_000]


def test_after_the_last_retry_no_answer_asks_for_more() -> None:
    stage = Stage(asking(Retry_After="3"))
    message = stage.publish(retries=1)

    stage.driver.run_until_idle()

    assert starts(message) == [0, 3_000]


# --- the expression --------------------------------------------------------------------------


@pytest.mark.fidelity("`Upstash-Retry-Delay`", "docs")
def test_the_expression_takes_the_place_of_the_default() -> None:
    stage = Stage(BROKEN)
    message = stage.publish(retries=4, retry_delay="1000 * (1 + retried)")

    stage.driver.run_until_idle()

    assert waits(message) == [1_000, 2_000, 3_000, 4_000]


def test_the_answer_beats_the_expression() -> None:
    stage = Stage(asking(Retry_After="5"), BROKEN, asking(Retry_After="6"), BROKEN)
    message = stage.publish(retries=3, retry_delay="1000")

    stage.driver.run_until_idle()

    assert waits(message) == [5_000, 1_000, 6_000]


@pytest.mark.parametrize(
    ("retry_delay", "wait"),
    [
        ("0", 0),
        ("-5", 0),
        ("0.9", 0),
        ("1.9", 1),
        ("86400000 * 2", DAY),
        ("1 / 0", 12_000),
        ("exp(1000)", 12_000),
        ("60 * 60 * 1000", HOUR),
    ],
)
def test_an_expression_is_cut_to_a_day_and_falls_back_where_it_has_no_value(
    retry_delay: str, wait: int
) -> None:
    assert wait_after(BROKEN, retry_delay) == wait


def test_an_expression_without_a_value_falls_back_only_for_that_retry() -> None:
    stage = Stage(BROKEN)
    message = stage.publish(retries=3, retry_delay="1000 / (retried - 1)")

    stage.driver.run_until_idle()

    assert waits(message) == [0, 148_000, 1_000]
