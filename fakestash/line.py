"""What passes between the API and whoever serves it, beside ASGI: late answers, lost connections.

ASGI has no word for either. Who serves the API in the process of its caller puts a function of
seconds under ``WAIT`` among the extensions of a request, as ``{"wait": function}``. The seconds
have passed when it returns; it raises what the caller is to see if that one does not wait so long.
Without it the API waits in real time.
"""

from typing import Final

WAIT: Final = "fakestash.wait"
"""The extension of a request for whose answer nobody waits."""


class CallDroppedError(Exception):
    """The connection is to be closed, and the caller to get no answer."""
