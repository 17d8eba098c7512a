"""The control API as an ASGI app: finds the route, reads the request, answers in JSON."""

from collections.abc import Iterable
from contextlib import aclosing, suppress
from difflib import get_close_matches
from typing import Final, NamedTuple
from urllib.parse import unquote

from starlette.types import Receive, Scope, Send

from fakestash import refusals
from fakestash.api import cors
from fakestash.api.auth import sent_token
from fakestash.api.body import ClientGoneError, read_body
from fakestash.api.calls import Reply
from fakestash.api.guard import Guard
from fakestash.api.paths import undecoded_path
from fakestash.api.routes import in_order
from fakestash.control import CONTROL_PATH
from fakestash.control.asked import (
    NOT_FOUND,
    Answer,
    Asked,
    ControlError,
    Endpoint,
    Routes,
    Streamed,
)
from fakestash.control.gone import unless_gone
from fakestash.control.reading import read_fields, read_query
from fakestash.control.refusing import refusal_of
from fakestash.control.subject import Subject
from fakestash.control.table import ROUTES
from fakestash.wire.values import shown

_READING: Final = ("GET", "HEAD")
_WITHOUT_BODY: Final = ("GET", "HEAD", "DELETE")
_UNAUTHORIZED: Final = 401
_LISTED: Final = "GET /_fakestash/openapi.json lists what there is"


class _Found(NamedTuple):
    endpoint: Endpoint
    arguments: tuple[str, ...]


class Control:
    """The control API of one subject.

    Args:
        subject: what is controlled.
        guard: says which requests may do that; without it all may.
        routes: what there is.
    """

    def __init__(
        self,
        subject: Subject,
        guard: Guard | None = None,
        routes: Routes = ROUTES,
    ) -> None:
        self._subject = subject
        self._guard = guard
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever happens; only a client that left gets nothing."""
        if scope["method"] == "OPTIONS":
            await cors.answer_preflight(scope, send)
            return
        if cors.names_origin(scope["headers"]):
            send = cors.with_answer_header(scope, send)
        try:
            answer = await self._answer(scope, receive)
        except ClientGoneError:
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets an answer
            answer = refusal_of(error, self._subject.on_defect)
        if isinstance(answer, Streamed):
            with suppress(ClientGoneError):
                await unless_gone(_send_pieces(answer, send), receive)
        else:
            await _send_reply(answer, send, with_body=scope["method"] != "HEAD")

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        if self._guard is not None:
            self._guard.check(scope)
        method: str = scope["method"]
        endpoint, arguments = _find(self._routes, method, undecoded_path(scope))
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        query: str = scope["query_string"].decode("latin-1")
        user_id = self._user(method, sent_token(headers, query)[0])
        body = b"" if method in _WITHOUT_BODY else await read_body(headers, receive)
        asked = Asked(
            self._subject,
            user_id,
            arguments,
            read_query(query, endpoint.query),
            read_fields(body, endpoint.fields, endpoint.required),
            _accept(headers),
        )
        answering = endpoint.handler(asked)
        return await (unless_gone(answering, receive) if endpoint.streams else answering)

    def _user(self, method: str, token: str) -> str:
        """Whom a request is for: the user with this token, or the first one without any."""
        fake = self._subject.fake
        if not token:
            return fake.user_id
        caller = fake.engine.authenticate(token)
        if caller is None:
            raise ControlError(
                _UNAUTHORIZED,
                "this server has no user with this token: send the QSTASH_TOKEN that it printed, "
                "or that a world of its own got, or none at all for the first user",
            )
        if caller.read_only and method not in _READING:
            raise refusals.read_only_token()
        return caller.user_id


def _find(routes: Routes, method: str, path: str) -> _Found:
    """The endpoint of a request.

    Raises:
        ControlError: 404 if the path is unknown.
        ServiceError: 405 for another method.
    """
    parts = path.strip("/").split("/")[1:]
    allowed: set[str] = set()
    for (allowed_method, template), endpoint in routes.items():
        arguments = _arguments(template.strip("/").split("/")[1:], parts)
        if arguments is None:
            continue
        if allowed_method == ("GET" if method == "HEAD" else method):
            return _Found(endpoint, arguments)
        allowed.add(allowed_method)
    if allowed:
        raise refusals.method_not_allowed(method, shown(path), in_order(allowed))
    ends = {template.removeprefix(CONTROL_PATH): template for _, template in routes}
    nearest = get_close_matches(path.removeprefix(CONTROL_PATH), ends, n=1)
    hint = f"did you mean {ends[nearest[0]]}? " if nearest else ""
    raise ControlError(NOT_FOUND, f"route not found: {method} {shown(path)}; {hint}{_LISTED}")


def _arguments(template: list[str], parts: list[str]) -> tuple[str, ...] | None:
    """The variable parts of a path, if it is one of the template."""
    if len(template) != len(parts):
        return None
    found: list[str] = []
    for wanted, part in zip(template, parts, strict=True):
        if wanted.startswith("{"):
            found.append(unquote(part))
        elif wanted != part.lower():
            return None
    return tuple(found)


def _accept(headers: Iterable[tuple[bytes, bytes]]) -> str:
    return ",".join(value.decode("latin-1") for name, value in headers if name == b"accept")


async def _send_reply(reply: Reply, send: Send, *, with_body: bool) -> None:
    header = [
        (b"content-length", b"%d" % len(reply.body)),
        *((name.lower().encode(), value.encode("latin-1")) for name, value in reply.headers),
    ]
    if reply.content_type:
        header.append((b"content-type", reply.content_type))
    await send({"type": "http.response.start", "status": reply.status, "headers": header})
    await send({"type": "http.response.body", "body": reply.body if with_body else b""})


async def _send_pieces(answer: Streamed, send: Send) -> None:
    header = [(b"content-type", answer.content_type)]
    await send({"type": "http.response.start", "status": 200, "headers": header})
    async with aclosing(answer.pieces) as pieces:
        async for piece in pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
