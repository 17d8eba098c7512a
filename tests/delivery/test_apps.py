"""Which apps can be mounted, and as what they are called."""

import functools
from collections.abc import Callable
from typing import Any, cast

import fastapi
import flask
import pytest

from fakestash.delivery.apps import destination_for
from fakestash.delivery.asgi import AsgiDestination
from fakestash.delivery.wsgi import WsgiDestination
from fakestash.errors import UsageError


async def asgi(scope: object, receive: object, send: object) -> None:
    """An ASGI app that says nothing."""


def wsgi(environ: object, start_response: object) -> list[bytes]:
    return []


class Asgi:
    """An ASGI app that is an object."""

    async def __call__(self, *message: object) -> None:
        return None


class Wsgi:
    """A WSGI app that is an object."""

    def __call__(self, environ: object, start_response: object) -> list[bytes]:
        return []


class WsgiAnswer:
    """A WSGI app that is a class, whose objects are the bodies of its answers."""

    def __init__(self, environ: object, start_response: object) -> None:
        pass


@functools.wraps(wsgi)
def wrapped_wsgi(*args: object) -> list[bytes]:
    return []


@pytest.mark.parametrize(
    "app", [asgi, Asgi(), functools.partial(asgi), lambda a, b, c: None, fastapi.FastAPI()]
)
def test_an_asgi_app_is_known_by_how_it_is_called(app: Callable[..., Any]) -> None:
    assert type(destination_for(app)) is AsgiDestination


@pytest.mark.parametrize(
    "app", [wsgi, Wsgi(), WsgiAnswer, wrapped_wsgi, lambda *args: [], flask.Flask("shop")]
)
def test_any_other_app_is_a_wsgi_app(app: Callable[..., Any]) -> None:
    assert type(destination_for(app)) is WsgiDestination


async def asgi_of_long_ago(scope: object) -> None:
    """A coroutine function with too few parameters."""


@pytest.mark.parametrize(
    "app", [None, "app:app", dict, lambda: 0, lambda request: 200, asgi_of_long_ago, fastapi]
)
def test_what_can_be_called_as_neither_is_refused(app: object) -> None:
    with pytest.raises(UsageError) as raised:
        destination_for(cast("Callable[..., Any]", app))

    assert str(raised.value) == (
        "mount() takes an ASGI app, which is called with (scope, receive, send), or a WSGI app, "
        f"which is called with (environ, start_response), got {app!r}; of a function that makes "
        "an app, mount what it returns"
    )
