"""Ctrl-C and SIGTERM: the first one has the server end, more of them change nothing."""

import asyncio
import signal
import sys
from collections.abc import Callable
from typing import Final

_STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


def on_stop_signals(stop: Callable[[], None]) -> None:
    """Have ``stop`` called in the running loop at the first signal to stop.

    More of them change nothing, to the very end of the process.
    """
    loop = asyncio.get_running_loop()

    def first(*_: object) -> None:
        for number in _STOP_SIGNALS:  # SIG_IGN has Python complain about one that just came
            signal.signal(number, _ignore)
        if sys.platform != "win32":
            signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)
        loop.call_soon_threadsafe(stop)

    for number in _STOP_SIGNALS:
        signal.signal(number, first)


def _ignore(*_: object) -> None:
    """Do nothing."""
