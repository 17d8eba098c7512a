"""Why there was no answer over HTTP: the errors of aiohttp in the words of the log (D103)."""

import errno
import os
import ssl
from typing import Final

import aiohttp

from fakestash.delivery.faults import CLOSED_EARLY, MALFORMED, NOT_TLS, dial, no_such_host, tls
from fakestash.delivery.http.names import first_address
from fakestash.delivery.request_line import RequestLine

_SPOKE_NO_TLS: Final = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST"})
_ALERT: Final = "ALERT_"
"""In OpenSSL's reasons, what the other side sent follows this."""


async def reason(error: Exception, line: RequestLine) -> str:
    """The log's text for ``error``, which came up while calling ``line``."""
    match error:
        case aiohttp.ClientConnectorDNSError() | aiohttp.InvalidURL():
            return no_such_host(line.host)
        case aiohttp.ClientConnectorCertificateError(certificate_error=found):
            why = getattr(found, "verify_message", found)
            return tls(f"failed to verify certificate: {why}")
        case aiohttp.ClientConnectorError(os_error=ssl.SSLError() as found):
            return _not_secured(found.reason or "")
        case aiohttp.ClientConnectorError(os_error=found):
            return await _not_connected(found, line)
        case aiohttp.ClientResponseError():
            return MALFORMED
        case _:
            return CLOSED_EARLY


def _not_secured(why: str) -> str:
    if why in _SPOKE_NO_TLS:
        return NOT_TLS
    return tls(why.rpartition(_ALERT)[2].replace("_", " ").lower())


async def _not_connected(error: OSError, line: RequestLine) -> str:
    if isinstance(error, ConnectionResetError):
        return CLOSED_EARLY
    # Several addresses that failed for different reasons come as one error without a number.
    code = error.errno or errno.ECONNREFUSED
    try:
        address = await first_address(line.host, line.port)
    except OSError:  # an IPv6 address in a zone that does not exist, or the name is gone by now
        return no_such_host(line.host)
    return dial(address, line.port, os.strerror(code).lower())
