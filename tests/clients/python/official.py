"""The official clients as tests call them: both alike, and with every call noted."""

import asyncio
from collections.abc import Callable, Set
from functools import wraps
from inspect import iscoroutine
from types import SimpleNamespace
from typing import Any, ParamSpec, TypeAlias, TypeVar, cast

from qstash import AsyncQStash, QStash

from tests.clients.python.inventory import named_methods, parts_of, used

P = ParamSpec("P")
T = TypeVar("T")
Kind: TypeAlias = type[QStash] | type[AsyncQStash]


class Clients:
    """Makes official clients, and closes them in the end, which they never do by themselves."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._made: list[QStash | AsyncQStash] = []
        self._kept: dict[tuple[Kind, str], QStash | AsyncQStash] = {}

    def new(self, kind: Kind, calls: set[str], token: str, **options: Any) -> QStash:  # noqa: ANN401 - as the client has them
        """A client of a kind, as ``recorded`` has it."""
        make: Callable[..., QStash | AsyncQStash] = noted("QStash", kind, calls)
        client = make(token, **options)
        self._made.append(client)
        return recorded(client, calls, self.finished)

    def of(self, kind: Kind, calls: set[str], url: str, token: str) -> QStash:
        """The same for ``url``; one client serves many tests: a new one costs like many calls."""
        client = self._kept.get((kind, url))
        if client is None:
            client = self._kept[kind, url] = kind(token, retry=False, base_url=url)
            self._made.append(client)
        return recorded(client, calls, self.finished)

    def finished(self, result: Any) -> Any:  # noqa: ANN401 - of any call
        """What a call comes to: that of the async client has to be awaited."""
        return self._loop.run_until_complete(result) if iscoroutine(result) else result

    def close(self) -> None:
        """Close all connections."""
        for client in self._made:
            connections = connections_of(client)
            is_async = isinstance(client, AsyncQStash)
            self.finished(connections.aclose() if is_async else connections.close())
        self._loop.close()


def connections_of(client: QStash | AsyncQStash) -> Any:  # noqa: ANN401 - of either kind
    """The HTTP client that a client has to itself, and never closes."""
    return vars(client.http)["_client"]


def recorded(
    client: QStash | AsyncQStash, calls: set[str], finished: Callable[[Any], Any]
) -> QStash:
    """A client of either kind as if it were the blocking one, which notes its ``calls``."""
    parts = {name: SimpleNamespace() for name in parts_of(client)}
    for name, method in named_methods(parts_of(client)).items():
        part, _, own_name = name.partition(".")
        setattr(parts[part], own_name, _finishing(noted(name, method, calls), finished))
    return cast("QStash", SimpleNamespace(**parts))


def noted(name: str, function: Callable[P, T], calls: set[str]) -> Callable[P, T]:
    """``function``, which notes in ``calls`` what it is called with."""

    @wraps(function)
    def calling(*args: P.args, **kwargs: P.kwargs) -> T:
        calls.update(used(name, function, args, kwargs))
        return function(*args, **kwargs)

    return calling


def _finishing(function: Callable[..., Any], finished: Callable[[Any], Any]) -> Callable[..., Any]:
    return lambda *args, **kwargs: finished(function(*args, **kwargs))


def declared(texts: Set[str]) -> frozenset[str]:
    """Options, of which several of one method may stand in one text: ``queue.upsert(a, b)``."""
    return frozenset(
        f"{name}({option})"
        for name, _, options in (text.rstrip(")").partition("(") for text in texts)
        for option in options.split(", ")
    )
