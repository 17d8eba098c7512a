"""The engine as drivers and other layers see it: what is due, attempts out, outcomes in."""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from fakestash.engine import admission, attempts, by_hand, disturbing, schedules
from fakestash.engine.answers import within
from fakestash.engine.door import Door, Listener
from fakestash.engine.due import (
    Admitted,
    Firing,
    Held,
    ReleaseDue,
    ResponseDue,
    ScheduleDue,
)
from fakestash.engine.world import World
from fakestash.errors import InternalError, shown_where_it_was_made
from fakestash.model.messages import ENDED, Attempt, Message
from fakestash.model.outcomes import Outcome, broken_off
from fakestash.timeline import Timer

__tracebackhide__ = shown_where_it_was_made

FAR_FUTURE: Final = 2**62
"""An instant (unix ms) after everything that can be due."""

EventHandler: TypeAlias = Callable[[Any, int], None]


class Running:
    """A world whose time passes. Instants are unix ms."""

    def __init__(self, world: World, door: Door) -> None:
        self.clock = world.clock
        self._world = world
        self._door = door
        self._lock = door.lock
        self._timeline = world.timeline
        self._handlers: dict[type, EventHandler] = {}

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

    def claim_now(self, message_id: str) -> Attempt:
        """Start the next attempt of a message that waits for its time, before it is due.

        Returns:
            The attempt, which must be settled.

        Raises:
            UsageError: if there is no such message, it does not wait, or a limit holds it.
        """
        with self._lock:
            attempt = by_hand.start(self._world, message_id, self.clock.now())
        try:
            self._door.changed()
        except BaseException as error:
            self.settle(attempt, broken_off(error))
            raise
        return attempt

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

    def on_change(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Have ``wake`` called, outside the lock, when something new may be due.

        Returns:
            What to call when that is over.
        """
        return self._door.on_change(wake)

    # --- inside the lock -----------------------------------------------------------------

    def _run_next(self, until: int) -> Firing | None:
        while True:
            timer = self._timeline.pop_until(until)
            if timer is None:
                return None
            due, sequence, event = timer
            self.clock.reach(due)
            now = self.clock.now()
            if type(event) is Message:
                if self._world.chaos is not None and disturbing.put_off(self._world, event, now):
                    return Firing(now, Held(event), None, sequence)
                attempt = attempts.come_due(self._world, event, sequence, now)
                if attempt is None and event.state not in ENDED:
                    return Firing(now, Held(event), None, sequence)
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
        account, place = event
        held = admission.release(self._world, account, place, now)
        if held is None:
            return None
        attempt = attempts.go_on(self._world, account, held.message, now)
        return Firing(now, Admitted(held.message), attempt, held.sequence)
