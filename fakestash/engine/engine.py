"""The engine: every call takes the lock, changes or reads plain data, and lets it go.

No user code runs under the lock. Whoever delivers takes an attempt with ``claim``, calls the
destination with nothing held, and brings the outcome back with ``settle`` (both in ``running``);
a destination that publishes, cancels or reads in the meantime is served like anybody else.
"""

from collections.abc import Sequence
from copy import copy
from threading import Lock
from typing import NamedTuple

from fakestash import refusals
from fakestash.clock import Clock
from fakestash.decisions import D43_READABLE_AFTER_END_MS
from fakestash.engine import (
    cancellation,
    dead_letters,
    history,
    limits,
    publishing,
)
from fakestash.engine.account import Account
from fakestash.engine.branching import States
from fakestash.engine.by_hand import Hand
from fakestash.engine.capacity import UNLIMITED, Capacity, check_room
from fakestash.engine.chaos import Chaos
from fakestash.engine.dead_letters import Change
from fakestash.engine.door import Door
from fakestash.engine.flow_control import FlowControls
from fakestash.engine.forecast import Forecast
from fakestash.engine.making import make
from fakestash.engine.publications import Publications
from fakestash.engine.queues import Queues
from fakestash.engine.running import Running
from fakestash.engine.schedules import Schedules
from fakestash.engine.stories import Stories
from fakestash.engine.topics import Topics
from fakestash.engine.url_groups import UrlGroups
from fakestash.engine.world import CallbackBody, World
from fakestash.errors import ServiceError, shown_where_it_was_made
from fakestash.ids import Ids
from fakestash.model.logs import LogEntry
from fakestash.model.messages import (
    ENDED,
    Accepted,
    DeadLetter,
    Message,
    PublishCommand,
    PublishRequest,
)
from fakestash.model.queries import (
    CancelQuery,
    DeadLetterQuery,
    Deleted,
    LogQuery,
    MessageLog,
    Page,
)
from fakestash.model.users import PREDEFINED_USERS, SigningKeys, User
from fakestash.plans import PAYG, Plan

__tracebackhide__ = shown_where_it_was_made


class Caller(NamedTuple):
    """Whose token it is, and whether it may change anything."""

    user_id: str
    read_only: bool


