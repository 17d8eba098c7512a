"""A receiver that misbehaves by plan: what it does follows from body and attempt alone."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import Enum
from typing import Final
from zlib import crc32

_END_OF_HEAD: Final = b"\r\n\r\n"
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_ID: Final = re.compile(rb"\r\nupstash-message-id: *(\S+)", re.IGNORECASE)
_RETRIED: Final = re.compile(rb"\r\nupstash-retried: *(\S+)", re.IGNORECASE)
_OK: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
_BROKEN: Final = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 5\r\n\r\nsorry"

RETRIES: Final = 3
"""How often each message is retried."""


class Deed(Enum):
    """What becomes of a request."""

    ANSWERED = "answered"
    FAILED = "failed"
    HUNG = "hung"
    DROPPED = "dropped"


def deed_for(body: bytes, retried: bytes) -> Deed:
    """One in ten fails, one in a hundred is never answered, one in a hundred hung up on."""
    lot = crc32(body + retried) % 100
    if lot < 10:
        return Deed.FAILED
    return {10: Deed.HUNG, 11: Deed.DROPPED}.get(lot, Deed.ANSWERED)


class Receiver:
    """What all connections have in common.

    ``deeds`` counts what was done to each message, ``answered`` has those that got a 200.
    """

    def __init__(self) -> None:
        self.url = ""
        self.deeds: Counter[Deed] = Counter()
        self.attempts: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.connections = 0

    def is_done_with(self, message_id: str) -> bool:
        """Whether there is nothing more to come for a message."""
        return bool(self.answered[message_id]) or self.attempts[message_id] > RETRIES

    def forget(self) -> None:
        """Start counting anew."""
        for counter in (self.deeds, self.attempts, self.answered):
            counter.clear()


class _Connection(asyncio.Protocol):
    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._receiver.connections += 1

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(_END_OF_HEAD)) >= 0:
            found = _LENGTH.search(self._received, 0, end)
            begin = end + len(_END_OF_HEAD)
            length = begin + (int(found[1]) if found else 0)
            if len(self._received) < length:
                return
            head, body = self._received[:end], self._received[begin:length]
            self._received = self._received[length:]
            self._serve(head, body)

    def _serve(self, head: bytes, body: bytes) -> None:
        message_id, retried = _ID.search(head), _RETRIED.search(head)
        assert message_id is not None
        assert retried is not None
        deed = deed_for(body, retried[1])
        name = message_id[1].decode()
        self._receiver.deeds[deed] += 1
        self._receiver.attempts[name] += 1
        match deed:
            case Deed.ANSWERED:
                self._receiver.answered[name] += 1
                self._transport.write(_OK)
            case Deed.FAILED:
                self._transport.write(_BROKEN)
            case Deed.DROPPED:
                self._transport.close()
            case Deed.HUNG:
                pass


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver that listens on this machine."""
    receiver = Receiver()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(receiver), "127.0.0.1", 0, backlog=1024)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    try:
        yield receiver
    finally:
        server.close()
