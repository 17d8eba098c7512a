"""Apps in this process: which kind an app is, and the destination that calls it."""

import inspect
from collections.abc import Callable
from typing import Any, Final

from fakestash.delivery.asgi import AsgiDestination
from fakestash.delivery.wsgi import WsgiDestination
from fakestash.errors import UsageError

_ASGI_PARAMETERS: Final = 3


def destination_for(app: Callable[..., Any]) -> AsgiDestination | WsgiDestination:
    """The destination that calls ``app``.

    Raises:
        UsageError: if ``app`` can be neither an ASGI nor a WSGI app.
    """
    if not callable(app):
        raise UsageError(f"mount() takes an ASGI or WSGI app, got {app!r}")
    return AsgiDestination(app) if _is_asgi(app) else WsgiDestination(app)


def _is_asgi(app: Callable[..., Any]) -> bool:
    """Whether it is called with (scope, receive, send), not with (environ, start_response)."""
    call = app if inspect.isroutine(app) else type(app).__call__
    return (
        inspect.iscoroutinefunction(app)
        or inspect.iscoroutinefunction(call)
        or len(inspect.signature(app).parameters) == _ASGI_PARAMETERS
    )
