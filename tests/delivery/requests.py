"""Delivery requests for tests, made without an engine."""

from typing import Final

from fakestash.delivery.outbound import OutboundRequest
from fakestash.model.messages import Attempt, Message, PublishCommand
from fakestash.model.outcomes import HeaderItems
from fakestash.model.users import DEFAULT_USER

AT: Final = 1_767_225_600_000
"""When the attempt started: 2026-01-01T00:00:00Z."""

LONGEST: Final = 7_200_000
"""The time limit of an attempt that says nothing, in ms."""


def a_request(
    url: str = "https://shop.test/hook",
    *,
    method: str = "POST",
    body: bytes = b"",
    headers: HeaderItems = (),
    retried: int = 0,
    timeout: int = LONGEST,
) -> OutboundRequest:
    """The request for attempt ``retried`` of a message; ``timeout`` is in ms."""
    command = PublishCommand(url=url, body=body, method=method, headers=headers)
    message = Message("msg_1", DEFAULT_USER.id, command, AT, AT, AT)
    attempt = Attempt(message, retried, AT, timeout, DEFAULT_USER.keys.current, nonce=1)
    return OutboundRequest(attempt, "EU-CENTRAL-1")