class Engine(Running):
    """All users' messages on one timeline. Instants and durations are int ms.

    ``queues``, ``url_groups``, ``schedules`` and ``flow_control`` are the doors to these;
    ``publications`` and ``topics`` show messages and URL groups as version 1 of the API has them.
    ``forecast`` tells what is ahead, ``stories`` what became of a message and why, ``hand`` is
    what a test does without moving time, and ``states`` keeps all there is, to come back to it.

    Args:
        clock: tells and, if virtual, is told the instant.
        ids: the seeded source of ids.
        callback_body: writes what callbacks tell.
        plan: the limits that publishes are checked against.
        users: who may call; each has its own data.
        strict_hosts: refuse destinations on loopback addresses, as the cloud does (D31).
        limits_by_host: have the plan's cap of attempts in flight hold for each host that is
            delivered to, and not for the user in all: one that hangs holds up no other.
        capacity: how much is kept of each user.
        chaos: disturbs deliveries, as delivering at least once allows.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        ids: Ids,
        callback_body: CallbackBody,
        plan: Plan = PAYG,
        users: tuple[User, ...] = PREDEFINED_USERS,
        strict_hosts: bool = False,
        limits_by_host: bool = False,
        capacity: Capacity = UNLIMITED,
        chaos: Chaos | None = None,
    ) -> None:
        world = World(
            clock,
            ids,
            plan,
            users,
            callback_body,
            strict_hosts=strict_hosts,
            limits_by_host=limits_by_host,
            capacity=capacity,
            chaos=chaos,
        )
        super().__init__(world, Door(world, Lock()))
        self.plan = plan
        self._accounts = world.accounts
        self._callers = {user.token: Caller(user.id, read_only=False) for user in users} | {
            user.read_only_token: Caller(user.id, read_only=True) for user in users
        }
        self.queues = Queues(self._door)
        self.url_groups = UrlGroups(self._door)
        self.schedules = Schedules(self._door)
        self.flow_control = FlowControls(self._door)
        self.publications = Publications(self._door)
        self.topics = Topics(self._door)
        self.forecast = Forecast(self._door)
        self.stories = Stories(self._door)
        self.hand = Hand(self._door)
        self.states = States(self._door)

    @property
    def user_ids(self) -> tuple[str, ...]:
        """The ids of all users."""
        return tuple(self._accounts)

    def another(self, clock: Clock) -> "Engine":
        """An engine of the same making with nothing in it, on another clock."""
        world = self._world
        other = Engine(
            clock=clock,
            callback_body=world.callback_body,
            ids=Ids(),
            plan=self.plan,
            users=tuple(account.user for account in self._accounts.values()),
            strict_hosts=world.strict_hosts,
            chaos=None if world.chaos is None else world.chaos.another(),
            limits_by_host=world.limits_by_host,
            capacity=world.capacity,
        )
        for event_type, handler in self._handlers.items():
            other.register(event_type, handler)
        return other

    @property
    def chaos(self) -> Chaos | None:
        """What disturbs deliveries, if anything does."""
        return self._world.chaos

    @chaos.setter
    def chaos(self, chaos: Chaos | None) -> None:
        with self._lock:
            self._world.chaos = chaos

    def authenticate(self, token: str) -> Caller | None:
        """Whose token this is."""
        return self._callers.get(token)

    def count_call(self, user_id: str, *, makes_messages: bool) -> None:
        """Refuse a call that is one too many for its day or second.

        Raises:
            ServiceError: 429.
        """
        if (self.plan.messages_per_day if makes_messages else self.plan.calls_per_second) is None:
            return  # as for nearly everybody
        with self._lock:
            account, now = self._accounts[user_id], self.clock.now()
            limits.count_call(account, self.plan, now, makes_messages=makes_messages)

    def publish(self, user_id: str, command: PublishCommand) -> Message:
        """Accept a message to a URL, duplicates or not. Nothing is delivered yet.

        Raises:
            ServiceError: 412 if a value is beyond the plan.
        """
        account = self._accounts[user_id]
        with self._lock:
            now = self.clock.now()
            publishing.check_settings(self._world, command, now)
            publishing.check_size(command, self.plan)
            check_room(account, self._world.capacity)
            if command.extras.queue is not None:
                publishing.check_queues(self._world, account, [PublishRequest(command)])
            message = make(self._world, account, command, now)
        self._door.changed()
        return message

    def accept(self, user_id: str, request: PublishRequest) -> tuple[Accepted, ...]:
        """Accept a publish: one answer for a URL, one per endpoint for a URL group.

        Raises:
            ServiceError: 412 if a value is beyond the plan, 404 if there is no such group.
        """
        with self._door.changing(user_id) as (world, account, now):
            return publishing.accept(world, account, request, now)

    def accept_batch(
        self, user_id: str, requests: Sequence[PublishRequest | ServiceError]
    ) -> tuple[tuple[Accepted, ...] | ServiceError, ...]:
        """Accept several publishes in order; what refuses only its entry is given back for it.

        Raises:
            ServiceError: 412 if a value of any is beyond the plan.
        """
        with self._door.changing(user_id) as (world, account, now):
            return publishing.accept_batch(world, account, requests, now)

    def message(self, user_id: str, message_id: str) -> Message:
        """A copy of a message that is under way, or ended no more than a moment ago (D43).

        Raises:
            ServiceError: 404 if it is unknown, ended before that, or cancelled (D107).
        """
        with self._lock:
            message = self._accounts[user_id].messages.get(message_id)
            if (
                message is None
                or message.cancel_asked
                or (
                    message.ended_at is not None
                    and self.clock.now() - message.ended_at > D43_READABLE_AFTER_END_MS
                )
            ):
                raise refusals.message_not_found(message_id)
            return copy(message)

    def cancel(self, user_id: str, message_id: str, caller_ip: str) -> None:
        """Ask for a message to be cancelled.

        Raises:
            ServiceError: 404 if it is unknown, ended or cancelled already (D107).
        """
        with self._door.changing(user_id) as (world, account, now):
            cancellation.cancel(world, account, message_id, caller_ip, now)

    def cancel_all(self, user_id: str, query: CancelQuery, caller_ip: str) -> int:
        """Ask for all messages that match to be cancelled; returns how many those are."""
        with self._door.changing(user_id) as (world, account, now):
            return cancellation.cancel_all(world, account, query, caller_ip, now)

    def log(self, user_id: str, query: LogQuery) -> Page[LogEntry]:
        """A page of the user's log."""
        with self._door.reading(user_id) as (_, account, now):
            return history.read(account, query, self._log_since(now))

    def grouped_log(self, user_id: str, query: LogQuery) -> Page[MessageLog]:
        """A page of the user's messages, with their entries of the log."""
        with self._door.reading(user_id) as (_, account, now):
            return history.read_grouped(account, query, self._log_since(now))

    def whole_log(self, user_id: str) -> list[LogEntry]:
        """Everything in the user's log, earliest first."""
        with self._door.reading(user_id) as (_, account, now):
            return history.kept(account, self._log_since(now))

    def dead_letters(self, user_id: str, query: DeadLetterQuery) -> Page[DeadLetter]:
        """A page of the user's dead letter queue."""
        with self._lock:
            return dead_letters.read(self._with_dead_letters(user_id), query)

    def all_dead_letters(self, user_id: str) -> list[DeadLetter]:
        """Everything in the user's dead letter queue, earliest first."""
        with self._lock:
            return list(self._with_dead_letters(user_id).dead_letters.values())

    def dead_letter(self, user_id: str, dlq_id: str) -> DeadLetter:
        """One dead letter.

        Raises:
            ServiceError: 404 if it is not there.
        """
        with self._lock:
            return dead_letters.get(self._with_dead_letters(user_id), dlq_id)

    def delete_dead_letter(self, user_id: str, dlq_id: str) -> None:
        """Remove one dead letter.

        Raises:
            ServiceError: 404 if it is not there.
        """
        with self._lock:
            dead_letters.delete(self._with_dead_letters(user_id), dlq_id)

    def delete_dead_letters(self, user_id: str, query: DeadLetterQuery) -> Deleted:
        """Remove what a page of the query holds."""
        with self._lock:
            return dead_letters.delete_all(self._with_dead_letters(user_id), query)

    def retry_dead_letter(self, user_id: str, dlq_id: str, change: Change) -> str:
        """Send a dead letter again, with changed settings; the id of the new message.

        Raises:
            ServiceError: 404 if it is not there, 412 if a value is beyond the plan.
        """
        with self._door.changing(user_id) as (world, _, now):
            account = self._with_dead_letters(user_id)
            letter = dead_letters.get(account, dlq_id)
            return dead_letters.retry(world, account, letter, change, now)

    def retry_dead_letters(self, user_id: str, query: DeadLetterQuery, change: Change) -> Page[str]:
        """Send again what a page of the query holds; the ids of the new messages.

        Raises:
            ServiceError: 404 if an id asked for is not there, 412 if a value is beyond the plan.
        """
        with self._door.changing(user_id) as (world, _, now):
            account = self._with_dead_letters(user_id)
            return dead_letters.retry_all(world, account, query, change, now)

    def signing_keys(self, user_id: str) -> SigningKeys:
        """The user's signing keys."""
        with self._lock:
            return self._accounts[user_id].keys

    def rotate_signing_keys(self, user_id: str) -> SigningKeys:
        """Make the next key current and a new one next; the new pair is returned.

        Waiting messages are signed with the new current key.
        """
        with self._door.changing(user_id) as (world, account, _):
            account.keys = SigningKeys(account.keys.next, world.ids.signing_key())
            return account.keys

    def pending(self) -> list[Message]:
        """Copies of all users' messages that have not ended: user by user, as accepted."""
        with self._lock:
            return [
                copy(message)
                for account in self._accounts.values()
                for message in account.messages.values()
                if message.state not in ENDED
            ]

    @property
    def open_messages(self) -> int:
        """How many messages of all users have not ended."""
        with self._lock:
            return sum(
                message.state not in ENDED
                for account in self._accounts.values()
                for message in account.messages.values()
            )

    def all_messages(self, user_id: str) -> list[Message]:
        """Copies of the user's messages as accepted; ended ones as long as the log has them."""
        with self._door.reading(user_id) as (_, account, now):
            since = self._log_since(now)
            return [
                copy(message)
                for message in account.messages.values()
                if message.state not in ENDED or message.latest_entry.at > since
            ]

    def _log_since(self, now: int) -> int:
        return now - self.plan.log_retention * 1000

    def _with_dead_letters(self, user_id: str) -> Account:
        """The account, rid of the dead letters whose retention is over."""
        account = self._accounts[user_id]
        dead_letters.expire(account, self.clock.now() - self.plan.dead_letter_retention * 1000)
        return account
