"""Seeing what apps have the official receiver check, also if they keep its verdict to themselves.

``qstash.Receiver.verify`` is wrapped while a fake wants that, and only if the library is loaded: it
is never imported here. The wrapper does what the method does. Fakes that are there at once share
it, and the last one to go takes it away.
"""

import functools
import sys
import weakref
from collections.abc import Callable
from contextlib import suppress
from threading import RLock
from typing import Any, Final

from fakestash.delivery.doctor.checks import ACCEPTED, Evidence, check_of_receiver
from fakestash.delivery.under_way import UNDER_WAY

_MODULE: Final = "qstash.receiver"
_MARK: Final = "fakestash_watch"
_LOCK: Final = RLock()  # the collector may end a watch while another begins


class _Watch:
    """The wrapper of one method, and how many want it."""

    def __init__(self, original: Callable[..., Any]) -> None:
        self.original = original
        self.wanted = 0
        self.wrapper = _watched(original)
        setattr(self.wrapper, _MARK, self)


class ReceiverWatch:
    """The wish of one fake to see what is checked."""

    def __init__(self) -> None:
        self._release: Callable[[], object] | None = None

    def begin(self) -> bool:
        """Watch from now on, if the library is loaded; whether it is."""
        if _MODULE not in sys.modules:
            return False
        kind: Any = getattr(sys.modules[_MODULE], "Receiver", None)
        if not callable(getattr(kind, "verify", None)):
            return False
        with _LOCK:
            found = kind.verify
            watch = getattr(found, _MARK, None)
            if not isinstance(watch, _Watch):
                watch = _Watch(found)
            watch.wanted += 1
            kind.verify = watch.wrapper
        self._release = weakref.finalize(self, _release, kind, watch)  # fakes may be left open
        return True

    def end(self) -> None:
        """Watch no more.

        If somebody has put another method in its place meanwhile, that is left alone. Should they
        put the wrapper back, it only does what the method does.
        """
        if self._release is not None:
            self._release()


def _release(kind: Any, watch: _Watch) -> None:  # noqa: ANN401 - a class of the user's library
    with _LOCK:
        watch.wanted -= 1
        if not watch.wanted and kind.verify is watch.wrapper:
            kind.verify = watch.original


def _watched(verify: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(verify)
    def watched(self: Any, *args: Any, **given: Any) -> Any:  # noqa: ANN401 - as the method has it
        __tracebackhide__ = True
        try:
            result = verify(self, *args, **given)
        except Exception as error:
            with suppress(Exception):  # whatever is odd about the call is the user's to see
                _note(self, given, error)
            raise
        under_way = UNDER_WAY.get()
        if under_way is not None:
            under_way[1].evidence = ACCEPTED
        return result

    return watched


def _note(receiver: Any, given: dict[str, Any], error: Exception) -> None:  # noqa: ANN401 - as above
    under_way = UNDER_WAY.get()
    if under_way is not None:
        check = check_of_receiver(receiver, given, error)
        if check is not None:
            under_way[1].evidence = Evidence(check)
