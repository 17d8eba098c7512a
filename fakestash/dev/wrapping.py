"""A server for the length of one command, which finds it by its environment.

The command and this process are of one process group, as a shell would have it: what is typed at
the terminal (Ctrl-C) reaches both, so it is not passed on a second time, which test runners take
for an order to drop everything. Signals that were sent to this process alone are.
"""

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Final, NoReturn, TypeAlias
from urllib.parse import urlsplit

from fakestash.dev.listening import listen, url_of
from fakestash.dev.run import DEFAULT_HOST, serving_worlds, worlds_of
from fakestash.dev.settings import Settings
from fakestash.dev.summary import Summary
from fakestash.dev.texts import defect_text
from fakestash.dev.world import World
from fakestash.dev.worlds import Worlds
from fakestash.model.messages import IN_FLIGHT

Warn: TypeAlias = Callable[[str], None]

NOT_FOUND: Final = 127
NOT_EXECUTABLE: Final = 126
LEFT_BEHIND: Final = 90
"""The exit code where the command succeeded and the audit found something."""

_KILLED: Final = 128
"""To this, shells add the number of the signal that ended a command."""

_PATIENCE_S: Final = 1.0
_LOOK_EVERY_S: Final = 0.01

_MISLEADING: Final = ("QSTASH_DEV", "QSTASH_REGION")
"""Variables that lead clients to another server, whatever ``QSTASH_URL`` says."""


def run_with_server(
    settings: Settings, command: Sequence[str], warn: Warn, *, audit: bool, quiet: bool
) -> NoReturn:
    """Run ``command`` beside a server on a free port, and end this process as it ends.

    Raises:
        UsageError: if a setting is wrong.
    """
    host = settings.host or DEFAULT_HOST
    with listen(host, settings.port or 0) as listener:
        url = url_of(host, listener.getsockname()[1])
        summary = Summary(audit=audit)
        worlds = worlds_of(
            settings,
            url,
            lambda defect: warn(defect_text(defect)),
            before_end=partial(_count, summary),
        )
        running = _run_beside(worlds, listener, command, warn, summary, quiet=quiet)
        # As where the server runs alone, nothing is waited for at the end.
        code = asyncio.new_event_loop().run_until_complete(running)
        os._exit(code)


async def _run_beside(
    worlds: Worlds,
    listener: socket.socket,
    command: Sequence[str],
    warn: Warn,
    summary: Summary,
    *,
    quiet: bool,
) -> int:
    """Run the command while the worlds are served: the exit code that this is to have."""
    variables = environment(os.environ, worlds.default.fake.environment)
    async with serving_worlds(worlds, listener):
        try:
            code = await _run(command, variables)
        except _NotRunError as error:
            warn(f"fakestash: {error}")
            return error.code
        await _count(summary, *worlds.all)
    if not quiet:
        warn(f"fakestash: {summary}")
        for line in summary.disturbed:
            warn(f"fakestash: {line}")
    if summary.findings:
        warn(f"fakestash: {summary.findings_text}")
    return code or (LEFT_BEHIND if summary.findings else 0)


async def _count(summary: Summary, *worlds: World) -> None:
    """Have the summary count what became of messages in these worlds."""
    await _let_come_back(worlds)
    for world in worlds:
        summary.add(world)


def environment(outer: Mapping[str, str], ours: Mapping[str, str]) -> dict[str, str]:
    """The variables of a command: those around it, and those that lead clients to the server.

    Clients that are told to look for the vendor's development server find ours by its port.
    """
    kept = {name: value for name, value in outer.items() if name not in _MISLEADING}
    return {**kept, **ours, "QSTASH_DEV_PORT": str(urlsplit(ours["QSTASH_URL"]).port)}


async def _let_come_back(worlds: Iterable[World]) -> None:
    """Wait a moment for what is being delivered.

    A command that has seen what it wanted to see may go on before its last answer has been read.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE_S):
            while any(  # noqa: ASYNC110 - it is a moment, and any message of any world may end it
                message.state in IN_FLIGHT
                for world in worlds
                for message in world.fake.engine.pending()
            ):
                await asyncio.sleep(_LOOK_EVERY_S)


class _NotRunError(Exception):
    """A command that cannot be run."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


async def _run(command: Sequence[str], variables: Mapping[str, str]) -> int:
    """Run it to its end: its exit code."""
    try:
        async with _passing_signals_on() as pass_to:
            process = await asyncio.create_subprocess_exec(*command, env=variables)
            pass_to(process)
            code = await process.wait()
    except FileNotFoundError:
        raise _NotRunError(NOT_FOUND, f"command not found: {command[0]}") from None
    except OSError as error:
        text = f"cannot run {command[0]}: {error.strerror}"
        raise _NotRunError(NOT_EXECUTABLE, text) from None
    return code if code >= 0 else _KILLED - code


@asynccontextmanager
async def _passing_signals_on() -> AsyncGenerator[Callable[[Process], None], None]:
    """Have signals wait for the process that the context names, and then sent on to it."""
    loop = asyncio.get_running_loop()
    target: list[Process] = []
    waiting: list[int] = []

    def on(number: int) -> None:
        if not target:
            waiting.append(number)
        elif number not in _TYPED or not _is_in_foreground():
            with suppress(ProcessLookupError):
                target[0].send_signal(number)

    def pass_to(process: Process) -> None:
        target.append(process)
        for number in waiting:
            on(number)

    # What whoever started this has ignored stays so, for the command as well (nohup).
    caught = [each for each in _CAUGHT if signal.getsignal(each) is not signal.SIG_IGN]
    for number in caught:
        signal.signal(number, lambda number, _: loop.call_soon_threadsafe(on, number))
    yield pass_to


def _signals(*names: str) -> frozenset[int]:
    """Those that this system has."""
    return frozenset(int(getattr(signal, name)) for name in names if hasattr(signal, name))


_TYPED: Final = _signals("SIGINT", "SIGQUIT")
"""Signals that a terminal sends to all processes in its foreground."""

_CAUGHT: Final = _TYPED | _signals("SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2")


def _is_in_foreground() -> bool:
    """Whether what is typed at a terminal reaches this process."""
    if sys.platform == "win32":
        return True
    try:
        with Path("/dev/tty").open("rb") as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False
