"""What is controlled: a fake, and how its time passes."""

import asyncio
from typing import Final, Protocol

from fakestash.api.errors import OnDefect
from fakestash.control.asked import REFUSED_NOW, ControlError
from fakestash.control.ways import Result, Way
from fakestash.drive.modes import BY_HAND, Pace
from fakestash.drive.move import Progress
from fakestash.drive.report import Report
from fakestash.drive.wish import WISH, Wish
from fakestash.syntax.moments import InstantLike
from fakestash.testing.branches import Snapshot
from fakestash.testing.root import Root


class Worlds(Protocol):
    """The worlds of a server."""

    @property
    def names(self) -> list[str]:
        """What they are called, the default one first."""
        ...

    def environment(self, name: str) -> dict[str, str]:
        """The variables that clients of a world read.

        Raises:
            ControlError: 404 if there is no such world.
        """
        ...

    def add(
        self,
        *,
        name: str | None,
        start: InstantLike | None,
        seed: int | None,
        plan: str | None,
        pace: Pace | None,
    ) -> str:
        """Make a world; its name. What is None is as in the default world.

        Raises:
            ControlError: 409 if there is one of this name, 429 if there are too many.
            UsageError: on a bad value.
        """
        ...

    async def end(self, name: str) -> None:
        """End a world, and what is in flight in it.

        Raises:
            ControlError: 404 if there is no such world, 409 if it is the default one.
        """
        ...


_ONLY_BY_HAND: Final = (
    "the clock of this fake belongs to a test in Python and is moved by hand: other modes are for "
    "the development server, `fakestash dev`"
)


class Subject:
    """A fake of a test in Python: its time is moved by hand.

    The apps of such a test live in its own event loop or in that of the fake, and may block. So
    whatever calls them is done outside the event loop of the server.
    """

    def __init__(self, fake: Root, on_defect: OnDefect) -> None:
        self.fake = fake
        self.on_defect = on_defect
        self.snapshots: dict[str, Snapshot] = {}
        self.own_scripts: set[str] = set()
        """The URLs whose scripts were written over the control API."""
        self.snapshots_taken = 0
        self.worlds: Worlds | None = None
        """The worlds of the server; None if there is only this one."""

    @property
    def pace(self) -> Pace:
        """How time passes."""
        return BY_HAND

    async def switch(self, pace: Pace) -> None:
        """Have time pass in another way.

        Raises:
            ControlError: 409 if it cannot.
        """
        if pace != BY_HAND:
            raise ControlError(REFUSED_NOW, _ONLY_BY_HAND)

    async def move(self, way: Way[Report]) -> Report:
        """Move time.

        Raises:
            UsageError: as the move does.
        """
        return await self.act(way)

    async def act(self, way: Way[Result]) -> Result:
        """Do something by hand that may call destinations.

        Raises:
            UsageError: as the fake does.
        """
        if not in_event_loop():  # called in one step, by the transport without a socket
            return way.blocking(self.fake)
        wish = Wish()
        token = WISH.set(wish)
        try:
            return await asyncio.to_thread(way.blocking, self.fake)  # which gets this context
        except asyncio.CancelledError:
            wish.is_withdrawn = True
            raise
        finally:
            WISH.reset(token)

    @property
    def progress(self) -> Progress | None:
        """How far the move that is under way has got; None if there is none."""
        return self.fake.progress

    async def snapshot(self) -> Snapshot:
        """Keep all there is now.

        Raises:
            UsageError: while a destination is being called.
        """
        return self.fake.snapshot()

    async def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot.

        Raises:
            UsageError: while a destination is being called.
        """
        self.fake.restore(snapshot)

    async def reset(self, start: InstantLike | None, seed: int | None) -> None:
        """Begin again, without the scripts that were written over the control API.

        Raises:
            UsageError: on a bad value, or while a destination is being called.
        """
        self.fake.reset(start=start, seed=seed)
        self.forget_own_scripts()

    def forget_own_scripts(self) -> None:
        """Take away the scripts that were written over the control API."""
        for url in self.own_scripts:
            self.fake.forget_destination(url)
        self.own_scripts.clear()


def in_event_loop() -> bool:
    """Whether the calling code may wait."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
