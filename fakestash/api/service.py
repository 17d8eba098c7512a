"""The ASGI endpoint that takes every request of the service, from the wire and back to it.

It finds its endpoints by itself and answers without the framework's request and response
objects: a publish is to cost little more than an empty endpoint of the framework. The order
of checks is D9.
"""

import re
from typing import Final
from urllib.parse import quote

from starlette.types import ASGIApp, Receive, Scope, Send

from fakestash import refusals
from fakestash.api.auth import authenticate
from fakestash.api.body import ClientGoneError, read_body
from fakestash.api.calls import Call, Reply
from fakestash.api.errors import OnDefect, defect_reply, refusal_reply
from fakestash.api.routes import RouteTable
from fakestash.engine import Engine
from fakestash.errors import ServiceError

_UNKNOWN_CALLER: Final = "127.0.0.1"
"""Address of a caller whose server names none, such as one on a local socket."""

# A server has to take a target in absolute form too, as clients send it to proxies.
_SITE: Final = re.compile(r"https?://[^/]*", re.IGNORECASE)

# A question mark or hash in a decoded path has been an escape.
_PATH_SAFE: Final = "/%:@!$&'()*+,;=~[]"


class Service:
    """Answers HTTP requests from an engine."""

    def __init__(
        self, engine: Engine, table: RouteTable, on_defect: OnDefect, otherwise: ASGIApp
    ) -> None:
        """``otherwise`` takes what is no HTTP request."""
        self._engine = engine
        self._table = table
        self._on_defect = on_defect
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever happens; only a client that left gets nothing."""
        if scope["type"] != "http":
            await self._otherwise(scope, receive, send)
            return
        try:
            reply = await self._reply(scope, receive)
        except ServiceError as refusal:
            reply = refusal_reply(refusal)
        except ClientGoneError:
            return
        except Exception as defect:  # noqa: BLE001 - its owner gets it, the caller an answer
            reply = defect_reply(defect, self._on_defect)
        start = {"type": "http.response.start", "status": reply.status, "headers": _header(reply)}
        await send(start)
        body = b"" if scope["method"] == "HEAD" else reply.body
        await send({"type": "http.response.body", "body": body})

    async def _reply(self, scope: Scope, receive: Receive) -> Reply:
        method: str = scope["method"]
        endpoint, template, arguments = self._table.find(method, _undecoded_path(scope))
        if endpoint.fixed is not None:
            return endpoint.fixed
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        query = scope["query_string"].decode("latin-1")
        user_id, token_in_header = authenticate(self._engine, headers, query)
        if endpoint.handler is None:
            raise refusals.not_supported_yet(f"{method} {template}")
        body = await read_body(headers, receive) if endpoint.reads_body else b""
        # The peer's address, whatever a proxy says (D99).
        client = scope.get("client")
        caller_ip = client[0] if client else _UNKNOWN_CALLER
        return endpoint.handler(
            self._engine,
            Call(user_id, arguments, query, headers, body, caller_ip, token_in_header),
        )


def _undecoded_path(scope: Scope) -> str:
    """The path as it was sent, without the part that the service is mounted at.

    A server that hands over only the decoded path has it escaped again as far as that goes.
    """
    raw: bytes | None = scope.get("raw_path")
    path = quote(scope["path"], safe=_PATH_SAFE) if raw is None else raw.decode("latin-1")
    if not path.startswith("/"):
        path = _SITE.sub("", path, count=1)
    mounted_at: str = scope.get("root_path", "")
    return path.removeprefix(quote(mounted_at)) if mounted_at else path


def _header(reply: Reply) -> list[tuple[bytes, bytes]]:
    header = [(b"content-length", b"%d" % len(reply.body)), (b"content-type", reply.content_type)]
    if not reply.content_type:
        header.pop()
    for name, value in reply.headers:
        header.append((name.lower().encode("ascii"), value.encode("ascii")))
    return header
