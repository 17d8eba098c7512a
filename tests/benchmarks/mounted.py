"""Delivery to an app in this process, beside a call of the same app with nothing around it."""

import asyncio
import gc
from collections.abc import Callable, Iterable
from io import BytesIO
from time import process_time
from typing import Any, Final

from starlette.types import ASGIApp, Message, Scope

from fakestash import FakeQStash
from fakestash.model.messages import PublishCommand
from fakestash.model.users import DEFAULT_USER
from tests.benchmarks.in_process import BODY, HEADERS, URL
from tests.benchmarks.no_op import asgi_function, flask_app, starlette_app, wsgi_function
from tests.benchmarks.rows import Row, at_most_times
from tests.benchmarks.slices import MICROSECONDS, alternate, seconds

SLICES: Final = 12
DELIVERIES: Final = 1_000

SAME_FUNCTION: Final = "bare call of the same function"

App = Callable[..., Any]


def measure(quick: bool) -> list[Row]:
    """Microseconds per delivery: ASGI in both forms of a move, and WSGI."""
    slices, count = (1, 20) if quick else (SLICES, DELIVERIES)
    return [*_asgi(slices, count), *_wsgi(slices, count)]


def _asgi(slices: int, count: int) -> list[Row]:
    app = starlette_app("/orders")
    return [
        Row(
            "delivery to a mounted no-op Starlette app, advance()",
            "us",
            *alternate(slices, lambda: _moved(app, count), lambda: _bare(app, count)),
            "bare ASGI call",
            at_most_times(4),
        ),
        Row(
            "delivery to a mounted no-op Starlette app, advance_async()",
            "us",
            *alternate(slices, lambda: _awaited(app, count), lambda: _bare(app, count)),
            "bare ASGI call",
            at_most_times(4),
        ),
        Row(
            "delivery to a mounted ASGI function, advance()",
            "us",
            *alternate(
                slices, lambda: _moved(asgi_function, count), lambda: _bare(asgi_function, count)
            ),
            SAME_FUNCTION,
        ),
    ]


def _wsgi(slices: int, count: int) -> list[Row]:
    app = flask_app("/orders")
    return [
        Row(
            "delivery to a mounted no-op Flask app, advance()",
            "us",
            *alternate(slices, lambda: _moved(app, count), lambda: _bare_wsgi(app, count)),
            "bare WSGI call",
        ),
        Row(
            "delivery to a mounted WSGI function, advance()",
            "us",
            *alternate(
                slices,
                lambda: _moved(wsgi_function, count),
                lambda: _bare_wsgi(wsgi_function, count),
            ),
            SAME_FUNCTION,
        ),
    ]


# --- subject ---------------------------------------------------------------------------------


def _moved(app: App, count: int) -> float:
    with _loaded(app, count) as fake:
        return seconds(lambda: fake.advance(0)) / count * MICROSECONDS


def _awaited(app: App, count: int) -> float:
    async def move(fake: FakeQStash) -> float:
        gc.collect()
        start = process_time()
        await fake.advance_async(0)
        return process_time() - start

    with _loaded(app, count) as fake:
        return asyncio.run(move(fake)) / count * MICROSECONDS


def _loaded(app: App, count: int) -> FakeQStash:
    """A fake with so many messages that are due for ``app``."""
    fake = FakeQStash()
    fake.mount("https://shop.test", app)
    for _ in range(count):
        fake.engine.publish(DEFAULT_USER.id, PublishCommand(URL, BODY, "POST", HEADERS))
    return fake


# --- baseline --------------------------------------------------------------------------------


def _bare(app: ASGIApp, count: int) -> float:
    """The app called in a running loop, with the least that it needs."""

    async def receive() -> Message:
        return {"type": "http.request", "body": BODY, "more_body": False}

    async def send(message: Message) -> None:
        pass

    async def calls() -> float:
        gc.collect()
        start = process_time()
        for _ in range(count):
            await app(_scope(), receive, send)
        return process_time() - start

    return asyncio.run(calls()) / count * MICROSECONDS


def _bare_wsgi(app: App, count: int) -> float:
    def start_response(status: str, headers: list[tuple[str, str]]) -> None:
        pass

    def calls() -> None:
        for _ in range(count):
            body: Iterable[bytes] = app(_environ(), start_response)
            b"".join(body)
            getattr(body, "close", int)()

    return seconds(calls) / count * MICROSECONDS


def _scope() -> Scope:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "https",
        "server": ("shop.test", 443),
        "client": ("127.0.0.1", 49152),
        "method": "POST",
        "path": "/orders",
        "raw_path": b"/orders",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"shop.test"), (b"content-length", b"200")],
    }


def _environ() -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/orders",
        "QUERY_STRING": "",
        "SERVER_NAME": "shop.test",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": "200",
        "HTTP_HOST": "shop.test",
        "wsgi.url_scheme": "https",
        "wsgi.input": BytesIO(BODY),
    }
