"""A destination that is an ASGI app in this process, called directly.

It behaves as an ASGI server would that the delivery reached over HTTP/1.1 (uvicorn is the
model), except that a delivery is over only when the app callable has returned: background
tasks have run by then. What the app raises is an outcome, with the exception kept, also where
its framework answers in its place.
"""

from contextvars import copy_context
from typing import Any, Final

from fakestash.delivery.answers import answered, broken_off, canonical_items, server_error
from fakestash.delivery.framework_errors import hidden_errors
from fakestash.delivery.lifespan import AsgiApp, Lifespan, Message
from fakestash.delivery.loops import Event, new_event
from fakestash.delivery.outbound import OutboundRequest
from fakestash.delivery.request_line import request_line
from fakestash.delivery.residents import Residents
from fakestash.errors import shown_where_it_was_made
from fakestash.model.outcomes import HeaderItems, Outcome

__tracebackhide__ = shown_where_it_was_made

CLIENT: Final = ("127.0.0.1", 49152)
"""Address of the client that apps see."""

_VERSIONS: Final = {"version": "3.0", "spec_version": "2.4"}


class AsgiDestination:
    """An ASGI app as destination. It can be called in any number of event loops.

    In each loop the app is started (its lifespan) before the first delivery there, once. The
    lifespan sees the context variables of the place where the destination was made.
    """

    needs_loop = True

    def __init__(self, app: AsgiApp) -> None:
        self._app = app
        self._context = copy_context()
        self._lifespans = Residents[Lifespan]()

    async def call(self, request: OutboundRequest) -> Outcome:
        """Deliver ``request`` and wait until the app is through with it.

        Raises:
            UsageError: if the app cannot start, or no event loop of asyncio or trio runs this.
        """
        lifespan = self._lifespans.here()
        if lifespan is None or not lifespan.is_ready:
            lifespan = await self._started(lifespan)
        exchange = _Exchange(request.body)
        scope = _scope(request, lifespan.app_state.copy())
        with hidden_errors() as hidden:
            try:
                await self._app(scope, exchange.receive, exchange.send)
            except Exception as error:  # noqa: BLE001 - whatever the app raises is an outcome
                return exchange.outcome(error)
        return exchange.outcome(hidden[-1] if hidden else None)

    async def aclose(self) -> None:
        """Shut the app down in the event loop that runs this.

        Raises:
            UsageError: if its shutdown failed.
        """
        await self._lifespans.end_here()

    def shutdown(self) -> None:
        """Shut the app down in every event loop in which it was started.

        A loop that stands still is run for it; one that runs, in this thread or another, is
        asked to do it and not waited for. If a loop has ended, so has the app in it.

        Raises:
            UsageError: if a shutdown failed, be it when the loop ended.
        """
        self._lifespans.end_all()

    async def _started(self, lifespan: Lifespan | None) -> Lifespan:
        if lifespan is None or lifespan.is_over:
            lifespan = Lifespan(self._app, self._context)
            self._lifespans.add(lifespan)
        await lifespan.ready()
        return lifespan


def _scope(request: OutboundRequest, state: dict[str, Any]) -> dict[str, Any]:
    line = request_line(request.url)
    return {
        "type": "http",
        "asgi": _VERSIONS.copy(),
        "http_version": "1.1",
        "scheme": line.scheme,
        "server": (line.host, line.port),
        "client": CLIENT,
        "method": request.method,
        "path": line.path,
        "raw_path": line.raw_path_bytes,
        "query_string": line.query_bytes,
        "root_path": "",
        "headers": request.header_fields(),
        "state": state,
    }


class _Exchange:
    """One request and its answer, as the app's ``receive`` and ``send`` see them."""

    __slots__ = ("_body", "_chunks", "_closed", "_headers", "_is_complete", "_is_read", "_status")

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._is_read = False
        self._status: int | None = None
        self._headers: HeaderItems = ()
        self._chunks: list[bytes] = []
        self._is_complete = False
        self._closed: Event | None = None

    async def receive(self) -> Message:
        """The request in one piece; after the answer is complete, that the client went."""
        if not self._is_read:
            self._is_read = True
            return {"type": "http.request", "body": self._body, "more_body": False}
        if not self._is_complete:
            if self._closed is None:
                self._closed = new_event()
            await self._closed.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Take a part of the answer.

        Raises:
            RuntimeError: if it is not this part's turn.
        """
        kind = message["type"]
        if kind == "http.response.body" and self._status is not None and not self._is_complete:
            body = message.get("body", b"")
            if body:
                self._chunks.append(body)
            if not message.get("more_body", False):
                self._complete()
        elif kind == "http.response.start" and self._status is None:
            self._status = message["status"]
            self._headers = canonical_items(message.get("headers", ()))
        else:
            raise RuntimeError(f"the app sent {kind!r} while {self._progress()}")

    def outcome(self, raised: Exception | None) -> Outcome:
        """What came of it, now that the app has returned or raised."""
        if self._status is not None and self._is_complete:
            return answered(self._status, self._headers, b"".join(self._chunks), exception=raised)
        progress = self._progress()
        self._complete()
        cause = raised or RuntimeError(f"the app returned while {progress}")
        return server_error(cause) if self._status is None else broken_off(cause)

    def _complete(self) -> None:
        self._is_complete = True
        if self._closed is not None:
            self._closed.set()

    def _progress(self) -> str:
        if self._status is None:
            return "its answer had not been started (http.response.start)"
        return f"its answer was {'complete' if self._is_complete else 'incomplete'}"
