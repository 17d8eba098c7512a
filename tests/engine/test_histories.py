"""What is logged about a message, from its creation to its end, and when."""

import pytest

from fakestash.model.outcomes import Responded
from tests.builders import (
    ACTIVE,
    BROKEN,
    CREATED,
    DELIVERED,
    ERROR,
    FAILED,
    NOT_RETRYABLE,
    OK,
    REFUSED,
    RETRY,
    START,
    Stage,
    timeline,
)


@pytest.mark.fidelity("log: a success", "measured")
def test_a_message_is_delivered_at_once() -> None:
    stage = Stage(OK)
    message = stage.publish()

    stage.advance(0)

    assert timeline(message) == [(0, CREATED), (0, ACTIVE), (0, DELIVERED)]


def test_publishing_delivers_nothing_by_itself() -> None:
    stage = Stage(OK)
    message = stage.publish()

    assert (timeline(message), stage.destination.requests) == ([(0, CREATED)], [])


@pytest.mark.fidelity(
    "deliveries: up to 0.6 s after `nextDeliveryTime`",
    "measured",
    verdict="approximate",
    here="exactly at it",
)
def test_a_delayed_message_is_delivered_when_its_delay_is_over() -> None:
    stage = Stage(OK)
    message = stage.publish(delay=90_000)

    stage.advance(90_000)

    assert timeline(message) == [(0, CREATED), (90_000, ACTIVE), (90_000, DELIVERED)]


@pytest.mark.fidelity("log: a retry that succeeds", "measured")
def test_one_failure_then_success() -> None:
    stage = Stage(BROKEN, OK)
    message = stage.publish()

    stage.advance(12_000)

    assert timeline(message) == [
        (0, CREATED),
        (0, ACTIVE),
        (0, ERROR),
        (0, RETRY),
        (12_000, ACTIVE),
        (12_000, DELIVERED),
    ]


@pytest.mark.fidelity("log: a failure without retries", "measured")
def test_without_retries_the_first_failure_is_the_end() -> None:
    stage = Stage(BROKEN)
    message = stage.publish(retries=0)

    stage.driver.run_until_idle()

    assert timeline(message) == [(0, CREATED), (0, ACTIVE), (0, ERROR), (0, FAILED)]


def test_an_error_that_is_not_retryable_is_the_end() -> None:
    stage = Stage(NOT_RETRYABLE)
    message = stage.publish(retries=3)

    stage.driver.run_until_idle()

    assert timeline(message) == [(0, CREATED), (0, ACTIVE), (0, ERROR), (0, FAILED)]


@pytest.mark.fidelity("log: retries that fail", "measured")
def test_two_retries_that_fail_too() -> None:
    stage = Stage(BROKEN, REFUSED, BROKEN)
    message = stage.publish(retries=2)

    stage.driver.run_until_idle()

    assert timeline(message) == [
        (0, CREATED),
        (0, ACTIVE),
        (0, ERROR),
        (0, RETRY),
        (12_000, ACTIVE),
        (12_000, ERROR),
        (12_000, RETRY),
        (160_000, ACTIVE),
        (160_000, ERROR),
        (160_000, FAILED),
    ]


def test_an_attempt_ends_when_its_answer_is_complete_and_retries_count_from_there() -> None:
    stage = Stage(Responded(503, took=1_500), Responded(200, took=250))
    message = stage.publish()

    stage.driver.run_until_idle()

    assert timeline(message) == [
        (0, CREATED),
        (0, ACTIVE),
        (1_500, ERROR),
        (1_500, RETRY),
        (13_500, ACTIVE),
        (13_750, DELIVERED),
    ]


def test_the_entries_of_an_attempt_tell_what_belongs_to_them() -> None:
    failure, success = Responded(500, body=b"no", took=30), Responded(200, took=40)
    stage = Stage(failure, success)
    message = stage.publish(delay=10)

    stage.driver.run_until_idle()

    assert [
        (entry.state, entry.next_delivery_at, entry.outcome, entry.duration)
        for entry in message.entries
    ] == [
        (CREATED, START + 10, None, None),
        (ACTIVE, None, None, None),
        (ERROR, None, failure, 30),
        (RETRY, START + 12_040, None, None),
        (ACTIVE, None, None, None),
        (DELIVERED, None, success, 40),
    ]


def test_the_entries_of_a_final_failure_tell_what_belongs_to_them() -> None:
    stage = Stage(REFUSED)
    message = stage.publish(retries=0)

    stage.advance(0)

    assert [
        (entry.state, entry.next_delivery_at, entry.outcome, entry.duration)
        for entry in message.entries[2:]
    ] == [(ERROR, None, REFUSED, 0), (FAILED, None, None, None)]


def test_every_entry_is_about_its_message_and_names_the_publisher() -> None:
    stage = Stage(BROKEN)
    message = stage.publish(retries=1, caller_ip="10.1.2.3")

    stage.driver.run_until_idle()

    assert stage.log() == message.entries
    assert {(entry.message, entry.caller_ip) for entry in message.entries} == {
        (message, "10.1.2.3")
    }


def test_entries_of_one_millisecond_are_numbered_from_zero() -> None:
    stage = Stage(BROKEN, OK)
    stage.publish()
    stage.publish()

    stage.advance(0)
    stage.advance(12_000)

    assert [entry.id for entry in stage.log()] == [
        *(f"{START}-{number}" for number in range(7)),
        *(f"{START + 12_000}-{number}" for number in range(2)),
    ]
