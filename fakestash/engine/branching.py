"""The whole state of an engine at one instant: kept, come back to, or gone on with elsewhere."""

from copy import deepcopy
from typing import Final, Generic, NamedTuple, TypeVar

from fakestash.clock import VirtualClock
from fakestash.engine.account import Account
from fakestash.engine.chaos import Chaos
from fakestash.engine.copying import Copier
from fakestash.engine.deduplication import Deduplication
from fakestash.engine.door import Door
from fakestash.engine.log_index import LogIndex
from fakestash.engine.notes import Notes
from fakestash.engine.places import Gate, GlobalLimit, Lane
from fakestash.engine.schedule_record import ScheduleRecord
from fakestash.engine.user_log import UserLog
from fakestash.engine.wait_list import WaitList
from fakestash.engine.world import World
from fakestash.errors import UsageError, shown_where_it_was_made
from fakestash.ids import Ids
from fakestash.model.messages import Loss, Message
from fakestash.timeline import Timeline

__tracebackhide__ = shown_where_it_was_made

Beside = TypeVar("Beside")

CHANGING: Final = (
    Account,
    Chaos,
    Deduplication,
    Gate,
    GlobalLimit,
    Lane,
    UserLog,
    LogIndex,
    Loss,
    Message,
    Notes,
    ScheduleRecord,
    Timeline,
    WaitList,
)
"""The classes whose objects change as time goes by. All other values here never do."""


class State(NamedTuple, Generic[Beside]):
    """All that changes, at the instant ``now`` (unix ms).

    ``beside`` is what somebody else keeps, and which refers to what is in here. Nobody changes any
    of it: whoever goes on from it takes a copy.
    """

    now: int
    accounts: dict[str, Account]
    timeline: Timeline
    ids: Ids
    chaos: Chaos | None
    beside: Beside


class States:
    """Where the state of an engine is taken, and put back."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def take(self, beside: Beside, classes: tuple[type, ...] = ()) -> State[Beside]:
        """The state as it is now.

        ``beside`` is copied along with it, in the same way: objects of ``classes`` attribute by
        attribute.

        Raises:
            UsageError: while a destination is being called: nobody can call it a second time.
        """
        with self._door.lock:
            world = self._door.world
            _refuse_calls(world)
            state = State(
                world.clock.now(), world.accounts, world.timeline, world.ids, world.chaos, beside
            )
            return _copied(state, classes)

    def put_back(self, state: State[Beside], classes: tuple[type, ...] = ()) -> Beside:
        """Go on from ``state``, a copy of which is made; that of ``beside`` is returned.

        Those who listen hear of what follows, not of this. A clock that runs goes on running.

        Raises:
            UsageError: while a destination is being called, or if the clock cannot be put back.
        """
        copied = _copied(state, classes)
        with self._door.lock:
            world = self._door.world
            _refuse_calls(world)
            if not isinstance(world.clock, VirtualClock):
                raise UsageError("a clock that only tells the time cannot be put back")
            world.clock.show(copied.now)
            world.accounts.update(copied.accounts)
            vars(world.timeline).update(vars(copied.timeline))
            world.ids = copied.ids
            world.chaos = copied.chaos
            world.outbox.clear()
        self._door.changed()
        return copied.beside


def _copied(state: State[Beside], classes: tuple[type, ...]) -> State[Beside]:
    return Copier((*CHANGING, *classes)).copy(state._replace(ids=deepcopy(state.ids)))


def _refuse_calls(world: World) -> None:
    for account in world.accounts.values():
        for message in account.messages.values():
            if message.attempt is not None:
                raise UsageError(
                    f"the destination of message {message.id} for {message.command.url} is being "
                    "called right now: take and restore snapshots between deliveries"
                )
