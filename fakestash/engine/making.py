"""Making a message: the one place where messages come into being, whatever asked for them."""

from typing import Final

from fakestash.engine import admission
from fakestash.engine.account import Account
from fakestash.engine.lifecycle import Action
from fakestash.engine.places import Gate, Lane
from fakestash.engine.world import World
from fakestash.model.messages import Message, PublishCommand
from fakestash.model.settings import NO_EXTRAS

_DAY_MS: Final = 86_400_000


def make(
    world: World, account: Account, command: PublishCommand, now: int, created_at: int | None = None
) -> Message:
    """Make a message and set its first attempt.

    ``created_at`` (unix ms) is the instant from which its delay counts, if it is not now.
    """
    since = now if created_at is None else created_at
    not_before = first_instant(command, since)
    message = Message(
        world.ids.message_id(), account.user.id, command, since, not_before, not_before
    )
    account.messages[message.id] = message
    account.body_bytes += len(command.body)
    if world.chaos is not None:
        world.chaos.number(message)
    if command.extras is not NO_EXTRAS:
        _enrol(world, account, message, now)
    if world.plan.messages_per_day is not None:
        day = now // _DAY_MS
        counted_on, count = account.messages_today
        account.messages_today = (day, count + 1 if counted_on == day else 1)
    world.do(account, message, Action.CREATE, now, next_delivery_at=not_before)
    world.timeline.at(not_before, message)
    return message


def first_instant(command: PublishCommand, since: int) -> int:
    """When the first attempt is due: a past time means at once (D83)."""
    if command.not_before is not None:
        return max(command.not_before, since)
    return since + command.delay


def _enrol(world: World, account: Account, message: Message, now: int) -> None:
    """Make the queue and the flow control key known that the message names, if they are not.

    It brings limits of its key, which may let others go on.
    """
    extras = message.command.extras
    if extras.queue is not None:
        lane = account.lanes.get(extras.queue)
        if lane is None:
            lane = account.lanes[extras.queue] = Lane(extras.queue, now)
        lane.unfinished[message.id] = message
    if extras.flow_control is not None:
        key = extras.flow_control.key
        gate = account.gates.get(key)
        if gate is None:
            gate = account.gates[key] = Gate(key)
        gate.bring(extras.flow_control)
        admission.wake(world, account, gate, now)
