"""Destination URLs: taken apart without changing a byte of them."""

from functools import lru_cache
from ipaddress import ip_address
from typing import Final, NamedTuple
from urllib.parse import urlsplit

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class Target(NamedTuple):
    """A destination URL in parts. ``path`` keeps its escapes and is at least ``/``."""

    scheme: str
    netloc: str
    host: str
    port: int
    path: str
    query: str

    @property
    def origin(self) -> str:
        """``scheme://host[:port]`` in lower case, without a default port."""
        shown = f"[{self.host}]" if ":" in self.host else self.host
        if self.port == _DEFAULT_PORTS[self.scheme]:
            return f"{self.scheme}://{shown}"
        return f"{self.scheme}://{shown}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether the host names this machine itself."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False


@lru_cache(maxsize=4096)
def target(url: str) -> Target:
    """The parts of an absolute http(s) URL.

    Raises:
        ValueError: if it has no host, a bad port, or another scheme.
    """
    parts = urlsplit(url)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ValueError(f"not an absolute http(s) URL: {url!r}")
    netloc = parts.netloc.rpartition("@")[2]
    port = _DEFAULT_PORTS[parts.scheme] if parts.port is None else parts.port
    return Target(parts.scheme, netloc, parts.hostname, port, parts.path or "/", parts.query)


def host_of(url: str) -> str:
    """The ``Host`` header for a URL: its host, with the port if it names one."""
    return target(url).netloc
