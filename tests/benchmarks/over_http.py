"""Delivery over real HTTP by the driver of the development server, beside its HTTP client alone."""

import asyncio
import gc
from dataclasses import replace
from time import perf_counter
from typing import Final

import aiohttp

from fakestash.clock import PacedClock
from fakestash.decisions import D98_REGION
from fakestash.delivery.courier import Courier
from fakestash.delivery.http import HttpDestination
from fakestash.delivery.router import ANY_ORIGIN, Router
from fakestash.drive.clockwork import Clockwork
from fakestash.engine import Engine
from fakestash.ids import Ids
from fakestash.model.logs import LogEntry, LogState
from fakestash.model.messages import PublishCommand
from fakestash.model.users import DEFAULT_USER
from fakestash.plans import PAYG
from fakestash.wire.callback_body import callback_body
from tests.benchmarks.in_process import BODY, HEADERS
from tests.benchmarks.processes import running
from tests.benchmarks.rows import Row, at_least_times
from tests.benchmarks.slices import alternate

SLICES: Final = 12
REQUESTS: Final = 1_000
IN_FLIGHT: Final = 16


def measure(quick: bool) -> list[Row]:
    """Deliveries/s with so many in flight."""
    slices, count = (1, 50) if quick else (SLICES, REQUESTS)
    with running(("tests.benchmarks.receiver",)) as (receiver,):
        url = f"http://127.0.0.1:{receiver.port()}/orders"
        delivered, alone = alternate(
            slices,
            lambda: asyncio.run(_deliver(url, count)),
            lambda: asyncio.run(_post(url, count)),
        )
    return [
        Row(
            f"delivery over HTTP, {IN_FLIGHT} in flight",
            "requests/s",
            delivered,
            alone,
            "aiohttp alone",
            at_least_times(0.5),
        )
    ]


async def _deliver(url: str, count: int) -> float:
    """Requests/s of the driver, put together as the development server does it."""
    clock = PacedClock()
    engine = Engine(
        clock=clock,
        callback_body=callback_body,
        ids=Ids(),
        plan=replace(PAYG, global_parallelism=IN_FLIGHT),
    )
    http = HttpDestination(clock_runs=True)
    router = Router()
    router.add(ANY_ORIGIN, http)
    defects: list[BaseException] = []
    courier = Courier(router, region=D98_REGION, keep_journal=False)
    driver = Clockwork(engine, clock, courier, defects.append)
    finished = asyncio.Event()
    left = count

    def watch(entry: LogEntry) -> None:
        nonlocal left
        if entry.state is LogState.DELIVERED:
            left -= 1
            if not left:
                finished.set()

    engine.subscribe(watch)
    for _ in range(count):
        engine.publish(DEFAULT_USER.id, PublishCommand(url, BODY, "POST", HEADERS))
    gc.collect()
    start = perf_counter()
    driving = asyncio.create_task(driver.run())
    await finished.wait()
    elapsed = perf_counter() - start
    driving.cancel()
    await asyncio.wait({driving})
    await http.aclose()
    if defects:
        raise defects[0]
    return count / elapsed


async def _post(url: str, count: int) -> float:
    """Requests/s of the client alone."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def some(number: int) -> None:
            for _ in range(number):
                async with session.post(url, data=BODY, headers=dict(HEADERS)) as answer:
                    await answer.read()

        gc.collect()
        start = perf_counter()
        await asyncio.gather(*(some(count // IN_FLIGHT) for _ in range(IN_FLIGHT)))
        return count // IN_FLIGHT * IN_FLIGHT / (perf_counter() - start)
