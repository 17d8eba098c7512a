"""The load generator: a process of its own that sends one request over and over.

Its HTTP client is as little as will do, so that the server is what is measured: it writes the
same bytes again as soon as a whole response is there. Orders and results are lines of JSON.
"""

import asyncio
import json
import sys
from time import perf_counter
from typing import Any, Final, NamedTuple

END_OF_HEAD: Final = b"\r\n\r\n"
LENGTH: Final = b"content-length: "
EXPECTED: Final = b"HTTP/1.1 201"


class Load(NamedTuple):
    """What was reached in one slice: requests/s, and the time of a request in ms."""

    rate: float
    p50: float
    p99: float


class Connection(asyncio.Protocol):
    """One keep-alive connection with at most one request on the way."""

    def __init__(self) -> None:
        self.latencies: list[float] = []
        self._received = b""
        self._request = b""
        self._until = 0.0
        self._sent = 0.0
        self._done: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        if not isinstance(transport, asyncio.Transport):
            raise TypeError(transport)
        self._transport = transport

    def start(self, request: bytes, until: float) -> asyncio.Future[None]:
        """Send ``request`` again and again up to the instant ``until``."""
        self.latencies = []
        self._request = request
        self._until = until
        self._done = asyncio.get_running_loop().create_future()
        self._send()
        return self._done

    def data_received(self, data: bytes) -> None:
        """Take a part of a response."""
        self._received += data
        end = self._received.find(END_OF_HEAD)
        if end < 0 or len(self._received) < end + len(END_OF_HEAD) + self._length(end):
            return
        now = perf_counter()
        self.latencies.append(now - self._sent)
        if not self._received.startswith(EXPECTED):
            self._fail(RuntimeError(self._received.decode("latin-1")))
        elif now < self._until:
            self._received = b""
            self._send()
        elif self._done is not None:
            self._received = b""
            self._done.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """The server is to keep the connection open."""
        self._fail(exc or RuntimeError("the server closed the connection"))

    def _length(self, end: int) -> int:
        start = self._received.find(LENGTH, 0, end) + len(LENGTH)
        return int(self._received[start : self._received.find(b"\r", start)])

    def _send(self) -> None:
        self._sent = perf_counter()
        self._transport.write(self._request)

    def _fail(self, error: Exception) -> None:
        if self._done is not None and not self._done.done():
            self._done.set_exception(error)


async def slice_of_load(
    connections: list[Connection], request: bytes, duration: float
) -> dict[str, float]:
    """Load the server for so many seconds."""
    start = perf_counter()
    until = start + duration
    await asyncio.gather(*(connection.start(request, until) for connection in connections))
    elapsed = perf_counter() - start
    times = sorted(time for connection in connections for time in connection.latencies)
    return Load(
        rate=len(times) / elapsed,
        p50=times[len(times) // 2] * 1e3,
        p99=times[len(times) * 99 // 100] * 1e3,
    )._asdict()


async def obey() -> None:
    """Carry out orders until there are no more."""
    loop = asyncio.get_running_loop()
    open_connections: dict[tuple[int, int], list[Connection]] = {}
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        order: dict[str, Any] = json.loads(line)
        key = (order["port"], order["connections"])
        if key not in open_connections:
            open_connections[key] = [
                (await loop.create_connection(Connection, "127.0.0.1", order["port"]))[1]
                for _ in range(order["connections"])
            ]
        result = await slice_of_load(
            open_connections[key], order["request"].encode("latin-1"), order["seconds"]
        )
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    asyncio.run(obey())
