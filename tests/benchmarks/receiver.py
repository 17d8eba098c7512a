"""A receiver of deliveries, in a process of its own, that costs next to nothing.

It answers 200 and looks at no more than where a request ends. Its URL is printed once it
listens.
"""

import asyncio
import re
from typing import Final

END_OF_HEAD: Final = b"\r\n\r\n"
LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
ANSWER: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class Receiver(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        if not isinstance(transport, asyncio.Transport):
            raise TypeError(transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        self._received += data
        while (end := self._received.find(END_OF_HEAD)) >= 0:
            found = LENGTH.search(self._received, 0, end)
            end += len(END_OF_HEAD) + (int(found[1]) if found else 0)
            if len(self._received) < end:
                return
            self._received = self._received[end:]
            self._transport.write(ANSWER)


async def receive() -> None:
    """Answer until the process is ended."""
    server = await asyncio.get_running_loop().create_server(Receiver, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(receive())
