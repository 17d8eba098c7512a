"""Reading the log: both orders, cursors, dates, filters."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestash.model.logs import LogEntry, LogState
from fakestash.model.queries import LogQuery, MessageFilter, Paging, RowId
from tests.builders import (
    ACTIVE,
    BROKEN,
    CREATED,
    DELIVERED,
    ERROR,
    FAILED,
    OK,
    START,
    USER,
    Stage,
)

LATEST = Paging(count=1_000)
EARLIEST = Paging(count=1_000, earliest_first=True)


def found(stage: Stage, query: LogQuery, user: str = USER) -> list[str]:
    """The places of the entries that are found: offset and sequence."""
    rows = stage.engine.log(user, query).rows
    return [f"{row.at - START}-{row.sequence}" for row in rows]


def busy() -> Stage:
    """Entries at 0 (two messages made, one delivered) and at 500 (the other one fails)."""
    stage = Stage(OK, BROKEN)
    stage.publish("https://a.test/x", labels=("red",))
    stage.publish("https://b.test/y", retries=0, delay=500, caller_ip="10.0.0.2")
    stage.driver.run_until_idle()
    return stage


EVERYTHING = ["0-0", "0-1", "0-2", "0-3", "500-0", "500-1", "500-2"]


@pytest.mark.fidelity("log: latest first, or `order=earliestFirst`", "measured")
def test_the_log_is_read_either_way() -> None:
    stage = busy()

    assert found(stage, LogQuery(paging=EARLIEST)) == EVERYTHING
    assert found(stage, LogQuery(paging=LATEST)) == EVERYTHING[::-1]


def test_a_log_without_entries_is_an_empty_page() -> None:
    assert Stage().engine.log(USER, LogQuery(paging=LATEST)) == ((), None)


@pytest.mark.fidelity("log: `cursor`", "sdk")
@pytest.mark.parametrize("earliest_first", [False, True])
@pytest.mark.parametrize("count", [1, 2, 3, 6, 7, 8])
def test_pages_follow_each_other_without_gap_or_overlap(count: int, earliest_first: bool) -> None:
    stage = busy()
    paging = Paging(count=count, earliest_first=earliest_first)
    pages = [stage.engine.log(USER, LogQuery(paging=paging))]
    while pages[-1].cursor is not None:
        after = place_of(pages[-1].cursor)
        pages.append(stage.engine.log(USER, LogQuery(paging=replace(paging, after=after))))

    expected = stage.log() if earliest_first else stage.log()[::-1]
    cut = [tuple(expected[low : low + count]) for low in range(0, len(expected), count)]
    assert pages == [
        *((rows, rows[-1].id) for rows in cut[:-1]),
        (cut[-1], None),
    ]


def place_of(cursor: str) -> RowId:
    at, _, sequence = cursor.partition("-")
    return RowId(int(at), int(sequence))


def test_a_full_page_has_a_cursor_only_if_another_match_follows() -> None:
    stage = busy()
    errors = LogQuery(paging=Paging(count=1), states=frozenset({ERROR}))
    active = LogQuery(paging=Paging(count=1), states=frozenset({ACTIVE}))

    assert stage.engine.log(USER, errors).cursor is None
    assert stage.engine.log(USER, active).cursor == f"{START + 500}-0"


def test_a_cursor_stays_where_it_is_while_entries_are_added() -> None:
    stage = busy()
    first = stage.engine.log(USER, LogQuery(paging=Paging(count=2)))
    assert first.cursor == f"{START + 500}-1"

    stage.publish()
    stage.advance(1_000)

    after = RowId(START + 500, 1)
    assert found(stage, LogQuery(paging=replace(LATEST, after=after))) == [
        "500-0",
        "0-3",
        "0-2",
        "0-1",
        "0-0",
    ]
    assert found(stage, LogQuery(paging=replace(EARLIEST, after=after))) == [
        "500-2",
        "500-3",
        "500-4",
        "500-5",
        "500-6",
    ]


@pytest.mark.parametrize(
    ("after", "earlier", "later"),
    [
        ((250, 0), 4, 3),
        ((0, 99), 4, 3),
        ((-1, 0), 0, 7),
        ((501, 0), 7, 0),
        ((500, 1), 5, 1),
    ],
)
def test_a_cursor_need_not_be_an_entry(after: tuple[int, int], earlier: int, later: int) -> None:
    stage = busy()
    place = RowId(START + after[0], after[1])

    assert (
        found(stage, LogQuery(paging=replace(LATEST, after=place))) == (EVERYTHING[:earlier][::-1])
    )
    assert (
        found(stage, LogQuery(paging=replace(EARLIEST, after=place)))
        == (EVERYTHING[len(EVERYTHING) - later :])
    )


@pytest.mark.parametrize(
    ("from_at", "to_at", "expected"),
    [
        (None, None, EVERYTHING),
        (0, 500, EVERYTHING),
        (1, None, EVERYTHING[4:]),
        (500, None, EVERYTHING[4:]),
        (501, None, []),
        (None, 499, EVERYTHING[:4]),
        (None, 0, EVERYTHING[:4]),
        (None, -1, []),
        (0, 0, EVERYTHING[:4]),
        (500, 0, []),
    ],
)
def test_dates_are_included(from_at: int | None, to_at: int | None, expected: list[str]) -> None:
    paging = replace(
        EARLIEST,
        from_at=None if from_at is None else START + from_at,
        to_at=None if to_at is None else START + to_at,
    )

    assert found(busy(), LogQuery(paging=paging)) == expected
    assert found(busy(), LogQuery(paging=replace(paging, earliest_first=False))) == expected[::-1]


def test_dates_and_cursor_hold_together() -> None:
    paging = replace(EARLIEST, from_at=START, to_at=START, after=RowId(START, 1))

    assert found(busy(), LogQuery(paging=paging)) == ["0-2", "0-3"]
    assert found(busy(), LogQuery(paging=replace(paging, earliest_first=False))) == ["0-0"]


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([CREATED], ["0-0", "0-1"]),
        ([DELIVERED, FAILED], ["0-3", "500-2"]),
        ([LogState.CANCELED], []),
    ],
)
def test_states_are_asked_for(states: list[LogState], expected: list[str]) -> None:
    query = LogQuery(paging=EARLIEST, states=frozenset(states))

    assert found(busy(), query) == expected


@pytest.mark.fidelity("log: filters", "docs")
@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (MessageFilter(labels=frozenset({"red"})), ["0-0", "0-2", "0-3"]),
        (MessageFilter(urls=frozenset({"https://b.test/y"})), ["0-1", "500-0", "500-1", "500-2"]),
        (MessageFilter(hosts=frozenset({"a.test"})), ["0-0", "0-2", "0-3"]),
        (MessageFilter(paths=frozenset({"/x"})), ["0-0", "0-2", "0-3"]),
        (MessageFilter(caller_ips=frozenset({"10.0.0.2"})), ["0-1", "500-0", "500-1", "500-2"]),
        (MessageFilter(message_ids=frozenset({"msg_1"})), []),
        (MessageFilter(message_ids=frozenset()), []),
        (MessageFilter(topics=frozenset({"orders"})), []),
    ],
)
def test_a_filter_finds_its_own(wanted: MessageFilter, expected: list[str]) -> None:
    assert found(busy(), LogQuery(paging=EARLIEST, filter=wanted)) == expected


def test_messages_can_be_asked_for_by_id() -> None:
    stage = busy()
    first, second = (entry.message.id for entry in stage.log()[:2])

    def of(*ids: str, paging: Paging = EARLIEST) -> list[str]:
        wanted = MessageFilter(message_ids=frozenset(ids))
        return found(stage, LogQuery(paging=paging, filter=wanted))

    assert of(first) == ["0-0", "0-2", "0-3"]
    assert of(second, "msg_1") == ["0-1", "500-0", "500-1", "500-2"]
    assert of(first, second) == EVERYTHING
    assert of(first, second, paging=LATEST) == EVERYTHING[::-1]
    assert of(first, second, paging=replace(EARLIEST, after=RowId(START, 1), count=2)) == [
        "0-2",
        "0-3",
    ]


def test_all_that_is_asked_for_must_hold() -> None:
    stage = busy()
    first = stage.log()[0].message.id
    query = LogQuery(
        paging=replace(EARLIEST, from_at=START),
        filter=MessageFilter(message_ids=frozenset({first}), labels=frozenset({"red"})),
        states=frozenset({ACTIVE, FAILED}),
    )

    assert found(stage, query) == ["0-2"]


def test_the_caller_of_a_cancellation_is_found_by_its_own_address() -> None:
    stage = Stage()
    message = stage.publish(caller_ip="10.0.0.1")
    stage.cancel(message, caller_ip="10.0.0.2")

    by = MessageFilter(caller_ips=frozenset({"10.0.0.2"}))
    assert found(stage, LogQuery(paging=EARLIEST, filter=by)) == ["0-1"]


def test_users_do_not_see_each_others_log() -> None:
    stage = busy()
    mine = stage.log()[0].message.id
    theirs = stage.publish(user="testUser1")
    ids = MessageFilter(message_ids=frozenset({mine, theirs.id}))

    assert found(stage, LogQuery(paging=EARLIEST)) == EVERYTHING
    assert found(stage, LogQuery(paging=EARLIEST), "testUser1") == ["500-0"]
    assert found(stage, LogQuery(paging=EARLIEST, filter=ids), "testUser1") == ["500-0"]


OFFSETS = st.none() | st.integers(-1, 6)


@given(
    delays=st.lists(st.integers(0, 5), min_size=1, max_size=8),
    count=st.integers(1, 30),
    earliest_first=st.booleans(),
    bounds=st.tuples(OFFSETS, OFFSETS),
    after=st.none() | st.tuples(st.integers(-1, 6), st.integers(0, 6)),
    states=st.frozensets(st.sampled_from([CREATED, ACTIVE, DELIVERED]), max_size=2),
)
def test_a_page_is_what_a_plain_scan_finds(
    *,
    delays: list[int],
    count: int,
    earliest_first: bool,
    bounds: tuple[int | None, int | None],
    after: tuple[int, int] | None,
    states: frozenset[LogState],
) -> None:
    stage = Stage()
    for delay in delays:
        stage.publish(delay=delay)
    stage.driver.run_until_idle()
    low, high = ((bound if bound is None else START + bound) for bound in bounds)
    cursor = None if after is None else RowId(START + after[0], after[1])
    paging = Paging(
        count=count, from_at=low, to_at=high, after=cursor, earliest_first=earliest_first
    )

    def is_wanted(entry: LogEntry) -> bool:
        place = (entry.at, entry.sequence)
        return (
            (low is None or low <= entry.at)
            and (high is None or entry.at <= high)
            and (cursor is None or (place > cursor if earliest_first else place < cursor))
            and (not states or entry.state in states)
        )

    matching = [entry for entry in stage.log() if is_wanted(entry)]
    if not earliest_first:
        matching.reverse()
    page = stage.engine.log(USER, LogQuery(paging=paging, states=states))

    assert page.rows == tuple(matching[:count])
    assert page.cursor == (matching[count - 1].id if len(matching) > count else None)
