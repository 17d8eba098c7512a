"""The engine: what happens to messages, when, and what is remembered of it.

It does no I/O and runs no user code. A driver takes attempts out of it with ``claim`` and
brings their outcomes back with ``settle``.
"""

from fakestash.engine.engine import Caller, Engine
from fakestash.engine.running import FAR_FUTURE

__all__ = ["FAR_FUTURE", "Caller", "Engine"]
