"""Names of hosts: whom ``localhost`` means is settled here, all others are asked for.

By RFC 6761 the name ``localhost`` and the names under it mean this machine. Systems differ
in whether they know the latter, and in which of the two loopback addresses they give.
"""

import socket
from typing import Final

from aiohttp.abc import AbstractResolver, ResolveResult

from fakestash.delivery.http.lookup import Address, addresses

_LOOPBACK: Final = [Address("127.0.0.1", socket.AF_INET), Address("::1", socket.AF_INET6)]


class Resolver(AbstractResolver):
    """Looks hosts up as the system does it."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of ``host``.

        Raises:
            OSError: if there is none.
        """
        try:
            host.encode("idna")  # as is done for TLS, by when a connection would be left open
        except UnicodeError as error:
            raise OSError(f"{host!r} cannot be the name of a host") from error
        found = _LOOPBACK if _is_localhost(host) else await addresses(host, port, family)
        return [
            ResolveResult(
                hostname=host,
                host=address.host,
                port=port,
                family=address.family,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for address in found
        ]

    async def close(self) -> None:
        """Nothing is kept open."""


async def first_address(host: str, port: int) -> str:
    """The IP address that is tried first for ``host``.

    Raises:
        OSError: if there is none.
    """
    if _is_localhost(host):
        return _LOOPBACK[0].host
    return (await addresses(host, port))[0].host


def _is_localhost(host: str) -> bool:
    return host == "localhost" or host.endswith(".localhost")
