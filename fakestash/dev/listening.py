"""Where the server listens, and where its clients find it."""

import errno
import os
import socket

from fakestash.errors import UsageError
from fakestash.server import listening


def listen(host: str, port: int, option: str = "--port") -> socket.socket:
    """A socket that listens there, as ``option`` asked for.

    Raises:
        UsageError: if that cannot be.
    """
    place = f"{_bracketed(host)}:{port}"
    try:
        return listening(host, port)
    except socket.gaierror as error:
        raise UsageError(f"cannot listen on {place}: {error.strerror}") from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UsageError(f"choose another {option}, address already in use: {place}") from error
        raise UsageError(f"cannot listen on {place}: {os.strerror(error.errno or 0)}") from error
    except ValueError as error:
        raise UsageError(f"cannot listen on {host!r}: that is no host") from error


def url_of(host: str, port: int) -> str:
    """Where clients on this machine find a server that listens on ``host``."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - nothing is bound to it here
    return f"http://{_bracketed(everywhere.get(host, host))}:{port}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
