"""Clients that go away before their answer is there: a move of time ends with its client.

Nothing else could end it: until it is over, every other move is refused.
"""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

from starlette.types import Receive

from fakestash.api.body import ClientGoneError
from fakestash.control.subject import in_event_loop

Result = TypeVar("Result")


async def unless_gone(work: Coroutine[object, object, Result], receive: Receive) -> Result:
    """What ``work`` comes to; it is cancelled when the client goes away.

    Args:
        work: what the client waits for.
        receive: that of the request, whose body has been read.

    Raises:
        ClientGoneError: if the client goes away first.
    """
    if not in_event_loop():
        return await work
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_leave(receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientGoneError
        return await working
    finally:
        leaving.cancel()
        working.cancel()
        await asyncio.wait({working, leaving})


async def _leave(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
