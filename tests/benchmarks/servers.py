"""The servers that a publish is measured on, each a process: the fake's, and one that does nothing.

Both run on the same uvicorn configuration. The port is printed once the server listens.
"""

import argparse
import asyncio
import socket
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from fakestash.api.app import create_app
from fakestash.clock import VirtualClock
from fakestash.engine import Engine
from fakestash.ids import Ids
from fakestash.model.messages import PublishCommand
from fakestash.model.users import DEFAULT_USER
from fakestash.server import server_config

START: Final = 1_767_225_600_000
DAY_MS: Final = 86_400_000


async def created(request: Request) -> JSONResponse:
    """Read the body and answer as briefly as a publish does."""
    await request.body()
    return JSONResponse({"messageId": "msg_26hZCxZCuWyyTWPmSVBrNCtiJfrkFwp7CKZVC"}, 201)


def no_op() -> ASGIApp:
    """An app with one route, to which a publish fits."""
    return Starlette(routes=[Route("/v2/publish/{destination:path}", created, methods=["POST"])])


def fake(stored: int) -> ASGIApp:
    """The API with so many messages waiting."""
    engine = Engine(clock=VirtualClock(START), ids=Ids())
    for number in range(stored):
        url = f"https://shop.test/orders?number={number}"
        engine.publish(DEFAULT_USER.id, PublishCommand(url, b"x" * 200, delay=DAY_MS + number))
    return create_app(engine)


def serve(app: ASGIApp) -> None:
    """Serve ``app`` until the process is ended."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    print(listening.getsockname()[1], flush=True)
    asyncio.run(uvicorn.Server(server_config(app, "127.0.0.1", 0)).serve(sockets=[listening]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=("fake", "no-op"))
    parser.add_argument("--stored", type=int, default=0)
    arguments = parser.parse_args()
    serve(no_op() if arguments.kind == "no-op" else fake(arguments.stored))
