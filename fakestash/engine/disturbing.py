"""What chaos does to a message: its attempt is put off, or the answer to it gets lost.

All else is as ever. An attempt that is put off comes due again like any other, and a request that
goes out again waits for its turn under every limit that there is.
"""

from fakestash.engine import admission
from fakestash.engine.account import Account
from fakestash.engine.lifecycle import Action
from fakestash.engine.notes import Disturbed, note
from fakestash.engine.world import World
from fakestash.errors import InternalError
from fakestash.model.messages import Attempt, Message, MessageState
from fakestash.model.outcomes import CLOSED_EARLY, Outcome, Unreachable, is_delivered, outcome_text
from fakestash.syntax.disturbances import DisturbanceKind
from fakestash.syntax.moments import duration_text


def put_off(world: World, message: Message, now: int) -> bool:
    """Whether a message that comes due has to come due again, later or after all others.

    Not in a queue as long as it has no place there: its order holds.
    """
    chaos = world.chaos
    if chaos is None or message.state is not MessageState.PENDING:
        return False
    account = world.accounts[message.user_id]
    lane = admission.lane_of(account, message)
    if lane is not None and not lane.has_place(message):
        return False
    found = chaos.before_start(message)
    if found is None or (found.kind is DisturbanceKind.OVERTAKEN and not _is_due(world, now)):
        return False
    chaos.done.append(found)
    message.due_at = now + found.millis
    world.timeline.at(message.due_at, message)
    late = found.kind is DisturbanceKind.LATE
    what = f"{duration_text(found.millis)} late" if late else "overtaken by what is due with it"
    note(account, message, Disturbed(what), now)
    return True


def _is_due(world: World, now: int) -> bool:
    """Whether anything else is due now."""
    timer = world.timeline.next_timer()
    return timer is not None and timer[0] <= now


def what_arrives(
    world: World, account: Account, attempt: Attempt, outcome: Outcome, now: int
) -> Outcome | None:
    """What the service gets of an answer that may get lost.

    Only that of a success does, and only if another request can follow. None is nothing at all:
    the attempt is made again.
    """
    message, loss, chaos = attempt.message, attempt.loss, world.chaos
    if loss is None:
        raise InternalError(f"nothing disturbs attempt {attempt.number} of {message.id}")
    if chaos is None or chaos.number_of(message.id) is None:
        return outcome  # there was other chaos when it started
    if not is_delivered(outcome) or message.state is not MessageState.ACTIVE:
        return outcome
    if loss.again_after is None and message.retried >= message.command.retries:
        return outcome
    loss.answer = outcome
    chaos.has_lost(message, attempt.number, loss)
    lost = f"the answer {outcome_text(outcome)} is lost"
    if loss.again_after is None:
        note(account, message, Disturbed(lost), now)
        return Unreachable(CLOSED_EARLY, exception=outcome.exception)
    message.attempts -= 1
    message.due_at = now + loss.again_after
    world.do(account, message, Action.LOSE_ANSWER, now)
    world.timeline.at(message.due_at, message)
    when = f"in {duration_text(loss.again_after)}" if loss.again_after else "at once"
    note(account, message, Disturbed(f"{lost}, the same request again {when}", message.due_at), now)
    return None
