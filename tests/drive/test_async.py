"""Moves that are awaited do what their blocking twins do, in any event loop or none.

Destinations that need a loop get one of the fake's own where the test has none.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterator
from typing import Any, TypeAlias, TypeVar

import pytest
import trio

from fakestash.delivery.outbound import OutboundRequest
from fakestash.drive.report import Report
from fakestash.errors import ConditionNotMetError, RunawayError, UsageError
from fakestash.model.messages import MessageState, PublishCommand, PublishRequest
from fakestash.model.outcomes import Outcome, Responded
from fakestash.model.settings import CronSettings, FlowControl
from fakestash.syntax.cron import parse
from tests.builders import (
    ACTIVE,
    BROKEN,
    CREATED,
    DELIVERED,
    ERROR,
    OK,
    RETRY,
    USER,
    Answer,
    Answers,
    Stage,
    happened,
    timeline,
)

T = TypeVar("T")
Runner: TypeAlias = Callable[[Callable[[], Coroutine[Any, Any, Any]]], Any]


def in_asyncio(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    return asyncio.run(main())


def in_trio(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    return trio.run(main)


def by_hand(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Steps the coroutine with no event loop at all: it must not wait for anything."""
    with pytest.raises(StopIteration) as stopped:
        main().send(None)
    result: T = stopped.value.value
    return result


RUNNERS: list[Runner] = [in_asyncio, in_trio, by_hand]

TWINS: dict[str, tuple[Callable[[Stage], Report], Callable[[Stage], Awaitable[Report]]]] = {
    "advance": (
        lambda stage: stage.driver.advance("1h"),
        lambda stage: stage.driver.advance_async("1h"),
    ),
    "advance_to": (
        lambda stage: stage.driver.advance_to("2026-01-01T00:00:12Z"),
        lambda stage: stage.driver.advance_to_async("2026-01-01T00:00:12Z"),
    ),
    "next": (
        lambda stage: stage.driver.next(),
        lambda stage: stage.driver.next_async(),
    ),
    "run_until_idle": (
        lambda stage: stage.driver.run_until_idle(),
        lambda stage: stage.driver.run_until_idle_async(),
    ),
    "run_until": (
        lambda stage: stage.driver.run_until(lambda: stage.offset > 1_000),
        lambda stage: stage.driver.run_until_async(lambda: stage.offset > 1_000),
    ),
}


class Awaited:
    """A destination that has to be awaited and answers without waiting."""

    needs_loop = True

    def __init__(self, *answers: Answer) -> None:
        self.answers = Answers(*answers)

    async def call(self, request: OutboundRequest) -> Outcome:
        return self.answers.call(request)


def busy(seed: int = 0) -> Stage:
    """A failing, a slow, a cancelled and a held message, a schedule, an awaited destination."""
    stage = Stage(BROKEN, Responded(200, took=1_500), OK, seed=seed)
    stage.router.add("https://async.test", Awaited(BROKEN, Responded(503, took=10), OK))
    stage.publish()
    stage.publish("https://async.test/x")
    stage.publish(delay=1_000)
    stage.cancel(stage.publish(delay=2_000))
    stage.publish("https://async.test/y", delay=1_000)
    for name in "ab":
        stage.send(name, queue="q", flow=FlowControl("k", rate=1, period=7))
    cron = CronSettings(parse("* * * * *"), "s")
    request = PublishRequest(PublishCommand("https://async.test/tick"), cron=cron)
    stage.engine.schedules.create(USER, request)
    return stage


def told(report: Report) -> tuple[object, ...]:
    return (
        report.started_at,
        report.ended_at,
        report.reason,
        report.fired,
        report.next_at,
        report.next_event,
        [(each.url, each.at, each.outcome) for each in report.deliveries],
    )


@pytest.fixture
def blocking() -> Iterator[Stage]:
    stage = busy()
    yield stage
    stage.driver.close()


