"""How long the log and the dead letters are kept, and that their memory is given back."""

from dataclasses import replace

import pytest

from fakestash.engine.account import Account
from fakestash.model.messages import Message, PublishCommand, PublishRequest
from fakestash.model.outcomes import Responded
from fakestash.model.queries import (
    DeadLetterQuery,
    LogQuery,
    MessageFilter,
    Paging,
)
from fakestash.model.settings import CallbackSettings, Extras, FlowControl
from fakestash.plans import FREE, PAYG, PRO, Plan
from tests.builders import (
    ACTIVE,
    BROKEN,
    CREATED,
    DAY,
    DELIVERED,
    HOUR,
    OK,
    SECOND,
    URL,
    USER,
    Stage,
    happened,
    refused,
    starts,
    timeline,
)

SHORT = replace(PAYG, log_retention=10, dead_letter_retention=10)
"""Both are kept for 10 seconds."""

ALL = Paging(count=1000)
LETTERS = DeadLetterQuery(paging=ALL)


def account(stage: Stage) -> Account:
    return stage.engine._world.accounts[USER]  # noqa: SLF001 - memory shows nowhere else


def seen(stage: Stage, message: Message) -> list[int]:
    """How many entries of the log are seen by every way to read it."""
    by_id = MessageFilter(message_ids=frozenset({message.id}))
    engine = stage.engine
    groups = [
        engine.grouped_log(USER, LogQuery(paging=ALL, filter=wanted)).rows
        for wanted in (MessageFilter(), by_id)
    ]
    return [
        len(engine.whole_log(USER)),
        len(engine.log(USER, LogQuery(paging=ALL)).rows),
        len(engine.log(USER, LogQuery(paging=replace(ALL, earliest_first=True))).rows),
        len(engine.log(USER, LogQuery(paging=replace(ALL, from_at=0))).rows),
        len(engine.log(USER, LogQuery(paging=ALL, filter=by_id)).rows),
        *(sum(len(group.entries) for group in found) for found in groups),
    ]


# --- the log ---------------------------------------------------------------------------------


@pytest.mark.fidelity("log: kept as long as the plan says", "docs")
@pytest.mark.parametrize(("plan", "days"), [(FREE, 3), (PAYG, 7), (PRO, 14)])
def test_an_entry_vanishes_exactly_at_the_end_of_its_retention(plan: Plan, days: int) -> None:
    stage = Stage(plan=plan)
    message = stage.publish()
    stage.advance(0)

    stage.advance(days * DAY - 1)
    before = seen(stage, message)
    stage.advance(1)

    assert (before, seen(stage, message)) == ([3] * 7, [0] * 7)


def test_each_entry_vanishes_by_itself() -> None:
    stage = Stage(BROKEN, OK, plan=SHORT)
    message = stage.publish(retry_delay="4000")
    stage.advance(4_000)
    counts: list[list[int]] = []
    for ms in (5_999, 1, 3_999, 1):
        stage.advance(ms)
        counts.append(seen(stage, message))

    assert counts == [[6] * 7, [2] * 7, [2] * 7, [0] * 7]


def test_a_group_shows_only_what_is_left_of_it() -> None:
    stage = Stage(BROKEN, OK, plan=SHORT)
    stage.publish(retry_delay="4000")

    stage.advance(10_000)

    (group,) = stage.engine.grouped_log(USER, LogQuery(paging=ALL)).rows
    assert happened(group.entries) == [(4_000, DELIVERED), (4_000, ACTIVE)]


def test_a_page_that_asks_for_later_entries_is_not_changed_by_the_retention() -> None:
    stage = Stage(BROKEN, OK, plan=SHORT)
    message = stage.publish(retry_delay="4000")
    stage.advance(10_000)
    later = replace(ALL, from_at=message.created_at + 4_001)

    assert stage.engine.log(USER, LogQuery(paging=later)).rows == ()


def test_a_message_that_has_not_ended_outlives_its_entries() -> None:
    stage = Stage(plan=SHORT)
    message = stage.publish(delay=HOUR)

    stage.advance(HOUR - 1)
    before = (seen(stage, message), stage.engine.message(USER, message.id).state)
    stage.advance(1)

    assert before == ([0] * 7, "pending")
    assert seen(stage, message) == [2] * 7
    assert timeline(message) == [(0, CREATED), (HOUR, ACTIVE), (HOUR, DELIVERED)]


