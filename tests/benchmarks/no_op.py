"""Apps that do nothing: what a request costs before anybody does any work for it."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

STATUS: Final = 201
ANSWER: Final = {"messageId": "msg_26hZCxZCuWyyTWPmSVBrNCtiJfrkFwp7CKZVC"}


def starlette_app(path: str) -> Starlette:
    """One route, which reads the body and answers with a little JSON."""

    async def answer(request: Request) -> JSONResponse:
        await request.body()
        return JSONResponse(ANSWER, STATUS)

    return Starlette(routes=[Route(path, answer, methods=["POST"])])


def flask_app(path: str) -> Callable[..., Any]:
    """The same in Flask, which is loaded with it: what is not loaded costs other apps nothing."""
    from flask import Flask, request

    app = Flask("shop")

    def answer() -> tuple[dict[str, str], int]:
        request.get_data()
        return ANSWER, STATUS

    app.add_url_rule(path, view_func=answer, methods=["POST"])
    return app


async def asgi_function(scope: Scope, receive: Receive, send: Send) -> None:
    """An app without any framework, which does not even read the body."""
    if scope["type"] != "http":
        raise RuntimeError("this app has no lifespan")
    await send({"type": "http.response.start", "status": STATUS, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def wsgi_function(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The same for WSGI."""
    start_response("201 CREATED", [])
    return [b""]
