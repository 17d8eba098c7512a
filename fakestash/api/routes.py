"""From the path of a request to its endpoint.

A table of our own, because destinations have to be cut from the undecoded path, and because
a list of patterns would be tried one by one for every publish. Route words match in any
case and a slash at the end means nothing, as official clients rely on; names and ids are
percent-decoded once (D1), destinations never.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple, TypeAlias
from urllib.parse import unquote

from fakestash import refusals
from fakestash.api.calls import Handler, Reply
from fakestash.decisions import D3_HEAD_LIKE_GET
from fakestash.errors import ServiceError
from fakestash.wire.values import shown

_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")

_MAYBE_EMPTY: Final = "{key}"
"""The variable part of a template that matches nothing too: its handler refuses that by name."""

_REST: Final = "{destination}"
"""The variable part of a template that takes all the rest of the path, as it came."""


class Endpoint(NamedTuple):
    """What answers one method of one route.

    ``handler`` is None where the fake has nothing yet; ``reads_body`` has the request's body read
    beforehand. ``makes_messages`` has the daily limit count, ``is_managing`` the one per second.
    ``public`` answers everybody, with or without a token.
    """

    handler: Handler | None = None
    reads_body: bool = False
    makes_messages: bool = False
    is_managing: bool = True
    public: Callable[[], Reply] | None = None


Routes: TypeAlias = Mapping[str, Mapping[str, Endpoint]]
"""Endpoints by path template and method."""


class Found(NamedTuple):
    """An endpoint, the template of its route, and the variable parts of the path."""

    endpoint: Endpoint
    template: str
    arguments: tuple[str, ...]


class _Branch:
    """What can follow a part of a path: a word, a name, or a destination; or nothing more."""

    __slots__ = ("endpoints", "name", "name_may_be_empty", "rest", "template", "words")

    def __init__(self) -> None:
        self.words: dict[str, _Branch] = {}
        self.name: _Branch | None = None
        self.name_may_be_empty = False
        self.rest: _Branch | None = None
        self.endpoints: Mapping[str, Endpoint] = {}
        self.template = ""

    @property
    def only_destinations(self) -> "_Branch | None":
        """What follows, if that can be nothing but a destination."""
        return None if self.words or self.name else self.rest


_Candidates: TypeAlias = list[tuple[_Branch, tuple[str, ...]]]


class RouteTable:
    """Finds endpoints by method and undecoded path."""

    def __init__(self, routes: Routes) -> None:
        self.routes: Final = routes
        self._root = _Branch()
        for template, endpoints in routes.items():
            branch = self._root
            for part in template.strip("/").split("/"):
                branch = _grow(branch, part)
            branch.endpoints = endpoints
            branch.template = template
        # Publishing is what is called most: a path that starts as usual needs one look-up.
        self._publishing: Final = {
            f"/{version}/{word}/": destinations
            for version, words in self._root.words.items()
            for word, branch in words.words.items()
            if (destinations := branch.only_destinations) is not None
        }

    def find(self, method: str, path: str) -> Found:
        """The endpoint for a request; ``HEAD`` is served like ``GET`` (D3).

        Raises:
            ServiceError: 404 for an unknown path, 405 for another method.
        """
        start = path.find("/", path.find("/", 1) + 1) + 1
        publishing = self._publishing.get(path[:start])
        if publishing is not None and method in publishing.endpoints:
            return Found(publishing.endpoints[method], publishing.template, (path[start:],))
        candidates = self._candidates(path)
        asked = "GET" if method == "HEAD" and D3_HEAD_LIKE_GET else method
        for branch, arguments in candidates:
            endpoint = branch.endpoints.get(asked)
            if endpoint is not None:
                return Found(endpoint, branch.template, arguments)
        raise _refusal(
            method, path, {name for branch, _ in candidates for name in branch.endpoints}
        )

    def _candidates(self, path: str) -> _Candidates:
        """Where the whole path leads: word by word first, then as a destination."""
        branch = self._root
        arguments: tuple[str, ...] = ()
        as_destination: _Candidates = []
        if not path.startswith("/"):
            return as_destination
        rest = path[1:]
        while True:
            if branch.rest is not None:
                as_destination.append((branch.rest, (*arguments, rest)))
            if not rest:
                return [(branch, arguments), *as_destination]
            word, _, rest = rest.partition("/")
            following = branch.words.get(word.lower())
            if following is None:
                if branch.name is None or not (word or branch.name_may_be_empty):
                    return as_destination
                following = branch.name
                arguments = (*arguments, unquote(shown(word)))
            branch = following


def _grow(branch: _Branch, part: str) -> _Branch:
    """The branch for the next part of a template."""
    if part == _REST:
        branch.rest = branch.rest or _Branch()
        return branch.rest
    if part.startswith("{"):
        branch.name_may_be_empty = part == _MAYBE_EMPTY
        branch.name = branch.name or _Branch()
        return branch.name
    return branch.words.setdefault(part.lower(), _Branch())


def in_order(methods: Iterable[str]) -> str:
    """Methods as an ``Allow`` header lists them, always in the same order."""
    found = set(methods)
    if "GET" in found and D3_HEAD_LIKE_GET:
        found.add("HEAD")
    return ", ".join(name for name in _METHODS if name in found)


def _refusal(method: str, path: str, allowed: set[str]) -> ServiceError:
    """Why there is no endpoint: the path is unknown, or the methods ``allowed`` are others."""
    if not allowed:
        return refusals.route_not_found(method, shown(path))
    return refusals.method_not_allowed(method, shown(path), in_order(allowed))
