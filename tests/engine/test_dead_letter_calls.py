"""Deleting dead letters and sending them again, one at a time and many together."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from fakestash.model.messages import Message, PublishCommand
from fakestash.model.outcomes import Responded
from fakestash.model.queries import DeadLetterQuery, Deleted, MessageFilter, Page, Paging, RowId
from fakestash.model.settings import CallbackSettings, Extras, FlowControl, Redaction
from fakestash.plans import PAYG
from fakestash.syntax.retry_delay import parse
from tests.builders import (
    ACTIVE,
    BROKEN,
    CREATED,
    DELIVERED,
    FAILED,
    HOUR,
    OK,
    SECOND,
    START,
    USER,
    Stage,
    name_of,
    refused,
    starts,
    story,
    timeline,
)

FIRST_100 = Paging(count=100, earliest_first=True)
EVERYTHING = DeadLetterQuery(paging=FIRST_100)
MISSING = (404, "some messages were not found in the dlq")


def unchanged(command: PublishCommand) -> PublishCommand:
    return command


def failed(stage: Stage, names: str) -> list[Message]:
    """A message for each letter, that fails for good a second after the one before."""
    messages = [stage.send(name, retries=0, delay=i * SECOND) for i, name in enumerate(names)]
    stage.driver.run_until_idle()
    return messages


def letters(stage: Stage) -> list[str]:
    """The names of all dead letters."""
    return [name_of(letter.message) for letter in stage.engine.all_dead_letters(USER)]


def ids(stage: Stage) -> list[str]:
    return [letter.dlq_id for letter in stage.engine.all_dead_letters(USER)]


def by_id(*dlq_ids: str) -> DeadLetterQuery:
    return DeadLetterQuery(paging=FIRST_100, dlq_ids=frozenset(dlq_ids))


def by_url(*names: str, count: int = 100) -> DeadLetterQuery:
    urls = frozenset(f"https://shop.test/{name}" for name in names)
    return DeadLetterQuery(
        paging=Paging(count=count, earliest_first=True), filter=MessageFilter(urls=urls)
    )


def retry_all(
    stage: Stage,
    query: DeadLetterQuery = EVERYTHING,
    change: Callable[[PublishCommand], PublishCommand] = unchanged,
) -> Page[str]:
    return stage.engine.retry_dead_letters(USER, query, change)


def sent_again(stage: Stage, page: Page[str]) -> list[str]:
    """The names of the messages with these ids."""
    return [name_of(stage.found(message_id)) for message_id in page.rows]


# --- deleting --------------------------------------------------------------------------------


def test_all_are_deleted() -> None:
    stage = Stage(BROKEN)
    failed(stage, "abc")

    assert stage.engine.delete_dead_letters(USER, EVERYTHING) == Deleted(3, None)
    assert letters(stage) == []


def test_deleting_goes_on_behind_the_cursor() -> None:
    stage = Stage(BROKEN)
    failed(stage, "abcde")
    second, fourth = ids(stage)[1], ids(stage)[3]

    answers = [
        stage.engine.delete_dead_letters(USER, DeadLetterQuery(paging=paging))
        for paging in (
            Paging(count=2, earliest_first=True),
            Paging(count=2, earliest_first=True, after=RowId(START + 1_000, 0)),
            Paging(count=2, earliest_first=True, after=RowId(START + 3_000, 0)),
        )
    ]

    assert answers == [Deleted(2, second), Deleted(2, fourth), Deleted(1, None)]
    assert letters(stage) == []


def test_ids_that_are_gone_do_not_count() -> None:
    stage = Stage(BROKEN)
    failed(stage, "abc")
    a, _, c = ids(stage)
    stage.engine.delete_dead_letter(USER, a)

    assert stage.engine.delete_dead_letters(USER, by_id(a, c, "1-0")) == Deleted(1, None)
    assert letters(stage) == ["b"]


def test_what_a_filter_finds_is_deleted() -> None:
    stage = Stage(BROKEN)
    failed(stage, "abcd")

    assert stage.engine.delete_dead_letters(USER, by_url("d", "b")) == Deleted(2, None)
    assert letters(stage) == ["a", "c"]


def test_statuses_can_be_asked_for() -> None:
    stage = Stage(Responded(404), BROKEN, Responded(404))
    failed(stage, "abc")
    query = replace(EVERYTHING, response_statuses=frozenset({404}))

    assert stage.engine.delete_dead_letters(USER, query) == Deleted(2, None)
    assert letters(stage) == ["b"]


def test_nothing_is_deleted_where_nothing_matches() -> None:
    stage = Stage(BROKEN)
    failed(stage, "a")

    assert stage.engine.delete_dead_letters(USER, by_url("x")) == Deleted(0, None)
    assert stage.engine.delete_dead_letters("testUser1", EVERYTHING) == Deleted(0, None)
    assert letters(stage) == ["a"]


# --- sending one again -----------------------------------------------------------------------


@pytest.mark.fidelity("dead letters: a retry makes a new message and takes the letter away", "docs")
def test_a_dead_letter_is_sent_again_as_a_new_message_and_leaves() -> None:
    stage = Stage(BROKEN, OK)
    (old,) = failed(stage, "a")
    stage.advance(500)

    message_id = stage.engine.retry_dead_letter(USER, ids(stage)[0], unchanged)
    left = letters(stage)
    stage.advance(0)

    new = stage.found(message_id)
    assert (left, new.id != old.id) == ([], True)
    assert timeline(new) == [(500, CREATED), (500, ACTIVE), (500, DELIVERED)]
    assert timeline(old)[-1] == (0, FAILED)


def test_a_message_that_fails_again_is_a_dead_letter_again() -> None:
    stage = Stage(BROKEN)
    failed(stage, "a")
    first = ids(stage)

    stage.engine.retry_dead_letter(USER, first[0], unchanged)
    stage.advance(0)

    assert (first, ids(stage)) == ([f"{START}-0"], [f"{START}-1"])


@pytest.mark.fidelity("dead letters: a retry keeps all settings but the delay", "assumed")
def test_all_settings_are_kept_but_the_delay() -> None:
    stage = Stage(BROKEN)
    command = PublishCommand(
        "https://shop.test/a",
        b"order",
        "PUT",
        (("X-Order", "7"),),
        retries=0,
        retry_delay=parse("1000"),
        timeout=5_000,
        delay=HOUR,
        not_before=START + 2 * HOUR,
        labels=("shop",),
        caller_ip="10.0.0.1",
        extras=Extras(
            "q",
            FlowControl("k", rate=1),
            CallbackSettings("https://back.test"),
            CallbackSettings("https://back.test/failed"),
            Redaction(body=True),
            "topic",
            "endpoint",
            "scd_1",
        ),
    )
    stage.engine.publish(USER, command)
    stage.advance(2 * HOUR)

    message_id = stage.engine.retry_dead_letter(USER, ids(stage)[0], unchanged)

    message = stage.found(message_id)
    assert message.command == command._replace(delay=0, not_before=None)
    assert message.not_before == message.created_at


def test_what_is_changed_replaces_the_setting() -> None:
    stage = Stage(BROKEN)
    stage.send("a", retries=1)
    stage.driver.run_until_idle()

    message_id = stage.engine.retry_dead_letter(
        USER, ids(stage)[0], lambda command: command._replace(retries=0, delay=1_000)
    )
    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (12_000, "a"), (13_000, "a")]
    assert timeline(stage.found(message_id))[-1] == (13_000, FAILED)


def test_a_retried_message_lines_up_at_the_end_of_its_queue() -> None:
    stage = Stage(BROKEN, Responded(200, took=1_000))
    stage.send("dead", queue="q", retries=0)
    for name in "ab":
        stage.send(name, queue="q")
    stage.advance(500)

    stage.engine.retry_dead_letter(USER, ids(stage)[0], unchanged)
    stage.driver.run_until_idle()

    assert [name for _, name in starts(stage)] == ["dead", "a", "b", "dead"]


def test_a_dead_letter_can_be_sent_again_only_once() -> None:
    stage = Stage(BROKEN)
    failed(stage, "a")
    (dlq_id,) = ids(stage)
    stage.engine.retry_dead_letter(USER, dlq_id, unchanged)

    assert refused(lambda: stage.engine.retry_dead_letter(USER, dlq_id, unchanged)) == (
        404,
        f"dlq message {dlq_id} not found",
    )


def test_nobody_sends_the_dead_letters_of_another_user() -> None:
    stage = Stage(BROKEN)
    failed(stage, "a")
    (dlq_id,) = ids(stage)

    assert refused(lambda: stage.engine.retry_dead_letter("testUser1", dlq_id, unchanged))[0] == 404
    assert letters(stage) == ["a"]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            lambda command: command._replace(retries=6),
            "quota maxRetries exceeded, current limit: 5",
        ),
        (
            lambda command: command._replace(extras=Extras(queue="new")),
            "quota maxQueues exceeded, current limit: 0",
        ),
    ],
)
def test_a_change_beyond_the_plan_is_refused_and_the_dead_letter_stays(
    change: Callable[[PublishCommand], PublishCommand], text: str
) -> None:
    stage = Stage(BROKEN, plan=replace(PAYG, max_queues=0))
    failed(stage, "a")

    assert refused(lambda: stage.engine.retry_dead_letter(USER, ids(stage)[0], change)) == (
        412,
        text,
    )
    assert letters(stage) == ["a"]


# --- sending many again ----------------------------------------------------------------------


def test_all_are_sent_again_in_order_of_their_failure() -> None:
    stage = Stage(BROKEN, BROKEN, BROKEN, OK)
    failed(stage, "abc")

    page = retry_all(stage)
    stage.advance(0)

    assert (sent_again(stage, page), page.cursor, letters(stage)) == (["a", "b", "c"], None, [])
    assert story(stage, DELIVERED) == [(2_000, name, DELIVERED) for name in "abc"]


def test_a_page_is_sent_again_and_the_cursor_leads_on() -> None:
    stage = Stage(BROKEN)
    failed(stage, "abc")
    second = ids(stage)[1]

    first_page = retry_all(stage, DeadLetterQuery(paging=Paging(count=2, earliest_first=True)))
    left = letters(stage)
    after = RowId(START + 1_000, 0)
    last_page = retry_all(
        stage, DeadLetterQuery(paging=Paging(count=2, earliest_first=True, after=after))
    )

    assert (sent_again(stage, first_page), first_page.cursor, left) == (["a", "b"], second, ["c"])
    assert (sent_again(stage, last_page), last_page.cursor) == (["c"], None)


def test_ids_are_sent_again_in_order_of_their_failure() -> None:
    stage = Stage(BROKEN)
    failed(stage, "abc")
    a, _, c = ids(stage)

    assert sent_again(stage, retry_all(stage, by_id(c, a))) == ["a", "c"]
    assert letters(stage) == ["b"]


def test_one_id_that_is_gone_keeps_all_from_being_sent() -> None:
    stage = Stage(BROKEN)
    failed(stage, "abc")
    a, b, c = ids(stage)
    stage.engine.delete_dead_letter(USER, b)
    before = len(stage.log())

    assert refused(lambda: retry_all(stage, by_id(a, b, c))) == MISSING
    assert (letters(stage), len(stage.log())) == (["a", "c"], before)


def test_what_a_filter_finds_is_sent_again() -> None:
    stage = Stage(BROKEN)
    failed(stage, "abcd")

    page = retry_all(stage, by_url("b", "c", "d", count=2))

    assert (sent_again(stage, page), letters(stage)) == (["b", "c"], ["a", "d"])


def test_nothing_is_sent_where_nothing_matches() -> None:
    stage = Stage(BROKEN)
    failed(stage, "a")

    assert retry_all(stage, by_url("x")) == Page((), None)


def test_a_change_is_made_to_all() -> None:
    stage = Stage(BROKEN)
    failed(stage, "ab")

    page = retry_all(stage, change=lambda command: command._replace(retries=2))

    assert [stage.found(each).command.retries for each in page.rows] == [2, 2]


def test_one_change_beyond_the_plan_keeps_all_from_being_sent() -> None:
    stage = Stage(BROKEN, plan=replace(PAYG, max_queues=1))
    failed(stage, "ab")
    before = len(stage.log())

    def into_a_queue_of_its_own(command: PublishCommand) -> PublishCommand:
        return command._replace(extras=Extras(queue=command.url[-1]))

    assert refused(lambda: retry_all(stage, change=into_a_queue_of_its_own)) == (
        412,
        "quota maxQueues exceeded, current limit: 1",
    )
    assert (letters(stage), len(stage.log())) == (["a", "b"], before)
    assert stage.engine.queues.list(USER) == ()
