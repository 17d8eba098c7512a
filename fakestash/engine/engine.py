"""The engine's door: every call takes the lock, changes or reads plain data, and lets it go.

No user code runs under the lock. Whoever delivers takes an attempt with ``claim``, calls the
destination with nothing held, and brings the outcome back with ``settle``; a destination
that publishes, cancels or reads in the meantime is served like anybody else.
"""

from collections import deque
from collections.abc import Callable
from copy import copy
from threading import Lock
from typing import Any, Final, TypeAlias

from fakestash import refusals
from fakestash.clock import Clock
from fakestash.decisions import D43_READABLE_AFTER_END_MS
from fakestash.engine import dead_letters, history, publishing
from fakestash.engine.account import Account
from fakestash.engine.answers import as_kept, within
from fakestash.engine.due import DeliveryDue, Firing, ResponseDue
from fakestash.engine.lifecycle import Action, move
from fakestash.engine.retries import retry_at
from fakestash.errors import InternalError
from fakestash.ids import Ids
from fakestash.model.logs import CLOSING, LogEntry
from fakestash.model.messages import (
    ENDED,
    Attempt,
    DeadLetter,
    Message,
    MessageState,
    PublishCommand,
)
from fakestash.model.outcomes import Outcome, broken_off, is_delivered
from fakestash.model.queries import DeadLetterQuery, LogQuery, Page
from fakestash.model.users import PREDEFINED_USERS, SigningKeys, User
from fakestash.plans import PAYG, Plan
from fakestash.timeline import Timeline, Timer

FAR_FUTURE: Final = 2**62
"""An instant (unix ms) after everything that can be due."""

Listener: TypeAlias = Callable[[LogEntry], None]
EventHandler: TypeAlias = Callable[[Any, int], None]


