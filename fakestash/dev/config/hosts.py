"""Where destinations are really found: other hosts, ports or schemes than their URLs say.

The request itself stays as it was published, ``Host`` and signature included, so that receivers
see no difference.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from fakestash.errors import UsageError
from fakestash.wire.urls import target

_SEPARATOR: Final = "://"


@dataclass(frozen=True, slots=True)
class Rewrites:
    """What stands for what: ``by_origin`` goes before ``by_host``."""

    by_origin: Mapping[str, str] = field(default_factory=dict[str, str])
    by_host: Mapping[str, str] = field(default_factory=dict[str, str])

    def connect_to(self, url: str) -> str:
        """The URL at which a destination is found."""
        parts = target(url)
        wanted = self.by_origin.get(parts.origin) or self.by_host.get(parts.host)
        if wanted is None:
            return url
        scheme, _, place = wanted.rpartition(_SEPARATOR)
        if not scheme and not _has_port(place) and parts.netloc.rpartition(":")[2].isdecimal():
            place = f"{place}:{parts.port}"
        return f"{scheme or parts.scheme}{_SEPARATOR}{place}{_after_place(url)}"


def rewrites_of(value: object) -> Rewrites:
    """The table ``[hosts]``: a host or origin, and the host or origin in its place.

    Raises:
        UsageError: if it is none.
    """
    if not isinstance(value, dict):
        raise UsageError(f"hosts must be a table, got {value!r:.80}")
    by_origin: dict[str, str] = {}
    by_host: dict[str, str] = {}
    for key, place in cast("dict[str, Any]", value).items():
        if not isinstance(place, str) or not _is_place(place):
            raise UsageError(
                f"hosts.{key!r} must be a host such as '127.0.0.1', or an origin such as "
                f"'http://127.0.0.1:3000', got {place!r:.80}"
            )
        if not _is_place(key):
            raise UsageError(f"hosts.{key!r} is no host and no origin such as 'https://shop.test'")
        if _SEPARATOR in key:
            by_origin[target(key).origin] = place
        else:
            by_host[key.lower()] = place
    return Rewrites(by_origin, by_host)


def _is_place(text: str) -> bool:
    """Whether it is a host or an origin, and nothing more."""
    url = text if _SEPARATOR in text else f"http://{text}"
    try:
        parts = target(url)
    except ValueError:
        return False
    return url == f"{parts.scheme}{_SEPARATOR}{parts.netloc}"


def _has_port(place: str) -> bool:
    return place.rpartition(":")[2].isdecimal() and not place.endswith("]")


def _after_place(url: str) -> str:
    """Path and query of a URL, byte for byte."""
    rest = url.partition(_SEPARATOR)[2]
    ends = [rest.find(mark) for mark in "/?#" if mark in rest]
    return rest[min(ends) :] if ends else ""
