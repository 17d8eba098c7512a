"""One request over HTTP by aiohttp: exactly the request given, and what came of it.

aiohttp is kept from adding headers, following redirects, keeping cookies, decoding bodies,
asking the environment for proxies, and sending a request twice: one attempt is one request.
"""

import asyncio
import io
from typing import Final

import aiohttp
from yarl import URL

from fakestash.delivery.answers import answered, canonical_items
from fakestash.delivery.http.reasons import reason
from fakestash.delivery.outbound import OutboundRequest
from fakestash.delivery.request_line import request_line
from fakestash.delivery.residents import Resident
from fakestash.model.outcomes import Outcome, Unreachable

IDLE_S: Final = 4.0
"""An idle connection is not used again after so long. Servers drop them after 5 s or more, and
it is better to be first."""

_MOST_HEADER_BYTES: Final = 2**20
_CHUNK: Final = 2**16
_NO_LIMIT: Final = aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None)
_NOT_ADDED: Final = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")


class Client(Resident):
    """Connections in one event loop, reused where the server lets them be.

    How many there are at once is not limited here, nor how long a request may take.
    """

    def __init__(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0, keepalive_timeout=IDLE_S, resolver=aiohttp.ThreadedResolver()
            ),
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

    async def deliver(self, request: OutboundRequest, max_body: int) -> Outcome:
        """Send ``request`` once and read the answer to its end, keeping ``max_body`` bytes of it.

        An idle connection that the server has closed by now is not used: the event loop gets
        its chance to notice before one is chosen.
        """
        line = request_line(request.url)
        headers = [(name, _sendable(value)) for name, value in request.headers.items_in_order]

        async def exactly_once(
            prepared: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
        ) -> aiohttp.ClientResponse:
            prepared.headers.clear()
            prepared.headers.extend(headers)
            try:
                return await send(prepared)
            except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
                raise _NoAnswerError(error) from error  # as it is, a GET would be sent again

        for _ in range(2):
            await asyncio.sleep(0)
        try:
            async with self._session.request(
                request.method,
                URL(f"{line.scheme}://{line.netloc}{line.request_target}", encoded=True),
                headers=headers,
                data=io.BytesIO(request.body) if request.body else None,
                allow_redirects=False,
                middlewares=(exactly_once,),
            ) as answer:
                body = await _read(answer, max_body)
        except _NoAnswerError as error:
            return Unreachable(await reason(error.cause, line))
        except (aiohttp.ClientError, OSError) as error:
            return Unreachable(await reason(error, line))
        return answered(answer.status, canonical_items(answer.raw_headers), body, limit=max_body)


class _NoAnswerError(Exception):
    """The connection failed or broke before there was an answer."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(cause)
        self.cause = cause


async def _read(answer: aiohttp.ClientResponse, max_body: int) -> bytes:
    """The body up to ``max_body`` bytes. The rest is read, too, and thrown away."""
    body = bytearray()
    async for chunk in answer.content.iter_chunked(_CHUNK):
        body += chunk[: max_body - len(body)]
    return bytes(body)


def _sendable(value: str) -> str:
    """A header value such that aiohttp, which encodes as UTF-8, sends the bytes published.

    Bytes that are no UTF-8 cannot be sent through it; they become the UTF-8 of their Latin-1.
    """
    if value.isascii():
        return value
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value
