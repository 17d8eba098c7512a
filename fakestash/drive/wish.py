"""Whether somebody who asked for a move of time from afar still waits for it.

A move in a thread cannot be cancelled. It looks here before each event.
"""

from contextvars import ContextVar
from typing import Final


class Wish:
    """That a move takes place. ``is_withdrawn`` may be set in any thread."""

    __slots__ = ("is_withdrawn",)

    def __init__(self) -> None:
        self.is_withdrawn = False


WISH: Final[ContextVar[Wish | None]] = ContextVar("fakestash_wish", default=None)
"""The one that moves in this context are for; None if they cannot become unwanted."""
