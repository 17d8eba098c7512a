"""Exceptions that a web framework answers with a 500 itself, so that its caller sees none.

Flask and Django send a signal then, of the same name, while they handle the exception.
Neither is imported here: whoever has mounted an app of theirs has loaded it.
"""

import sys
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any, Final

_SENDERS: Final = ("flask.signals", "django.core.signals")
_SIGNAL: Final = "got_request_exception"

_heard: ContextVar[list[Exception] | None] = ContextVar("fakestash_framework_errors", default=None)
"""The list of the call under way. Threads and tasks that frameworks make for it have a copy."""


_NOTHING: Final = nullcontext[Sequence[Exception]](())


def hidden_errors() -> AbstractContextManager[Sequence[Exception]]:
    """A list that gets what frameworks answered by themselves in the call made meanwhile.

    Calls may overlap, in threads, in tasks, and one inside the other: each hears its own.
    """
    if sys.modules.keys().isdisjoint(_SENDERS):
        return _NOTHING
    found: list[Any] = [getattr(sys.modules.get(name), _SIGNAL, None) for name in _SENDERS]
    # Old releases of Flask may have a stand-in for signals, to which nothing can be connected.
    signals = [signal for signal in found if hasattr(signal, "receivers")]
    return _heard_from(signals) if signals else _NOTHING


@contextmanager
def _heard_from(signals: list[Any]) -> Generator[list[Exception], None, None]:
    heard: list[Exception] = []

    def note(*_: object, **__: object) -> None:
        error = sys.exc_info()[1]
        if _heard.get() is heard and isinstance(error, Exception):
            heard.append(error)

    token = _heard.set(heard)
    for signal in signals:
        signal.connect(note, weak=False)
    try:
        yield heard
    finally:
        for signal in signals:
            signal.disconnect(note)
        _heard.reset(token)
