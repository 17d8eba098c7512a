"""A development server in a process of its own, and a client that asks it much."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp

from tests.benchmarks.slices import ROOT, environment

_KB: Final = 1024
_CLOSING_S: Final = 0.02
"""Pipes and connections are closed in later turns of the event loop, which is to see them."""


class DevServer:
    """A server that is ready; ``session`` calls it as the default user."""

    def __init__(self, process: Process, url: str, session: aiohttp.ClientSession) -> None:
        self.process = process
        self.url = url
        self.session = session

    async def ask(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - any JSON
        """Call the API: the JSON that it answers; None without a body."""
        data = None if body is None else json.dumps(body)
        async with self.session.request(method, f"{self.url}{path}", data=data) as answer:
            found = await answer.read()
        if not answer.ok:
            raise RuntimeError(f"{method} {path}: {answer.status} {found!r}")
        return json.loads(found) if found else None

    @property
    def memory(self) -> int:
        """Bytes of memory that the process holds; 0 where that cannot be told."""
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text()
        except OSError:
            return 0
        (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) * _KB

    async def end(self) -> tuple[int, str, str]:
        """Wait for its end: exit code, what else it printed, what it complained about."""
        out, err = await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode, out.decode(), err.decode()


@asynccontextmanager
async def dev_server(*options: str) -> AsyncIterator[DevServer]:
    """A server with these options, for the length of a block."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fakestash", "dev", "--port", "0", *options),
        stdout=PIPE,
        stderr=PIPE,
        cwd=ROOT,
        env=environment(),
    )
    settings = await _settings(process)
    header = {"Authorization": f"Bearer {settings['QSTASH_TOKEN']}"}
    connector = aiohttp.TCPConnector(limit=0)
    try:
        async with aiohttp.ClientSession(headers=header, connector=connector) as session:
            yield DevServer(process, settings["QSTASH_URL"], session)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
        await asyncio.sleep(_CLOSING_S)


async def _settings(process: Process) -> dict[str, str]:
    """What it prints when it is ready."""
    assert process.stdout is not None
    settings: dict[str, str] = {}
    while line := (await process.stdout.readline()).decode():
        name, _, value = line.rstrip("\n").partition("=")
        settings[name] = value
        if "Authorization: Bearer" in line:
            return settings
    raise RuntimeError(f"it ended: {await process.communicate()!r}")
