"""The engine's door: every call takes the lock, changes or reads plain data, and lets it go.

No user code runs under the lock. Whoever delivers takes an attempt with ``claim``, calls the
destination with nothing held, and brings the outcome back with ``settle``; a destination
that publishes, cancels or reads in the meantime is served like anybody else.
"""

from collections.abc import Callable, Sequence
from copy import copy
from threading import Lock
from typing import Any, Final, NamedTuple, TypeAlias

from fakestash import refusals
from fakestash.clock import Clock
from fakestash.decisions import D43_READABLE_AFTER_END_MS
from fakestash.engine import (
    admission,
    attempts,
    cancellation,
    dead_letters,
    history,
    limits,
    publishing,
    schedules,
)
from fakestash.engine.account import Account
from fakestash.engine.answers import within
from fakestash.engine.dead_letters import Change
from fakestash.engine.door import Door, Listener
from fakestash.engine.due import Admitted, DeliveryDue, Firing, ReleaseDue, ResponseDue, ScheduleDue
from fakestash.engine.due import Held as HeldBack
from fakestash.engine.flow_control import FlowControls
from fakestash.engine.making import make
from fakestash.engine.queues import Queues
from fakestash.engine.schedules import Schedules
from fakestash.engine.url_groups import UrlGroups
from fakestash.engine.world import CallbackBody, World
from fakestash.errors import InternalError, ServiceError
from fakestash.ids import Ids
from fakestash.model.logs import LogEntry
from fakestash.model.messages import (
    ENDED,
    Accepted,
    Attempt,
    DeadLetter,
    Message,
    PublishCommand,
    PublishRequest,
)
from fakestash.model.outcomes import Outcome, broken_off
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
from fakestash.timeline import Timer

FAR_FUTURE: Final = 2**62
"""An instant (unix ms) after everything that can be due."""

EventHandler: TypeAlias = Callable[[Any, int], None]


class Caller(NamedTuple):
    """Whose token it is, and whether it may change anything."""

    user_id: str
    read_only: bool


