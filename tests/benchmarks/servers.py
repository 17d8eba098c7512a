"""Servers of a process each: one that does nothing, and the fake with a store that is full.

Both are served as the development server is. The URL is printed once it listens.
"""

import argparse
import asyncio
import socket
from typing import Final

from starlette.types import ASGIApp

from fakestash.api.app import create_app
from fakestash.clock import VirtualClock
from fakestash.engine import Engine
from fakestash.ids import Ids
from fakestash.model.messages import PublishCommand
from fakestash.model.users import DEFAULT_USER
from fakestash.server import serving
from fakestash.wire.callback_body import callback_body
from tests.benchmarks.no_op import starlette_app

START: Final = 1_767_225_600_000
DAY_MS: Final = 86_400_000


def full(stored: int) -> ASGIApp:
    """The API with so many messages waiting."""
    engine = Engine(clock=VirtualClock(START), callback_body=callback_body, ids=Ids())
    for number in range(stored):
        url = f"https://shop.test/orders?number={number}"
        engine.publish(DEFAULT_USER.id, PublishCommand(url, b"x" * 200, delay=DAY_MS + number))
    return create_app(engine)


async def serve(app: ASGIApp) -> None:
    """Serve ``app`` until the process is ended."""
    # Named as TCP, or asyncio would not turn Nagle's algorithm off.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        async with serving(app, listener):
            print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
            await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--stored", type=int, help="serve the fake with so many; else a no-op")
    stored: int | None = parser.parse_args().stored
    asyncio.run(serve(starlette_app("/v2/publish/{url:path}") if stored is None else full(stored)))
