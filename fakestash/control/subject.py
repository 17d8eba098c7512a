"""What is controlled: a fake, and how its time passes."""

import asyncio
from typing import Final

from fakestash.api.errors import OnDefect
from fakestash.control.asked import REFUSED_NOW, ControlError
from fakestash.control.ways import Way
from fakestash.drive.modes import BY_HAND, Pace
from fakestash.drive.move import Progress
from fakestash.drive.report import Report
from fakestash.syntax.moments import InstantLike
from fakestash.testing.branches import Snapshot
from fakestash.testing.root import Root

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
        """The places whose scripts were written over the control API."""

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

    async def move(self, way: Way) -> Report:
        """Move time.

        Raises:
            UsageError: as the move does.
        """
        if not in_event_loop():  # called in one step, by the transport without a socket
            return way.blocking(self.fake)
        return await asyncio.to_thread(way.blocking, self.fake)

    @property
    def progress(self) -> Progress | None:
        """How far the move that is under way has got; None if there is none."""
        return self.fake.progress

    async def reset(self, start: InstantLike | None, seed: int | None) -> None:
        """Begin again.

        Raises:
            UsageError: on a bad value, or while a destination is being called.
        """
        self.fake.reset(start=start, seed=seed)


def in_event_loop() -> bool:
    """Whether the calling code may wait."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
