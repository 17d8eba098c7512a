"""A destination that is a WSGI app in this process, called directly as PEP 3333 says.

The variables that servers commonly add are there too. What the app raises is an outcome,
with the exception kept, also where its framework answers in its place.
"""

import io
import sys
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Final, TypeAlias

from fakestash.delivery.answers import answered, broken_off, server_error
from fakestash.delivery.framework_errors import hidden_errors
from fakestash.delivery.outbound import OutboundRequest
from fakestash.delivery.request_line import request_line
from fakestash.errors import shown_where_it_was_made
from fakestash.model.outcomes import HeaderItems, Outcome
from fakestash.wire.names import canonical

__tracebackhide__ = shown_where_it_was_made

WsgiApp: TypeAlias = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
ExcInfo: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None]

CLIENT: Final = ("127.0.0.1", 49152)
"""Address of the client that apps see."""


class WsgiDestination:
    """A WSGI app as destination. It is called in the thread that moves time, and blocks it."""

    needs_loop = False

    def __init__(self, app: WsgiApp) -> None:
        self._app = app

    def call(self, request: OutboundRequest) -> Outcome:
        """Deliver ``request``; the answer is read to its end and closed."""
        exchange = _Exchange()
        with hidden_errors() as hidden:
            try:
                exchange.run(self._app, environ_of(request))
            except Exception as error:  # noqa: BLE001 - whatever the app raises is an outcome
                return exchange.outcome(error)
        return exchange.outcome(hidden[-1] if hidden else None)


def environ_of(request: OutboundRequest) -> dict[str, Any]:
    """The WSGI environment for ``request``."""
    line = request_line(request.url)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": line.path_info,
        "QUERY_STRING": line.query,
        "RAW_URI": line.request_target,
        "REQUEST_URI": line.request_target,
        "SERVER_NAME": line.host,
        "SERVER_PORT": str(line.port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": CLIENT[0],
        "REMOTE_PORT": str(CLIENT[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": line.scheme,
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.header_items():
        key = name.upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    return environ


class _Exchange:
    """The answer of one call, as the app builds it up; status 0 until it has begun."""

    def __init__(self) -> None:
        self._status = 0
        self._headers: HeaderItems = ()
        self._chunks: list[bytes] = []
        self._is_complete = False
        self._handled: Exception | None = None

    def run(self, app: WsgiApp, environ: dict[str, Any]) -> None:
        """Call the app and read its answer to the end.

        Raises:
            RuntimeError: if it does not keep to the protocol.
        """
        body = app(environ, self._start_response)
        try:
            for chunk in body:
                self._write(chunk)
            if not self._status:
                raise RuntimeError("the app returned without calling start_response")
            self._is_complete = True
        finally:
            close = getattr(body, "close", None)
            if close is not None:
                close()

    def outcome(self, raised: Exception | None) -> Outcome:
        """What came of it, now that the app is through or raised.

        Until the first part of a body the answer has not gone out, so the server can still
        answer in the app's place.
        """
        if raised is None or self._is_complete:
            kept = raised or self._handled
            return answered(self._status, self._headers, b"".join(self._chunks), exception=kept)
        return broken_off(raised) if self._chunks else server_error(raised)

    def _start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: ExcInfo | None = None
    ) -> Callable[[bytes], None]:
        if exc_info is not None:
            _, error, traceback = exc_info
            exc_info = None  # a frame must not refer to its own traceback
            if self._chunks:
                raise error.with_traceback(traceback)
            if isinstance(error, Exception):
                self._handled = error
        elif self._status:
            raise RuntimeError("the app called start_response again, without exc_info")
        self._status = int(status.split(" ", 1)[0])
        self._headers = tuple((canonical(name), value) for name, value in headers)
        return self._write

    def _write(self, chunk: bytes) -> None:
        if not self._status:
            raise RuntimeError("the app sent a body before it called start_response")
        if chunk:
            self._chunks.append(chunk)
