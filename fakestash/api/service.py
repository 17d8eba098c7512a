"""The ASGI endpoint that takes every request of the service, from the wire and back to it.

It finds its endpoints by itself and answers without the framework's request and response
objects: a publish is to cost little more than an empty endpoint of the framework. The order
of checks is D9.
"""

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from fakestash import refusals
from fakestash.api.auth import authenticate
from fakestash.api.body import ClientGoneError, read_body
from fakestash.api.calls import Call, Reply
from fakestash.api.errors import OnDefect, defect_reply, refusal_reply
from fakestash.api.faults.active import ApiFaults
from fakestash.api.faults.striking import Stricken, undergo
from fakestash.api.paths import undecoded_path
from fakestash.api.routes import RouteTable
from fakestash.api.strictness import Strictness
from fakestash.decisions import D128_V1_JSON_DELETIONS
from fakestash.engine import Engine
from fakestash.errors import ServiceError
from fakestash.wire.known import unknown_names
from fakestash.wire.query import split

_UNKNOWN_CALLER: Final = "127.0.0.1"
"""Address of a caller whose server names none, such as one on a local socket."""


class Service:
    """Answers HTTP requests from an engine."""

    def __init__(
        self,
        engine: Engine,
        table: RouteTable,
        on_defect: OnDefect,
        otherwise: ASGIApp,
        *,
        strictness: Strictness,
        faults: ApiFaults,
        llm_target: str | None = None,
        json_deletions: bool = D128_V1_JSON_DELETIONS,
    ) -> None:
        """``otherwise`` takes what is no HTTP request, ``llm_target`` what is for ``api/llm``.

        ``json_deletions`` has deletions of version 1 answered in JSON. ``strictness`` takes note of
        what the service does not have; ``faults`` are those that its callers are to see.
        """
        self._engine = engine
        self._llm_target = llm_target
        self._json_deletions = json_deletions
        self._strictness = strictness
        self._table = table
        self._on_defect = on_defect
        self._otherwise = otherwise
        self._faults = faults
        self._stricken = Stricken(engine, table, faults, self._reply)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever happens; only a client that left gets nothing."""
        if scope["type"] != "http":
            await self._otherwise(scope, receive, send)
            return
        try:
            if self._faults.are_set:
                reply = await self._stricken.reply(scope, receive)
            else:
                reply = await self._reply(scope, receive)
        except ServiceError as refusal:
            reply = refusal_reply(refusal)
        except ClientGoneError:
            return
        except Exception as defect:  # noqa: BLE001 - its owner gets it, the caller an answer
            reply = defect_reply(defect, self._on_defect)
        if reply.hitch is not None:
            await undergo(scope, reply.hitch)
        start = {"type": "http.response.start", "status": reply.status, "headers": _header(reply)}
        await send(start)
        body = b"" if scope["method"] == "HEAD" else reply.body
        await send({"type": "http.response.body", "body": body})

    async def _reply(self, scope: Scope, receive: Receive) -> Reply:
        engine = self._engine
        method: str = scope["method"]
        path = undecoded_path(scope)
        try:
            endpoint, template, arguments = self._table.find(method, path)
        except ServiceError as refusal:
            allowed = dict(refusal.headers).get("Allow", "")
            self._strictness.route(method, path, self._table.routes, allowed)
            raise
        if endpoint.public is not None:
            return endpoint.public()
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        query = scope["query_string"].decode("latin-1")
        user_id, token_in_header = authenticate(engine, method, headers, query)
        if unknown_names(headers):
            self._strictness.headers(headers, f"{method} {template}")
        if query:
            self._strictness.parameters(split(query).settings, f"{method} {template}")
        if endpoint.handler is None:
            raise refusals.not_supported_yet(f"{method} {template}")
        if endpoint.makes_messages:
            engine.count_call(user_id, makes_messages=True)
        if endpoint.is_managing:
            engine.count_call(user_id, makes_messages=False)
        body = await read_body(headers, receive) if endpoint.reads_body else b""
        # The peer's address, whatever a proxy says (D99).
        client = scope.get("client")
        caller_ip = client[0] if client else _UNKNOWN_CALLER
        return endpoint.handler(
            engine,
            Call(
                user_id,
                arguments,
                query,
                headers,
                body,
                caller_ip,
                token_in_header,
                self._llm_target,
                self._json_deletions,
                self._strictness,
            ),
        )


def _header(reply: Reply) -> list[tuple[bytes, bytes]]:
    header = [(b"content-length", b"%d" % len(reply.body)), (b"content-type", reply.content_type)]
    if not reply.content_type:
        header.pop()
    for name, value in reply.headers:
        header.append((name.lower().encode("ascii"), value.encode("latin-1")))
    return header
