"""What a destination is."""

from collections.abc import Awaitable
from typing import Protocol

from fakestash.delivery.outbound import OutboundRequest
from fakestash.model.outcomes import Outcome


class Destination(Protocol):
    """Something that takes a delivery request and answers it.

    ``call`` returns the outcome, or an awaitable of it where the destination needs an event
    loop; ``needs_loop`` says beforehand that it does. Whatever goes wrong is an outcome, and what
    user code raises is kept as the outcome's ``exception``. The ``Exception``s that come out are
    ``UsageError`` (the test itself is wrong, and delivering again would not help) and the
    ``AssertionError`` of an assertion that the test makes in a scripted answer.
    """

    @property
    def needs_loop(self) -> bool:
        """Whether ``call`` is to be made inside a running event loop."""
        ...

    def call(self, request: OutboundRequest, /) -> Outcome | Awaitable[Outcome]:
        """Take one request."""
        ...
