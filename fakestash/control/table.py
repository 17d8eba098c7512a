"""Every route of the control API."""

from typing import Final

from fakestash.control.asked import Answer, Asked, Endpoint, Routes, told
from fakestash.control.clock import CLOCK_ROUTES
from fakestash.control.strictness import STRICTNESS_ROUTES


async def _describe(_: Asked) -> Answer:
    from fakestash.control.description import document  # noqa: PLC0415 - few ask for it

    return told(document(ROUTES))


ROUTES: Final[Routes] = {
    **CLOCK_ROUTES,
    **STRICTNESS_ROUTES,
    ("GET", "/_fakestash/openapi.json"): Endpoint(
        _describe, "This description.", {"type": "object"}
    ),
}
