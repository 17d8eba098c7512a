"""Apps that answer 200 if the official receiver accepts a delivery, and 401 if it does not.

Run as a program it serves one of them, in a process whose time nobody has frozen: it prints its
port and ends with its input.
"""

import os
import sys
from http import HTTPStatus

from flask import Flask, Response, request
from qstash import Receiver
from qstash.errors import SignatureError
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from fakestash import LiveServer, OutboundRequest


def check(signature: str, body: bytes, url: str) -> tuple[str, int]:
    """What the receiver says, and the status that goes with it."""
    receiver = Receiver(
        os.environ["QSTASH_CURRENT_SIGNING_KEY"], os.environ["QSTASH_NEXT_SIGNING_KEY"]
    )
    try:
        receiver.verify(signature=signature, body=body.decode(), url=url)
    except SignatureError as error:
        return str(error), HTTPStatus.UNAUTHORIZED
    return "accepted", HTTPStatus.OK


async def asgi_app(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI app."""
    if scope["type"] == "http":
        incoming = Request(scope, receive)
        signature = incoming.headers["Upstash-Signature"]
        text, status = check(signature, await incoming.body(), str(incoming.url))
        await PlainTextResponse(text, status)(scope, receive, send)


def wsgi_app() -> Flask:
    """The WSGI app."""
    app = Flask("receiver")

    @app.post("/hook")
    def hook() -> Response:
        signature = request.headers["Upstash-Signature"]
        text, status = check(signature, request.get_data(), request.url)
        return Response(text, status)

    return app


def function(delivery: OutboundRequest) -> tuple[int, dict[str, str], str]:
    """The scripted answer."""
    text, status = check(delivery.headers["Upstash-Signature"], delivery.body, delivery.url)
    return status, {}, text


if __name__ == "__main__":
    with LiveServer(asgi_app) as server:
        print(server.port, flush=True)  # noqa: T201 - this is how it tells
        sys.stdin.read()
