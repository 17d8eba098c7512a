"""The faults that an API has at present, and the calls that they struck."""

from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, Final, NamedTuple, Self, Unpack

from fakestash.api.faults.fault import ApiFault, FaultFields, api_fault
from fakestash.api.faults.routes import is_on
from fakestash.errors import UsageError, shown_where_it_was_made
from fakestash.ids import chance
from fakestash.wire.places import covers

if TYPE_CHECKING:
    from collections.abc import Iterator

__tracebackhide__ = shown_where_it_was_made

MOST_CALLS: Final = 1000
"""So many of the latest calls that were struck are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultyCall:
    """A call that was struck by a fault.

    ``path`` is as it was sent, without the query. ``took_effect`` tells whether the call did what
    it was to do all the same. ``status`` is what was answered, None if nothing was.
    """

    at: datetime
    """The instant, on the fake's clock."""

    method: str
    path: str
    user: str
    fault_id: str
    fault: ApiFault
    took_effect: bool
    status: int | None


class Asking(NamedTuple):
    """What a fault looks at in a call. ``destinations`` are URLs or names of groups."""

    method: str
    path: str
    user: str
    destinations: tuple[str, ...]


class Standing(NamedTuple):
    """A fault and how far it has got: how many calls met it, and how many of them it struck.

    A fault that is not ``is_active`` was there for a block that has ended.
    """

    id: str
    fault: ApiFault
    met: int = 0
    struck: int = 0
    is_active: bool = True


class FaultsState(NamedTuple):
    """All that changes in ``ApiFaults``."""

    standings: tuple[Standing, ...] = ()
    calls: tuple[FaultyCall, ...] = ()
    added: int = 0


class ApiFaults:
    """The faults of one API. Of several that are for the same call the latest strikes.

    Iterating gives those that are active, in the order in which they were added.

    Args:
        seed: of faults with a probability.
    """

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._lock = Lock()
        self._state = FaultsState()
        self.are_set = False
        """Whether there is any that is active."""

    @property
    def contents(self) -> FaultsState:
        """All that changes here, for the fake alone; it can be put back."""
        return self._state

    @contents.setter
    def contents(self, state: FaultsState) -> None:
        with self._lock:
            self._set(state)

    def another(self) -> "ApiFaults":
        """One with the same faults that goes on like this one, and apart from it."""
        other = ApiFaults(self._seed)
        other.contents = self._state
        return other

    def add(self, kind: str, **fields: Unpack[FaultFields]) -> "ActiveFault":
        """Have calls fail, or be slow, until the fault is removed.

        As a context manager what it gives removes the fault at the end of the block.

        Args:
            kind: ``"daily"``, ``"burst"`` or ``"chat"`` (429), ``"quota"`` (412), ``"error"``
                (500), ``"slow"``, or ``"dropped"``: the connection is closed without an answer.
            fields: which calls, and how:

                - ``route``: the beginning of their path, such as ``"publish"`` or
                  ``"queues/{name}/pause"``;
                - ``method``; ``user``: the id of the user who calls;
                - ``destination``: an origin, a URL, or the name of a URL group, of what is
                  published, enqueued, scheduled, or among the entries of a batch;
                - ``after``: pass over so many first; ``every``: only every n-th of the others;
                  ``times``: not more than so many; ``probability``: each of these with this chance,
                  from the seed of the fake;
                - ``took``: how late the answer is (or the end of the connection): a ``timedelta``,
                  seconds, or text like "1.5s". Over HTTP it passes in real time, in process it does
                  not: there a client that would not wait so long raises its read time-out at once;
                - ``takes_effect``: make the call, and lose its answer. Slow ones always are made;
                - ``status``, ``text``: of an ``"error"``; ``quota``: its name, such as
                  ``"maxQueues"``; ``limit``: the number in the answer.

        Raises:
            UsageError: if a field means nothing; its text names field and value.
        """
        return self.add_fault(api_fault(kind, **fields))

    def add_fault(self, fault: ApiFault) -> "ActiveFault":
        """Add one that was made before."""
        with self._lock:
            added = self._state.added + 1
            fault_id = f"fault_{added}"
            standings = (*self._state.standings, Standing(fault_id, fault))
            self._set(self._state._replace(standings=standings, added=added))
        return ActiveFault(self, fault_id)

    def remove(self, fault_id: str) -> None:
        """Remove a fault; what it struck stays among the ``calls``.

        Raises:
            UsageError: if there is none of this id.
        """
        with self._lock:
            standings = self._state.standings
            left = tuple(each for each in standings if each.id != fault_id)
            if len(left) == len(standings):
                known = ", ".join(each.id for each in standings) or "none at all"
                raise UsageError(f"there is no fault {fault_id!r}; there are: {known}")
            self._set(self._state._replace(standings=left))

    def end(self, fault_id: str) -> None:
        """Have a fault strike no more; it stays known as one that was there. Twice is as once."""
        with self._lock:
            ended = tuple(
                each._replace(is_active=False) if each.id == fault_id else each
                for each in self._state.standings
            )
            self._set(self._state._replace(standings=ended))

    def clear(self) -> None:
        """Remove all faults, and forget the calls that they struck."""
        with self._lock:
            self._set(FaultsState(added=self._state.added))

    def begin_again(self, seed: int) -> None:
        """Be as new, with this seed. For the fake alone."""
        with self._lock:
            self._seed = seed
            self._set(FaultsState())

    def get(self, fault_id: str) -> "ActiveFault":
        """The active fault of this id.

        Raises:
            UsageError: if there is none.
        """
        for each in self:
            if each.id == fault_id:
                return each
        known = ", ".join(each.id for each in self) or "none at all"
        raise UsageError(f"there is no fault {fault_id!r}; there are: {known}")

    @property
    def calls(self) -> tuple[FaultyCall, ...]:
        """The calls that were struck, in order; of very many the latest."""
        return self._state.calls

    def __iter__(self) -> "Iterator[ActiveFault]":
        return (ActiveFault(self, each.id) for each in self._state.standings if each.is_active)

    def __len__(self) -> int:
        return sum(each.is_active for each in self._state.standings)

    def __repr__(self) -> str:
        return f"<ApiFaults {[str(each.fault) for each in self]}>"

    def strike(self, call: Asking) -> Standing | None:
        """The fault that strikes a call, if one does; it is counted."""
        with self._lock:
            standings = list(self._state.standings)
            struck = None
            for place in reversed(range(len(standings))):
                standing = standings[place]
                if not standing.is_active or not _is_for(standing.fault, call):
                    continue
                standing = standing._replace(met=standing.met + 1)
                if self._chooses(standing):
                    standing = struck = standing._replace(struck=standing.struck + 1)
                standings[place] = standing
                if struck is not None:
                    break
            self._set(self._state._replace(standings=tuple(standings)))
        return struck

    def note(self, call: FaultyCall) -> None:
        """Keep a call that was struck."""
        with self._lock:
            self._set(self._state._replace(calls=(*self._state.calls, call)[-MOST_CALLS:]))

    def _chooses(self, standing: Standing) -> bool:
        return standing.fault.chooses(
            standing.met,
            standing.struck,
            lambda: chance(self._seed, f"api {standing.id}", standing.met),
        )

    def _set(self, state: FaultsState) -> None:
        self._state = state
        self.are_set = any(each.is_active for each in state.standings)