@pytest.mark.parametrize("runner", RUNNERS)
@pytest.mark.parametrize("call", TWINS)
def test_a_move_that_is_awaited_does_what_its_blocking_twin_does(
    blocking: Stage, call: str, runner: Runner
) -> None:
    block, awaiting = TWINS[call]
    awaited = busy()

    async def main() -> Report:
        return await awaiting(awaited)

    assert told(runner(main)) == told(block(blocking))
    assert [(entry.id, entry.message.id) for entry in awaited.log()] == [
        (entry.id, entry.message.id) for entry in blocking.log()
    ]


@pytest.mark.parametrize("runner", RUNNERS)
def test_a_move_that_is_awaited_refuses_what_its_twin_refuses(runner: Runner) -> None:
    stage = Stage()
    stage.advance(1_000)
    stage.publish()
    stage.publish()

    async def main() -> list[str]:
        refused = []
        calls: list[Callable[[], Awaitable[Report]]] = [
            lambda: stage.driver.advance_to_async("2026-01-01T00:00:00Z"),
            lambda: stage.driver.run_until_idle_async(limit=1),
            lambda: stage.driver.run_until_async(lambda: False),
        ]
        for call in calls:
            with pytest.raises(UsageError) as raised:
                await call()
            refused.append(type(raised.value).__name__)
        return refused

    assert runner(main) == [
        UsageError.__name__,
        RunawayError.__name__,
        ConditionNotMetError.__name__,
    ]


def test_a_delivery_is_awaited_in_the_callers_own_task() -> None:
    tasks: list[object] = []

    class Notes:
        needs_loop = True

        async def call(self, _: OutboundRequest) -> Outcome:
            tasks.append(asyncio.current_task())
            return OK

    stage = Stage()
    stage.router.add("*", Notes())
    stage.publish()

    async def main() -> None:
        await stage.driver.advance_async(0)
        assert tasks == [asyncio.current_task()]

    asyncio.run(main())


def test_a_destination_may_really_wait() -> None:
    stage = Stage()
    go_on = asyncio.Event()

    class Waits:
        needs_loop = True

        async def call(self, _: OutboundRequest) -> Outcome:
            asyncio.get_running_loop().call_soon(go_on.set)
            await go_on.wait()
            return OK

    stage.router.add("*", Waits())
    message = stage.publish()

    asyncio.run(run_until_idle(stage))

    assert timeline(message) == [(0, CREATED), (0, ACTIVE), (0, DELIVERED)]


async def run_until_idle(stage: Stage) -> None:
    await stage.driver.run_until_idle_async()


# --- broken off ------------------------------------------------------------------------------


class NeverAnswers:
    """A destination that waits for ever."""

    needs_loop = True

    def __init__(self, on_call: Callable[[], object]) -> None:
        self.on_call = on_call

    async def call(self, _: OutboundRequest) -> Outcome:
        self.on_call()
        await asyncio.get_running_loop().create_future()
        raise AssertionError


def test_a_move_that_is_cancelled_leaves_no_attempt_in_the_air() -> None:
    stage = Stage()
    message = stage.publish()

    async def main() -> None:
        called = asyncio.Event()
        stage.router.add("*", NeverAnswers(called.set))
        moving = asyncio.create_task(run_until_idle(stage))
        await called.wait()
        moving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await moving
        assert isinstance(stage.courier.deliveries[0].exception, asyncio.CancelledError)
        stage.router.add("*", Answers(OK))
        await stage.driver.run_until_idle_async()

    asyncio.run(main())

    assert timeline(message) == [
        (0, CREATED),
        (0, ACTIVE),
        (0, ERROR),
        (0, RETRY),
        (12_000, ACTIVE),
        (12_000, DELIVERED),
    ]


def test_a_coroutine_that_is_thrown_away_leaves_no_attempt_in_the_air() -> None:
    class Suspends:
        def __await__(self) -> Generator[None, None, Outcome]:
            yield
            raise AssertionError

    class Yields:
        needs_loop = True

        async def call(self, _: OutboundRequest) -> Outcome:
            return await Suspends()

    stage = Stage()
    stage.router.add("*", Yields())
    message = stage.publish()
    moving = stage.driver.run_until_idle_async()
    moving.send(None)
    moving.close()

    stage.router.add("*", Answers(OK))
    stage.driver.run_until_idle()

    assert happened(message.entries[2:]) == [
        (0, ERROR),
        (0, RETRY),
        (12_000, ACTIVE),
        (12_000, DELIVERED),
    ]


