"""Ctrl-C in the terminal that moves time: the clock stands where it was seen last."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE
from http import HTTPStatus

import pytest

from tests.benchmarks.slices import ROOT, environment
from tests.realtime.soak.server import DevServer, dev_server

SHOP = "https://shop.test/hook"
SCHEDULES = 10
DEADLINE_S = 30


async def now(server: DevServer) -> int:
    found: int = (await server.ask("GET", "/_fakestash/clock"))["now"]
    return found


async def is_moving(server: DevServer) -> bool:
    """Whether time is still being moved; if not, it goes on by one event."""
    async with server.session.post(f"{server.url}/_fakestash/clock/next") as answer:
        return answer.status == HTTPStatus.CONFLICT


@pytest.mark.asyncio
async def test_a_move_that_is_interrupted_leaves_the_clock_where_it_was() -> None:
    async with (
        asyncio.timeout(DEADLINE_S),
        dev_server("--manual", "--start", "1970-01-01T00:00:00Z") as server,
    ):
        await server.ask("POST", "/_fakestash/destinations", {"url": SHOP})
        for number in range(SCHEDULES):  # so that two days take a while
            headers = {"Upstash-Cron": "* * * * *", "Upstash-Schedule-Id": f"s{number}"}
            target = f"{server.url}/v2/schedules/{SHOP}"
            async with server.session.post(target, headers=headers) as answer:
                assert answer.ok
        moving = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "fakestash", "advance", "2d", "--url", server.url),
            stdout=PIPE,
            stderr=PIPE,
            cwd=ROOT,
            env=environment(),
        )
        while not (seen := await now(server)):  # noqa: ASYNC110 - it is another process
            await asyncio.sleep(0.001)

        moving.send_signal(signal.SIGINT)
        await moving.communicate()
        while await is_moving(server):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.001)
        stopped = await now(server)
        await asyncio.sleep(0.05)

        assert moving.returncode
        assert 0 < seen <= stopped < 2 * 86_400_000
        assert await now(server) == stopped
