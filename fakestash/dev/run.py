"""The server as a process: made from its settings, run until it is told to stop."""

import asyncio
import os
import socket
import threading
from collections.abc import Callable
from importlib import import_module
from ipaddress import ip_address
from typing import Final, NoReturn, TypeAlias

from fakestash.api.guard import Guard
from fakestash.dev.listening import listen, url_of
from fakestash.dev.settings import Settings
from fakestash.dev.signals import on_stop_signals
from fakestash.dev.texts import defect_text, farewell, ready_text
from fakestash.dev.world import World
from fakestash.dev.worlds import Worlds
from fakestash.plans import plan_of
from fakestash.server import serving

Say: TypeAlias = Callable[[str], None]
"""Prints a text, at once."""

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 8080

_PATIENCE_S: Final = 0.2
"""How long each step of closing may take: what does not end by then is left behind."""


def run(settings: Settings, say: Say, warn: Say) -> NoReturn:
    """Serve until Ctrl-C or SIGTERM, then end the process.

    Raises:
        UsageError: if a setting is wrong, or the address cannot be listened on.
    """
    host = settings.host or DEFAULT_HOST
    listener = listen(host, DEFAULT_PORT if settings.port is None else settings.port)
    worlds = worlds_of(
        settings,
        url_of(host, listener.getsockname()[1]),
        lambda defect: warn(defect_text(defect)),
    )
    if not ip_address(listener.getsockname()[0]).is_loopback:
        warn(f"warning: {host} can be reached from other machines, and the token is public")
    # The loop is not closed and Python not taken down: both would wait for a thread that looks
    # up a name, for as long as the resolver takes.
    asyncio.new_event_loop().run_until_complete(_serve(worlds, listener, say))
    os._exit(0)


def worlds_of(settings: Settings, url: str, on_defect: Callable[[BaseException], None]) -> Worlds:
    """What a server with these settings has at its start.

    Raises:
        UsageError: if a setting is wrong.
    """
    default = World(
        url=url,
        pace=settings.pace,
        on_defect=on_defect,
        plan=plan_of(settings.quota or "payg", "quota"),
        start=settings.start,
        seed=settings.seed,
        guard=Guard(settings.control_token),
    )
    return Worlds(default)


async def _serve(worlds: Worlds, listener: socket.socket, say: Say) -> None:
    stopped = asyncio.Event()
    on_stop_signals(stopped.set)
    world = worlds.default
    async with serving(worlds, listener):
        driving = asyncio.create_task(worlds.run())
        say(ready_text(world.fake.url, world.pace, world.users[0]))
        # The client library takes longer to load than all the rest: nobody waits for it.
        threading.Thread(target=import_module, args=("fakestash.delivery.http.client",)).start()
        await stopped.wait()
        left = farewell(world.fake.engine)
        driving.cancel()
    say(left)
    closing = [asyncio.create_task(each.http.aclose()) for each in worlds.all]
    await asyncio.wait({driving, *closing}, timeout=_PATIENCE_S)
