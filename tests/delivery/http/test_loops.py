"""Event loops that deliveries over HTTP are made in, and how connections end with them."""

import asyncio
import gc
from collections.abc import Iterator

import anyio
import pytest
import trio

from fakestash.delivery.http import HttpDestination
from fakestash.errors import UsageError
from fakestash.model.outcomes import Outcome, Responded
from tests.delivery.http.servers import Connection, handling, serving
from tests.delivery.requests import a_request

ANSWERED = Responded(200, (("Content-Length", "2"),), b"ok")


async def one_delivery(destination: HttpDestination) -> Outcome:
    """A delivery to a server of its own."""
    async with serving() as server:
        return await destination.call(a_request(server.url))


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop that stands still between calls."""
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


def test_each_new_loop_gets_connections_of_its_own() -> None:
    destination = HttpDestination()

    outcomes = [asyncio.run(one_delivery(destination)) for _ in range(3)]

    assert outcomes == [ANSWERED] * 3


def test_the_end_of_the_loop_closes_the_connections() -> None:
    destination = HttpDestination()
    asyncio.run(one_delivery(destination))

    gc.collect()  # an open connection would complain now, and complaints are errors
    destination.shutdown()


@pytest.mark.asyncio
async def test_aclose_hangs_up_and_a_later_delivery_connects_anew() -> None:
    destination = HttpDestination()
    hung_up = asyncio.Event()

    async def handle(connection: Connection) -> None:
        await connection.read()
        await connection.send(b"HTTP/1.1 204 No Content\r\n\r\n")
        assert await connection.read() == b""
        hung_up.set()

    async with handling(handle) as server:
        for _ in range(2):
            hung_up.clear()
            await destination.call(a_request(server.url))
            await destination.aclose()
            await hung_up.wait()


@pytest.mark.asyncio
async def test_aclose_where_nothing_was_delivered_does_nothing() -> None:
    await HttpDestination().aclose()


def test_shutdown_runs_a_loop_that_stands_still(loop: asyncio.AbstractEventLoop) -> None:
    destination = HttpDestination()
    loop.run_until_complete(one_delivery(destination))

    destination.shutdown()

    assert asyncio.all_tasks(loop) == set()


def test_shutdown_asks_the_loop_that_runs_it(loop: asyncio.AbstractEventLoop) -> None:
    destination = HttpDestination()

    async def scenario() -> None:
        await one_delivery(destination)
        destination.shutdown()
        await anyio.wait_all_tasks_blocked()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    loop.run_until_complete(scenario())


def test_in_a_loop_that_goes_on_after_cancelling_everything_a_delivery_connects_anew(
    loop: asyncio.AbstractEventLoop,
) -> None:
    destination = HttpDestination()
    loop.run_until_complete(one_delivery(destination))
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))

    assert loop.run_until_complete(one_delivery(destination)) == ANSWERED
    destination.shutdown()


def test_under_trio_it_says_that_it_needs_asyncio() -> None:
    with pytest.raises(UsageError, match="need asyncio"):
        trio.run(HttpDestination().call, a_request("http://127.0.0.1/"))


def test_outside_any_event_loop_it_says_what_it_needs() -> None:
    call = HttpDestination().call(a_request("http://127.0.0.1/"))

    with pytest.raises(UsageError, match="inside an event loop"):
        call.send(None)


def test_it_needs_a_loop() -> None:
    assert HttpDestination().needs_loop is True
