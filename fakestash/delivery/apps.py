"""Apps in this process: which kind an app is, and the destination that calls it."""

import inspect
from collections.abc import Callable
from typing import Any, Final

from fakestash.delivery.asgi import AsgiDestination
from fakestash.delivery.wsgi import WsgiDestination
from fakestash.errors import UsageError, shown_where_it_was_made

__tracebackhide__ = shown_where_it_was_made

_ASGI: Final = ("scope", "receive", "send")
_WSGI: Final = ("environ", "start_response")


def destination_for(app: Callable[..., Any]) -> AsgiDestination | WsgiDestination:
    """The destination that calls ``app``.

    Raises:
        UsageError: if ``app`` can be neither an ASGI nor a WSGI app.
    """
    try:
        signature = inspect.signature(app)
        is_asgi = _is_coroutine_function(app) or len(signature.parameters) == len(_ASGI)
        signature.bind(*(_ASGI if is_asgi else _WSGI))
    except (TypeError, ValueError):  # it cannot be called, or not so, or nobody knows how
        raise UsageError(
            "mount() takes an ASGI app, which is called with (scope, receive, send), or a WSGI "
            f"app, which is called with (environ, start_response), got {app!r}; of a function "
            "that makes an app, mount what it returns"
        ) from None
    return AsgiDestination(app) if is_asgi else WsgiDestination(app)


def _is_coroutine_function(app: Callable[..., Any]) -> bool:
    call = app if inspect.isroutine(app) else type(app).__call__
    return inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(call)
