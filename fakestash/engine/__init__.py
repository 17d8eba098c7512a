"""The engine: what happens to messages, when, and what is remembered of it.

It does no I/O and runs no user code. A driver takes attempts out of it with ``claim`` and
brings their outcomes back with ``settle``.
"""

from fakestash.engine.engine import FAR_FUTURE, Caller, Engine

__all__ = ["FAR_FUTURE", "Caller", "Engine"]
