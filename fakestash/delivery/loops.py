"""Event loops of either library: which one runs the calling code, and what can be asked of it.

trio is never imported here. Whoever runs under it has loaded it already.
"""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from contextvars import Context
from types import ModuleType
from typing import Any, Protocol

from fakestash.errors import UsageError, shown_where_it_was_made

__tracebackhide__ = shown_where_it_was_made


class Event(Protocol):
    """What the event classes of both libraries have in common."""

    def set(self) -> None:
        """Let those who wait go on."""
        ...

    async def wait(self) -> object:
        """Wait until it is set."""
        ...


class EventLoop(Protocol):
    """An event loop, seen from a destination that left something running in it."""

    def spawn(self, main: Callable[[], Coroutine[Any, Any, None]], context: Context) -> object:
        """Start ``main`` as a task that nobody waits for. To be called inside the loop."""
        ...

    def soon(self, callback: Callable[[], None]) -> None:
        """Have the loop call ``callback`` when it runs next, from any thread."""
        ...

    def run_idle(self, work: Callable[[], Coroutine[Any, Any, None]], /) -> bool:
        """Run the loop until ``work`` is done, if it stands still and this thread may run it.

        Returns:
            Whether it did.
        """
        ...

    def is_over(self) -> bool:
        """Whether the loop has ended for good."""
        ...


def running_loop() -> object:
    """The event loop that runs the calling code, as something to tell loops apart by.

    Raises:
        UsageError: if neither asyncio nor trio does.
    """
    trio = _trio()
    if trio is not None:
        return trio.lowlevel.current_trio_token()
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise UsageError(
            "this destination has to be called inside an event loop of asyncio or trio"
        ) from None


def the_loop() -> EventLoop:
    """The event loop that runs the calling code, as something to ask things of.

    Raises:
        UsageError: if it belongs to neither asyncio nor trio.
    """
    found = running_loop()
    if isinstance(found, asyncio.AbstractEventLoop):
        return _AsyncioLoop(found)
    return _TrioLoop(found)


def new_event() -> Event:
    """An event for tasks of the loop that runs the calling code."""
    trio = _trio()
    if trio is None:
        return asyncio.Event()
    event: Event = trio.Event()
    return event


def _trio() -> ModuleType | None:
    """The module ``trio``, if one of its tasks is the calling code."""
    trio = sys.modules.get("trio")
    return trio if trio is not None and trio.lowlevel.in_trio_task() else None


def _asyncio_runs_here() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


class _AsyncioLoop:
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def spawn(self, main: Callable[[], Coroutine[Any, Any, None]], context: Context) -> object:
        return self._loop.create_task(main(), context=context)

    def soon(self, callback: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # it was closed in the meantime
            self._loop.call_soon_threadsafe(callback)

    def run_idle(self, work: Callable[[], Coroutine[Any, Any, None]], /) -> bool:
        if self._loop.is_closed() or self._loop.is_running() or _asyncio_runs_here():
            return False
        self._loop.run_until_complete(work())
        return True

    def is_over(self) -> bool:
        return self._loop.is_closed()


class _TrioLoop:
    """A run of trio. It never stands still, and its end cancels what is left in it."""

    def __init__(self, token: object) -> None:
        self._token: Any = token
        self._trio: ModuleType = sys.modules["trio"]

    def spawn(self, main: Callable[[], Coroutine[Any, Any, None]], context: Context) -> object:
        task: object = self._trio.lowlevel.spawn_system_task(main, context=context)
        return task

    def soon(self, callback: Callable[[], None]) -> None:
        with suppress(self._trio.RunFinishedError):
            self._token.run_sync_soon(callback)

    def run_idle(self, _work: Callable[[], Coroutine[Any, Any, None]], /) -> bool:
        return False

    def is_over(self) -> bool:
        try:
            self._token.run_sync_soon(_do_nothing)
        except self._trio.RunFinishedError:
            return True
        return False


def _do_nothing() -> None:
    """Only to see whether it would be called."""
