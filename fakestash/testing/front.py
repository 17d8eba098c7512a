"""The API of a fake as an app, at an address that its branches share."""

from collections.abc import Awaitable, Callable, Generator, MutableMapping
from contextlib import contextmanager
from typing import Any, TypeAlias

from fakestash.clock import VirtualClock

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
AsgiApp: TypeAlias = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]


class Front:
    """An ASGI app that is another one: the API of a fake, or of a branch while that delivers.

    What handlers publish back goes to the address that they know. It belongs to whoever delivers.

    Args:
        app: the API of the fake's own engine.
        clock: the fake's clock, which another clock may follow.
        older: the fronts of those that it branched off from, the latest first.
    """

    def __init__(self, app: AsgiApp, clock: VirtualClock, older: tuple["Front", ...] = ()) -> None:
        self.own = app
        self.clock = clock
        self.older = older
        self._stand_in: AsgiApp | None = None

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer as the app that it is now."""
        await (self._stand_in or self.own)(scope, receive, send)

    def lend_to(self, app: AsgiApp | None) -> None:
        """Be ``app`` until told otherwise; None is its own again."""
        self._stand_in = app

    @contextmanager
    def before_the_older(self) -> Generator[None, None, None]:
        """Take the place of the older ones: nobody else does meanwhile, they take turns.

        What follows their clocks follows this one's, and goes back to that of the oldest.
        """
        self.clock.show(self.clock.now())
        for front in self.older:
            front.lend_to(self.own)
        try:
            yield
        finally:
            for front in self.older:
                front.lend_to(None)
            oldest = self.older[-1].clock
            oldest.show(oldest.now())
