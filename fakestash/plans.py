"""Limits of the service's plans, as data.

Only the limits that are enforced stand here. Numbers are the vendor's published ones for
the pay-as-you-go plan, which is also the default of its development server.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one plan allows.

    Sizes are bytes, durations seconds, as the service's error texts give them;
    ``global_parallelism`` caps the attempts in flight.
    """

    name: str
    max_message_size: int
    max_retries: int
    max_delay: int
    max_timeout: int
    global_parallelism: int


PAYG: Final = Plan(
    name="payg",
    max_message_size=10_485_760,
    max_retries=5,
    max_delay=31_536_000,
    max_timeout=7200,
    global_parallelism=100,
)
