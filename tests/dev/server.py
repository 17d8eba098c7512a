"""A development server in the event loop of a test, called without a socket."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

from fakestash.dev.run import worlds_of
from fakestash.dev.settings import Settings
from fakestash.dev.worlds import Worlds
from fakestash.model.users import DEFAULT_USER
from tests.api.client import Exchange, scope_of
from tests.control.schema import check_answer

Json: TypeAlias = Any

DEADLINE_S = 20.0
"""So long a test may take in all."""

URL = "http://127.0.0.1:8080"


class DevServer:
    """All worlds of a server, and the JSON that comes back from calls."""

    def __init__(self, worlds: Worlds, defects: list[BaseException]) -> None:
        self.worlds = worlds
        self.defects = defects

    async def call(
        self, method: str, path: str, body: object = None, token: str | None = None, **header: str
    ) -> tuple[int, Json]:
        """Any call, as the default user unless told otherwise: status and JSON of the answer."""
        status, content = await self.raw(method, path, body, token, **header)
        found = json.loads(content) if content else None
        if path.startswith("/_fakestash"):
            check_answer(method, path.partition("?")[0], status, found)
        return status, found

    async def raw(
        self, method: str, path: str, body: object = None, token: str | None = None, **header: str
    ) -> tuple[int, bytes]:
        """The same with the bytes of the answer."""
        sent = [(name.replace("_", "-"), value) for name, value in header.items()]
        if token != "":
            sent.append(("Authorization", f"Bearer {token or DEFAULT_USER.token}"))
        content = b"" if body is None else json.dumps(body).encode()
        exchange = Exchange([{"type": "http.request", "body": content}])
        await self.worlds(scope_of(method, path, sent), exchange.receive, exchange.send)
        start, *pieces = exchange.sent
        return start["status"], b"".join(piece.get("body", b"") for piece in pieces)

    async def control(self, method: str, path: str, body: object = None, token: str = "") -> Json:
        """What a call of the control API that must succeed answers."""
        status, found = await self.call(method, f"/_fakestash{path}", body, token)
        assert status < 300, (status, found)
        return found

    async def publish(self, url: str, token: str | None = None, **header: str) -> str:
        """Publish; the id of the message."""
        status, found = await self.call("POST", f"/v2/publish/{url}", None, token, **header)
        assert status == 201, found
        message_id: str = found["messageId"]
        return message_id

    async def wait(self, token: str = "", **wanted: object) -> list[Json]:
        """Wait for deliveries."""
        found = await self.control("POST", "/deliveries/wait", {**wanted, "timeout": "15s"}, token)
        deliveries: list[Json] = found["deliveries"]
        return deliveries


@asynccontextmanager
async def dev_server(settings: Settings | None = None) -> AsyncIterator[DevServer]:
    """A server that runs as long as the context lasts, and must meet no defect."""
    defects: list[BaseException] = []
    worlds = worlds_of(settings or Settings(), URL, defects.append)
    running = asyncio.create_task(worlds.run())
    await asyncio.wait([running], timeout=0)  # it begins
    server = DevServer(worlds, defects)
    try:
        async with asyncio.timeout(DEADLINE_S):
            yield server
    finally:
        running.cancel()
        await asyncio.wait([running])
        for world in worlds.all:
            await world.http.aclose()
    assert defects == []


@asynccontextmanager
async def receiver() -> AsyncIterator[tuple[str, "asyncio.Queue[asyncio.Future[None]]"]]:
    """A real HTTP server that answers each request with 200 when its future is done."""
    received: asyncio.Queue[asyncio.Future[None]] = asyncio.Queue()
    open_connections: set[asyncio.StreamWriter] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_connections.add(writer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(
                    (
                        int(line.split(b":")[1])
                        for line in head.lower().split(b"\r\n")
                        if line.startswith(b"content-length:")
                    ),
                    0,
                )
                await reader.readexactly(length)
                told = asyncio.get_running_loop().create_future()
                received.put_nowait(told)
                await told
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}", received
    finally:
        server.close()
        for writer in open_connections:
            writer.close()
