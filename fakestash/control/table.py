"""Every route of the control API."""

from typing import Final

from fakestash.control.asked import Answer, Asked, Endpoint, Routes, told
from fakestash.control.asserting import ASSERT_ROUTES
from fakestash.control.by_hand import BY_HAND_ROUTES
from fakestash.control.chaos import CHAOS_ROUTES
from fakestash.control.clock import CLOCK_ROUTES
from fakestash.control.deliveries import DELIVERY_ROUTES
from fakestash.control.destinations import DESTINATION_ROUTES
from fakestash.control.faults import FAULT_ROUTES
from fakestash.control.looking import LOOKING_ROUTES
from fakestash.control.probing import PROBING_ROUTES
from fakestash.control.snapshots import SNAPSHOT_ROUTES
from fakestash.control.strictness import STRICTNESS_ROUTES
from fakestash.control.worlds import WORLD_ROUTES


async def _describe(_: Asked) -> Answer:
    from fakestash.control.description import document  # noqa: PLC0415 - few ask for it

    return told(document(ROUTES))


ROUTES: Final[Routes] = {
    **CLOCK_ROUTES,
    **SNAPSHOT_ROUTES,
    **DESTINATION_ROUTES,
    **DELIVERY_ROUTES,
    **LOOKING_ROUTES,
    **ASSERT_ROUTES,
    **BY_HAND_ROUTES,
    **PROBING_ROUTES,
    **FAULT_ROUTES,
    **CHAOS_ROUTES,
    **STRICTNESS_ROUTES,
    **WORLD_ROUTES,
    ("GET", "/_fakestash/openapi.json"): Endpoint(
        _describe, "This description.", {"type": "object"}
    ),
}