class Engine:
    """All users' messages on one timeline. Instants and durations are int ms.

    ``queues``, ``url_groups``, ``schedules`` and ``flow_control`` are the doors to these.

    Args:
        clock: tells and, if virtual, is told the instant.
        ids: the seeded source of ids.
        callback_body: writes what callbacks tell.
        plan: the limits that publishes are checked against.
        users: who may call; each has its own data.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        ids: Ids,
        callback_body: CallbackBody,
        plan: Plan = PAYG,
        users: tuple[User, ...] = PREDEFINED_USERS,
    ) -> None:
        self.clock = clock
        self.plan = plan
        self._world = World(clock, ids, plan, users, callback_body)
        self._timeline = self._world.timeline
        self._accounts = self._world.accounts
        self._callers = {user.token: Caller(user.id, read_only=False) for user in users} | {
            user.read_only_token: Caller(user.id, read_only=True) for user in users
        }
        self._lock = Lock()
        self._door = Door(self._world, self._lock)
        self._handlers: dict[type, EventHandler] = {}
        self.queues = Queues(self._door)
        self.url_groups = UrlGroups(self._door)
        self.schedules = Schedules(self._door)
        self.flow_control = FlowControls(self._door)

    # --- what users of the service do ----------------------------------------------------

    def authenticate(self, token: str) -> Caller | None:
        """Whose token this is."""
        return self._callers.get(token)

    def count_call(self, user_id: str, *, makes_messages: bool) -> None:
        """Refuse a call that is one too many for its day or second.

        Raises:
            ServiceError: 429.
        """
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
            publishing.check_settings(command, self.plan, now)
            publishing.check_size(command, self.plan)
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

    # --- what a driver does --------------------------------------------------------------

    def next_timer(self) -> Timer | None:
        """The event that comes up next: (due, sequence, event)."""
        with self._lock:
            return self._timeline.next_timer()

    @property
    def timers_set(self) -> int:
        """How many events were set so far: the sequence number of the latest."""
        return self._timeline.sequence

    @property
    def is_idle(self) -> bool:
        """Whether nothing is due any more, now or later, but what recurs for ever."""
        with self._lock:
            return self._timeline.is_idle

    def claim(self, until: int) -> Firing | None:
        """Run the next event that is due at or before ``until``, at its own instant.

        Returns:
            What came up; its ``attempt``, if there is one, must be settled. None if nothing is
            due by then.
        """
        with self._lock:
            firing = self._run_next(until)
        if firing is None:
            return None
        handler = self._handlers.get(type(firing.event)) if self._handlers else None
        try:
            if handler is not None:
                handler(firing.event, firing.at)
            if self._world.outbox:
                self._door.announce()
        except BaseException as error:
            if firing.attempt is not None:  # the driver will not hear of it
                self.settle(firing.attempt, broken_off(error))
            raise
        return firing

    def settle(self, attempt: Attempt, outcome: Outcome) -> None:
        """Bring the outcome of a claimed attempt. Virtual latency passes before it counts.

        Raises:
            InternalError: if the attempt is not awaited (any more).
        """
        message = attempt.message
        with self._lock:
            if message.attempt is not attempt:
                raise InternalError(f"attempt {attempt.number} of {message.id} is not awaited")
            message.attempt = None
            now = self.clock.now()
            outcome, took = within(attempt.timeout, outcome)
            if took:
                self._timeline.at(now + took, ResponseDue(attempt, outcome))
            else:
                attempts.conclude(self._world, attempt, outcome, now)
        self._door.changed()

    def is_done(self, until: int) -> bool:
        """Whether nothing is due at or before ``until``; a virtual clock then moves on to it.

        One step under the lock: what another thread publishes meanwhile is either still seen or
        belongs to the time after ``until``. The far future (no end) moves no clock.
        """
        with self._lock:
            timer = self._timeline.next_timer()
            if timer is not None and timer[0] <= until:
                return False
            if until < FAR_FUTURE:
                self.clock.reach(until)
            return True

    # --- what other layers do ------------------------------------------------------------

    def register(self, event_type: type, handler: EventHandler) -> None:
        """Have ``handler(event, now)`` called, outside the lock, when such an event comes up."""
        self._handlers[event_type] = handler

    def at(self, due: int, event: object) -> Timer:
        """Set an event of a registered type.

        Raises:
            InternalError: if its type has no handler.
        """
        if type(event) not in self._handlers:
            raise InternalError(f"no handler is registered for {type(event).__name__}")
        with self._lock:
            timer = self._timeline.at(max(due, self.clock.now()), event)
        self._door.changed()
        return timer

    def cancel_timer(self, timer: Timer) -> bool:
        """Take back an event set with ``at``. False if it has come up already."""
        with self._lock:
            return self._timeline.cancel(timer)

    def subscribe(self, listener: Listener) -> None:
        """Have ``listener`` called with every log entry, in order, outside the lock.

        What it raises comes out of the call that made the entry, which has done its work by then.
        """
        self._door.subscribe(listener)

    def on_change(self, wake: Callable[[], None] | None) -> None:
        """Have ``wake`` called, outside the lock, when something new may be due."""
        self._door.on_change = wake

    # --- inside the lock -----------------------------------------------------------------

    def _run_next(self, until: int) -> Firing | None:
        while True:
            timer = self._timeline.pop_until(until)
            if timer is None:
                return None
            due, sequence, event = timer
            self.clock.reach(due)
            now = self.clock.now()
            if type(event) is DeliveryDue:
                attempt = attempts.come_due(self._world, event.message, sequence, now)
                if attempt is None and event.message.state not in ENDED:
                    return Firing(now, HeldBack(event.message), None, sequence)
                return Firing(now, event, attempt, sequence)
            if type(event) is not ReleaseDue:
                if type(event) is ResponseDue:
                    attempts.conclude(self._world, event.attempt, event.outcome, now)
                elif type(event) is ScheduleDue:
                    schedules.fire(self._world, event, due, now)
                return Firing(now, event, None, sequence)
            firing = self._release(event, now)
            if firing is not None:
                return firing

    def _release(self, event: ReleaseDue, now: int) -> Firing | None:
        """Let a held message go on; None if there is none that can any more."""
        account, place, at = event
        if place.release_at != at:
            return None
        held = admission.release(self._world, account, place, now)
        if held is None:
            return None
        attempt = attempts.go_on(self._world, account, held.message, now)
        return Firing(now, Admitted(held.message), attempt, held.sequence)

    def _log_since(self, now: int) -> int:
        return now - self.plan.log_retention * 1000

    def _with_dead_letters(self, user_id: str) -> Account:
        """The account, rid of the dead letters whose retention is over."""
        account = self._accounts[user_id]
        dead_letters.expire(account, self.clock.now() - self.plan.dead_letter_retention * 1000)
        return account
