"""An event loop whose timers no test can freeze.

asyncio's own loop asks ``time.monotonic``, which libraries that freeze time replace: in a
frozen loop timers never end, and those set before or after all end at once.
"""

import asyncio
import sys

from fakestash.clock import steady_seconds

if sys.platform == "win32":
    _PlatformLoop = asyncio.ProactorEventLoop
else:
    _PlatformLoop = asyncio.SelectorEventLoop


class SteadyLoop(_PlatformLoop):
    """The platform's default loop on the machine's steady clock."""

    def time(self) -> float:
        """Seconds of the steady clock."""
        return steady_seconds()
