"""Publications, as version 1 of the API has them: their life, and one task or many."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakestash.decisions import D65_V1_PAGE
from fakestash.engine import Engine
from fakestash.engine.account import Account
from fakestash.ids import Ids, task_id_of
from fakestash.model.messages import PublishCommand, PublishRequest
from fakestash.model.queries import Page
from fakestash.model.resources import Endpoint
from fakestash.model.settings import CronSettings
from fakestash.plans import PAYG
from fakestash.syntax.cron import parse
from fakestash.wire.callback_body import callback_body
from tests.builders import (
    BROKEN,
    OK,
    SECOND,
    SHOP,
    START,
    URL,
    USER,
    Stage,
    name_of,
    refused,
)

Row = TypeVar("Row")

SHORT = replace(PAYG, log_retention=10)
TO_URL = PublishRequest(PublishCommand(URL), is_publication=True)
TO_GROUP = PublishRequest(PublishCommand(""), "g", is_publication=True)


def account(stage: Stage) -> Account:
    return stage.engine._world.accounts[USER]  # noqa: SLF001 - memory shows nowhere else


def with_group(stage: Stage, *names: str) -> None:
    endpoints = tuple(Endpoint(SHOP + name) for name in names)
    stage.engine.url_groups.add_endpoints(USER, "g", endpoints)


def publish(stage: Stage, request: PublishRequest) -> str:
    """The id of the publication."""
    (accepted,) = stage.accept(request)
    return accepted.message_id


def ids(stage: Stage) -> list[str]:
    return [each.id for each in stage.engine.publications.list(USER).rows]


def test_a_publication_to_a_group_has_a_task_for_each_endpoint() -> None:
    stage = Stage()
    with_group(stage, "a", "b")
    publication_id = publish(stage, TO_GROUP)

    tasks = stage.engine.publications.tasks(USER, publication_id).rows

    assert [name_of(task) for task in tasks] == ["b", "a"]
    assert [stage.engine.publications.task(USER, task_id_of(task.id)).id for task in tasks] == [
        task.id for task in tasks
    ]


@pytest.mark.parametrize("task_id", ["tsk_1", "x", "", task_id_of(Ids(9).message_id())])
def test_an_unknown_task_is_not_found(task_id: str) -> None:
    stage = Stage()

    assert refused(lambda: stage.engine.publications.task(USER, task_id)) == (
        404,
        f"task {task_id} not found",
    )


def test_the_task_of_another_user_is_not_found() -> None:
    stage = Stage()
    task_id = task_id_of(stage.publish(user="testUser1").id)

    assert refused(lambda: stage.engine.publications.task(USER, task_id))[0] == 404


def test_a_publication_stays_until_the_log_of_its_last_task_is_over() -> None:
    stage = Stage(OK, BROKEN, BROKEN, plan=SHORT)
    with_group(stage, "a", "b")
    publication_id = publish(stage, TO_GROUP._replace(command=PublishCommand("", retries=1)))
    seen: list[list[str]] = []
    for ms in (0, 21_999, 1):
        stage.advance(ms)
        seen.append(ids(stage))

    assert seen == [[publication_id], [publication_id], []]


def test_publications_are_given_back_with_their_last_message() -> None:
    stage = Stage(plan=SHORT)
    with_group(stage, "a", "b")
    for _ in range(40):
        for _ in range(50):
            publish(stage, TO_GROUP)
        publish(stage, TO_URL)
        stage.advance(5 * SECOND)

    kept = account(stage)
    assert len(kept.publications) < 500
    assert {message.publication_id for message in kept.messages.values()} == set(kept.publications)


def test_publications_without_messages_are_given_back_too() -> None:
    stage = Stage(plan=SHORT)
    stage.engine.topics.create(USER, "g")
    for _ in range(40):
        for _ in range(50):
            publish(stage, TO_GROUP)
            publish(stage, TO_URL)
        stage.advance(5 * SECOND)

    assert len(account(stage).publications) < 2000
    assert len(stage.engine.publications.list(USER).rows) == 100


def test_what_is_given_out_of_a_task_stays_as_it_was() -> None:
    stage = Stage()
    publication_id = publish(stage, TO_URL)
    (task,) = stage.engine.publications.tasks(USER, publication_id).rows
    alone = stage.engine.publications.task(USER, task_id_of(task.id))
    before = task.state

    stage.advance(0)

    assert (task.state, alone.state) == (before, before)


class LateClock:
    """A clock that runs by itself, and is late when it is looked at."""

    def __init__(self) -> None:
        self.instant = START

    def now(self) -> int:
        return self.instant

    def reach(self, instant: int) -> None:
        pass


def test_what_is_made_for_an_earlier_instant_is_listed_in_its_place() -> None:
    clock = LateClock()
    engine = Engine(clock=clock, callback_body=callback_body, ids=Ids())
    cron = TO_URL._replace(cron=CronSettings(parse("* * * * *"), "s"))
    engine.schedules.create(USER, cron)
    clock.instant = START + 90 * SECOND
    (late,) = engine.accept(USER, TO_URL)

    engine.claim(START + 60 * SECOND)

    rows = engine.publications.list(USER).rows
    assert [(each.id == late.message_id, each.created_at - START) for each in rows] == [
        (True, 90 * SECOND),
        (False, 60 * SECOND),
    ]
    page = engine.publications.list(USER, before=START + 90 * SECOND)
    assert [each.created_at - START for each in page.rows] == [60 * SECOND]


@given(
    instants=st.lists(st.integers(0, 4), max_size=450).map(sorted),
    tasks=st.integers(1, 3),
)
@settings(max_examples=25)
def test_pages_hold_everything_once_newest_first(instants: list[int], tasks: int) -> None:
    stage = Stage()
    with_group(stage, *(str(number) for number in range(tasks)))
    made: list[str] = []
    for instant in instants:
        stage.engine.clock.reach(START + instant)
        made.append(publish(stage, TO_GROUP))
    publications = stage.engine.publications

    assert [each.id for each in walked(lambda at: publications.list(USER, at))] == made[::-1]
    assert [
        (entry.at, entry.message.publication_id)
        for entry in walked(lambda at: publications.log(USER, at))
    ] == [
        (START + instant, publication_id)
        for instant, publication_id in reversed(list(zip(instants, made, strict=True)))
        for _ in range(tasks)
    ]


def walked(read: Callable[[int | None], Page[Row]]) -> Iterator[Row]:
    """All rows, page by page; no page but the last has less than it should."""
    before = None
    while True:
        page = read(before)
        yield from page.rows
        if page.cursor is None:
            return
        assert len(page.rows) >= D65_V1_PAGE
        before = int(page.cursor)
