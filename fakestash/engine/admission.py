"""When a message that is due may start: its queue, its flow control, then the user's own limit.

Documented rules (details D114 to D116): its turn in the queue comes first; limits of a flow control
key and the user's own count attempts in flight; whoever has to wait goes on earliest first. Nobody
overtakes those who wait at the same place. Who has to wait for the user's own limit meets that of
its key again, and a queue that is paused or made narrower calls back those that it let through.

Whenever a place may let somebody through, a ``ReleaseDue`` is set. It lets one message go and sets
the next, so that each start is an event of its own, in the order of the timeline. It is taken back
when it would come to nothing: the clock must not run on for it.
"""

from fakestash.engine.account import Account
from fakestash.engine.due import ReleaseDue
from fakestash.engine.notes import Obstacle, note
from fakestash.engine.places import Gate, GlobalLimit, Lane, Place
from fakestash.engine.wait_list import Held
from fakestash.engine.world import World
from fakestash.model.messages import Message
from fakestash.model.settings import NO_EXTRAS


def enter(world: World, account: Account, held: Held, now: int, *, after: Place | None) -> bool:
    """Whether a message starts now. If not, it waits at the place that it cannot pass.

    ``after`` is the place that just let it through; None if it comes due.
    """
    message = held.message
    extras = message.command.extras
    lane: Lane | None = None
    gate: Gate | None = None
    if extras is not NO_EXTRAS:
        lane = lane_of(account, message)
        if lane is not None and after is None:
            obstacle = lane.obstacle(message)
            if obstacle is not None:
                lane.hold(held)
                note(account, message, obstacle, now)
                return False
            lane.let_through(held)
        gate = gate_of(account, message)
        if gate is not None:
            obstacle = gate.obstacle(held, now)
            if obstacle is not None:
                gate.waiting.add(held)
                wake(world, account, gate, now)
                note(account, message, obstacle, now)
                return False
    limit = account.limit_of(message)
    obstacle = limit.obstacle(held)
    if obstacle is not None:
        limit.waiting.add(held)
        note(account, message, obstacle, now)
        return False
    limit.in_flight += 1
    if gate is not None:
        gate.take(message, now)
    if lane is not None:
        lane.start(message)
        wake(world, account, lane, now)
    return True


def obstacle_to(account: Account, held: Held, now: int) -> Obstacle | None:
    """What would keep a message from starting that comes due; None if it would start."""
    message = held.message
    lane, gate = lane_of(account, message), gate_of(account, message)
    return (
        (None if lane is None else lane.obstacle(message))
        or (None if gate is None else gate.obstacle(held, now))
        or account.limit_of(message).obstacle(held)
    )


def obstacle_of(account: Account, message: Message, now: int) -> Obstacle | None:
    """What keeps a message that is due and waits; None if it does not."""
    match place_of(account, message):
        case Lane() as lane:
            return lane.obstacle_of_one_who_waits(message)
        case Gate() as gate:
            return gate.obstacle_of_one_who_waits(now)
        case GlobalLimit() as limit:
            return limit.obstacle_of_one_who_waits()
        case None:
            return None


def place_of(account: Account, message: Message) -> Place | None:
    """Where a message waits that is due; None if it does not."""
    lane, gate, limit = (
        lane_of(account, message),
        gate_of(account, message),
        account.limit_of(message),
    )
    if gate is not None and message in gate.waiting:
        return gate
    if message in limit.waiting:
        return limit
    return lane if lane is not None and lane.holds(message) else None


def release(world: World, account: Account, place: Place, now: int) -> Held | None:
    """Let the next message go that can start, and see to those behind it."""
    place.timer = None  # it is what came up
    while place.can_release(now):
        held = place.release()
        if enter(world, account, held, now, after=place):
            wake(world, account, place, now)
            return held
    wake(world, account, place, now)
    return None


def attempt_over(world: World, account: Account, message: Message, now: int) -> None:
    """An attempt is in flight no more. Whoever says so wakes the user's own limit in the end.

    Not earlier, or those who wait there would go before earlier ones that wait elsewhere.
    """
    account.limit_of(message).in_flight -= 1
    gate = gate_of(account, message)
    if gate is not None:
        gate.give_back(message)
        wake(world, account, gate, now)


def leave_queue(world: World, account: Account, message: Message, now: int) -> None:
    """A message gives up its place in its queue."""
    lane = lane_of(account, message)
    if lane is not None:
        lane.forget(message)
        wake(world, account, lane, now)


def change(world: World, account: Account, lane: Lane, now: int) -> None:
    """The settings of a queue have changed: who has not started starts as they say."""
    for held in lane.recall():
        _wait_no_more(world, account, held.message, now)
        note(account, held.message, lane.obstacle_of_one_who_waits(held.message), now)
    wake(world, account, lane, now)


def forget(world: World, account: Account, message: Message, now: int) -> None:
    """A message waits nowhere any more, and has no place in its queue."""
    leave_queue(world, account, message, now)
    _wait_no_more(world, account, message, now)


def _wait_no_more(world: World, account: Account, message: Message, now: int) -> None:
    """A message waits for no limits any more, if it did."""
    gate = gate_of(account, message)
    if gate is not None:
        gate.waiting.discard(message)
        wake(world, account, gate, now)
    limit = account.limit_of(message)
    limit.waiting.discard(message)
    wake(world, account, limit, now)


def wake(world: World, account: Account, place: Place, now: int) -> None:
    """Have the place let somebody through as soon as it can, and not come up before."""
    at = place.opens_at(now)
    if place.timer is not None:
        due = place.timer[0]
        if at is not None and (due == at or due < now):  # one that is late comes up at once
            return
        world.timeline.cancel(place.timer)
        place.timer = None
    if at is not None:
        place.timer = world.timeline.at(at, ReleaseDue(account, place))


def lane_of(account: Account, message: Message) -> Lane | None:
    """The queue that ``message`` belongs to, unless it has been deleted."""
    queue = message.command.extras.queue
    return None if queue is None else account.lanes.get(queue)


def gate_of(account: Account, message: Message) -> Gate | None:
    """The limits that ``message`` is under."""
    control = message.command.extras.flow_control
    return None if control is None else account.gates[control.key]
