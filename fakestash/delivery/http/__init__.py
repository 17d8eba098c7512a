"""A destination that is reached over real HTTP.

How long it may take, and what a time-out means, depends on whose time it is: a clock that
runs by itself has moved on while the call was under way, a virtual one has stood still.
The client library is loaded with the first delivery; it costs a fifth of a second.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from fakestash.delivery.http.trust import SYSTEM, Trust
from fakestash.delivery.outbound import OutboundRequest
from fakestash.delivery.residents import Residents
from fakestash.errors import UsageError, shown_where_it_was_made
from fakestash.model.outcomes import Outcome, TimedOut
from fakestash.plans import PAYG

if TYPE_CHECKING:
    from fakestash.delivery.http.client import Client

__tracebackhide__ = shown_where_it_was_made

PATIENCE_S: Final = 30.0
"""How many real seconds a call may take while a virtual clock stands still."""


class HttpDestination:
    """Any URL, called over HTTP for real. Needs asyncio.

    Each event loop has connections of its own; they end with it, or by ``shutdown``.

    Args:
        clock_runs: whether the engine's clock moves by itself. If so, the time of a call has
            passed on it when the outcome is there. If not, an answer takes no time, and a
            time-out the attempt's whole time limit.
        rate: how many seconds of the engine's clock pass in one real second.
        patience: the most real seconds that a call may take, whatever the attempt's time limit
            allows; None for no such cap.
        max_body: the most bytes of an answer's body that are kept.
        trust: whose certificates are good enough over https.
        connect_to: gives the URL at which a destination is found, if that is another one. The
            request stays as it is, ``Host`` and signature included.
    """

    needs_loop = True

    def __init__(
        self,
        *,
        clock_runs: bool = False,
        rate: float = 1.0,
        patience: float | None = PATIENCE_S,
        max_body: int = PAYG.max_message_size,
        trust: Trust = SYSTEM,
        connect_to: Callable[[str], str] | None = None,
    ) -> None:
        self.retime(clock_runs=clock_runs, rate=rate, patience=patience)
        self._max_body = max_body
        self._trust = trust
        self.connect_to = connect_to
        self._clients = Residents["Client"]()

    def retime(self, *, clock_runs: bool, rate: float = 1.0, patience: float | None) -> None:
        """Have the clock run otherwise for calls from now on; each as for a new destination."""
        self._timed_out = TimedOut(took=0 if clock_runs else None)
        self._rate = rate
        self._patience = patience

    async def call(self, request: OutboundRequest) -> Outcome:
        """Deliver ``request``, once, and read the answer to its end.

        Raises:
            UsageError: if no asyncio event loop runs this.
        """
        request.leaves_process()
        client = self._clients.here()
        if client is None or not client.is_open:
            client = self._open_client()
        url = self.connect_to(request.url) if self.connect_to else request.url
        timed_out = self._timed_out  # that of the clock by which the limit is reckoned
        seconds = request.attempt.timeout / 1000 / self._rate
        if self._patience is not None:
            seconds = min(seconds, self._patience)
        try:
            async with asyncio.timeout(seconds):
                return await client.deliver(request, self._max_body, self._trust, url)
        except TimeoutError:
            return timed_out

    async def aclose(self) -> None:
        """Close the connections of the event loop that runs this."""
        await self._clients.end_here()

    def shutdown(self) -> None:
        """Close the connections of every event loop.

        A loop that stands still is run for it; one that runs is asked to and not waited for.
        """
        self._clients.end_all()

    def _open_client(self) -> "Client":
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            raise UsageError(
                "deliveries over real HTTP need asyncio: run this test under asyncio, mount the "
                "app in this process, or script the destination"
            ) from None
        from fakestash.delivery.http.client import Client  # noqa: PLC0415 - see the top

        client = Client()
        self._clients.add(client)
        return client
