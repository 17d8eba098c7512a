"""The development server: the API on a port, deliveries over real HTTP, in one event loop.

What it prints when it is ready has the form of the vendor's own development server, whose
clients look for it: a line that ends in ``is running.``, and the settings as ``NAME=value``
lines. How it ends is ours (D123): Ctrl-C and SIGTERM alike close everything at once, tell
what was pending, and are no failure.
"""

from fakestash.dev.run import run
from fakestash.dev.settings import Settings

__all__ = ["Settings", "run"]
