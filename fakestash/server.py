"""A live server: an ASGI app on a loopback port, in a thread with an event loop of its own.

Code under test may block its event loop or freeze time: the server answers all the same.

What speaks HTTP is fixed, so that nothing that happens to be installed changes what clients
see. It is h11: it keeps a request target byte for byte and strips header values, where
httptools, twice as fast, loses what follows a ``#`` in a destination and the body of a request
that offers an upgrade to HTTP/2. And it needs no compiled package.
"""

import asyncio
import json
import socket
import sys
import threading
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, Self

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from fakestash.line import CallDroppedError
from fakestash.steady_loop import SteadyLoop

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

KEEP_ALIVE_S: Final = 3600
"""Idle connections are left for clients to close: a server that closes one may do so just when
the next request is on its way."""

LARGEST_HEAD: Final = 1024 * 1024
"""Bytes of request line and headers beyond which a request is refused: the default of Go, which
the service is written in."""

HEAD_TIMEOUT_S: Final = 60.0
"""How long a client may take for the head of a request, once it is connected or has begun one."""

MOST_CONNECTIONS: Final = 4096
"""A connection beyond these is told so and closed."""

_TOO_MANY: Final = (
    f"this server has {MOST_CONNECTIONS} connections open and takes no more: close some, or call "
    "it over connections that are kept alive"
)
_BACKLOG: Final = 1024
_PATIENCE_S: Final = 0.1


