"""A call of an API that has faults: it is looked at before it is made, and perhaps struck."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias, cast

from starlette.types import Message, Receive, Scope

from fakestash.api.auth import authenticate
from fakestash.api.body import read_body
from fakestash.api.calls import Hitch, Reply
from fakestash.api.errors import refusal_reply
from fakestash.api.faults.active import ApiFaults, Asking, FaultyCall
from fakestash.api.faults.answers import reply_of
from fakestash.api.paths import undecoded_path
from fakestash.api.routes import Found, RouteTable
from fakestash.engine import Engine
from fakestash.errors import ServiceError
from fakestash.line import WAIT, CallDroppedError
from fakestash.syntax.moments import datetime_of
from fakestash.wire.destinations import Kind, kind_of, named
from fakestash.wire.json_fields import array_in
from fakestash.wire.query import split
from fakestash.wire.values import shown

Make: TypeAlias = Callable[[Scope, Receive], Awaitable[Reply]]
"""Makes a call in the usual way."""

_REFUSED: Final = 400
_BATCH: Final = "/v2/batch"


class Stricken:
    """Makes the calls of an API that has faults."""

    def __init__(self, engine: Engine, table: RouteTable, faults: ApiFaults, make: Make) -> None:
        self._engine = engine
        self._table = table
        self._faults = faults
        self._make = make

    async def reply(self, scope: Scope, receive: Receive) -> Reply:
        """Answer a call: as a fault has it, or in the usual way.

        Faults come after authentication: no call that is refused before is struck, or counted.

        Raises:
            ServiceError: the usual refusals.
        """
        method: str = scope["method"]
        path = undecoded_path(scope)
        query = scope["query_string"].decode("latin-1")
        try:
            found = self._table.find(method, path)
            user = authenticate(self._engine, method, scope["headers"], query).user_id
        except ServiceError:
            return await self._make(scope, receive)  # which refuses it, and takes note of it
        if found.endpoint.handler is None:
            return await self._make(scope, receive)
        body = await read_body(scope["headers"], receive)
        asking = Asking(method, path, user, _destinations(found, query, body))
        struck = self._faults.strike(asking)
        if struck is None:
            return await self._make(scope, _again(body, receive))
        usual: Reply | None = None
        if struck.fault.takes_effect:
            try:
                usual = await self._make(scope, _again(body, receive))
            except ServiceError as refusal:
                usual = refusal_reply(refusal)
        now = self._engine.clock.now()
        reply = reply_of(struck.fault, usual, self._engine.plan, now)
        self._faults.note(
            FaultyCall(
                at=datetime_of(now),
                method=method,
                path=shown(path),
                user=user,
                fault_id=struck.id,
                fault=struck.fault,
                took_effect=usual is not None and usual.status < _REFUSED,
                status=None if reply.hitch is not None and reply.hitch.is_dropped else reply.status,
            )
        )
        return reply


async def undergo(scope: Scope, hitch: Hitch) -> None:
    """Let the time pass that an answer is late, in reality or by the word of who serves the API.

    Raises:
        CallDroppedError: if there is to be no answer.
        Exception: what the caller is to see in this process, if it does not wait so long.
    """
    if hitch.seconds:
        extensions: dict[str, Any] = scope.get("extensions") or {}
        waiting = extensions.get(WAIT)
        if waiting is None:
            await asyncio.sleep(hitch.seconds)
        else:
            waiting["wait"](hitch.seconds)
    if hitch.is_dropped:
        raise CallDroppedError


def _destinations(found: Found, query: str, body: bytes) -> tuple[str, ...]:
    """What a call is addressed to: URLs, and names of groups."""
    if found.template == _BATCH:
        return tuple(_destinations_of_entries(body))
    if not found.template.endswith("{destination}"):
        return ()
    destination = found.arguments[-1]
    if kind_of(destination) is not Kind.URL:
        return (named(destination),)
    others = split(query).others
    return (f"{destination}?{others}" if others else destination,)


def _destinations_of_entries(body: bytes) -> list[str]:
    try:
        entries = array_in(body)
    except ServiceError:
        return []  # the call is refused, if it is not struck
    objects = [cast("dict[str, object]", each) for each in entries if isinstance(each, dict)]
    named_ones = [each.get("destination") for each in objects]
    return [each for each in named_ones if isinstance(each, str)]


def _again(body: bytes, receive: Receive) -> Receive:
    """``receive`` for a request whose body has been read: the body again, then what follows."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return messages.pop() if messages else await receive()

    return receive_again
