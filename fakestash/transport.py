"""An httpx transport that calls an ASGI app in the caller's thread: no socket, no event loop.

It fits apps whose endpoints are ``async def`` but never wait for anything except the request
body, which is there from the start: such a coroutine runs to its end in one step, so blocking
and async clients are served alike, under any event loop or none.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from functools import partial
from typing import Any, Final, TypeAlias
from urllib.parse import unquote

import httpx

from fakestash.errors import InternalError
from fakestash.line import WAIT, CallDroppedError

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
AsgiApp: TypeAlias = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

_NO_ANSWER: Final = "Server disconnected without sending a response."
"""As httpx has it of a connection that is closed."""

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class InProcessTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Serves ``httpx.Client`` and ``httpx.AsyncClient`` from an app in this process.

    Whatever the app refuses is a response. An answer that is late comes at once, unless the client
    would not wait so long. ``client`` is the address and port that the app sees
    as its peer.
    """

    def __init__(self, app: AsgiApp, client: tuple[str, int] = ("127.0.0.1", 0)) -> None:
        self._app = app
        self._client = client

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of a blocking client.

        Raises:
            InternalError: if the app waits for something, or ends without an answer.
            httpx.ReadTimeout: if the answer is later than the client's read time-out.
            httpx.RemoteProtocolError: if there is to be no answer.
        """
        return self._answer(request, request.read())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of an async client.

        Raises:
            InternalError: if the app waits for something, or ends without an answer.
            httpx.ReadTimeout: if the answer is later than the client's read time-out.
            httpx.RemoteProtocolError: if there is to be no answer.
        """
        return self._answer(request, await request.aread())

    def _answer(self, request: httpx.Request, body: bytes) -> httpx.Response:
        name = f"{request.method} {request.url}"
        exchange = _Exchange(body)
        try:
            waits = not _finishes(
                self._app(_scope(request, self._client), exchange.receive, exchange.send)
            )
        except CallDroppedError:
            raise httpx.RemoteProtocolError(_NO_ANSWER, request=request) from None
        except Exception:
            if not exchange.is_complete:  # as on a server: what is answered is answered
                raise
            waits = False
        if waits:
            raise InternalError(f"the app waited for something while it answered {name}")
        if not exchange.is_complete:
            raise InternalError(f"the app ended without answering {name}")
        content = b"" if request.method == "HEAD" else bytes(exchange.content)
        return httpx.Response(
            exchange.status, headers=exchange.headers, stream=httpx.ByteStream(content)
        )


class _Exchange:
    """One request and its response, as the app sees them."""

    def __init__(self, body: bytes) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.content = bytearray()
        self.is_complete = False
        self._body: bytes | None = body

    async def receive(self) -> Message:
        """The whole body, once; after that the client is gone."""
        if self._body is None:
            return {"type": "http.disconnect"}
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: Message) -> None:
        """Take the response apart."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = list(message.get("headers", ()))
        else:
            self.content += message.get("body", b"")
            self.is_complete = not message.get("more_body", False)


def _scope(request: httpx.Request, client: tuple[str, int]) -> dict[str, Any]:
    url = request.url
    raw_path, _, query = url.raw_path.partition(b"?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": url.scheme,
        "path": unquote(raw_path.decode("ascii")),
        "raw_path": raw_path,
        "query_string": query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": client,
        "server": (url.host, url.port or _DEFAULT_PORTS.get(url.scheme)),
        "extensions": {WAIT: {"wait": partial(_wait, request)}},
    }


def _wait(request: httpx.Request, seconds: float) -> None:
    """Have the time pass that an answer takes, in no time.

    Raises:
        httpx.ReadTimeout: if the client does not wait so long.
    """
    longest: float | None = request.extensions.get("timeout", {}).get("read")
    if longest is not None and seconds > longest:
        raise httpx.ReadTimeout("The read operation timed out", request=request)


def _finishes(call: Awaitable[None]) -> bool:
    """Run an app's coroutine for one step; False if that is not all of it."""
    steps = call.__await__()
    try:
        next(steps)
    except StopIteration:
        return True
    steps.close()
    return False
