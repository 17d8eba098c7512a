"""The index of a long log: it leaves out only what cannot match, and keeps the order."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest

from fakestash.engine import log_index
from fakestash.engine.log_index import LogIndex
from fakestash.model.logs import LogEntry
from fakestash.model.queries import LogQuery, MessageFilter, Paging
from fakestash.model.settings import Extras, FlowControl
from fakestash.plans import PAYG
from tests.builders import (
    BROKEN,
    CREATED,
    FAILED,
    OK,
    SECOND,
    USER,
    Stage,
)

ALL = Paging(count=100_000)


@pytest.fixture(autouse=True)
def _every_log_is_long() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(log_index, "_WORTH_IT_FROM", 0)
        yield


def asking(**wanted: frozenset[str]) -> LogQuery:
    """A question for messages with one of these values."""
    return LogQuery(paging=ALL, filter=MessageFilter(**wanted))


def busy(messages: int = 60) -> Stage:
    """Messages of every kind, mixed by chance, but the same in every run."""
    chance = Random(7)  # noqa: S311 - to be repeatable
    stage = Stage(OK, OK, BROKEN, OK)
    for number in range(messages):
        rare = number % 20 == 0
        stage.publish(
            f"https://{'rare' if rare else 'often'}.test:8443/{number % 3}?x=1",
            retries=0,
            delay=chance.randrange(5) * SECOND,
            labels=("red", "red") if rare else ("blue", f"n{number}"),
            caller_ip="10.0.0.1" if rare else "127.0.0.1",
            extras=Extras(
                queue="q" if rare else None,
                flow_control=FlowControl("k", rate=9) if rare else None,
                topic="t" if rare else None,
                schedule_id="s" if rare else None,
            ),
        )
    stage.driver.run_until_idle()
    return stage


def narrowed(stage: Stage, query: LogQuery) -> list[LogEntry]:
    return list(LogIndex().narrowed(stage.log(), query))


@pytest.mark.parametrize(
    "query",
    [
        LogQuery(paging=ALL, states=frozenset({FAILED})),
        asking(urls=frozenset({"https://rare.test:8443/0?x=1", "https://rare.test:8443/1?x=1"})),
        asking(hosts=frozenset({"rare.test"})),
        asking(hosts=frozenset({"rare.test:8443"})),
        asking(labels=frozenset({"red"})),
        asking(labels=frozenset({"red", "n1", "n2"})),
        asking(caller_ips=frozenset({"10.0.0.1"})),
        asking(topics=frozenset({"t"})),
        asking(schedule_ids=frozenset({"s"})),
        asking(queues=frozenset({"q"})),
        asking(flow_control_keys=frozenset({"k"})),
        asking(queues=frozenset({"q"}), labels=frozenset({"n1"})),
        asking(hosts=frozenset({"often.test"}), labels=frozenset({"n1", "n7"})),
    ],
)
def test_a_rare_value_leaves_a_small_part_of_the_log_and_all_that_matches(query: LogQuery) -> None:
    stage = busy()
    log = stage.log()

    found = narrowed(stage, query)

    assert len(found) < len(log) / 4
    assert found == [entry for entry in log if entry in found]
    assert [entry for entry in found if matches(entry, query)] == [
        entry for entry in log if matches(entry, query)
    ]


def matches(entry: LogEntry, query: LogQuery) -> bool:
    """What the query asks for, without any index."""
    return (not query.states or entry.state in query.states) and query.filter.matches(
        entry.message, entry.caller_ip
    )


@pytest.mark.parametrize(
    "query",
    [
        LogQuery(paging=ALL),
        LogQuery(paging=ALL, states=frozenset({CREATED})),
        asking(hosts=frozenset({"often.test"})),
        asking(paths=frozenset({"/0"})),
    ],
)
def test_a_value_that_is_all_over_the_log_leaves_it_whole(query: LogQuery) -> None:
    stage = busy()

    assert narrowed(stage, query) == stage.log()


def test_a_value_that_is_not_there_leaves_nothing() -> None:
    assert (
        narrowed(busy(), asking(queues=frozenset({"other"}), hosts=frozenset({"rare.test"}))) == []
    )


def test_two_values_of_one_entry_find_it_once() -> None:
    stage = busy()
    message = stage.publish(labels=("a", "b"))

    found = narrowed(stage, asking(labels=frozenset({"a", "b"})))

    assert found == message.entries


def test_what_is_logged_later_is_found_too() -> None:
    stage, index = busy(), LogIndex()
    query = asking(labels=frozenset({"red"}))
    before = list(index.narrowed(stage.log(), query))

    message = stage.publish(labels=("red",))
    stage.advance(0)

    assert list(index.narrowed(stage.log(), query)) == [*before, *message.entries]


def test_an_entry_of_a_message_with_a_repeated_label_is_found_once() -> None:
    stage = busy()

    page = stage.engine.log(USER, asking(labels=frozenset({"red"})))

    assert len(page.rows) == len(set(page.rows)) == 9


def test_a_log_that_has_lost_entries_is_searched_anew() -> None:
    stage = Stage(plan=replace(PAYG, log_retention=10))
    query = asking(labels=frozenset({"red"}))
    stage.publish(labels=("red",))
    found = [len(stage.engine.log(USER, query).rows)]
    stage.advance(10 * SECOND)
    for _ in range(1_500):
        stage.publish()
    stage.publish(labels=("red",))
    found.append(len(stage.engine.log(USER, query).rows))

    assert found == [1, 1]


def test_a_short_log_is_not_indexed(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = busy()
    log = stage.log()
    monkeypatch.setattr(log_index, "_WORTH_IT_FROM", len(log) + 1)

    assert LogIndex().narrowed(log, asking(labels=frozenset({"red"}))) is log
