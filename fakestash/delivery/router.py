"""Which destination serves a URL.

A route for an origin serves everything on it, one for a URL with a path serves that path
with any query, one with a query serves only that. The narrowest route wins, and among
equals the latest.
"""

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlsplit

from fakestash.delivery.base import Destination
from fakestash.errors import UsageError, shown_where_it_was_made
from fakestash.wire.places import place, with_query
from fakestash.wire.urls import Target, target

__tracebackhide__ = shown_where_it_was_made

ANY_ORIGIN: Final = "*"
_CACHED_URLS: Final = 4096


class Router:
    """Routes to destinations. Lookups are cached: most suites deliver to few URLs.

    Args:
        otherwise: asked for a URL that no route serves.
    """

    def __init__(self, otherwise: Callable[[Target], Destination | None] | None = None) -> None:
        self._otherwise = otherwise
        self._routes: dict[str, Destination] = {}
        self._found: dict[str, Destination | None] = {}

    def add(self, url: str, destination: Destination) -> None:
        """Serve ``url`` (an origin, a URL, or ``*``) by ``destination``.

        Raises:
            UsageError: if ``url`` is none of these, or says more than a route can tell apart.
        """
        self._routes[ANY_ORIGIN if url == ANY_ORIGIN else served_place(url)] = destination
        self._found = {}

    def remove(self, place: str) -> None:
        """Serve a place (as ``routes`` has it) no longer."""
        del self._routes[place]
        self._found = {}

    @property
    def routes(self) -> dict[str, Destination]:
        """Which destination serves which place; a copy."""
        return dict(self._routes)

    @routes.setter
    def routes(self, routes: Mapping[str, Destination]) -> None:
        self._routes = dict(routes)
        self._found = {}

    def find(self, url: str) -> Destination | None:
        """The destination that serves ``url``, if any does."""
        try:
            return self._found[url]
        except KeyError:
            return self._look_up(url)

    def _look_up(self, url: str) -> Destination | None:
        if len(self._found) >= _CACHED_URLS:
            self._found = {}
        parts = target(url)
        found = None
        for key in (with_query(parts), parts.origin + parts.path, parts.origin, ANY_ORIGIN):
            if key in self._routes:
                found = self._routes[key]
                break
        else:
            if self._otherwise is not None:
                found = self._otherwise(parts)
        self._found[url] = found
        return found


def served_place(url: str) -> str:
    """The ``place`` of a route, which must hold nothing that makes no difference to routes.

    Raises:
        UsageError: as for ``place``, and if ``url`` has a user name, password or fragment.
    """
    found = place(url)
    if "#" in url or "@" in urlsplit(url).netloc:
        raise UsageError(
            f"{url!r} has a user or a fragment, by which no two destinations are told apart: "
            f"give {found!r}"
        )
    return found


def served_origin(url: str) -> str:
    """The ``served_place`` of a route for a whole origin.

    Raises:
        UsageError: as for ``served_place``, and if ``url`` has a path or a query.
    """
    found, origin = served_place(url), target(url).origin
    if found != origin:
        raise UsageError(f"{url!r} is not an origin: give {origin!r}")
    return origin
