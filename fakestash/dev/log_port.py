"""The second port, which answers for the log alone, as that of the vendor's server does (D123)."""

import socket
from collections.abc import Callable
from typing import Final

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from fakestash import refusals
from fakestash.api.paths import undecoded_path
from fakestash.dev.listening import listen
from fakestash.errors import UsageError
from fakestash.wire.values import shown

_PATHS: Final = frozenset({"/v2/logs", "/v2/events"})
_LAST_PORT: Final = 65_535


def listen_for_log(
    host: str, port: int, log_port: int | None, warn: Callable[[str], None]
) -> socket.socket | None:
    """A socket that listens on ``log_port``: without one on the port after ``port``, if it is free.

    There is none after a ``port`` of 0, which is any: nobody would find it.

    Raises:
        UsageError: if ``log_port`` cannot be listened on.
    """
    if log_port is not None:
        return listen(host, log_port, option="--log-port")
    if port in {0, _LAST_PORT}:
        return None
    try:
        return listen(host, port + 1)
    except UsageError:
        warn(
            f"warning: port {port + 1} is taken, so the log is served on {port} alone: "
            "--log-port gives it another"
        )
        return None


def log_alone(app: ASGIApp) -> ASGIApp:
    """``app`` as far as it is about the log: it has no other routes."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        path = undecoded_path(scope)
        if scope["method"] == "OPTIONS" or path.lower().rstrip("/") in _PATHS:
            await app(scope, receive, send)
            return
        refusal = refusals.route_not_found(scope["method"], shown(path))
        await JSONResponse({"error": refusal.text}, refusal.status)(scope, receive, send)

    return answer