class Engine:
    """All users' messages on one timeline. Instants and durations are int ms.

    Args:
        clock: tells and, if virtual, is told the instant.
        ids: the seeded source of ids.
        plan: the limits that publishes are checked against.
        users: who may call; each has its own data.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        ids: Ids,
        plan: Plan = PAYG,
        users: tuple[User, ...] = PREDEFINED_USERS,
    ) -> None:
        self.clock = clock
        self.plan = plan
        self._ids = ids
        self._accounts = {user.id: Account(user) for user in users}
        self._user_ids = {user.token: user.id for user in users}
        self._timeline = Timeline()
        self._lock = Lock()
        self._handlers: dict[type, EventHandler] = {}
        self._listeners: list[Listener] = []
        self._outbox: deque[LogEntry] = deque()
        self._announcing = False
        self._on_change: Callable[[], None] | None = None

    # --- what users of the service do ----------------------------------------------------

    def authenticate(self, token: str) -> str | None:
        """The id of the user whose token this is."""
        return self._user_ids.get(token)

    def publish(self, user_id: str, command: PublishCommand) -> Message:
        """Accept a message. Nothing is delivered yet.

        Raises:
            ServiceError: 412 if a value is beyond the plan.
        """
        account = self._accounts[user_id]
        with self._lock:
            now = self.clock.now()
            message = publishing.create(account, command, self.plan, self._ids, now)
            self._do(message, Action.CREATE, now, next_delivery_at=message.not_before)
            self._timeline.at(message.not_before, DeliveryDue(message))
        self._changed()
        return message

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
        """Ask for a message to be cancelled; it is honoured when it next comes due.

        Raises:
            ServiceError: 404 if it is unknown, ended or cancelled already (D107).
        """
        with self._lock:
            message = self._accounts[user_id].messages.get(message_id)
            if message is None or message.cancel_asked or message.state in ENDED:
                raise refusals.message_not_found(message_id)
            self._do(message, Action.REQUEST_CANCEL, self.clock.now(), caller_ip=caller_ip)
        self._changed()

    def log(self, user_id: str, query: LogQuery) -> Page[LogEntry]:
        """A page of the user's log."""
        with self._lock:
            return history.read(self._accounts[user_id], query)

    def dead_letters(self, user_id: str, query: DeadLetterQuery) -> Page[DeadLetter]:
        """A page of the user's dead letter queue."""
        with self._lock:
            return dead_letters.read(self._accounts[user_id], query)

    def whole_log(self, user_id: str) -> list[LogEntry]:
        """Everything in the user's log, earliest first."""
        with self._lock:
            return list(self._accounts[user_id].log)

    def all_dead_letters(self, user_id: str) -> list[DeadLetter]:
        """Everything in the user's dead letter queue, earliest first."""
        with self._lock:
            return list(self._accounts[user_id].dead_letters.values())

    def dead_letter(self, user_id: str, dlq_id: str) -> DeadLetter:
        """One dead letter.

        Raises:
            ServiceError: 404 if it is not there.
        """
        with self._lock:
            return dead_letters.get(self._accounts[user_id], dlq_id)

    def delete_dead_letter(self, user_id: str, dlq_id: str) -> None:
        """Remove one dead letter.

        Raises:
            ServiceError: 404 if it is not there.
        """
        with self._lock:
            dead_letters.delete(self._accounts[user_id], dlq_id)

    def signing_keys(self, user_id: str) -> SigningKeys:
        """The user's signing keys."""
        with self._lock:
            return self._accounts[user_id].keys

    def rotate_signing_keys(self, user_id: str) -> SigningKeys:
        """Make the next key current and a new one next; the new pair is returned.

        Waiting messages are signed with the new current key.
        """
        account = self._accounts[user_id]
        with self._lock:
            account.keys = SigningKeys(account.keys.next, self._ids.signing_key())
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

    def claim(self, until: int) -> Firing | None:
        """Run the next event that is due at or before ``until``, at its own instant.

        Returns:
            What came up; its ``attempt``, if there is one, must be settled. None if nothing is
            due by then.
        """
        with self._lock:
            timer = self._timeline.pop_until(until)
            if timer is None:
                return None
            due, sequence, event = timer
            self.clock.reach(due)
            now = self.clock.now()
            attempt = None
            if type(event) is DeliveryDue:
                attempt = self._come_due(event.message, now)
            elif type(event) is ResponseDue:
                self._conclude(event.attempt, event.outcome, now)
        try:
            if type(event) in self._handlers:
                self._handlers[type(event)](event, now)
            if self._outbox:
                self._announce()
        except BaseException as error:
            if attempt is not None:  # the driver will not hear of it
                self.settle(attempt, broken_off(error))
            raise
        return Firing(now, event, attempt, sequence)

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
                self._conclude(attempt, outcome, now)
        self._changed()

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
        self._changed()
        return timer

    def cancel_timer(self, timer: Timer) -> bool:
        """Take back an event set with ``at``. False if it has come up already."""
        with self._lock:
            return self._timeline.cancel(timer)

    def subscribe(self, listener: Listener) -> None:
        """Have ``listener`` called with every log entry, in order, outside the lock.

        What it raises comes out of the call that made the entry, which has done its work by then.
        """
        self._listeners.append(listener)

    def on_change(self, wake: Callable[[], None] | None) -> None:
        """Have ``wake`` called, outside the lock, when something new may be due."""
        self._on_change = wake

    # --- inside the lock -----------------------------------------------------------------

    def _come_due(self, message: Message, now: int) -> Attempt | None:
        account = self._accounts[message.user_id]
        self._do(message, Action.COME_DUE, now)
        if message.state is MessageState.CANCELED:
            message.ended_at = now
            return None
        timeout = message.command.timeout or self.plan.max_timeout * 1000
        attempt = Attempt(
            message, message.attempts, now, timeout, account.keys.current, self._ids.nonce()
        )
        message.attempts += 1
        message.attempt = attempt
        return attempt

    def _conclude(self, attempt: Attempt, outcome: Outcome, now: int) -> None:
        message = attempt.message
        message.outcome = outcome = as_kept(outcome, self.plan.max_message_size)
        duration = now - attempt.started_at
        if is_delivered(outcome):
            message.ended_at = now
            self._do(message, Action.SUCCEED, now, outcome=outcome, duration=duration)
            return
        again = retry_at(message, outcome, now)
        if again is None:
            message.ended_at = now
            self._do(message, Action.GIVE_UP, now, outcome=outcome, duration=duration)
            dead_letters.add(self._accounts[message.user_id], message, now)
            return
        message.due_at = again
        self._do(
            message,
            Action.RETRY_LATER,
            now,
            next_delivery_at=again,
            outcome=outcome,
            duration=duration,
        )
        self._timeline.at(again, DeliveryDue(message))

    def _do(
        self,
        message: Message,
        action: Action,
        now: int,
        *,
        caller_ip: str | None = None,
        next_delivery_at: int | None = None,
        outcome: Outcome | None = None,
        duration: int | None = None,
    ) -> None:
        """Change a message's state and write what the table says is logged."""
        account = self._accounts[message.user_id]
        caller = caller_ip or message.command.caller_ip
        for state in move(message, action):
            if state in CLOSING:
                entry = history.write(account, message, state, now, caller, None, outcome, duration)
            else:
                entry = history.write(account, message, state, now, caller, next_delivery_at)
            if self._listeners:
                self._outbox.append(entry)

    # --- outside the lock ----------------------------------------------------------------

    def _changed(self) -> None:
        if self._outbox:
            self._announce()
        if self._on_change is not None:
            self._on_change()

    def _announce(self) -> None:
        """Give new log entries to the listeners, in order, one thread at a time."""
        while self._outbox:
            with self._lock:
                if self._announcing or not self._outbox:
                    return
                self._announcing = True
                entry = self._outbox.popleft()
            try:
                for listener in self._listeners:
                    listener(entry)
            finally:
                self._announcing = False
