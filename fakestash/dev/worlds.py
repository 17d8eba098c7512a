"""The worlds of one server, and which of them a request is for: that of its token's user."""

import asyncio
from typing import Final

from fakestash.api.auth import sent_token
from fakestash.control import Message, Receive, Send
from fakestash.dev.world import World

MOST_WORLDS: Final = 100
"""How many worlds there may be besides the default one."""


class Worlds:
    """All worlds, as one ASGI app. It lives in one event loop, in which ``run`` runs.

    Args:
        default: the world of requests without a token, or with one that belongs to nobody.
    """

    def __init__(self, default: World) -> None:
        self.default = default
        self._by_name: dict[str, World] = {default.name: default}
        self._by_token: dict[str, World] = {}
        self._running: dict[str, asyncio.Task[None]] = {}

    @property
    def all(self) -> list[World]:
        """All of them, the default one first."""
        return list(self._by_name.values())

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request as the world that it is for."""
        world = self.default
        if self._by_token and scope["type"] == "http":
            token, _ = sent_token(scope["headers"], scope["query_string"].decode("latin-1"))
            world = self._by_token.get(token, world)
        await world.app(scope, receive, send)

    async def run(self) -> None:
        """Let time pass in all of them, until this is cancelled."""
        for world in self.all:
            self._start(world)
        try:
            await asyncio.Event().wait()
        finally:
            tasks = list(self._running.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, world: World) -> None:
        self._running[world.name] = asyncio.create_task(world.run())