# --- dead letters ----------------------------------------------------------------------------


@pytest.mark.fidelity("dead letters: kept as long as the plan says", "docs")
@pytest.mark.parametrize(("plan", "days"), [(FREE, 3), (PAYG, 7), (PRO, 30)])
def test_a_dead_letter_vanishes_exactly_at_the_end_of_its_retention(plan: Plan, days: int) -> None:
    stage = Stage(BROKEN, plan=plan)
    message = stage.publish(retries=0, delay=1_000)
    stage.advance(1_000)

    stage.advance(days * DAY - 1)
    before = [each.message for each in stage.engine.all_dead_letters(USER)]
    stage.advance(1)

    assert (before, stage.engine.all_dead_letters(USER)) == ([message], [])


def expired_letter() -> tuple[Stage, str]:
    """A stage with a dead letter that nobody has looked at since its end, and its id."""
    stage = Stage(BROKEN, plan=SHORT)
    stage.publish(retries=0)
    stage.advance(0)
    (letter,) = stage.engine.all_dead_letters(USER)
    stage.advance(10_000)
    return stage, letter.dlq_id


def test_an_expired_dead_letter_is_not_found() -> None:
    stage, dlq_id = expired_letter()

    assert refused(lambda: stage.engine.dead_letter(USER, dlq_id)) == (
        404,
        f"dlq message {dlq_id} not found",
    )


def test_an_expired_dead_letter_is_in_no_page() -> None:
    stage, dlq_id = expired_letter()

    assert stage.engine.dead_letters(USER, LETTERS).rows == ()
    by_id = replace(LETTERS, dlq_ids=frozenset({dlq_id}))
    assert stage.engine.dead_letters(USER, by_id).rows == ()


def test_an_expired_dead_letter_cannot_be_deleted() -> None:
    stage, dlq_id = expired_letter()

    assert refused(lambda: stage.engine.delete_dead_letter(USER, dlq_id))[0] == 404


def test_an_expired_dead_letter_is_not_deleted_with_others() -> None:
    stage, _ = expired_letter()

    assert stage.engine.delete_dead_letters(USER, LETTERS).number == 0


def test_an_expired_dead_letter_cannot_be_sent_again() -> None:
    stage, dlq_id = expired_letter()

    assert (
        refused(lambda: stage.engine.retry_dead_letter(USER, dlq_id, lambda each: each))[0] == 404
    )


def test_an_expired_dead_letter_is_not_sent_again_with_others() -> None:
    stage, dlq_id = expired_letter()

    by_id = replace(LETTERS, dlq_ids=frozenset({dlq_id}))
    refusal = refused(lambda: stage.engine.retry_dead_letters(USER, by_id, lambda each: each))

    assert refusal == (404, "some messages were not found in the dlq")
    assert stage.engine.retry_dead_letters(USER, LETTERS, lambda each: each).rows == ()


def test_younger_dead_letters_stay() -> None:
    stage = Stage(BROKEN, plan=SHORT)
    stage.publish(retries=0)
    younger = stage.publish(retries=0, delay=1)

    stage.advance(10_000)

    assert [each.message for each in stage.engine.all_dead_letters(USER)] == [younger]


def test_a_dead_letter_that_outlives_the_log_can_be_sent_again() -> None:
    stage = Stage(BROKEN, OK, plan=replace(SHORT, dead_letter_retention=100))
    stage.publish(retries=0)
    stage.advance(50_000)
    logged = stage.log()

    (letter,) = stage.engine.all_dead_letters(USER)
    stage.engine.retry_dead_letter(USER, letter.dlq_id, lambda each: each)
    stage.advance(0)

    assert logged == []
    assert happened(stage.log()) == [(50_000, CREATED), (50_000, ACTIVE), (50_000, DELIVERED)]


# --- memory ----------------------------------------------------------------------------------


