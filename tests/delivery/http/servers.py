"""Servers on the loopback interface that show what was sent to them, byte for byte."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from ssl import SSLContext

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

Handler = Callable[["Connection"], Awaitable[None]]


class Connection:
    """One connection that a client made."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read(self) -> bytes:
        """The next request as it came in; empty if the client went."""
        try:
            head = await self._reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return b""
        length = 0
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return head + await self._reader.readexactly(length)

    async def read_some(self) -> bytes:
        """Whatever comes in next."""
        return await self._reader.read(65536)

    async def send(self, data: bytes) -> None:
        """Send ``data`` as it is."""
        self._writer.write(data)
        await self._writer.drain()


class Server:
    """A server under way, and the requests that it read."""

    def __init__(self, port: int, scheme: str) -> None:
        self.port = port
        self.url = f"{scheme}://127.0.0.1:{port}"
        self.requests: list[bytes] = []
        self.connections = 0


@asynccontextmanager
async def serving(
    *answers: bytes, host: str = "127.0.0.1", tls: SSLContext | None = None, stays: bool = True
) -> AsyncIterator[Server]:
    """A server that gives ``answers`` in order, and the last one from then on.

    An empty answer hangs up instead. Connections stay open after an answer if ``stays``.
    """
    left = list(answers or (OK,))

    async def handle(connection: Connection) -> None:
        server.connections += 1
        while request := await connection.read():
            server.requests.append(request)
            answer = left.pop(0) if len(left) > 1 else left[0]
            if not answer:
                return
            await connection.send(answer)
            if not stays:
                return

    async with handling(handle, host=host, tls=tls) as server:
        yield server


@asynccontextmanager
async def handling(
    handle: Handler, *, host: str = "127.0.0.1", tls: SSLContext | None = None
) -> AsyncIterator[Server]:
    """A server that leaves each connection to ``handle`` and closes it afterwards."""
    tasks: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await handle(Connection(reader, writer))
        finally:
            tasks.discard(task)
            writer.close()

    listener = await asyncio.start_server(accept, host, 0, ssl=tls)
    server = Server(listener.sockets[0].getsockname()[1], "http" if tls is None else "https")
    try:
        yield server
    finally:
        listener.close()
        left = list(tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


def unused_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port
