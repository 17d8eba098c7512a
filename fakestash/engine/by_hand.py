"""What a test does by hand, at the instant that it is: nothing here moves time.

A schedule fires, a message that waits for its time is delivered, an attempt in flight is answered,
or its answer is held back. Queues, flow control and the user's own limit hold as ever, and a
message changes its state as ever. In flight means here that the destination has been called and
the virtual latency of its answer has not passed.
"""

from collections.abc import Generator
from contextlib import contextmanager

from fakestash.engine import admission, attempts, schedules
from fakestash.engine.account import Account
from fakestash.engine.door import Door
from fakestash.engine.due import ResponseDue
from fakestash.engine.finding import find_message, find_schedule
from fakestash.engine.notes import Bar, ByHand, Obstacle, note, obstacle_text
from fakestash.engine.wait_list import Held
from fakestash.engine.world import World
from fakestash.errors import InternalError, UsageError, shown_where_it_was_made
from fakestash.model.messages import ENDED, IN_FLIGHT, Attempt, Message, MessageState
from fakestash.model.outcomes import Outcome, TimedOut
from fakestash.syntax.moments import instant_text
from fakestash.timeline import Timer

__tracebackhide__ = shown_where_it_was_made


class Hand:
    """What can be done by hand to all users' schedules and messages.

    Every method may raise a ``UsageError`` that says what to do instead; nothing has been changed
    then.
    """

    def __init__(self, door: Door) -> None:
        self._door = door

    def fire(self, schedule_id: str, user_id: str) -> tuple[str, ...]:
        """Fire a schedule; its next firing stays. The ids of the new messages are returned.

        If several users have one of this id, it is that of ``user_id``.

        Raises:
            UsageError: if it is unknown, paused, or cannot publish.
        """
        with self._changing() as (world, now):
            account, record = find_schedule(world, schedule_id, user_id)
            if record.is_paused:
                raise UsageError(f"schedule {record.id} is paused and does not fire: resume it")
            messages = schedules.publish(world, account, record, now, now)
            if record.error is not None:
                raise UsageError(f"schedule {record.id} fired and made nothing: {record.error}")
            return tuple(message.id for message in messages)

    def answer(self, message_id: str, outcome: Outcome) -> None:
        """End the attempt in flight of a message: ``outcome`` counts now.

        Raises:
            UsageError: if the message is unknown or not in flight.
        """
        with self._changing() as (world, now):
            account, message = find_message(world, message_id)
            timer, event = _in_flight(world, message)
            world.timeline.cancel(timer)
            note(account, message, ByHand.ANSWERED, now)
            attempts.conclude(world, event.attempt, outcome, now)

    def keep(self, message_id: str) -> int:
        """Hold back the answer to the attempt in flight; without it the attempt times out.

        Returns:
            The instant at which it does (unix ms).

        Raises:
            UsageError: if the message is unknown or not in flight, or its answer is held back.
        """
        with self._changing() as (world, now):
            account, message = find_message(world, message_id)
            timer, event = _in_flight(world, message)
            if event.kept is not None:
                raise UsageError(
                    f"the answer to {_named(message)} is held back already, until the attempt "
                    f"times out at {instant_text(timer[0])}"
                )
            world.timeline.cancel(timer)
            note(account, message, ByHand.KEPT, now)
            end = event.attempt.started_at + event.attempt.timeout
            late = event._replace(outcome=TimedOut(), kept=(timer[0], event.outcome))
            return world.timeline.at(end, late)[0]

    def let_go(self, message_id: str) -> int:
        """Let an answer count that was held back: when it would have, or now if that is past.

        Returns:
            That instant (unix ms).

        Raises:
            UsageError: if the message is unknown or not in flight, or nothing is held back.
        """
        with self._changing() as (world, now):
            account, message = find_message(world, message_id)
            timer, event = _in_flight(world, message)
            if event.kept is None:
                raise UsageError(
                    f"the answer to {_named(message)} is not held back: it counts at "
                    f"{instant_text(timer[0])}; hold() holds it back"
                )
            world.timeline.cancel(timer)
            note(account, message, ByHand.LET_GO, now)
            due, outcome = event.kept
            return world.timeline.at(max(due, now), ResponseDue(event.attempt, outcome))[0]

    @contextmanager
    def _changing(self) -> Generator[tuple[World, int], None, None]:
        with self._door.lock:
            yield self._door.world, self._door.world.clock.now()
        self._door.changed()


def start(world: World, message_id: str, now: int) -> Attempt:
    """Start the next attempt of a message that waits for its time.

    Raises:
        UsageError: if it is unknown, does not wait for its time, or may not start now.
    """
    account, message = find_message(world, message_id)
    if message.state is not MessageState.PENDING:
        raise UsageError(_not_pending_text(account, message, now))
    timer = world.timeline.find(lambda event: event is message)
    if timer is None:
        raise InternalError(f"message {message.id} is pending, and nothing is set for it")
    held = Held(now, timer[1], message)
    obstacle = admission.obstacle_to(account, held, now) or _earlier(world, account, timer, message)
    if obstacle is not None:
        raise UsageError(
            f"{_named(message)} cannot start now: {obstacle_text(obstacle)}; "
            "limits hold for what is delivered by hand too"
        )
    world.timeline.cancel(timer)
    message.due_at = now
    note(account, message, ByHand.STARTED, now)
    attempt = attempts.come_due(world, message, timer[1], now)
    if attempt is None:
        raise InternalError(f"message {message.id} could start, and did not")
    return attempt


def _earlier(world: World, account: Account, timer: Timer, message: Message) -> Obstacle | None:
    """Others of its queue that are due, have not come up yet, and are to start before it."""
    lane = admission.lane_of(account, message)
    if lane is None or message.attempts:
        return None
    due = [
        event
        for at, sequence, event in world.timeline.ahead(world.clock.now())
        if isinstance(event, Message) and (at, sequence) < timer[:2]
    ]
    ahead = sum(
        each.id in lane.unfinished and each.state is MessageState.PENDING and not each.attempts
        for each in due
    )
    return Obstacle(Bar.QUEUE_TURN, lane.name, lane.parallelism, ahead=ahead) if ahead else None


def _not_pending_text(account: Account, message: Message, now: int) -> str:
    named = _named(message)
    if message.state in IN_FLIGHT:
        return f"{named} is in flight already: fail() ends its attempt"
    if message.state in ENDED:
        return f"{named} has ended, it is {message.state}: publish it anew"
    if message.state is MessageState.CANCELING:
        return f"{named} is going to be cancelled at {instant_text(message.due_at)}"
    obstacle = admission.obstacle_of(account, message, now)
    held_by = "" if obstacle is None else f": {obstacle_text(obstacle)}"
    return (
        f"{named} is due already and held{held_by}; limits hold for what is delivered by hand too"
    )


def _in_flight(world: World, message: Message) -> tuple[Timer, ResponseDue]:
    if message.state not in IN_FLIGHT:
        raise UsageError(
            f"no attempt of {_named(message)} is in flight, it is {message.state}: give its "
            "destination a latency, as in responds(200, took='5s'), and move time until it is due"
        )
    if message.attempt is not None:
        raise UsageError(
            f"the destination of {_named(message)} is being called right now: wait until it has "
            "answered"
        )
    found = attempts.awaited_answer(world, message)
    if found is None:
        raise InternalError(f"message {message.id} is in flight, and nothing is set for it")
    return found


def _named(message: Message) -> str:
    return f"message {message.id} for {message.command.url}"
