"""What is still to come of a message, and what has come of it, in words."""

from collections.abc import Iterable, Sequence
from typing import Final, assert_never

from fakestash.syntax.moments import duration_text, instant_of
from fakestash.testing.messages import Message
from fakestash.testing.scene import Scene
from fakestash.testing.words import number, ordinal

_MOST_SHOWN: Final = 5


def label(message: Message, scene: Scene) -> str:
    """A message by its number, method and URL."""
    return f"{scene.name(message.id)} {message.method} {message.url}"


def prospect(message: Message, scene: Scene) -> str:
    """What is still to come of a message that has not ended."""
    match message.state:
        case "pending":
            return _due(message, scene)
        case "waiting":
            return f"{_so_far(message)}it is due, but waits for {_held_by(message, scene)}"
        case "active":
            return f"{_under_way(message)}"
        case "canceling while active":
            return f"{_under_way(message)}, and will not be repeated: it is to be canceled"
        case "canceling":
            return "it is to be canceled: nothing more is delivered"
        case "delivered" | "failed" | "canceled":
            return fate(message, scene)
        case _:
            assert_never(message.state)


def fate(message: Message, scene: Scene) -> str:
    """What has come of a message that has ended."""
    if message.ended_at is None:
        return prospect(message, scene)
    at = scene.clock(message.ended_at)
    if message.state == "delivered":
        return f"it was delivered at {at} by its {ordinal(message.attempts)} attempt"
    if message.state == "failed":
        return f"it failed at {at} after {_attempts(message.attempts)}"
    return f"it was canceled at {at} after {_attempts(message.attempts)}"


def to_come(messages: Sequence[Message], scene: Scene, needed: int | None = None) -> list[str]:
    """A line for each message that has not ended, and how to get there.

    ``needed`` is how many of them have to come; None is all.
    """
    if not messages:
        return []
    shown = messages[:_MOST_SHOWN]
    lines = [f"  {label(each, scene)}: {prospect(each, scene)}" for each in shown]
    if len(messages) > len(shown):
        lines.append(f"  ... and {len(messages) - len(shown):,} more")
    dues = sorted(
        instant_of(each.due_at)
        for each in messages
        if each.state == "pending" and each.due_at is not None
    )
    if dues:
        until = dues[: needed or len(dues)][-1]
        span = f'"{duration_text(until - scene.now)}"' if until > scene.now else "0"
        lines.append(f"  advance time: qstash.advance({span})")
    if any(each.state != "pending" for each in messages) and scene.next_event is not None:
        lines.append(f"  what comes up next: {scene.next_event}")
    return lines


def still_open(messages: Iterable[Message]) -> list[Message]:
    """Those of which something is still to come, in the order in which it is due."""
    found = [each for each in messages if not each.has_ended and each.state != "canceling"]
    return sorted(found, key=lambda each: (each.due_at is not None, each.due_at or each.created_at))


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


def _under_way(message: Message) -> str:
    of = _attempts(message.retries + 1)
    return f"the {ordinal(message.attempts)} of {of} is under way"


def _attempts(count: int) -> str:
    return "one attempt" if count == 1 else f"{number(count)} attempts"


def _held_by(message: Message, scene: Scene) -> str:
    """What a message that is due may be waiting for: what is paused is what it waits for."""
    queue, key = message.queue, message.flow_control_key
    if queue in scene.paused_queues:
        return f"queue {queue}, which is paused"
    if key in scene.paused_keys:
        return f"flow control key {key}, which is paused"
    places: list[str] = []
    if queue is not None:
        places.append(f"its turn in queue {queue}")
    if key is not None:
        places.append(f"the limits of flow control key {key}")
    return " or ".join(places) or "the limit of attempts in flight"
