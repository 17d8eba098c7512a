"""One round of a soak: publish, wait until nothing is left to do, and count what became of it.

At its end the server is reset.
"""

import asyncio
from collections import Counter
from time import perf_counter
from typing import Final, NamedTuple

from tests.realtime.soak.receiver import RETRIES, Deed, Receiver
from tests.realtime.soak.server import DevServer

RATE: Final = 60
"""A minute of the server's clock takes a second."""

_HEADERS: Final = {
    "Upstash-Retries": str(RETRIES),
    "Upstash-Retry-Delay": "3000 * (1 + retried)",
    "Upstash-Timeout": "60s",
    "Content-Type": "text/plain",
}
_AT_ONCE: Final = 16
_PAGE: Final = 1000
_TURN_S: Final = 0.1
_QUIET_TURNS: Final = 100
_ENDS: Final = frozenset({"DELIVERED", "FAILED", "CANCELED"})


class Round(NamedTuple):
    """What became of so many ``messages``.

    ``ends`` counts the terminal states, ``mistakes`` has a line for everything that must not be.
    ``memory`` is what the server holds after the reset, in bytes.
    """

    messages: int
    published_s: float
    settled_s: float
    ends: Counter[str]
    deeds: Counter[Deed]
    connections: int
    memory: int
    mistakes: list[str]


async def one_round(server: DevServer, receiver: Receiver, count: int) -> Round:
    """Send so many messages through the server and see what became of each."""
    receiver.forget()
    connections = receiver.connections
    start = perf_counter()
    ids = await publish(server, receiver.url, count)
    published = perf_counter()
    await until_settled(server, receiver, ids)
    settled = perf_counter()
    ends = await _ends_by_message(server)
    await server.ask("POST", "/_fakestash/reset")
    return Round(
        count,
        published - start,
        settled - start,
        Counter(state for states in ends.values() for state in states),
        Counter(receiver.deeds),
        receiver.connections - connections,
        server.memory,
        list(mistakes(ids, ends, receiver)),
    )


async def publish(server: DevServer, url: str, count: int) -> list[str]:
    """Publish so many messages, several at once; their ids."""
    ids: list[str] = []
    left = iter(range(count))

    async def some() -> None:
        for number in left:
            target = f"{server.url}/v2/publish/{url}"
            async with server.session.post(
                target, data=b"message %d" % number, headers=_HEADERS
            ) as answer:
                ids.append((await answer.json())["messageId"])

    await asyncio.gather(*(some() for _ in range(_AT_ONCE)))
    return ids


async def until_settled(server: DevServer, receiver: Receiver, ids: list[str]) -> None:
    """Wait until the receiver has done all that it will, and the server knows of it.

    If messages are lost that never happens: then until nothing has happened for a while.
    """
    tried, quiet = receiver.attempts.total(), 0
    while quiet < _QUIET_TURNS:
        flying = (await server.ask("GET", "/v2/globalParallelism"))["parallelismCount"]
        if not flying and all(map(receiver.is_done_with, ids)):
            return
        await asyncio.sleep(_TURN_S)
        quiet = quiet + 1 if not flying and receiver.attempts.total() == tried else 0
        tried = receiver.attempts.total()


def mistakes(ids: list[str], ends: dict[str, list[str]], receiver: Receiver) -> "list[str]":
    """Everything that must not be, if the server loses nothing and makes nothing up."""
    found: list[str] = []
    if len(set(ids)) != len(ids):
        found.append("an id was given twice")
    if set(ends) != set(ids):
        found.append(f"{len(set(ids) ^ set(ends))} messages are on one side only")
    for message_id in ids:
        states = ends.get(message_id, [])
        answers, attempts = receiver.answered[message_id], receiver.attempts[message_id]
        expected = ["DELIVERED"] if answers else ["FAILED"]
        if states != expected:
            found.append(f"{message_id} ended as {states}, after {answers} answers with 200")
        if answers > 1:
            found.append(f"{message_id} was delivered {answers} times")
        if attempts > RETRIES + 1 or (not answers and attempts != RETRIES + 1):
            found.append(f"{message_id} was tried {attempts} times")
    return found


async def _ends_by_message(server: DevServer) -> dict[str, list[str]]:
    """The terminal states in the log, by message."""
    ends: dict[str, list[str]] = {}
    cursor = ""
    while True:
        page = await server.ask("GET", f"/v2/logs?count={_PAGE}{cursor}")
        for event in page["events"]:
            ends.setdefault(event["messageId"], [])
            if event["state"] in _ENDS:
                ends[event["messageId"]].append(event["state"])
        if "cursor" not in page:
            return ends
        cursor = f"&cursor={page['cursor']}"
