"""The log by messages: one group for each, ordered by its newest entry."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestash.model.logs import LogState
from fakestash.model.queries import LogQuery, MessageFilter, Paging, RowId
from tests.builders import (
    ACTIVE,
    BROKEN,
    CANCEL_REQUESTED,
    CREATED,
    DELIVERED,
    ERROR,
    FAILED,
    OK,
    RETRY,
    START,
    USER,
    Stage,
    happened,
    name_of,
)

LATEST = Paging(count=100)


def groups(stage: Stage, paging: Paging = LATEST, *states: LogState) -> list[str]:
    """The names of the messages that are found."""
    query = LogQuery(paging=paging, states=frozenset(states), is_grouped=True)
    return [name_of(group.message) for group in stage.engine.grouped_log(USER, query).rows]


def busy() -> Stage:
    """A retry is due, one is delivered at once, one later, one fails, one is to be cancelled."""
    stage = Stage(BROKEN, OK, BROKEN, OK)
    stage.send("retrying")
    stage.send("early")
    stage.send("failed", retries=0, delay=100)
    stage.send("late", delay=500)
    canceling = stage.send("canceling", delay=90_000)
    stage.advance(1_000)
    stage.cancel(canceling)
    return stage


def test_each_message_is_one_group_with_its_entries_latest_first() -> None:
    stage = Stage(BROKEN, OK)
    message = stage.publish()
    stage.driver.run_until_idle()

    page = stage.engine.grouped_log(USER, LogQuery(paging=LATEST))

    (group,) = page.rows
    assert (group.message, page.cursor) == (message, None)
    assert happened(group.entries) == [
        (12_000, DELIVERED),
        (12_000, ACTIVE),
        (0, RETRY),
        (0, ERROR),
        (0, ACTIVE),
        (0, CREATED),
    ]


def test_groups_stand_where_their_newest_entry_does() -> None:
    stage = busy()

    assert groups(stage) == ["canceling", "late", "failed", "early", "retrying"]
    assert groups(stage, Paging(count=100, earliest_first=True)) == groups(stage)[::-1]


def test_a_group_moves_up_when_something_happens_to_its_message() -> None:
    stage = busy()

    stage.advance(20_000)

    assert groups(stage) == ["retrying", "canceling", "late", "failed", "early"]


def test_pages_follow_each_other() -> None:
    stage = busy()
    first = stage.engine.grouped_log(USER, LogQuery(paging=Paging(count=2)))
    after = RowId(START + 500, 1)

    second = stage.engine.grouped_log(USER, LogQuery(paging=Paging(count=3, after=after)))

    assert ([name_of(each.message) for each in first.rows], first.cursor) == (
        ["canceling", "late"],
        after.text,
    )
    assert ([name_of(each.message) for each in second.rows], second.cursor) == (
        ["failed", "early", "retrying"],
        None,
    )


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([DELIVERED], ["late", "early"]),
        ([RETRY], ["retrying"]),
        ([CANCEL_REQUESTED, FAILED], ["canceling", "failed"]),
        ([CREATED], []),
        ([ACTIVE, ERROR], []),
    ],
)
def test_a_state_is_that_of_the_newest_entry(states: list[LogState], expected: list[str]) -> None:
    assert groups(busy(), LATEST, *states) == expected


def test_a_group_that_is_found_by_its_newest_entry_shows_all_of_them() -> None:
    query = LogQuery(paging=LATEST, states=frozenset({FAILED}))

    (group,) = busy().engine.grouped_log(USER, query).rows

    assert [entry.state for entry in group.entries] == [FAILED, ERROR, ACTIVE, CREATED]


@pytest.mark.parametrize(
    ("from_at", "to_at", "expected"),
    [
        (500, None, ["canceling", "late"]),
        (None, 499, ["failed", "early", "retrying"]),
        (100, 500, ["late", "failed"]),
    ],
)
def test_dates_are_those_of_the_newest_entry(
    from_at: int | None, to_at: int | None, expected: list[str]
) -> None:
    paging = Paging(
        count=100,
        from_at=None if from_at is None else START + from_at,
        to_at=None if to_at is None else START + to_at,
    )

    assert groups(busy(), paging) == expected


def test_messages_can_be_asked_for() -> None:
    stage = busy()
    ids = frozenset(
        entry.message.id for entry in stage.log() if name_of(entry.message) in {"late", "retrying"}
    )
    by_id = LogQuery(paging=LATEST, filter=MessageFilter(message_ids=ids))
    by_url = LogQuery(
        paging=LATEST, filter=MessageFilter(urls=frozenset({"https://shop.test/early"}))
    )

    assert [name_of(each.message) for each in stage.engine.grouped_log(USER, by_id).rows] == [
        "late",
        "retrying",
    ]
    assert [name_of(each.message) for each in stage.engine.grouped_log(USER, by_url).rows] == [
        "early"
    ]


def test_users_do_not_see_each_others_groups() -> None:
    assert busy().engine.grouped_log("testUser1", LogQuery(paging=LATEST)) == ((), None)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=12),
    st.integers(1, 4),
    st.booleans(),
)
def test_the_pages_together_are_the_messages_by_their_newest_entry(
    plan: list[tuple[int, int]], count: int, earliest_first: bool
) -> None:
    stage = Stage(BROKEN, OK, BROKEN, OK)
    for delay, retries in plan:
        stage.publish(delay=delay * 6_000, retries=retries)
    stage.advance(13_000)
    newest = {entry.message.id: (entry.at, entry.sequence) for entry in stage.log()}
    expected = sorted(newest, key=lambda each: newest[each], reverse=not earliest_first)

    found: list[str] = []
    after: RowId | None = None
    while True:
        paging = Paging(count=count, after=after, earliest_first=earliest_first)
        page = stage.engine.grouped_log(USER, LogQuery(paging=paging))
        found += [group.message.id for group in page.rows]
        if page.cursor is None:
            break
        at, _, sequence = page.cursor.partition("-")
        after = RowId(int(at), int(sequence))

    assert found == expected
