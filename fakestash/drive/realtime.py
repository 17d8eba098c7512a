"""The driver of a clock that runs by itself: attempts start when they come due.

Each attempt is a task of its own, so a slow destination holds up nobody else's; how many run
at once is the plan's limit.
"""

import asyncio
import threading

from fakestash.clock import SystemClock
from fakestash.delivery.courier import Courier
from fakestash.engine import Engine
from fakestash.model.messages import Attempt
from fakestash.model.outcomes import Unreachable


class RealTimeDriver:
    """Runs in an event loop until told to stop."""

    def __init__(self, engine: Engine, clock: SystemClock, courier: Courier) -> None:
        self._engine = engine
        self._clock = clock
        self._courier = courier
        self._in_flight: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._stopping = False

    async def run(self) -> None:
        """Carry what comes due until ``stop`` is called; what is in flight then is cut off."""
        loop = asyncio.get_running_loop()
        thread = threading.get_ident()

        def wake() -> None:
            if threading.get_ident() == thread:
                self._wake.set()
            else:
                loop.call_soon_threadsafe(self._wake.set)

        self._engine.on_change(wake)
        try:
            while not self._stopping:
                self._start_due()
                await self._sleep()
        finally:
            self._engine.on_change(None)
            for task in self._in_flight:
                task.cancel()
            await asyncio.gather(*self._in_flight, return_exceptions=True)

    def stop(self) -> None:
        """Have ``run`` return."""
        self._stopping = True
        self._wake.set()

    def _start_due(self) -> None:
        """Start the attempts that are due, as many as may run at once."""
        while len(self._in_flight) < self._engine.plan.global_parallelism:
            firing = self._engine.claim(self._clock.now())
            if firing is None:
                return
            if firing.attempt is not None:
                task = asyncio.create_task(self._carry(firing.attempt))
                self._in_flight.add(task)
                task.add_done_callback(self._landed)

    async def _sleep(self) -> None:
        """Wait for the next instant at which something is due, or for news."""
        timer = self._engine.next_timer()
        full = len(self._in_flight) >= self._engine.plan.global_parallelism
        seconds = None
        if timer is not None and not full:
            seconds = self._clock.real_seconds_until(timer[0])
        try:
            await asyncio.wait_for(self._wake.wait(), seconds)
        except TimeoutError:
            return
        self._wake.clear()

    async def _carry(self, attempt: Attempt) -> None:
        try:
            outcome = self._courier.carry(attempt)
            if not isinstance(outcome, tuple):
                outcome = await outcome
        except BaseException as error:
            self._engine.settle(attempt, Unreachable("EOF", exception=error))
            raise
        self._engine.settle(attempt, outcome)

    def _landed(self, task: "asyncio.Task[None]") -> None:
        self._in_flight.discard(task)
        self._wake.set()
