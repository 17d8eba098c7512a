"""The driver of a clock that runs by itself: attempts start when they come due.

Each attempt is a task of its own, so a slow destination holds up nobody else's; how many run
at once is the engine's business. Nothing that goes wrong in one of them ends the driver.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from fakestash.clock import SystemClock
from fakestash.delivery.courier import Courier
from fakestash.drive.carrying import carry_async
from fakestash.engine import Engine
from fakestash.model.outcomes import Outcome

EVENTS_PER_TURN: Final = 100
"""So many due events are run before whatever else runs in the event loop gets its turn."""


class RealTimeDriver:
    """Runs in an event loop until it is cancelled.

    Args:
        engine: where attempts come from and outcomes go.
        clock: the engine's clock.
        courier: carries the attempts.
        on_defect: told what broke although it must not: the attempt counts as unreachable,
            everything else goes on.
    """

    def __init__(
        self,
        engine: Engine,
        clock: SystemClock,
        courier: Courier,
        on_defect: Callable[[BaseException], None],
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._courier = courier
        self._on_defect = on_defect
        self._in_flight: set[asyncio.Task[Outcome]] = set()
        self._news = asyncio.Event()

    async def run(self) -> None:
        """Carry what comes due. What is in flight when this is cancelled is cut off."""
        self._engine.on_change(self._waker())
        try:
            while True:
                if self._start_due():
                    await asyncio.sleep(0)
                else:
                    await self._rest()
        finally:
            self._engine.on_change(None)
            for task in self._in_flight:
                task.cancel()
            await asyncio.gather(*self._in_flight, return_exceptions=True)

    def _waker(self) -> Callable[[], None]:
        """What the engine calls, in any thread, when something new may be due."""
        loop = asyncio.get_running_loop()
        thread = threading.get_ident()

        def wake() -> None:
            if threading.get_ident() == thread:
                self._news.set()
                return
            with suppress(RuntimeError):  # the loop was closed in the meantime
                loop.call_soon_threadsafe(self._news.set)

        return wake

    def _start_due(self) -> bool:
        """Start what is due; whether more may be."""
        for _ in range(EVENTS_PER_TURN):
            try:
                firing = self._engine.claim(self._clock.now())
            except Exception as error:  # noqa: BLE001 - one broken event must not end all others
                self._on_defect(error)
                continue
            if firing is None:
                return False
            if firing.attempt is not None:
                task = asyncio.create_task(carry_async(self._engine, self._courier, firing.attempt))
                self._in_flight.add(task)
                task.add_done_callback(self._landed)
        return True

    async def _rest(self) -> None:
        """Wait for the next instant at which something is due, or for news."""
        timer = self._engine.next_timer()
        seconds = None if timer is None else self._clock.real_seconds_until(timer[0])
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return
        self._news.clear()

    def _landed(self, task: "asyncio.Task[Outcome]") -> None:
        self._in_flight.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._on_defect(error)
