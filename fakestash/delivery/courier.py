"""The courier carries attempts: makes the request, finds the destination, notes what came back."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Awaitable, Iterable, Mapping
from difflib import get_close_matches
from typing import Final, NamedTuple

from fakestash.delivery.base import Destination
from fakestash.delivery.doctor.checks import Evidence, refusal_now
from fakestash.delivery.doctor.watching import ReceiverWatch
from fakestash.delivery.http import HttpDestination
from fakestash.delivery.journal import Deliveries, Delivery
from fakestash.delivery.outbound import OutboundRequest
from fakestash.delivery.router import Router
from fakestash.delivery.scripted import ScriptedDestination
from fakestash.delivery.under_way import UNDER_WAY
from fakestash.errors import StrayDestinationError, shown_where_it_was_made
from fakestash.model.messages import Attempt
from fakestash.model.outcomes import Outcome, Responded, TimedOut, Unreachable, is_delivered
from fakestash.wire.places import place
from fakestash.wire.urls import target

__tracebackhide__ = shown_where_it_was_made

KEPT: Final = 10_000
"""So many of the latest deliveries are remembered however old they are."""

FOR_EVER: Final = 2**62
"""A time (ms) that never ends."""

_ALIKE: Final = 0.8
"""From here on two URLs are alike (of 1), so that one may be a slip of the other."""

_OUTCOMES: Final = (Responded, Unreachable, TimedOut)

_FORBIDDEN: Final = (401, 403)
"""How apps answer a delivery whose signature they do not accept."""


class Journal(NamedTuple):
    """What a courier remembers: deliveries, and when to forget again.

    ``forgotten`` is how many it has, by the ids of the users whose they were.
    """

    deliveries: list[Delivery] | None
    forgotten: Mapping[str, int]
    looked_through_at: int


class Courier:
    """Carries attempts to their destinations and keeps a journal of them.

    Args:
        router: which destination serves which URL.
        region: goes out as ``Upstash-Region``.
        sign_with_virtual_time: stamp tokens with the fake's clock instead of the receiver's
            (D119); receivers that check the time then need a clock that is moved alike.
        keep_journal: whether deliveries are remembered.
        retention: how long (ms), once there are ``KEPT`` of them.
        is_strict: whether what user code raises in a delivery is to come out of the move of time.
    """

    def __init__(
        self,
        router: Router,
        *,
        region: str,
        sign_with_virtual_time: bool = False,
        keep_journal: bool = True,
        retention: int = FOR_EVER,
        is_strict: bool = False,
    ) -> None:
        self._router = router
        self.region = region
        self._virtual_time = sign_with_virtual_time
        self._journal: list[Delivery] | None = [] if keep_journal else None
        self._retention = retention
        self.is_strict = is_strict
        self._forgotten: Mapping[str, int] = {}
        self._looked_through_at = KEPT
        self._watch = ReceiverWatch()
        self._is_watching = not keep_journal  # nobody could ask

    def another(self, router: Router) -> "Courier":
        """One of the same making with nothing in its journal, for other destinations."""
        return Courier(
            router,
            region=self.region,
            sign_with_virtual_time=self._virtual_time,
            keep_journal=self._journal is not None,
            retention=self._retention,
            is_strict=self.is_strict,
        )

    @property
    def journal(self) -> Journal:
        """All that this remembers; the list in it is the courier's own."""
        return Journal(self._journal, self._forgotten, self._looked_through_at)

    @journal.setter
    def journal(self, journal: Journal) -> None:
        self._journal, self._forgotten, self._looked_through_at = journal

    @property
    def deliveries(self) -> Deliveries:
        """All deliveries so far, those under way included."""
        return Deliveries(self._journal or ())

    def deliveries_of(self, user_id: str) -> Deliveries:
        """Those of one user's messages."""
        return Deliveries(each for each in self._journal or () if _user_id(each) == user_id)

    def deliveries_since(self, count: int) -> Deliveries:
        """Those after the first ``count``."""
        return Deliveries((self._journal or [])[max(0, count - self._number_forgotten) :])

    @property
    def count(self) -> int:
        """How many deliveries were made, also if they are not remembered any more."""
        return self._number_forgotten + len(self._journal or ())

    def count_of(self, user_id: str) -> int:
        """How many of one user's messages."""
        kept = sum(_user_id(each) == user_id for each in self._journal or ())
        return self._forgotten.get(user_id, 0) + kept

    @property
    def is_carrying(self) -> bool:
        """Whether the calling code runs inside one of this courier's deliveries."""
        under_way = UNDER_WAY.get()
        return under_way is not None and under_way[0] is self

    def needs_loop(self, attempt: Attempt) -> bool:
        """Whether the destination has to be called inside an event loop."""
        destination = self._router.find(attempt.message.command.url)
        return destination is not None and destination.needs_loop

    def destination_of(self, url: str) -> Destination | None:
        """What serves a URL, if anything does."""
        return self._router.find(url)

    def stamp(self, instant: int) -> int | None:
        """The time of a signature that is made at ``instant`` (unix ms), in unix seconds.

        None is that of this process.
        """
        return instant // 1000 if self._virtual_time else None

    def carry(self, attempt: Attempt) -> Outcome | Awaitable[Outcome]:
        """Call the destination of ``attempt``.

        Raises:
            StrayDestinationError: if nothing serves its URL.
        """
        delivery = Delivery(attempt, self.region, self.stamp(attempt.started_at))
        destination = self._router.find(attempt.message.command.url)
        if destination is None:
            raise StrayDestinationError(_stray_text(delivery.url, self._router.routes))
        if self._journal is not None:
            self._journal.append(delivery)
            if len(self._journal) >= self._looked_through_at:
                self._forget(self._journal, attempt.started_at - self._retention)
        return self.call(destination, delivery)

    def call(
        self, destination: Destination, request: OutboundRequest
    ) -> Outcome | Awaitable[Outcome]:
        """Call ``destination`` with a request; the journal does not hear of it."""
        if not self._is_watching:
            self._is_watching = self._watch.begin()
        token = UNDER_WAY.set((self, request))
        try:
            outcome = destination.call(request)
        finally:
            UNDER_WAY.reset(token)
        if not isinstance(outcome, _OUTCOMES):
            return self._awaited(destination, request, outcome)
        if not is_delivered(outcome):
            self._note_failure(destination, request, outcome)
        return outcome

    def close(self) -> None:
        """See no more what apps check."""
        self._watch.end()
        self._is_watching = True

    def _forget(self, journal: list[Delivery], before: int) -> None:
        """Forget what was delivered before this instant (unix ms), except the latest ones."""
        old = bisect_left(journal, before, key=_started_at, hi=len(journal) - KEPT)
        self._forgotten = dict(Counter(self._forgotten) + Counter(map(_user_id, journal[:old])))
        del journal[:old]
        self._looked_through_at = len(journal) + KEPT // 8

    @property
    def _number_forgotten(self) -> int:
        return sum(self._forgotten.values())

    async def _awaited(
        self, destination: Destination, request: OutboundRequest, answer: Awaitable[Outcome]
    ) -> Outcome:
        token = UNDER_WAY.set((self, request))
        try:
            outcome = await answer
        finally:
            UNDER_WAY.reset(token)
        if not is_delivered(outcome):
            self._note_failure(destination, request, outcome)
        return outcome

    def _note_failure(
        self, destination: Destination, request: OutboundRequest, outcome: Outcome
    ) -> None:
        """Note how things stand, if a diagnosis may be asked for. A script's answer needs none."""
        check = None if request.evidence is None else request.evidence.check
        is_forbidden = isinstance(outcome, Responded) and outcome.status in _FORBIDDEN
        is_scripted = isinstance(destination, ScriptedDestination)
        if check is None and outcome.exception is None and (is_scripted or not is_forbidden):
            return
        refusal = refusal_now(
            is_in_process=not isinstance(destination, HttpDestination),
            is_stamped_by_fake=self._virtual_time,
        )
        request.evidence = Evidence(check, refusal)


def _started_at(delivery: Delivery) -> int:
    return delivery.attempt.started_at


def _user_id(delivery: Delivery) -> str:
    return delivery.attempt.message.user_id


def _stray_text(url: str, served: Iterable[str]) -> str:
    origin = target(url).origin
    ways = {
        f'qstash.mount("{origin}", app)': "your ASGI or WSGI app",
        f'qstash.destination("{place(url)}").responds(200)': "a scripted answer",
        f'qstash.allow_http("{origin}")': "the real thing, over HTTP",
    }
    closest = get_close_matches(place(url), served, 1, _ALIKE)
    width = max(map(len, ways))
    lines = [f"    {line:<{width}}  # {meaning}" for line, meaning in ways.items()]
    return "\n".join(
        [
            f"a message was due for {url}, and nothing serves that URL here.",
            *(f"The closest that is served: {each}" for each in closest),
            "Add one of these lines before time is moved:",
            *lines,
        ]
    )
