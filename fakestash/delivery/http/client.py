"""One request over HTTP by aiohttp: exactly the request given, and what came of it.

aiohttp is kept from adding headers, following redirects, keeping cookies, decoding bodies,
asking the environment for proxies, and sending a request twice: one attempt is one request.
"""

import asyncio
import errno
import io
from typing import Any, Final
from weakref import WeakSet

import aiohttp
from aiohttp.connector import Connection
from yarl import URL

from fakestash.delivery.answers import answered, canonical_items
from fakestash.delivery.http.names import Resolver
from fakestash.delivery.http.reasons import reason
from fakestash.delivery.http.trust import Trust
from fakestash.delivery.outbound import OutboundRequest
from fakestash.delivery.request_line import request_line
from fakestash.delivery.residents import Resident
from fakestash.model.outcomes import Outcome, Unreachable

IDLE_S: Final = 4.0
"""An idle connection is not used again after so long. Servers drop them after 5 s or more, and
it is better to be first."""

_NO_FILES_LEFT: Final = (errno.EMFILE, errno.ENFILE)
_FILES_ARE_CLOSED_S: Final = 0.05
"""How long to wait for others to close theirs."""

_MOST_HEADER_BYTES: Final = 2**20
_CHUNK: Final = 2**16
_LARGE_BODY: Final = 2**20
_NO_LIMIT: Final = aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None)
_NOT_ADDED: Final = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")


class Client(Resident):
    """Connections in one event loop, reused where the server lets them be.

    How many there are at once is not limited here, nor how long a request may take.
    """

    def __init__(self) -> None:
        self._connector = _Connector()
        self._session = aiohttp.ClientSession(
            connector=self._connector,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            max_field_size=_MOST_HEADER_BYTES,
            max_line_size=_MOST_HEADER_BYTES,
            skip_auto_headers=_NOT_ADDED,
            timeout=_NO_LIMIT,
        )
        super().__init__()

    @property
    def is_open(self) -> bool:
        """Whether it can still be used."""
        return not self._session.closed

    async def live(self) -> None:
        """Keep the connections until told to end, or until the loop does."""
        try:
            await self._end_asked.wait()
        finally:
            await self._session.close()

    async def deliver(
        self, request: OutboundRequest, max_body: int, trust: Trust, url: str
    ) -> Outcome:
        """Send ``request`` and read the answer to its end, keeping ``max_body`` bytes of it.

        ``url`` is the one to call: what the request says of its own stays as it is.

        The destination gets the request at most once. It is sent again only if it went out on
        an idle connection that the server closed in the same moment, so that nobody read it; or if
        it could not go out because this process has all the files open that it may.
        """
        line = request_line(url)
        while True:
            sending = _Sending(request)
            try:
                async with self._session.request(
                    request.method,
                    URL(f"{line.scheme}://{line.netloc}{line.request_target}", encoded=True),
                    data=_payload(request.body),
                    ssl=trust.for_host(line.host),
                    allow_redirects=False,
                    middlewares=(sending.send,),
                ) as answer:
                    body = await _read(answer, max_body)
                headers = canonical_items(answer.raw_headers)
                return answered(answer.status, headers, body, limit=max_body)
            except _NoAnswerError as error:
                if getattr(error.cause, "errno", None) in _NO_FILES_LEFT:
                    await asyncio.sleep(_FILES_ARE_CLOSED_S)
                elif not self._connector.was_not_read(error.sent, error.cause):
                    return Unreachable(await reason(error.cause, line))
            except (aiohttp.ClientError, OSError) as error:
                return Unreachable(await reason(error, line))


class _Connector(aiohttp.TCPConnector):
    """Remembers which connections have been used, and which requests went out on such a one.

    aiohttp would tell it to a trace, but traces cost as much as a tenth of a delivery.
    """

    def __init__(self) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType] - of another parameter
            limit=0, keepalive_timeout=IDLE_S, resolver=Resolver()
        )
        self._used: WeakSet[object] = WeakSet()
        self._on_idle: WeakSet[aiohttp.ClientRequest] = WeakSet()

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Any],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - aiohttp's own
    ) -> Connection:
        """Get a connection for a request."""
        connection = await super().connect(req, traces, timeout)
        protocol = connection.protocol
        if protocol in self._used:
            self._on_idle.add(req)
        else:
            self._used.add(protocol)
        return connection

    def was_not_read(self, req: aiohttp.ClientRequest, error: Exception) -> bool:
        """Whether the server hung up without having read the request.

        A server that hangs up after it has read everything ends the connection in an orderly
        way; what it has not read makes its machine reset the connection.
        """
        is_reset = isinstance(error, OSError) and error.errno in (errno.ECONNRESET, errno.EPIPE)
        return req in self._on_idle and (is_reset or isinstance(error, ConnectionResetError))


class _NoAnswerError(Exception):
    """The connection failed or broke before there was an answer to what was sent."""

    def __init__(self, sent: aiohttp.ClientRequest, cause: Exception) -> None:
        super().__init__(cause)
        self.sent = sent
        self.cause = cause


class _Sending:
    """One request on its way, with the headers that go out."""

    def __init__(self, request: OutboundRequest) -> None:
        self._headers = [
            (name, value if value.isascii() else _sendable(value))
            for name, value in request.header_items()
        ]

    async def send(
        self, prepared: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Send it with its own headers, and once.

        Two turns of the event loop are enough for it to notice idle connections that the server
        has closed by now; they are not used then.
        """
        prepared.headers.clear()
        prepared.headers.extend(self._headers)
        for _ in range(2):
            await asyncio.sleep(0)
        try:
            return await send(prepared)
        except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
            # As it is, aiohttp would repeat a GET.
            raise _NoAnswerError(prepared, error) from error


async def _read(answer: aiohttp.ClientResponse, max_body: int) -> bytes:
    """The body up to ``max_body`` bytes. The rest is read, too, and thrown away."""
    body = bytearray()
    async for chunk in answer.content.iter_chunked(_CHUNK):
        body += chunk[: max_body - len(body)]
    return bytes(body)


def _payload(body: bytes) -> bytes | io.BytesIO | None:
    """A body as aiohttp takes it best: bytes are quicker, but a large one would be one write."""
    if len(body) > _LARGE_BODY:
        return io.BytesIO(body)
    return body or None


def _sendable(value: str) -> str:
    """A header value such that aiohttp, which encodes as UTF-8, sends the bytes published.

    Bytes that are no UTF-8 cannot be sent through it; they become the UTF-8 of their Latin-1.
    """
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value
