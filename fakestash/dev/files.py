"""How many files the process may have open: each connection, in and out, is one."""

from contextlib import suppress
from typing import Final

ENOUGH: Final = 8192
"""As many connections as the server takes, and as many deliveries."""


def allow_many_files() -> None:
    """Have the system let this process open enough files, as far as it lets anybody."""
    try:
        import resource  # noqa: PLC0415 - it is not there on Windows, which has no such limit
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH if hard == resource.RLIM_INFINITY else min(ENOUGH, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):  # macOS has a further limit, which it does not tell
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
