"""The worlds of one server, and which of them a request is for: that of its token's user."""

import asyncio
import re
from collections.abc import Callable
from typing import Final, NamedTuple

from fakestash.api.auth import sent_token
from fakestash.clock import machine_seconds
from fakestash.control import Message, Receive, Send
from fakestash.control.asked import NOT_FOUND, REFUSED_NOW, TOO_MANY, ControlError
from fakestash.dev.config.hosts import Rewrites
from fakestash.dev.config.preload import Preload
from fakestash.dev.world import DEFAULT_WORLD, World
from fakestash.drive.modes import Pace
from fakestash.errors import UsageError
from fakestash.ids import Ids, inner_id
from fakestash.model.users import SigningKeys, User
from fakestash.syntax.moments import InstantLike

MOST_WORLDS: Final = 100
"""How many worlds there may be besides the default one."""

_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Wish(NamedTuple):
    """What a new world is to be like. What is None is as in the default world."""

    name: str
    users: tuple[User, ...] | None = None
    start: InstantLike | None = None
    seed: int | None = None
    plan: str | None = None
    pace: Pace | None = None


class Worlds:
    """All worlds, as one ASGI app. It lives in one event loop, in which ``run`` runs.

    The default one is that of requests without a token, or with one that belongs to nobody.

    Args:
        make: makes a world, with the settings of the server.
    """

    def __init__(self, make: Callable[[Wish], World]) -> None:
        self._make = make
        self.latest: tuple[Preload, Rewrites] | None = None
        """What a config file said last, if it was read again."""
        self._ids = Ids(int(machine_seconds() * 1000))
        self._made = 0
        self._by_name: dict[str, World] = {}
        self._by_token: dict[str, World] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self.default = self._put(Wish(DEFAULT_WORLD))

    @property
    def all(self) -> list[World]:
        """All of them, the default one first."""
        return list(self._by_name.values())

    @property
    def names(self) -> list[str]:
        """What they are called, the default one first."""
        return list(self._by_name)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request as the world that it is for."""
        world = self.default
        if self._by_token and scope["type"] == "http":
            token, _ = sent_token(scope["headers"], scope["query_string"].decode("latin-1"))
            world = self._by_token.get(token, world)
        await world.app(scope, receive, send)

    def environment(self, name: str) -> dict[str, str]:
        """The variables that clients of a world read.

        Raises:
            ControlError: 404 if there is no such world.
        """
        return self._named(name).fake.environment

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
        if len(self._by_name) > MOST_WORLDS:
            raise ControlError(
                TOO_MANY,
                f"there are {MOST_WORLDS} worlds, which is the most: end some that nobody needs, "
                "by DELETE /_fakestash/worlds/NAME",
            )
        self._made += 1
        called = f"world-{self._made}" if name is None else name
        if not _NAME.fullmatch(called):
            raise UsageError(
                f"name must be 1 to 64 of the characters A-Z, a-z, 0-9, '.', '_' and '-', "
                f"got {called!r:.80}"
            )
        if called in self._by_name:
            raise ControlError(
                REFUSED_NOW,
                f"there is a world {called!r} already: end it by DELETE "
                f"/_fakestash/worlds/{called}, or take another name",
            )
        user = User(
            called, self._secret(), SigningKeys(self._ids.signing_key(), self._ids.signing_key())
        )
        world = self._put(Wish(called, (user,), start, seed, plan, pace))
        self._by_token |= dict.fromkeys((user.token, user.read_only_token), world)
        self._start(world)
        return called

    def take_over(self, preload: Preload, rewrites: Rewrites) -> None:
        """Have what a config file says by now, in all worlds and in new ones.

        Raises:
            UsageError: if the service refuses some of it.
        """
        for world in self.all:
            world.take_over(preload, rewrites)
        self.latest = (preload, rewrites)

    async def end(self, name: str) -> None:
        """End a world, and what is in flight in it.

        Raises:
            ControlError: 404 if there is no such world, 409 if it is the default one.
        """
        world = self._named(name)
        if world is self.default:
            raise ControlError(
                REFUSED_NOW,
                f"the world {name!r} lasts as long as the server: POST /_fakestash/reset has it "
                "begin again",
            )
        del self._by_name[name]
        task = self._running.pop(name)
        await world.before_end()
        self._by_token = {
            token: each for token, each in self._by_token.items() if each is not world
        }
        task.cancel()
        await asyncio.wait([task])
        await world.http.aclose()

    async def run(self) -> None:
        """Let time pass in all of them, until this is cancelled."""
        self._start(self.default)
        try:
            await asyncio.Event().wait()
        finally:
            tasks = list(self._running.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _put(self, wish: Wish) -> World:
        world = self._make(wish)
        if self.latest is not None:
            world.take_over(*self.latest)
        world.worlds = self
        self._by_name[wish.name] = world
        return world

    def _named(self, name: str) -> World:
        if name not in self._by_name:
            there = ", ".join(self._by_name)
            raise ControlError(NOT_FOUND, f"there is no world {name!r:.80}; there are: {there}")
        return self._by_name[name]

    def _secret(self) -> str:
        return inner_id(self._ids.bits())

    def _start(self, world: World) -> None:
        self._running[world.name] = asyncio.create_task(world.run())
