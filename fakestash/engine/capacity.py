"""How much is kept of one user: enough for any test, and an end to a flood.

The service has no such limit. When it is reached, the oldest messages that have ended go as if
their retention were over. What has not ended is never forgotten: if that is what fills the place,
publishes are refused.
"""

from typing import Final, NamedTuple

from fakestash import refusals
from fakestash.engine import history
from fakestash.engine.account import Account

_PART: Final = 8
"""This part of what is kept goes at once, if so much has ended."""

_GROWTH: Final = 64
"""If nothing had ended, the log has to grow by this part before it is looked at again."""


class Capacity(NamedTuple):
    """The most that is kept of one user.

    ``messages`` counts those under way and those that the log speaks of, with dead letters and
    flow control keys; ``body_bytes`` is the size of all their bodies.
    """

    messages: int
    body_bytes: int


UNLIMITED: Final = Capacity(2**62, 2**62)
"""For a test, which comes to its end."""

CAPACITY: Final = Capacity(1_000_000, 2**30)
"""For a server that runs on and on."""


def check_room(account: Account, capacity: Capacity) -> None:
    """See that there is room for another message.

    Raises:
        ServiceError: 507 if there is none.
    """
    if _has_room(account, capacity):
        return
    if len(account.log) >= account.room_sought_at:
        while history.forget_ended(account, len(account.messages) // _PART + 1):
            if _has_room(account, capacity):
                return
        account.room_sought_at = len(account.log) + len(account.log) // _GROWTH + 1
    if account.body_bytes >= capacity.body_bytes:
        raise refusals.no_room(
            f"{capacity.body_bytes} bytes of bodies", "let messages end, or reset the server"
        )
    raise refusals.no_room(
        f"{capacity.messages} messages, dead letters and flow control keys",
        "let messages end, delete dead letters, or reset the server",
    )


def _has_room(account: Account, capacity: Capacity) -> bool:
    held = len(account.messages) + len(account.dead_letters) + len(account.gates)
    return held < capacity.messages and account.body_bytes < capacity.body_bytes