def test_what_has_expired_is_given_back_while_the_work_goes_on() -> None:
    stage = Stage(OK, plan=SHORT)
    largest = 0
    for _ in range(40):
        for _ in range(250):
            stage.publish()
        stage.advance(5 * SECOND)
        largest = max(largest, len(account(stage).log))

    # 10 s of it are 500 messages with 1,500 entries; 10,000 were made.
    assert largest < 4_000
    assert len(account(stage).messages) < 1_500


def test_what_is_noted_beside_the_log_is_given_back_with_it() -> None:
    stage = Stage(OK, plan=SHORT)
    extras = Extras("q", callback=CallbackSettings("https://back.test"))
    largest = [0, 0, 0]
    for _ in range(40):
        for _ in range(60):
            stage.publish(extras=extras)
        stage.advance(5 * SECOND)
        notes = account(stage).notes
        now = [len(notes.all), len(notes.sent), len(notes.reports)]
        largest = list(map(max, zip(largest, now, strict=True)))

    # 10 s of it are 120 messages, nearly all of which are held, and as many callbacks.
    assert all(100 < size < 600 for size in largest)


def test_messages_under_way_are_kept_and_those_that_ended_are_not() -> None:
    stage = Stage(OK, plan=SHORT)
    delayed = stage.publish(delay=HOUR)
    ended = stage.publish()
    stage.advance(20 * SECOND)
    for _ in range(2_000):
        stage.publish()
    stage.advance(0)

    assert delayed.id in account(stage).messages
    assert ended.id not in account(stage).messages


def test_dead_letters_are_given_back_when_another_message_fails() -> None:
    stage = Stage(BROKEN, plan=SHORT)
    for _ in range(50):
        stage.publish(retries=0)
        stage.advance(SECOND)

    assert len(account(stage).dead_letters) <= 10


def test_those_who_were_cancelled_while_they_waited_leave_no_trace_in_their_queue() -> None:
    stage = Stage()
    stage.engine.queues.upsert(USER, "q", 1, paused=True)
    for _ in range(1_000):
        message = stage.send("a", queue="q")
        stage.advance(0)
        stage.cancel(message)

    lane = account(stage).lanes["q"]
    assert (len(lane.unfinished), stage.engine.queues.get(USER, "q").lag) == (0, 0)
    assert len(lane._newcomers._heap) <= 65  # noqa: SLF001 - memory shows nowhere else


def test_clearing_away_the_cancelled_keeps_the_order_of_the_others() -> None:
    stage = Stage()
    stage.engine.queues.upsert(USER, "q", 1, paused=True)
    messages = [stage.send(str(number), queue="q") for number in range(300)]
    stage.advance(0)
    for number, message in enumerate(messages):
        if number % 3:
            stage.cancel(message)

    stage.engine.queues.resume(USER, "q")
    stage.advance(0)

    assert [name for _, name in starts(stage)] == [str(number) for number in range(0, 300, 3)]


def test_deduplication_forgets_what_can_have_no_duplicates_any_more() -> None:
    stage = Stage(plan=SHORT)
    for number in range(100):
        stage.accept(PublishRequest(PublishCommand(URL), deduplication_id=str(number)))
        stage.advance(60 * SECOND)

    assert len(account(stage).deduplication._first) <= 10  # noqa: SLF001 - memory shows nowhere else


def test_when_all_is_over_no_place_is_taken_and_nobody_waits() -> None:
    stage = Stage(BROKEN, Responded(200, took=500), OK, plan=replace(SHORT, global_parallelism=2))
    extras = Extras(
        "q",
        FlowControl("k", parallelism=1),
        CallbackSettings("https://back.test"),
        CallbackSettings("https://back.test/failed"),
    )
    for number in range(10):
        stage.publish(retries=number % 3, extras=extras)
    stage.advance(700)
    for message in stage.engine.pending()[::2]:
        stage.cancel(message)
    stage.driver.run_until_idle()

    kept = account(stage)
    assert stage.engine.pending() == []
    assert (kept.reported, kept.open_callbacks) == ({}, {})
    assert stage.engine.flow_control.global_parallelism(USER).in_flight == 0
    told = stage.engine.flow_control.get(USER, "k")
    assert (told.parallelism_count, told.wait_list_size) == (0, 0)
    stage.send("next", queue="q")
    stage.advance(0)
    assert starts(stage)[-1][1] == "next"
