"""Time is moved in one place at a time, and no blocking move is made where a loop runs."""

import asyncio
import sys
import threading
from collections.abc import Awaitable, Callable
from contextlib import closing
from contextvars import Context, copy_context
from typing import TypeAlias

import pytest
import trio

from fakestash.delivery.outbound import OutboundRequest
from fakestash.drive.manual import ManualDriver
from fakestash.drive.report import Report
from fakestash.errors import NestedMoveError, RunningLoopError
from fakestash.model.logs import LogEntry
from fakestash.model.messages import MessageState
from fakestash.model.outcomes import Outcome
from tests.builders import BROKEN, OK, Answers, Stage, after

Move: TypeAlias = Callable[[ManualDriver], Report]

MOVES: dict[str, Move] = {
    "advance": lambda driver: driver.advance(1),
    "advance_to": lambda driver: driver.advance_to("2026-01-02T00:00:00Z"),
    "next": lambda driver: driver.next(),
    "run_until_idle": lambda driver: driver.run_until_idle(),
    "run_until": lambda driver: driver.run_until(lambda: True),
}
AWAITING: dict[str, Callable[[ManualDriver], Awaitable[Report]]] = {
    "advance_async": lambda driver: driver.advance_async(1),
    "advance_to_async": lambda driver: driver.advance_to_async("2026-01-02T00:00:00Z"),
    "next_async": lambda driver: driver.next_async(),
    "run_until_idle_async": lambda driver: driver.run_until_idle_async(),
    "run_until_async": lambda driver: driver.run_until_async(lambda: True),
}


def from_inside_a_delivery(call: str) -> str:
    return (
        f"{call}() was called from inside a delivery: the handler runs at one instant of "
        "the clock and cannot move it; move time in the test, after the delivery"
    )


def while_time_is_moved(call: str) -> str:
    return (
        f"{call}() was called while time was being moved already, by another thread or "
        "task or by a condition given to run_until; move time in one place"
    )


def tried(move: Callable[[], object], caught: list[Exception]) -> None:
    """Make a move and note what it raises."""
    try:
        move()
    except NestedMoveError as error:
        caught.append(error)


@pytest.mark.parametrize("call", MOVES)
def test_a_destination_cannot_move_time(call: str) -> None:
    caught: list[Exception] = []

    def move_and_answer(_: OutboundRequest) -> Outcome:
        tried(lambda: MOVES[call](stage.driver), caught)
        return OK

    stage = Stage(move_and_answer)
    message = stage.publish()
    stage.driver.run_until_idle()

    assert [str(error) for error in caught] == [from_inside_a_delivery(call)]
    assert message.state is MessageState.DELIVERED


def test_a_refused_move_that_a_framework_hides_in_a_500_comes_out_of_the_move() -> None:
    def move_and_fail(_: OutboundRequest) -> Outcome:
        tried(lambda: stage.driver.advance(1), [])
        return BROKEN

    stage = Stage(move_and_fail, OK)
    message = stage.publish()

    with pytest.raises(NestedMoveError) as raised:
        stage.driver.advance(0)

    after_it = message.state
    stage.driver.run_until_idle()

    assert str(raised.value) == from_inside_a_delivery("advance")
    assert (after_it, message.state) == (MessageState.PENDING, MessageState.DELIVERED)


@pytest.mark.parametrize("call", AWAITING)
def test_a_destination_cannot_await_a_move_of_time(call: str) -> None:
    caught: list[Exception] = []

    class Awaits:
        needs_loop = True

        async def call(self, _: OutboundRequest) -> Outcome:
            try:
                await AWAITING[call](stage.driver)
            except NestedMoveError as error:
                caught.append(error)
            return OK

    stage = Stage()
    stage.router.add("*", Awaits())
    stage.publish()
    asyncio.run(run_until_idle_async(stage))
    stage.publish()
    with closing(stage.driver):
        stage.driver.run_until_idle()

    assert [str(error) for error in caught] == [from_inside_a_delivery(call)] * 2


async def run_until_idle_async(stage: Stage) -> Report:
    return await stage.driver.run_until_idle_async()


def test_another_thread_of_a_destination_cannot_move_time_either() -> None:
    caught: list[Exception] = []

    def move_elsewhere(_: OutboundRequest) -> Outcome:
        thread = threading.Thread(target=lambda: tried(lambda: stage.driver.advance(1), caught))
        thread.start()
        thread.join(timeout=5)
        return OK

    stage = Stage(move_elsewhere)
    stage.publish()
    stage.advance(0)

    assert [str(error) for error in caught] == [while_time_is_moved("advance")]


