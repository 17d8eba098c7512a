"""An event loop of the fake's own, for destinations that need one while the test has none."""

import asyncio
import sys
from collections.abc import Awaitable, Collection
from typing import Any, TypeVar

from fakestash.errors import RunningLoopError, shown_where_it_was_made
from fakestash.steady_loop import SteadyLoop

__tracebackhide__ = shown_where_it_was_made

Result = TypeVar("Result")


class OwnLoop:
    """Made when first needed and kept until it is closed: apps keep objects bound to it."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self, awaitable: Awaitable[Result]) -> Result:
        """Run ``awaitable`` to its end in this thread."""
        if self._loop is None:
            self._loop = SteadyLoop()  # an app may sleep while the test has time frozen
        loop = self._loop
        work = asyncio.ensure_future(awaitable, loop=loop)
        try:
            return loop.run_until_complete(work)
        finally:
            if not work.done():  # interrupted: it must not wake up in a later run
                _end(loop, {work})

    def close(self) -> None:
        """End what still runs in the loop and close it."""
        if self._loop is None:
            return
        loop, self._loop = self._loop, None
        _end(loop, asyncio.all_tasks(loop))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


def _end(loop: asyncio.AbstractEventLoop, left: Collection["asyncio.Future[Any]"]) -> None:
    """Cancel what is left and wait for it."""
    for work in left:
        work.cancel()
    if left:
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))


def refuse_running_loop(call: str) -> None:
    """Refuse a blocking ``call`` in a thread whose event loop it would block.

    Raises:
        RunningLoopError: if a loop runs in this thread.
    """
    if _runs_asyncio() or _runs_trio():
        raise RunningLoopError(
            f"{call}() would block the event loop that runs in this thread: "
            f"use `await qstash.{call}_async(...)` here"
        )


def _runs_asyncio() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _runs_trio() -> bool:
    trio = sys.modules.get("trio")
    return trio is not None and bool(trio.lowlevel.in_trio_run())
