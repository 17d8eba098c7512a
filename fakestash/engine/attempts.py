"""The path of one message: it comes due, is tried, and what came back decides what follows."""

from fakestash.engine import admission, callbacks, dead_letters, disturbing
from fakestash.engine.account import Account
from fakestash.engine.answers import as_kept
from fakestash.engine.due import ResponseDue
from fakestash.engine.lifecycle import Action
from fakestash.engine.retries import retry_at
from fakestash.engine.wait_list import Held
from fakestash.engine.world import World
from fakestash.model.messages import Attempt, Message, MessageState
from fakestash.model.outcomes import Outcome, is_delivered
from fakestash.model.settings import NO_EXTRAS
from fakestash.timeline import Timer


def come_due(world: World, message: Message, sequence: int, now: int) -> Attempt | None:
    """Start the next attempt, honour a cancellation, or have the message wait.

    ``sequence`` is that of the timer that came up.
    """
    account = world.accounts[message.user_id]
    if message.state is MessageState.CANCELING:
        world.do(account, message, Action.COME_DUE, now)
        end(world, account, message, now)
        return None
    limit = account.global_limit if account.host_limits is None else account.limit_of(message)
    extras = message.command.extras
    if (
        extras.queue is None
        and extras.flow_control is None
        and limit.in_flight < limit.maximum
        and not limit.waiting
    ):
        limit.in_flight += 1  # what ``enter`` would come to, for nearly every message there is
    elif not admission.enter(
        world, account, Held(message.due_at, sequence, message), now, after=None
    ):
        world.do(account, message, Action.HOLD, now)
        return None
    world.do(account, message, Action.COME_DUE, now)
    return _attempt(world, account, message, now)


def go_on(world: World, account: Account, message: Message, now: int) -> Attempt:
    """Start the attempt that a message was held back from."""
    world.do(account, message, Action.ADMIT, now)
    return _attempt(world, account, message, now)


def conclude(world: World, attempt: Attempt, outcome: Outcome, now: int) -> None:
    """Let the outcome of an attempt count."""
    message = attempt.message
    account = world.accounts[message.user_id]
    outcome = as_kept(outcome, world.plan.max_message_size)
    admission.attempt_over(world, account, message, now)
    arrived: Outcome | None = outcome
    if attempt.loss is not None:
        arrived = disturbing.what_arrives(world, account, attempt, outcome, now)
    if arrived is not None:
        _count(world, account, attempt, arrived, now)
    limit = account.limit_of(message)
    if limit.waiting:
        admission.wake(world, account, limit, now)
    elif not limit.in_flight:
        account.leave_limit(message)


def _count(world: World, account: Account, attempt: Attempt, outcome: Outcome, now: int) -> None:
    """An outcome decides what follows."""
    message = attempt.message
    message.outcome = outcome
    duration = now - attempt.started_at
    if is_delivered(outcome):
        action, again = Action.SUCCEED, None
    else:
        again = retry_at(message, outcome, now)
        action = Action.GIVE_UP if again is None else Action.RETRY_LATER
    world.do(
        account,
        message,
        action,
        now,
        next_delivery_at=again,
        outcome=outcome,
        duration=duration,
    )
    if again is not None:
        message.due_at = again
        world.timeline.at(again, message)
        if message.state is MessageState.CANCELING:  # it has no claim to its place any more
            admission.leave_queue(world, account, message, now)
            callbacks.ended(world, account, message, now)
    row = dead_letters.next_row(account, now) if action is Action.GIVE_UP else None
    failure_callback = None
    if message.command.extras is not NO_EXTRAS:
        failure_callback = callbacks.report(world, account, attempt, outcome, row, now)
    if row is not None:
        dead_letters.expire(account, now - world.plan.dead_letter_retention * 1000)
        dead_letters.add(account, row, message, failure_callback)
    if again is None:
        end(world, account, message, now)


def awaited_answer(world: World, message: Message) -> tuple[Timer, ResponseDue] | None:
    """The answer to a message's attempt that is on its way, and the timer that brings it."""
    timer = world.timeline.find(
        lambda event: type(event) is ResponseDue and event.attempt.message is message
    )
    return (timer, timer[2]) if timer is not None and isinstance(timer[2], ResponseDue) else None


def end(world: World, account: Account, message: Message, now: int) -> None:
    """A message has ended: see to those that waited for it."""
    message.ended_at = now
    if message.command.extras.queue is not None:
        lane = admission.lane_of(account, message)
        if lane is not None:
            lane.unfinished.pop(message.id, None)
        if message.id not in account.open_callbacks:
            admission.leave_queue(world, account, message, now)
    if account.reported:
        callbacks.ended(world, account, message, now)


def _attempt(world: World, account: Account, message: Message, now: int) -> Attempt:
    attempt = Attempt(
        message,
        message.attempts,
        now,
        message.command.timeout or world.plan.max_timeout * 1000,
        account.keys.current,
        world.ids.nonce(),
        None if world.chaos is None else world.chaos.loss(message),
    )
    message.attempts += 1
    message.attempt = attempt
    return attempt
