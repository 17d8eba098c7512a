"""Taking turns: time is moved, and things are done by hand, in one place at a time."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from threading import Lock
from types import TracebackType
from typing import Final, NamedTuple

from fakestash.drive.loop import OwnLoop
from fakestash.errors import shown_where_it_was_made

__tracebackhide__ = shown_where_it_was_made


class Texts(NamedTuple):
    """Why a call is refused at a bad time, and what to do."""

    in_a_delivery: str
    in_a_move: str


MOVES: Final = Texts(
    "from inside a delivery: the handler runs at one instant of the clock and cannot move it; "
    "move time in the test, after the delivery",
    "while time was being moved already, by another thread or task or by a condition given to "
    "run_until; move time in one place",
)
BY_HAND: Final = Texts(
    "from inside a delivery: call it in the test, after the delivery",
    "while time was being moved, by another thread or task or by a condition given to run_until: "
    "call it between two moves",
)


class Ground:
    """What drivers share that deliver to the same destinations: an event loop, and taking turns.

    Destinations keep things bound to the loop in which they were first called.
    """

    def __init__(self) -> None:
        self.loop = OwnLoop()
        self.turn = Lock()


class Turn:
    """The time for which nobody else moves time or does anything by hand: a context manager.

    It is no generator, so that what ``begin`` raises has no frames of the standard library.
    """

    def __init__(
        self,
        begin: Callable[[], None],
        around: Callable[[], AbstractContextManager[None]],
        turn: Lock,
    ) -> None:
        self._begin = begin
        self._around = around
        self._turn = turn
        self._surroundings: AbstractContextManager[None] = nullcontext()

    def __enter__(self) -> None:
        self._begin()
        try:
            self._surroundings = self._around()
            self._surroundings.__enter__()
        except BaseException:
            self._turn.release()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self._surroundings.__exit__(kind, error, traceback)
        finally:
            self._turn.release()
