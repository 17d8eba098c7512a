"""A soak: 20,000 messages, twice, through a development server in a process of its own.

The receiver fails one request in ten, never answers one in a hundred and hangs up on one in a
hundred. The server's memory is compared after each round, when all that it keeps is gone.
"""

import asyncio
from typing import Final

from tests.benchmarks.rows import Row, at_most, at_most_times
from tests.realtime.soak.receiver import receiving
from tests.realtime.soak.rounds import RATE, Round, one_round
from tests.realtime.soak.server import dev_server

MESSAGES: Final = 20_000
QUICK: Final = 200
_MB: Final = 2**20


def measure(quick: bool) -> list[Row]:
    """What becomes of the messages, and of the memory."""
    first, second = asyncio.run(_soak(QUICK if quick else MESSAGES))
    what = f"soak, {first.messages:,} messages"
    mistakes = [*first.mistakes, *second.mistakes]
    ends = first.ends + second.ends
    return [
        Row(f"{what}: through in", "s", [each.settled_s for each in (first, second)]),
        Row(f"{what}: delivered", "", [ends["DELIVERED"]]),
        Row(f"{what}: failed for good", "", [ends["FAILED"]]),
        Row(f"{what}: lost, doubled or miscounted", "", [len(mistakes)], budget=at_most(0)),
        Row(
            f"{what}: memory when all is gone",
            "MB",
            [second.memory / _MB],
            [first.memory / _MB],
            "after the first round",
            at_most_times(1.05),
        ),
    ]


async def _soak(count: int) -> tuple[Round, Round]:
    async with receiving() as receiver, dev_server("--rate", str(RATE)) as server:
        return (
            await one_round(server, receiver, count),
            await one_round(server, receiver, count),
        )
