"""The server as a process: made from its settings, run until it is told to stop."""

import asyncio
import os
import socket
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from importlib import import_module
from ipaddress import ip_address
from typing import Final, NoReturn, TypeAlias

from fakestash.api.guard import Guard
from fakestash.delivery.http.trust import Trust
from fakestash.dev.config import Config, read_config
from fakestash.dev.config.watching import watch
from fakestash.dev.files import allow_many_files
from fakestash.dev.listening import listen, url_of
from fakestash.dev.log_port import listen_for_log, log_alone
from fakestash.dev.settings import Settings
from fakestash.dev.signals import on_stop_signals
from fakestash.dev.texts import defect_text, farewell, ready_text
from fakestash.dev.world import BeforeEnd, World
from fakestash.dev.worlds import Wish, Worlds
from fakestash.engine.capacity import CAPACITY
from fakestash.errors import UsageError
from fakestash.plans import plan_of
from fakestash.server import serving
from fakestash.testing.chaos import chaos_of_text

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
    config = read_config(settings.config)
    if settings.watch and config.path is None:
        raise UsageError("there is no file to watch: make a fakestash.toml, or name it by --config")
    settings = config.under(settings)
    host = settings.host or DEFAULT_HOST
    port = DEFAULT_PORT if settings.port is None else settings.port
    with ExitStack() as listeners:
        listener = listeners.enter_context(listen(host, port))
        log_listener = listen_for_log(host, port, settings.log_port, warn)
        if log_listener is not None:
            listeners.enter_context(log_listener)
        address, port = listener.getsockname()[:2]
        worlds = worlds_of(
            settings, url_of(host, port), lambda defect: warn(defect_text(defect)), config
        )
        if not ip_address(address).is_loopback:
            warn(f"warning: {host} can be reached from other machines, and the token is public")
        allow_many_files()
        watched = watch(config, worlds, warn) if settings.watch else None
        # The loop is not closed and Python not taken down: both would wait for a thread that looks
        # up a name, for as long as the resolver takes.
        asyncio.new_event_loop().run_until_complete(
            _serve(worlds, listener, log_listener, say, watched)
        )
        os._exit(0)


def worlds_of(
    settings: Settings,
    url: str,
    on_defect: Callable[[BaseException], None],
    config: Config | None = None,
    before_end: BeforeEnd | None = None,
) -> Worlds:
    """What a server with these settings has at its start.

    ``config`` is what the config file says; it is read if that has not been done. ``before_end``
    is awaited with each world that is about to begin again, or to be ended.

    Raises:
        UsageError: if a setting is wrong, or something in the config file.
    """
    if config is None:
        config = read_config(settings.config)
        settings = config.under(settings)
    found = config
    guard = Guard(settings.control_token, [settings.host or DEFAULT_HOST])
    trust = Trust(settings.ca_file, settings.insecure_tls)
    plan = plan_of(settings.quota or "payg", "quota")
    chaos = None if settings.chaos is None else chaos_of_text(settings.chaos)
    capacity = CAPACITY
    if settings.max_messages is not None:
        capacity = CAPACITY._replace(messages=settings.max_messages)

    def make(wish: Wish) -> World:
        return World(
            name=wish.name,
            url=url,
            pace=settings.pace if wish.pace is None else wish.pace,
            on_defect=on_defect,
            users=found.users if wish.users is None else wish.users,
            plan=plan if wish.plan is None else plan_of(wish.plan),
            start=settings.start if wish.start is None else wish.start,
            seed=settings.seed if wish.seed is None else wish.seed,
            guard=guard,
            trust=trust,
            strict_api=bool(settings.strict_api),
            capacity=capacity,
            chaos=chaos,
            preload=found.preload,
            rewrites=found.rewrites,
            before_end=before_end,
        )

    try:
        return Worlds(make)
    except UsageError as error:
        raise UsageError(f"{found.path}: {error}" if found.path else str(error)) from error


async def _serve(
    worlds: Worlds,
    listener: socket.socket,
    log_listener: socket.socket | None,
    say: Say,
    watched: Coroutine[None, None, None] | None,
) -> None:
    stopped = asyncio.Event()
    on_stop_signals(stopped.set)
    world = worlds.default
    async with serving_worlds(worlds, listener, log_listener):
        say(ready_text(world.fake.url, world.pace, world.users[0]))
        watching = None if watched is None else asyncio.create_task(watched)
        await stopped.wait()
        if watching is not None:
            watching.cancel()
        left = farewell(*(each.fake.engine for each in worlds.all))
    say(left)


@asynccontextmanager
async def serving_worlds(
    worlds: Worlds, listener: socket.socket, log_listener: socket.socket | None = None
) -> AsyncGenerator[None, None]:
    """Have worlds answer and time pass in them, in the running event loop, for a context."""
    async with AsyncExitStack() as servers:
        await servers.enter_async_context(serving(worlds, listener))
        if log_listener is not None:
            await servers.enter_async_context(serving(log_alone(worlds), log_listener))
        driving = asyncio.create_task(worlds.run())
        # The client library takes longer to load than all the rest: nobody waits for it.
        threading.Thread(target=import_module, args=("fakestash.delivery.http.client",)).start()
        yield
        driving.cancel()
    closing = [asyncio.create_task(each.http.aclose()) for each in worlds.all]
    await asyncio.wait({driving, *closing}, timeout=_PATIENCE_S)
