"""What a destination leaves running in an event loop between deliveries, and how that ends.

An app's lifespan and a pool of connections live in the loop in which they were started and
can only be ended there. So each is a task of its own, one per loop, parked until it is told
to end. Three things can tell it: its destination inside that loop (``end``), its destination
from outside (``Residents.end_all``), and the loop itself, which cancels what is left in it.
"""

from abc import ABC, abstractmethod
from contextlib import suppress
from contextvars import Context, copy_context
from typing import Generic, TypeVar

from fakestash.delivery.loops import new_event, running_loop, the_loop
from fakestash.errors import UsageError, shown_where_it_was_made

__tracebackhide__ = shown_where_it_was_made


class Resident(ABC):
    """Something that lives in the event loop in which it was made.

    Args:
        context: the context variables that it sees; those of the caller if None.
    """

    def __init__(self, context: Context | None = None) -> None:
        self.loop = the_loop()
        self._end_asked = new_event()
        self._ended = new_event()
        self._task = self.loop.spawn(self._main, (context or copy_context()).copy())

    @abstractmethod
    async def live(self) -> None:
        """Be there until told to end."""

    @property
    def failure(self) -> UsageError | None:
        """What went wrong at its end, for the test to know."""
        return None

    def ask_to_end(self) -> None:
        """Have it end soon. To be called inside its loop."""
        self._end_asked.set()

    async def end(self) -> None:
        """Have it end, and wait for that. To be called inside its loop.

        Raises:
            UsageError: if its end failed.
        """
        self.ask_to_end()
        await self._ended.wait()
        if self.failure is not None:
            raise self.failure

    async def _main(self) -> None:
        try:
            await self.live()
        finally:
            self._ended.set()


R = TypeVar("R", bound=Resident)


class Residents(Generic[R]):
    """The residents of one destination: at most one in each event loop."""

    def __init__(self) -> None:
        self._by_loop: dict[object, R] = {}
        self._failures: list[UsageError] = []

    def here(self) -> R | None:
        """The one in the loop that runs the calling code."""
        return self._by_loop.get(running_loop())

    def add(self, resident: R) -> None:
        """Keep the one that was just made here, in place of an earlier one here.

        Those of loops that are over are forgotten.
        """
        here = running_loop()
        for key, old in list(self._by_loop.items()):
            if key is here or old.loop.is_over():
                self._forget(key)
        self._by_loop[here] = resident

    async def end_here(self) -> None:
        """End the one in the loop that runs the calling code, if there is one.

        Raises:
            UsageError: if its end failed.
        """
        resident = self._by_loop.pop(running_loop(), None)
        if resident is not None:
            await resident.end()

    def end_all(self) -> None:
        """End each where it lives.

        A loop that stands still is run for it. One that runs is asked and not waited for. In
        one that is over there is nothing left to end.

        Raises:
            UsageError: if the end of one failed, now or before, when its loop ended.
        """
        for key, resident in list(self._by_loop.items()):
            with suppress(UsageError):  # told below
                if not resident.loop.run_idle(resident.end):
                    resident.loop.soon(resident.ask_to_end)
            self._forget(key)
        failures, self._failures = self._failures, []
        if len(failures) > 1:
            raise UsageError("\n".join(map(str, failures))) from failures[0]
        if failures:
            raise failures[0]

    def _forget(self, key: object) -> None:
        resident = self._by_loop.pop(key, None)
        if resident is not None and resident.failure is not None:
            self._failures.append(resident.failure)
