"""Going back, and trying out what would happen if: snapshots of the whole fake, and branches.

What is copied is data: engine, clock, ids, journal, routes, faults and where scripts stand. User
code is shared: mounted apps and what they remember, functions that scripts call, handlers and
connections.
"""

from collections.abc import Mapping
from copy import copy
from datetime import datetime
from types import MappingProxyType
from typing import Final, NamedTuple, Self

from fakestash.api.faults.active import FaultsState
from fakestash.api.strictness import StrictnessNote
from fakestash.delivery.base import Destination
from fakestash.delivery.courier import Journal
from fakestash.delivery.journal import Delivery
from fakestash.delivery.router import Router
from fakestash.delivery.scripted import ScriptedDestination, Standing, stand, standing_of
from fakestash.drive.manual import ManualDriver
from fakestash.engine.branching import State
from fakestash.errors import UsageError, shown_where_it_was_made
from fakestash.syntax.moments import datetime_of, instant_of, instant_text
from fakestash.testing.front import Front
from fakestash.testing.parts import Parts

__tracebackhide__ = shown_where_it_was_made

CHANGING: Final = (Delivery,)
"""The class of the journal's objects, which lead to messages."""


class Contents(NamedTuple):
    """What a snapshot holds. ``scripts`` has where each scripted destination stands, by place."""

    state: State[Journal]
    routes: Mapping[str, Destination]
    scripts: Mapping[str, tuple[ScriptedDestination, Standing]]
    letters_seen: frozenset[str]
    unknown: tuple[StrictnessNote, ...]
    faults: FaultsState


class Snapshot:
    """Everything in a fake at one instant. It never changes, and can be restored more than once.

    ``contents`` are for the fake alone.
    """

    __slots__ = ("_of", "contents")

    def __init__(self, contents: Contents, of: object) -> None:
        self.contents = contents
        self._of = of

    @property
    def at(self) -> datetime:
        """The instant, on the fake's clock."""
        return datetime_of(self.contents.state.now)

    def is_of(self, fake: object) -> bool:
        """Whether it was taken of this very fake."""
        return self._of is fake

    def __repr__(self) -> str:
        return f"<Snapshot at {instant_text(instant_of(self.at))}>"


def _is_of(snapshot: object, fake: object) -> bool:
    return isinstance(snapshot, Snapshot) and snapshot.is_of(fake)


class Branches(Parts):
    """Several histories that begin alike."""

    def snapshot(self) -> Snapshot:
        """All there is now: clock, ids, messages, timeline, journal, routes, scripts' positions.

        Answers on their way (virtual latency) are in it, and come at their instants in each
        history that goes on from it.

        Raises:
            UsageError: from inside a delivery, or while a destination is being called.
        """
        with self._driver.turn("snapshot"):
            return Snapshot(self._contents(), self)

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot of this fake: from here on the same calls give the same history.

        Deliveries, reports and dead letters that were read before tell of the history that was
        left. Mounted apps and functions know nothing of it.

        Raises:
            UsageError: if it is none of this fake; from inside a delivery, or while a destination
                is being called.
        """
        with self._driver.turn("restore"):
            if not _is_of(snapshot, self):
                raise UsageError(
                    f"{snapshot!r} is no snapshot of this fake: restore() takes what snapshot() of "
                    "the same one gave"
                )
            state, routes, scripts, letters_seen, unknown, faults = snapshot.contents
            self.strictness.put_back(unknown)
            self._courier.journal = self.engine.states.put_back(state, CHANGING)
            self._router.routes = routes
            self._letters_seen = set(letters_seen)
            self.faults.contents = faults
            self._scripted = {place: destination for place, (destination, _) in scripts.items()}
            for destination, standing in scripts.values():
                stand(destination, standing)

    def fork(self) -> Self:
        """Another fake that begins where this one is: neither has any influence on the other.

        Use it as a context manager, or close it. It delivers to the same apps and functions, which
        remember what both did; where one of them publishes back, it reaches the fake that delivers
        to it. Apart from that ``url`` is the address of this fake, not of the branch: to call the
        branch's API take its ``transport``, or ``serve`` it. Only one of them moves time at once.

        Raises:
            UsageError: from inside a delivery, or while a destination is being called.
        """
        with self._driver.turn("fork"):
            other = copy(self)
            other._separate(self._contents())  # noqa: SLF001 - it is one of these, too
            return other

    def _contents(self) -> Contents:
        journal = self._courier.journal
        return Contents(
            self.engine.states.take(journal, CHANGING),
            MappingProxyType(self._router.routes),
            MappingProxyType(
                {
                    place: (destination, standing_of(destination))
                    for place, destination in self._scripted.items()
                }
            ),
            frozenset(self._letters_seen),
            self.strictness.notes,
            self.faults.contents,
        )

    def _separate(self, contents: Contents) -> None:
        """Turn a plain copy of a fake into a branch: whatever changes becomes its own."""
        state, routes, scripts, letters_seen, _, faults = contents
        self._letters_seen = set(letters_seen)
        self.faults = self.faults.another()
        self.faults.contents = faults
        own: dict[Destination, Destination] = {}
        self._scripted = {}
        for place, (destination, standing) in scripts.items():
            branch = self._scripted[place] = ScriptedDestination(destination.url)
            stand(branch, standing)
            own[destination] = branch
        self._router = Router(otherwise=self._stray)
        self._router.routes = {url: own.get(each, each) for url, each in routes.items()}
        self._server, self._residents, self._defects = None, [], []
        clock = self.app.clock.another()
        self.engine = self.engine.another(clock)
        self.strictness = self.strictness.another(clock)
        self._courier = self._courier.another(self._router)
        self._courier.journal = self.engine.states.put_back(state, CHANGING)
        self.app = Front(self._api(), clock, (self.app, *self.app.older))
        around = self.app.before_the_older
        self._driver = ManualDriver(self.engine, self._courier, self._driver.ground, around)
