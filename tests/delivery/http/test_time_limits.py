"""How long a call over HTTP may take, and what a time-out comes to on which clock."""

import asyncio

import pytest

from fakestash.delivery.http import PATIENCE_S, HttpDestination
from fakestash.model.outcomes import Outcome, Responded, TimedOut
from tests.delivery.http.servers import OK, Connection, handling, serving
from tests.delivery.requests import a_request

pytestmark = pytest.mark.asyncio

MOMENT_MS = 20
MOMENT_S = 0.02


async def says_nothing(connection: Connection) -> None:
    """Read the request and wait until the client goes."""
    while await connection.read():
        pass


async def answers_by_halves(connection: Connection) -> None:
    """Send less than was promised and wait until the client goes."""
    await connection.read()
    await connection.send(OK[:-1])
    await connection.read()


async def outcome_of(destination: HttpDestination, *, limit_ms: int) -> Outcome:
    """What comes of an attempt with a time limit at a server that says nothing."""
    async with handling(says_nothing) as server:
        outcome = await destination.call(a_request(server.url, timeout=limit_ms))
        await destination.aclose()
    return outcome


async def test_no_answer_within_the_time_limit_is_a_timeout() -> None:
    assert await outcome_of(HttpDestination(), limit_ms=MOMENT_MS) == TimedOut(took=None)


async def test_the_limit_counts_to_the_end_of_the_answer() -> None:
    destination = HttpDestination()
    async with handling(answers_by_halves) as server:
        outcome = await destination.call(a_request(server.url, timeout=MOMENT_MS))
        await destination.aclose()

    assert outcome == TimedOut(took=None)


async def test_patience_ends_a_call_whose_limit_is_long() -> None:
    destination = HttpDestination(patience=MOMENT_S)

    assert await outcome_of(destination, limit_ms=7_200_000) == TimedOut(took=None)


async def test_a_clock_that_runs_fast_has_shorter_real_limits() -> None:
    destination = HttpDestination(clock_runs=True, rate=360_000, patience=None)

    assert await outcome_of(destination, limit_ms=7_200_000) == TimedOut(took=0)


async def test_on_a_clock_that_runs_the_time_of_a_timeout_has_passed() -> None:
    destination = HttpDestination(clock_runs=True, patience=MOMENT_S)

    assert await outcome_of(destination, limit_ms=7_200_000) == TimedOut(took=0)


@pytest.mark.parametrize("clock_runs", [False, True])
async def test_an_answer_takes_no_time_on_the_clock(clock_runs: bool) -> None:
    destination = HttpDestination(clock_runs=clock_runs)
    async with serving() as server:
        outcome = await destination.call(a_request(server.url))
        await destination.aclose()

    assert outcome == Responded(200, (("Content-Length", "2"),), b"ok", took=0)


async def test_after_a_timeout_the_connection_is_not_used_again() -> None:
    destination = HttpDestination()
    requests: list[bytes] = []

    async def handle(connection: Connection) -> None:
        requests.append(await connection.read())
        if len(requests) == 1:
            await connection.read()
        await connection.send(OK)

    async with handling(handle) as server:
        first = await destination.call(a_request(server.url, timeout=MOMENT_MS))
        second = await destination.call(a_request(server.url))
        await destination.aclose()

    assert (first, second) == (
        TimedOut(took=None),
        Responded(200, (("Content-Length", "2"),), b"ok"),
    )


async def test_a_call_that_is_cancelled_is_no_timeout() -> None:
    destination = HttpDestination()
    arrived = asyncio.Event()

    async def handle(connection: Connection) -> None:
        await connection.read()
        arrived.set()
        await connection.read()

    async with handling(handle) as server:
        call = asyncio.create_task(destination.call(a_request(server.url)))
        await arrived.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await destination.aclose()


@pytest.mark.fidelity(
    "deliveries: real HTTP has as long as the time limit says",
    "docs",
    verdict="approximate",
    here="30 s of real time at most where the clock is virtual",
)
async def test_the_patience_of_a_virtual_clock_is_half_a_minute() -> None:
    assert PATIENCE_S == 30
