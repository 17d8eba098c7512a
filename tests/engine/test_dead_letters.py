"""The dead letter queue: each message that failed for good once, in order, in pages."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from fakestash.errors import ServiceError
from fakestash.model.messages import DeadLetter, Message
from fakestash.model.outcomes import Responded, TimedOut
from fakestash.model.queries import DeadLetterQuery, MessageFilter, Paging, RowId
from tests.builders import (
    BROKEN,
    FAILED,
    NOT_RETRYABLE,
    OK,
    REFUSED,
    START,
    USER,
    Stage,
    timeline,
)

ALL = Paging(count=100)
FIRST = Paging(count=100, earliest_first=True)


def failing_at(stage: Stage, *offsets: int) -> list[Message]:
    """Messages that fail for good at these offsets, in that order."""
    messages = [stage.publish(retries=0, delay=offset) for offset in offsets]
    stage.driver.run_until_idle()
    return messages


def found(stage: Stage, query: DeadLetterQuery) -> tuple[list[str], str | None]:
    """The ids of the dead letters that are found, as offset and sequence, and the cursor."""
    page = stage.engine.dead_letters(USER, query)
    return [f"{letter.at - START}-{letter.sequence}" for letter in page.rows], page.cursor


def test_a_message_that_fails_for_good_is_a_dead_letter_from_then_on() -> None:
    stage = Stage(REFUSED)
    message = stage.publish(retries=1)

    stage.advance(11_999)
    before = stage.engine.all_dead_letters(USER)
    stage.advance(1)

    assert before == []
    assert stage.engine.all_dead_letters(USER) == [
        DeadLetter(f"{START + 12_000}-0", START + 12_000, 0, message)
    ]
    assert (message.dlq_id, timeline(message)[-1]) == (f"{START + 12_000}-0", (12_000, FAILED))


def test_neither_success_nor_cancellation_makes_a_dead_letter() -> None:
    stage = Stage(OK)
    stage.publish()
    stage.cancel(stage.publish(delay=10))

    stage.driver.run_until_idle()

    assert stage.engine.all_dead_letters(USER) == []


def test_an_error_that_is_not_retryable_makes_one_at_once() -> None:
    stage = Stage(NOT_RETRYABLE)
    message = stage.publish(retries=3)

    stage.advance(0)

    assert [letter.message for letter in stage.engine.all_dead_letters(USER)] == [message]


def test_dead_letters_of_one_millisecond_are_numbered() -> None:
    stage = Stage(BROKEN)
    failing_at(stage, 0, 0, 7, 7, 7, 9)

    assert found(stage, DeadLetterQuery(paging=FIRST)) == (
        ["0-0", "0-1", "7-0", "7-1", "7-2", "9-0"],
        None,
    )


def test_no_id_is_given_twice_even_if_the_first_was_deleted() -> None:
    stage = Stage(BROKEN)
    failing_at(stage, 0)
    (letter,) = stage.engine.all_dead_letters(USER)
    stage.engine.delete_dead_letter(USER, letter.dlq_id)

    failing_at(stage, 0)

    assert found(stage, DeadLetterQuery(paging=ALL)) == (["0-1"], None)


def refusal(call: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(ServiceError) as raised:
        call()
    return raised.value.status, raised.value.text


def test_one_dead_letter_can_be_had_and_deleted_once() -> None:
    stage = Stage(BROKEN)
    failing_at(stage, 0, 5)
    first, second = stage.engine.all_dead_letters(USER)

    had = stage.engine.dead_letter(USER, first.dlq_id)
    stage.engine.delete_dead_letter(USER, first.dlq_id)

    gone = (404, f"dlq message {first.dlq_id} not found")
    assert had is first
    assert refusal(lambda: stage.engine.dead_letter(USER, first.dlq_id)) == gone
    assert refusal(lambda: stage.engine.delete_dead_letter(USER, first.dlq_id)) == gone
    assert stage.engine.all_dead_letters(USER) == [second]


def test_users_do_not_see_each_others() -> None:
    stage = Stage(BROKEN)
    stage.publish(user="testUser1", retries=0)
    stage.advance(0)
    (letter,) = stage.engine.all_dead_letters("testUser1")

    assert stage.engine.all_dead_letters(USER) == []
    assert refusal(lambda: stage.engine.dead_letter(USER, letter.dlq_id))[0] == 404
    assert refusal(lambda: stage.engine.delete_dead_letter(USER, letter.dlq_id))[0] == 404


# --- pages -----------------------------------------------------------------------------------


@pytest.mark.fidelity("dead letters: `count`, `order`, `cursor`", "docs")
def test_pages_go_either_way_and_name_their_last_row_if_more_follow() -> None:
    stage = Stage(BROKEN)
    failing_at(stage, 0, 0, 5)
    two = Paging(count=2)

    assert found(stage, DeadLetterQuery(paging=two)) == (["5-0", "0-1"], f"{START}-1")
    assert found(stage, DeadLetterQuery(paging=replace(two, earliest_first=True))) == (
        ["0-0", "0-1"],
        f"{START}-1",
    )
    assert found(stage, DeadLetterQuery(paging=replace(two, after=RowId(START, 1)))) == (
        ["0-0"],
        None,
    )


def test_a_cursor_may_be_the_id_of_a_letter_that_is_gone() -> None:
    stage = Stage(BROKEN)
    failing_at(stage, 0, 5, 10)
    stage.engine.delete_dead_letter(USER, f"{START + 5}-0")

    after = RowId(START + 5, 0)
    assert found(stage, DeadLetterQuery(paging=replace(FIRST, after=after))) == (["10-0"], None)
    assert found(stage, DeadLetterQuery(paging=replace(ALL, after=after))) == (["0-0"], None)


@pytest.mark.parametrize(
    ("from_at", "to_at", "expected"),
    [
        (None, None, ["10-0", "5-0", "0-0"]),
        (5, None, ["10-0", "5-0"]),
        (None, 5, ["5-0", "0-0"]),
        (5, 5, ["5-0"]),
        (6, 9, []),
        (9, 6, []),
    ],
)
def test_dates_are_those_of_the_failure_and_included(
    from_at: int | None, to_at: int | None, expected: list[str]
) -> None:
    stage = Stage(BROKEN)
    failing_at(stage, 0, 5, 10)
    paging = replace(
        ALL,
        from_at=None if from_at is None else START + from_at,
        to_at=None if to_at is None else START + to_at,
    )

    assert found(stage, DeadLetterQuery(paging=paging)) == (expected, None)


@pytest.mark.fidelity("dead letters: filters", "docs")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (DeadLetterQuery(paging=FIRST, dlq_ids=frozenset({f"{START}-0", "x"})), ["0-0"]),
        (DeadLetterQuery(paging=FIRST, dlq_ids=frozenset({"x"})), []),
        (DeadLetterQuery(paging=FIRST, response_statuses=frozenset({404})), ["0-0"]),
        (DeadLetterQuery(paging=FIRST, response_statuses=frozenset({0})), ["0-1", "0-2"]),
        (
            DeadLetterQuery(paging=FIRST, response_statuses=frozenset({404, 0})),
            ["0-0", "0-1", "0-2"],
        ),
        (DeadLetterQuery(paging=FIRST, response_statuses=frozenset({500})), []),
        (DeadLetterQuery(paging=FIRST, filter=MessageFilter(labels=frozenset({"b"}))), ["0-1"]),
        (
            DeadLetterQuery(paging=FIRST, filter=MessageFilter(caller_ips=frozenset({"10.0.0.3"}))),
            ["0-2"],
        ),
        (
            DeadLetterQuery(
                paging=FIRST,
                filter=MessageFilter(labels=frozenset({"a", "b"})),
                response_statuses=frozenset({0}),
            ),
            ["0-1"],
        ),
    ],
)
def test_each_filter_tests_its_own(query: DeadLetterQuery, expected: list[str]) -> None:
    stage = Stage(Responded(404), REFUSED, TimedOut(took=0))
    stage.publish(retries=0, labels=("a",))
    stage.publish(retries=0, labels=("b",))
    stage.publish(retries=0, caller_ip="10.0.0.3")
    stage.advance(0)

    assert found(stage, query) == (expected, None)
