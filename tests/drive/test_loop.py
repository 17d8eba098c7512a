"""The event loop of the fake's own: made when needed, kept, and closed without a trace."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

import pytest

from fakestash.drive.loop import OwnLoop


@pytest.fixture
def own() -> Iterator[OwnLoop]:
    loop = OwnLoop()
    yield loop
    loop.close()


async def running_loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


async def wait_for_ever() -> None:
    await asyncio.get_running_loop().create_future()


def test_what_is_run_is_run_to_its_end_in_one_loop(own: OwnLoop) -> None:
    assert own.run(running_loop()) is own.run(running_loop())


def test_any_awaitable_can_be_run(own: OwnLoop) -> None:
    loop = own.run(running_loop())
    future: asyncio.Future[int] = loop.create_future()
    loop.call_soon(future.set_result, 7)

    assert own.run(future) == 7


def test_what_it_raises_comes_out(own: OwnLoop) -> None:
    async def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match=r"^no$"):
        own.run(fail())


def test_a_loop_that_was_never_needed_is_closed_for_nothing() -> None:
    OwnLoop().close()


def test_closing_ends_what_still_runs() -> None:
    own = OwnLoop()
    ended: list[str] = []

    async def left_behind() -> None:
        try:
            await wait_for_ever()
        finally:
            ended.append("task")

    async def numbers() -> AsyncIterator[int]:
        try:
            yield 1
        finally:
            ended.append("generator")

    generator = numbers()
    tasks: set[asyncio.Task[None]] = set()
    threads: list[threading.Thread] = []

    async def leave() -> asyncio.AbstractEventLoop:
        tasks.add(asyncio.create_task(left_behind()))
        assert await anext(generator) == 1
        threads.append(
            await asyncio.get_running_loop().run_in_executor(None, threading.current_thread)
        )
        return asyncio.get_running_loop()

    loop = own.run(leave())
    own.close()

    assert ended == ["task", "generator"]
    assert [thread.is_alive() for thread in threads] == [False]
    assert loop.is_closed()


def test_closing_twice_is_closing_once() -> None:
    own = OwnLoop()
    loop = own.run(running_loop())

    own.close()
    own.close()

    assert loop.is_closed()


def test_after_closing_a_new_loop_is_made_when_it_is_needed(own: OwnLoop) -> None:
    first = own.run(running_loop())
    own.close()

    assert own.run(running_loop()) is not first


def test_closing_works_in_any_thread() -> None:
    failures: list[BaseException] = []

    def use() -> None:
        own = OwnLoop()
        try:
            own.run(running_loop())
            own.close()
        except BaseException as error:  # noqa: BLE001 - it is looked at below
            failures.append(error)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join(timeout=5)

    assert failures == []


def test_what_is_interrupted_does_not_wake_up_later(own: OwnLoop) -> None:
    ended: list[str] = []

    async def interrupted() -> None:
        def interrupt() -> None:
            raise KeyboardInterrupt

        asyncio.get_running_loop().call_soon(interrupt)
        try:
            await wait_for_ever()
        finally:
            ended.append("interrupted")

    with pytest.raises(KeyboardInterrupt):
        own.run(interrupted())
    after = list(ended)
    own.run(running_loop())

    assert (after, ended) == (["interrupted"], ["interrupted"])
