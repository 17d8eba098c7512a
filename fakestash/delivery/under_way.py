"""Which delivery the calling code runs inside of, in whichever thread or task."""

from contextvars import ContextVar
from typing import Final

from fakestash.delivery.outbound import OutboundRequest

UNDER_WAY: Final[ContextVar[tuple[object, OutboundRequest] | None]] = ContextVar(
    "fakestash_under_way", default=None
)
"""The courier and the request. Threads and tasks that apps make for it have a copy."""
