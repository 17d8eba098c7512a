"""All that is known of one message, as it stands: what its story is told from."""

from copy import copy
from typing import NamedTuple

from fakestash.engine import admission, attempts
from fakestash.engine.account import Account
from fakestash.engine.door import Door
from fakestash.engine.finding import find_message
from fakestash.engine.forecast import start_ahead
from fakestash.engine.notes import Note, Obstacle, Sent
from fakestash.engine.world import World
from fakestash.errors import shown_where_it_was_made
from fakestash.model.logs import LogEntry
from fakestash.model.messages import IN_FLIGHT, Message, MessageState

__tracebackhide__ = shown_where_it_was_made


class Story(NamedTuple):
    """One message at the instant ``now`` (unix ms). Messages are copies.

    ``obstacle`` is what holds it now. ``next_at`` is when it is tried, answered or cancelled next;
    None if nothing is settled. ``is_kept_back`` says that its answer is held back by hand.
    ``report`` is what it reports on, if it is a callback.
    """

    now: int
    message: Message
    entries: tuple[LogEntry, ...]
    notes: tuple[Note, ...]
    callbacks: tuple[Sent, ...]
    report: Sent | None
    obstacle: Obstacle | None
    next_at: int | None
    is_kept_back: bool
    is_dead_letter: bool


class Stories:
    """The stories of all users' messages."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def of(self, message_id: str) -> Story:
        """The story of one message.

        Raises:
            UsageError: if there is none of this id; it names the nearest ids.
        """
        with self._door.lock:
            world = self._door.world
            account, message = find_message(world, message_id)
            now = world.clock.now()
            next_at, is_kept_back = _next(world, account, message)
            return Story(
                now,
                copy(message),
                tuple(message.entries),
                account.notes.of(message),
                tuple(map(_copied, account.notes.sent.get(message.id, ()))),
                account.notes.reports.get(message.id),
                admission.obstacle_of(account, message, now),
                next_at,
                is_kept_back,
                message.dlq_id in account.dead_letters,
            )

    def notes(self, user_id: str) -> list[Note]:
        """What the log does not tell of, for as long as it is kept, earliest first."""
        with self._door.reading(user_id) as (world, account, now):
            return account.notes.since(now - world.plan.log_retention * 1000)


def _copied(sent: Sent) -> Sent:
    return sent._replace(callback=copy(sent.callback))


def _next(world: World, account: Account, message: Message) -> tuple[int | None, bool]:
    """When something happens to it next, and whether its answer is held back until then."""
    if message.state in {MessageState.PENDING, MessageState.CANCELING}:
        return message.due_at, False
    if message.state is MessageState.WAITING:
        place = admission.place_of(account, message)
        return (None if place is None else start_ahead(place, message)), False
    answer = attempts.awaited_answer(world, message) if message.state in IN_FLIGHT else None
    return (None, False) if answer is None else (answer[0][0], answer[1].kept is not None)