class QuietProtocol(H11Protocol):
    """uvicorn's protocol without its access log, and with limits that it does not have.

    uvicorn's own switch for the log changes loggers of the whole process, which is the user's.
    """

    head_timeout_s = HEAD_TIMEOUT_S
    most_connections = MOST_CONNECTIONS

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.access_log = False
        self._late: asyncio.TimerHandle | None = None
        self._before_head = self.conn.their_state
        """The state in which the client's side is up to the end of a head."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Take a connection, if it is not one too many."""
        super().connection_made(transport)
        if len(self.connections) > self.most_connections:
            transport.write(_refusal(_TOO_MANY))
            transport.close()
        else:
            self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        """Take a part of a request."""
        super().data_received(data)
        if self.conn.their_state is not self._before_head:
            self._wait_no_more()
        elif self._late is None:
            self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Have it end."""
        self._wait_no_more()
        super().connection_lost(exc)

    def _wait_for_head(self) -> None:
        self._late = self.loop.call_later(self.head_timeout_s, self.transport.close)

    def _wait_no_more(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


def _refusal(text: str) -> bytes:
    """A whole response, for a client whose request is not even read."""
    body = json.dumps({"error": text}).encode()
    head = (
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


def server_config(app: ASGIApp, host: str, port: int) -> Config:
    """How the fake is served, wherever that is.

    It is the same whatever the environment says and whatever else is installed, and leaves the
    logging of the process alone. There is no ``Date``: the fake's clock is not the machine's, and
    neither would be right.
    """
    return Config(
        app,
        host=host,
        port=port,
        interface="asgi3",
        http=QuietProtocol,
        h11_max_incomplete_event_size=LARGEST_HEAD,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        workers=1,
        proxy_headers=False,
        forwarded_allow_ips="",
        server_header=False,
        date_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
    )


@asynccontextmanager
async def serving(
    app: ASGIApp, listener: socket.socket, *, keep_alive: bool = True
) -> "AsyncGenerator[None, None]":
    """Serve ``app`` on ``listener`` in the running event loop, while the context lasts.

    At its end the port and all connections are closed, and requests under way are cancelled.
    Without ``keep_alive`` a connection is good for one request.
    """

    async def until_cancelled(scope: Scope, receive: Receive, send: Send) -> None:
        with suppress(asyncio.CancelledError):  # in the eyes of uvicorn an error of the app
            try:
                await app(scope, receive, send)
            except CallDroppedError:
                await _hang_up(state, scope, receive)

    host, port = listener.getsockname()[:2]
    config = server_config(until_cancelled, host, port)
    config.load()
    state = ServerState()
    if not keep_alive:
        state.default_headers = [(b"connection", b"close")]
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: QuietProtocol(config, state, {}, loop), sock=listener)
    try:
        yield
    finally:
        server.close()
        for connection in list(state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)  # the aborted connections close their sockets
        await _end(state.tasks)


async def _hang_up(state: ServerState, scope: Scope, receive: Receive) -> None:
    """Close the connection of a request, of which everything has been read.

    uvicorn takes it for one that the client closed if the app only returns once it knows of it.
    """
    for connection in state.connections:
        if getattr(connection, "scope", None) is scope:
            connection.transport.close()
    while (await receive())["type"] != "http.disconnect":
        pass


async def _end(tasks: "set[asyncio.Task[None]]") -> None:
    """Have requests end whose clients are gone: by themselves if they notice, or cancelled."""
    if not tasks:
        return
    _, busy = await asyncio.wait(tasks, timeout=_PATIENCE_S)
    for task in busy:
        task.cancel()
    if busy:
        await asyncio.wait(busy)


class LiveServer:
    """Serves ``app``, which may be changed at any time; requests get a 503 while it is None.

    ``with LiveServer(app) as server`` starts and stops it.

    Each connection is good for one request. Clients live longer than tests, and few are ever
    closed: the connections that they keep would be found open, and warned of, when they are
    collected, or be bound to the event loop of a test that is over.

    Args:
        app: what answers requests.
        host: the address to listen on.
        port: the port to listen on; 0 takes a free one.
    """

    def __init__(
        self, app: ASGIApp | None = None, *, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self.app = app
        self.host = host
        self.port = port
        self._wanted_port = port
        self._thread: threading.Thread | None = None
        self._stop: Callable[[], object] | None = None

    @property
    def url(self) -> str:
        """Where it listens, once it has been started."""
        return f"http://{self.host}:{self.port}"

    def start(self) -> None:
        """Listen, unless it does already; connections are accepted when this returns.

        In a process forked from one where it listened, it starts anew, on a port of its own if
        any was right.

        Raises:
            OSError: if the address cannot be listened on.
        """
        if self._is_alive():
            return
        listener = listening(self.host, self._wanted_port)
        self.port = listener.getsockname()[1]
        loop = SteadyLoop()
        asked_to_stop = asyncio.Event()
        self._stop = lambda: loop.call_soon_threadsafe(asked_to_stop.set)
        self._thread = threading.Thread(
            target=self._run, args=(loop, listener, asked_to_stop), name="fakestash", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Close the port and all connections, what is under way included."""
        if self._is_alive() and self._stop is not None and self._thread is not None:
            self._stop()
            self._thread.join()
        self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _is_alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _run(self, loop: SteadyLoop, listener: socket.socket, asked_to_stop: asyncio.Event) -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(self._serve(listener, asked_to_stop))

    async def _serve(self, listener: socket.socket, asked_to_stop: asyncio.Event) -> None:
        async with serving(self._switch, listener, keep_alive=False):
            await asked_to_stop.wait()

    async def _switch(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = _nobody if self.app is None else self.app
        await app(scope, receive, send)


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 takes a free one.

    Raises:
        OSError: if the address is not to be had, or no address of this machine.
    """
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    # A name may have addresses of both families: take the one that every client tries.
    family, _, _, _, address = min(addresses, key=lambda found: found[0] != socket.AF_INET)
    # Named as TCP, or asyncio would not turn Nagle's algorithm off: 40 ms for each response.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":  # there it would let others listen on the same port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


async def _nobody(scope: Scope, receive: Receive, send: Send) -> None:
    text = (
        f"no fake is active here: {scope['method']} {scope['path']} came before the test that "
        "uses it began, or after it ended. Look for a thread, task or process that outlives "
        "its test, or for code that publishes outside of tests"
    )
    await JSONResponse({"error": text}, 503)(scope, receive, send)