def test_an_interrupt_of_the_fakes_own_loop_leaves_no_attempt_in_the_air(
    blocking: Stage,
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    blocking.router.add("*", NeverAnswers(lambda: asyncio.get_running_loop().call_soon(interrupt)))
    blocking.router.add("https://async.test", Answers(OK))
    message = blocking.publish(retries=1)

    with pytest.raises(KeyboardInterrupt):
        blocking.driver.run_until_idle()
    blocking.router.add("*", Answers(OK))
    blocking.driver.run_until_idle()

    assert blocking.engine.pending() == []
    assert message.state is MessageState.DELIVERED


# --- the fake's own loop ---------------------------------------------------------------------


class Notes:
    """A destination that notes in which loop and task it is called."""

    needs_loop = True

    def __init__(self) -> None:
        self.loops: list[object] = []
        self.tasks: list[object] = []

    async def call(self, _: OutboundRequest) -> Outcome:
        self.loops.append(asyncio.get_running_loop())
        self.tasks.append(asyncio.current_task())
        return OK


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.driver.close()


def test_blocking_moves_deliver_in_one_loop(stage: Stage) -> None:
    notes = Notes()
    stage.router.add("*", notes)
    for _ in range(3):
        stage.publish()
        stage.driver.advance(1)

    assert (len(notes.loops), len(set(map(id, notes.loops)))) == (3, 1)


def test_a_run_of_such_deliveries_enters_the_loop_once(stage: Stage) -> None:
    notes = Notes()
    stage.router.add("https://async.test", notes)
    for url in (
        "https://async.test",
        "https://async.test",
        "https://shop.test",
        "https://async.test",
    ):
        stage.publish(url)

    stage.driver.advance(1)

    first, second, third = notes.tasks
    assert first is second
    assert second is not third


def test_destinations_with_and_without_a_loop_take_turns_in_order(stage: Stage) -> None:
    order: list[str] = []

    class Async:
        needs_loop = True

        async def call(self, request: OutboundRequest) -> Outcome:
            order.append(request.url)
            return OK

    def note(request: OutboundRequest) -> Outcome:
        with pytest.raises(RuntimeError, match="no running event loop"):
            asyncio.get_running_loop()
        order.append(request.url)
        return OK

    stage.router.add("*", Answers(note))
    stage.router.add("https://async.test", Async())
    urls = [
        "https://shop.test/1",
        "https://async.test/2",
        "https://async.test/3",
        "https://shop.test/4",
        "https://shop.test/5",
        "https://async.test/6",
    ]
    for url in urls:
        stage.publish(url)
    stage.driver.run_until_idle()

    assert order == urls


def test_a_destination_may_turn_out_to_need_a_loop(stage: Stage) -> None:
    class Sometimes:
        needs_loop = False

        def call(self, _: OutboundRequest) -> Outcome | Coroutine[Any, Any, Outcome]:
            return OK if len(stage.courier.deliveries) == 1 else self.later()

        async def later(self) -> Outcome:
            asyncio.get_running_loop()
            return Responded(201)

    stage.router.add("*", Sometimes())
    stage.publish()
    stage.publish()
    stage.driver.advance(0)

    assert [delivery.status for delivery in stage.courier.deliveries] == [200, 201]


def test_a_destination_may_turn_out_to_need_none(stage: Stage) -> None:
    class Immediate:
        needs_loop = True

        def call(self, _: OutboundRequest) -> Outcome:
            return OK

    stage.router.add("*", Immediate())
    message = stage.publish()
    stage.driver.advance(0)

    assert message.state is MessageState.DELIVERED


def test_what_an_awaited_destination_raises_comes_out(stage: Stage) -> None:
    error = ValueError("a defect")

    class Raises:
        needs_loop = True

        async def call(self, _: OutboundRequest) -> Outcome:
            raise error

    stage.router.add("*", Raises())
    message = stage.publish(retries=0)

    with pytest.raises(ValueError, match=r"^a defect$") as raised:
        stage.driver.advance(0)

    assert raised.value is error
    assert message.state is MessageState.FAILED
    assert stage.courier.deliveries[0].exception is error