@pytest.mark.parametrize("call", MOVES)
def test_a_condition_cannot_move_time(call: str) -> None:
    stage = Stage()
    stage.publish()

    with pytest.raises(NestedMoveError) as raised:
        stage.driver.run_until(lambda: bool(MOVES[call](stage.driver)))

    assert str(raised.value) == while_time_is_moved(call)


def test_a_listener_cannot_move_time() -> None:
    stage = Stage()
    caught: list[Exception] = []

    def listen(_: LogEntry) -> None:
        tried(lambda: stage.driver.advance(1), caught)

    stage.publish()
    stage.engine.subscribe(listen)
    stage.advance(0)

    assert [str(error) for error in caught] == [while_time_is_moved("advance")] * 2


def test_a_handler_of_a_timer_cannot_move_time() -> None:
    stage = Stage()
    caught: list[Exception] = []
    stage.engine.register(str, lambda event, now: tried(lambda: stage.driver.advance(1), caught))
    stage.engine.at(0, "tea")
    stage.advance(0)

    assert [str(error) for error in caught] == [while_time_is_moved("advance")]


def test_a_second_task_cannot_move_time() -> None:
    stage = Stage()
    started, go_on = asyncio.Event(), asyncio.Event()

    class Waits:
        needs_loop = True

        async def call(self, _: OutboundRequest) -> Outcome:
            started.set()
            await go_on.wait()
            return OK

    async def main() -> Report:
        moving = asyncio.create_task(run_until_idle_async(stage))
        await started.wait()
        with pytest.raises(NestedMoveError) as raised:
            await stage.driver.advance_async(1)
        assert str(raised.value) == while_time_is_moved("advance_async")
        with pytest.raises(NestedMoveError):
            stage.driver.advance(1)
        go_on.set()
        return await moving

    stage.router.add("*", Waits())
    stage.publish()

    assert len(asyncio.run(main()).deliveries) == 1


def test_a_task_that_a_delivery_left_behind_cannot_move_time() -> None:
    stage = Stage()
    left: list[asyncio.Task[Report]] = []

    class Leaves:
        needs_loop = True

        async def call(self, _: OutboundRequest) -> Outcome:
            left.append(asyncio.create_task(run_until_idle_async(stage)))
            return OK

    async def main() -> None:
        await stage.driver.run_until_idle_async()
        with pytest.raises(NestedMoveError) as raised:
            await left[0]
        assert str(raised.value) == from_inside_a_delivery("run_until_idle_async")

    stage.router.add("*", Leaves())
    stage.publish()
    asyncio.run(main())


def test_two_fakes_move_independently() -> None:
    inner = Stage()
    outer = Stage(after(lambda _: inner.driver.advance(7)))
    message = outer.publish()

    outer.advance(0)

    assert (message.state, inner.offset) == (MessageState.DELIVERED, 7_000)


def test_after_a_nested_move_time_can_be_moved_again() -> None:
    stage = Stage(after(lambda _: stage.driver.advance(1)))
    message = stage.publish()
    with pytest.raises(NestedMoveError):
        stage.advance(0)

    stage.router.add("*", Answers(OK))
    stage.driver.run_until_idle()

    assert message.state is MessageState.DELIVERED


def test_a_refusal_that_came_too_late_is_not_blamed_on_a_later_delivery() -> None:
    stage = Stage()
    caught: list[Exception] = []
    left: list[Context] = []
    stage.router.add("*", Answers(after(lambda _: left.append(copy_context())), BROKEN))
    stage.publish()
    stage.advance(0)

    left[0].run(tried, lambda: stage.driver.advance(1), caught)
    stage.publish()
    stage.driver.next()

    assert [str(error) for error in caught] == [from_inside_a_delivery("advance")]


# --- blocking moves beside a running loop ----------------------------------------------------


@pytest.mark.parametrize("call", MOVES)
@pytest.mark.parametrize("run", [asyncio.run, trio.run])
def test_a_blocking_move_is_refused_where_a_loop_runs(
    run: Callable[..., object], call: str
) -> None:
    stage = Stage()
    message = stage.publish()

    async def main() -> None:
        with pytest.raises(RunningLoopError) as raised:
            MOVES[call](stage.driver)
        assert str(raised.value) == (
            f"{call}() would block the event loop that runs in this thread: "
            f"use `await qstash.{call}_async(...)` here"
        )

    run(main() if run is asyncio.run else main)

    assert (message.state, stage.offset) == (MessageState.PENDING, 0)


def test_a_blocking_move_in_a_thread_beside_the_loop_is_fine() -> None:
    stage = Stage()
    message = stage.publish()

    async def main() -> None:
        await asyncio.to_thread(stage.driver.advance, 0)

    asyncio.run(main())

    assert message.state is MessageState.DELIVERED


def test_without_trio_nothing_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "trio")

    assert Stage().driver.next().fired == ()
