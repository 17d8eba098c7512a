"""The development server as a process under load: nothing is lost, and it can be stopped."""

import asyncio
import re
import signal
from contextlib import suppress
from time import perf_counter

import aiohttp
import pytest

from tests.realtime.soak.receiver import Deed, Receiver, receiving
from tests.realtime.soak.rounds import RATE, mistakes, one_round, publish
from tests.realtime.soak.server import DevServer, dev_server

FAREWELL = re.compile(
    r"stopped: [\d,]+ messages? (was|were) pending( \([^)]+\))?, \d+ in the dead letter queue\n"
)
SOON_S = 2.0
_TRIES = 3
"""The machine may be busy with something else."""


@pytest.mark.asyncio
async def test_a_receiver_that_misbehaves_loses_no_message() -> None:
    async with receiving() as receiver, dev_server("--rate", str(RATE)) as server:
        round_ = await one_round(server, receiver, 300)
        server.process.terminate()
        code, out, err = await server.end()

    assert round_.mistakes == []
    assert sum(round_.ends.values()) == 300
    assert set(round_.deeds) == set(Deed)
    assert (code, err) == (0, "")
    assert out.startswith("stopped: 0 messages were pending")


async def _stopped_under_load(number: signal.Signals) -> tuple[float, tuple[int, str, str]]:
    """How long a server takes to end that is published to and delivers, and how it does."""
    async with receiving() as receiver, dev_server() as server:
        loading = [asyncio.create_task(_load(server, receiver)) for _ in range(4)]
        while receiver.deeds[Deed.ANSWERED] < 500:  # noqa: ASYNC110 - it comes from elsewhere
            await asyncio.sleep(0.01)
        start = perf_counter()
        server.process.send_signal(number)
        end = await server.end()
        elapsed = perf_counter() - start
        await asyncio.gather(*loading)
    return elapsed, end


async def _load(server: DevServer, receiver: Receiver) -> None:
    """Publish until the server is gone."""
    with suppress(aiohttp.ClientError):
        await publish(server, receiver.url, 1_000_000)


@pytest.mark.asyncio
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_under_load_ends_it_soon_and_well(number: signal.Signals) -> None:
    times: list[float] = []
    while not times or (min(times) > SOON_S and len(times) < _TRIES):
        elapsed, (code, out, err) = await _stopped_under_load(number)
        times.append(elapsed)
        assert (code, err) == (0, "")
        assert FAREWELL.fullmatch(out)

    assert min(times) <= SOON_S


# --- the judge -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ids", "ends", "attempts", "answered", "found"),
    [
        (["a"], {"a": ["DELIVERED"]}, {"a": 2}, {"a": 1}, []),
        (["a"], {"a": ["FAILED"]}, {"a": 4}, {}, []),
        (["a", "a"], {"a": ["DELIVERED"]}, {"a": 2}, {"a": 1}, ["an id was given twice"]),
        (["a", "b"], {"a": ["DELIVERED"]}, {"a": 1}, {"a": 1}, ["1 messages", "b ended", "b was"]),
        (["a"], {"a": []}, {"a": 1}, {"a": 1}, ["a ended as []"]),
        (["a"], {"a": ["DELIVERED"] * 2}, {"a": 1}, {"a": 1}, ["a ended as ['DELIVERED', "]),
        (["a"], {"a": ["FAILED"]}, {"a": 4}, {"a": 1}, ["a ended as ['FAILED']"]),
        (["a"], {"a": ["DELIVERED"]}, {"a": 2}, {"a": 2}, ["a was delivered 2 times"]),
        (["a"], {"a": ["FAILED"]}, {"a": 3}, {}, ["a was tried 3 times"]),
        (["a"], {"a": ["DELIVERED"]}, {"a": 5}, {"a": 1}, ["a was tried 5 times"]),
    ],
)
def test_what_must_not_be_is_found(
    ids: list[str],
    ends: dict[str, list[str]],
    attempts: dict[str, int],
    answered: dict[str, int],
    found: list[str],
) -> None:
    receiver = Receiver()
    receiver.attempts.update(attempts)
    receiver.answered.update(answered)

    told = mistakes(ids, ends, receiver)

    assert [line[: len(text)] for line, text in zip(told, found, strict=True)] == found
