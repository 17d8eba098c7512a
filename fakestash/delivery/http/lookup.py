"""Looking up names without anybody having to wait for anybody else.

The threads of an event loop are few, and a resolver that does not answer keeps each for many
seconds: deliveries to other hosts would wait for them. So each look-up has a thread of its own.
The process does not wait for it at its end.
"""

import asyncio
import socket
import threading
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

_ZONE: Final = 3
"""Where the address of a socket of IPv6 has its zone."""


class Address(NamedTuple):
    """An IP address that a name leads to; one of IPv6 may have its zone behind a ``%``."""

    host: str
    family: socket.AddressFamily


async def addresses(
    host: str, port: int, family: socket.AddressFamily = socket.AF_UNSPEC
) -> list[Address]:
    """The addresses of ``host``, in the order in which the system would have them tried.

    Raises:
        OSError: if there is none.
    """
    loop = asyncio.get_running_loop()
    found: asyncio.Future[list[Address]] = loop.create_future()

    def look() -> None:
        tell: Callable[[], None]
        try:
            tell = partial(found.set_result, _looked_up(host, port, family))
        except Exception as error:  # noqa: BLE001 - whoever waits for it gets it
            tell = partial(found.set_exception, error)
        with suppress(RuntimeError):  # the loop was closed in the meantime
            loop.call_soon_threadsafe(_unless_done, found, tell)

    threading.Thread(target=look, name=f"fakestash looks up {host}", daemon=True).start()
    return await found


def _unless_done(found: "asyncio.Future[list[Address]]", tell: "Callable[[], None]") -> None:
    if not found.done():  # or nobody waits for it any more
        tell()


def _looked_up(host: str, port: int, family: socket.AddressFamily) -> list[Address]:
    infos = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
    return [Address(_text(address), found) for found, _, _, _, address in infos]


def _text(address: tuple[object, ...]) -> str:
    """The address alone, without its port; one that is local to a link needs its zone."""
    zone = address[_ZONE] if len(address) > _ZONE else 0
    return f"{address[0]}%{zone}" if zone else str(address[0])
