"""Why there was no answer over HTTP: the errors of aiohttp in the words of the log (D103)."""

import asyncio
import os
import socket
import ssl
from typing import Final

import aiohttp

from fakestash.delivery.faults import CLOSED_EARLY, MALFORMED, NOT_TLS, dial, no_such_host, tls
from fakestash.delivery.request_line import RequestLine

_SPOKE_NO_TLS: Final = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST"})


async def reason(error: Exception, line: RequestLine) -> str:
    """The log's text for ``error``, which came up while calling ``line``."""
    match error:
        case aiohttp.ClientConnectorDNSError() | aiohttp.InvalidURL():
            return no_such_host(line.host)
        case aiohttp.ClientConnectorCertificateError(certificate_error=found):
            why = getattr(found, "verify_message", found)
            return tls(f"failed to verify certificate: {why}")
        case aiohttp.ClientConnectorError(os_error=found):
            return await _not_connected(found, line)
        case aiohttp.ClientResponseError():
            return MALFORMED
        case _:
            return CLOSED_EARLY


async def _not_connected(error: OSError, line: RequestLine) -> str:
    if isinstance(error, ssl.SSLError):
        return NOT_TLS if error.reason in _SPOKE_NO_TLS else tls(_spelled(error.reason))
    if error.errno is None or isinstance(error, ConnectionResetError):
        return CLOSED_EARLY
    return dial(await _address(line), line.port, os.strerror(error.errno).lower())


def _spelled(openssl_reason: str) -> str:
    return openssl_reason.lower().replace("_", " ")


async def _address(line: RequestLine) -> str:
    """The IP address that a client tries first."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(line.host, line.port, type=socket.SOCK_STREAM)
    return str(found[0][4][0])