class ActiveFault:
    """A fault that was added, as it stands now."""

    __slots__ = ("_faults", "id")

    def __init__(self, faults: ApiFaults, fault_id: str) -> None:
        self._faults = faults
        self.id = fault_id

    @property
    def fault(self) -> ApiFault:
        """What it is.

        Raises:
            UsageError: if it has been removed.
        """
        return self._standing.fault

    @property
    def met(self) -> int:
        """How many calls it was for, whether it struck them or not."""
        return self._standing.met

    @property
    def struck(self) -> int:
        """How many calls it struck."""
        return self._standing.struck

    @property
    def calls(self) -> tuple[FaultyCall, ...]:
        """The calls that it struck, in order."""
        return tuple(each for each in self._faults.calls if each.fault_id == self.id)

    def remove(self) -> None:
        """Remove it.

        Raises:
            UsageError: if that was done before.
        """
        self._faults.remove(self.id)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._faults.end(self.id)

    def __repr__(self) -> str:
        found = [each for each in self._faults.contents.standings if each.id == self.id]
        return f"<ActiveFault {self.id} {found[0].fault if found else 'removed'}>"

    @property
    def _standing(self) -> Standing:
        for each in self._faults.contents.standings:
            if each.id == self.id:
                return each
        raise UsageError(f"{self.id} has been removed")


def _is_for(fault: ApiFault, call: Asking) -> bool:
    return (
        fault.method in (None, call.method)
        and fault.user in (None, call.user)
        and (fault.route is None or is_on(fault.route, call.path))
        and (
            fault.destination is None
            or any(_is_to(fault.destination, each) for each in call.destinations)
        )
    )


def _is_to(wanted: str, destination: str) -> bool:
    """Whether a destination is the one wanted: a group by its name, a URL by its place."""
    if destination == wanted:
        return True
    try:
        return covers(wanted, destination)
    except ValueError:
        return False
