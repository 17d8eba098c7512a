"""What is still to come of a message, and what has come of it, in words."""

from collections.abc import Iterable, Sequence
from typing import assert_never

from fakestash.matching.words import MOST_SHOWN, number, ordinal
from fakestash.syntax.moments import duration_text, instant_of
from fakestash.testing.messages import Message
from fakestash.testing.scene import Scene


def label(message: Message, scene: Scene) -> str:
    """A message by its number, method and URL."""
    return f"{scene.name(message.id)} {message.method} {message.url}"


def prospect(message: Message, scene: Scene) -> str:
    """What is still to come of a message, or what has come of it."""
    match message.state:
        case "pending":
            return _due(message, scene)
        case "waiting":
            return _held(message, scene)
        case "active":
            return _under_way(message, scene)
        case "canceling while active":
            return f"{_under_way(message, scene)}; it is to be canceled then"
        case "canceling":
            return "it is to be canceled: nothing more is delivered"
        case "delivered" | "failed" | "canceled":
            return _fate(message, scene)
        case _:
            assert_never(message.state)


def to_come(messages: Sequence[Message], scene: Scene, *, needed: int | None) -> list[str]:
    """A line for each message that has not ended, and how to get there.

    ``needed`` is of how many messages the next attempt has to come; None is all attempts of all.
    """
    if not messages:
        return []
    shown = messages[:MOST_SHOWN]
    lines = [f"  {label(each, scene)}: {prospect(each, scene)}" for each in shown]
    if len(messages) > len(shown):
        lines.append(f"  ... and {len(messages) - len(shown):,} more")
    return [*lines, f"  {_way_there(messages, scene, needed)}"]


def still_open(messages: Iterable[Message]) -> list[Message]:
    """Those of which something is still to come, in the order in which it is due."""
    found = [each for each in messages if not each.has_ended and each.state != "canceling"]
    return sorted(found, key=lambda each: (each.due_at is not None, each.due_at or each.created_at))


def _fate(message: Message, scene: Scene) -> str:
    at = "an unknown time" if message.ended_at is None else scene.clock(message.ended_at)
    if message.state == "delivered":
        return f"it was delivered at {at} by its {ordinal(message.attempts)} attempt"
    if message.state == "failed":
        gone = "" if message.dlq_id in scene.dead_letters else ", and its dead letter is gone"
        return f"it failed at {at} after {_attempts(message.attempts)}{gone}"
    return f"it was canceled at {at} after {_attempts(message.attempts)}"


def _due(message: Message, scene: Scene) -> str:
    when = "now" if message.due_at is None else scene.when(instant_of(message.due_at))
    if not message.attempts:
        return f"it is due {when}"
    return f"{_so_far(message)}the {ordinal(message.attempts + 1)} is due {when}"


def _so_far(message: Message) -> str:
    """How many attempts lie behind it, if any do."""
    if not message.attempts:
        return ""
    have = "has" if message.attempts == 1 else "have"
    of = f"{number(message.attempts)} of {_attempts(message.retries + 1)}"
    return f"{of} {have} happened; "


def _held(message: Message, scene: Scene) -> str:
    """What holds a message that is due, and until when if that is known."""
    text = f"{_so_far(message)}it is due, but {scene.obstacle(message.id)}"
    until = scene.next_at(message.id)
    return text if until is None else f"{text}; it may start {scene.when(until)}"


def _under_way(message: Message, scene: Scene) -> str:
    text = "its only attempt is under way"
    if message.retries:
        of = _attempts(message.retries + 1)
        text = f"the {ordinal(message.attempts)} of {of} is under way"
    answered = scene.next_at(message.id)
    return text if answered is None else f"{text}; it ends {scene.when(answered)}"


def _way_there(messages: Sequence[Message], scene: Scene, needed: int | None) -> str:
    """How far time has to be moved for the next attempts of so many of the messages."""
    starts = [
        instant_of(each.due_at) for each in messages if each.state == "pending" and each.due_at
    ]
    held = (each for each in messages[:MOST_SHOWN] if each.state == "waiting")
    starts += [start for each in held if (start := scene.next_at(each.id)) is not None]
    if needed is not None and needed <= len(starts):
        until = sorted(starts)[needed - 1]
        span = f'"{duration_text(until - scene.now)}"' if until > scene.now else "0"
        return f"advance time: qstash.advance({span})"
    if scene.is_idle:
        return "nothing is due: time alone will not change that"
    return "advance time: qstash.run_until_idle()"


def _attempts(count: int) -> str:
    return "one attempt" if count == 1 else f"{number(count)} attempts"
