"""The driver of a clock that goes by itself: at its rate, or from event to event.

Each attempt is a task of its own, so a slow destination holds up nobody else's; how many run
at once is the engine's business. Nothing that goes wrong in one of them ends the driver.

How time passes can be changed while it runs. There is one driver all the time, so what is in
flight then comes back to the same engine, once, whatever the new pace is.
"""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

from fakestash.clock import PacedClock
from fakestash.delivery.courier import Courier
from fakestash.drive.carrying import carry_async
from fakestash.drive.modes import REAL_TIME, Mode, Pace
from fakestash.drive.move import LIMIT_WITHOUT_END
from fakestash.engine import Engine
from fakestash.model.messages import Attempt
from fakestash.model.outcomes import Outcome

EVENTS_PER_TURN: Final = 100
"""So many due events are run before whatever else runs in the event loop gets its turn."""


class Clockwork:
    """Runs in an event loop until it is cancelled. Apart from ``wake`` it is for that loop alone.

    In the mode ``AUTO`` time stands still while a destination is called, and where nothing is to
    come but what recurs for ever (cron firings). So that no history races on for ever, it also
    rests after ``LIMIT_WITHOUT_END`` events until somebody calls ``renew``.

    Args:
        engine: where attempts come from and outcomes go.
        clock: the engine's clock, which runs at the rate of ``pace`` already.
        courier: carries the attempts.
        on_defect: told what broke although it must not: the attempt counts as unreachable,
            everything else goes on.
        pace: how time passes.
    """

    def __init__(
        self,
        engine: Engine,
        clock: PacedClock,
        courier: Courier,
        on_defect: Callable[[BaseException], None],
        pace: Pace = REAL_TIME,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._courier = courier
        self._on_defect = on_defect
        self._pace = pace
        self._events_left = LIMIT_WITHOUT_END
        self._in_flight: set[asyncio.Task[Outcome]] = set()
        self._news = asyncio.Event()
        self._held = 0

    @property
    def pace(self) -> Pace:
        """How time passes."""
        return self._pace

    @property
    def is_held(self) -> bool:
        """Whether nothing new is started, because somebody else works on the engine."""
        return self._held > 0

    @property
    def is_tired(self) -> bool:
        """Whether it has run so many events in ``AUTO`` that it waits for ``renew``."""
        return self._pace.mode is Mode.AUTO and self._events_left <= 0

    def switch(self, pace: Pace) -> None:
        """Have time pass in another way from now on. What is in flight comes back as ever."""
        self._pace = pace
        self._clock.retime(pace.rate)
        self.renew()

    def renew(self) -> None:
        """Go on if it rests: something came from outside."""
        self._events_left = LIMIT_WITHOUT_END
        self._news.set()

    @asynccontextmanager
    async def still(
        self, *, patience: float | None = None, cut_off: bool = False
    ) -> AsyncGenerator[None, None]:
        """Hold it: nothing is in flight when this is entered, and nothing is started in it.

        Args:
            patience: how many real seconds to wait for what is in flight.
            cut_off: do not wait: it counts as unreachable.

        Raises:
            TimeoutError: if something is still in flight then.
        """
        self._held += 1
        try:
            if cut_off:
                await self.cut_off()
            async with asyncio.timeout(patience):
                while self._in_flight:
                    await asyncio.wait(self._in_flight)
            yield
        finally:
            self._held -= 1
            self._news.set()

    async def cut_off(self) -> None:
        """Break off what is in flight: it counts as unreachable."""
        await asyncio.sleep(0)  # what was not even begun could not be settled when it is cancelled
        tasks = list(self._in_flight)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def run(self) -> None:
        """Carry what comes due. What is in flight when this is cancelled is cut off."""
        stop = self._engine.on_change(self._waker())
        try:
            while True:
                if self._start_due():
                    await asyncio.sleep(0)
                else:
                    await self._rest()
        finally:
            stop()
            await self.cut_off()

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

    def _until(self) -> int | None:
        """Up to which instant events are run; None if none are."""
        if self.is_held or self._pace.mode is Mode.MANUAL:
            return None
        if self._pace.mode is not Mode.AUTO:
            return self._clock.now()
        if self._events_left <= 0:
            return None
        timer = self._engine.next_timer()
        if timer is None or timer[0] <= self._clock.now():
            return self._clock.now()
        return None if self._in_flight or self._engine.is_idle else timer[0]

    def _start_due(self) -> bool:
        """Start what is due; whether more may be."""
        for _ in range(EVENTS_PER_TURN):
            until = self._until()
            if until is None:
                return False
            try:
                firing = self._engine.claim(until)
            except Exception as error:  # noqa: BLE001 - one broken event must not end all others
                self._on_defect(error)
                continue
            if firing is None:
                return False
            self._events_left -= 1
            if firing.attempt is not None:
                self._carry(firing.attempt)
        return True

    def _carry(self, attempt: Attempt) -> None:
        task = asyncio.create_task(carry_async(self._engine, self._courier, attempt))
        self._in_flight.add(task)
        task.add_done_callback(self._landed)

    async def _rest(self) -> None:
        """Wait for the next instant at which something is due, or for news."""
        seconds = None
        if self._until() is not None and (timer := self._engine.next_timer()) is not None:
            seconds = self._clock.real_seconds_until(timer[0])
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return
        self._news.clear()

    def _landed(self, task: "asyncio.Task[Outcome]") -> None:
        self._in_flight.discard(task)
        self._news.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            self._on_defect(error)
