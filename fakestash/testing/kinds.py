"""The kinds of things that assertions are about, and how each is told in a line."""

from collections.abc import Sequence
from typing import Final

from fakestash.delivery.journal import Delivery
from fakestash.model.outcomes import outcome_text
from fakestash.syntax.moments import instant_of
from fakestash.testing.messages import Message
from fakestash.testing.near_misses import Kind
from fakestash.testing.prospects import label, prospect
from fakestash.testing.resources import Schedule
from fakestash.testing.scene import Scene
from fakestash.testing.views import DeadLetter

_MOST_ATTEMPTS: Final = 4
"""Of more attempts of one message the first ones and the last are told."""


def is_to_come(delivery: Delivery) -> bool:
    """Whether it is one that will be made, as opposed to one that was."""
    attempt = delivery.attempt
    return attempt.message.attempts <= attempt.number and not attempt.is_forgotten


def _tell_deliveries(made: Sequence[Delivery], scene: Scene) -> str:
    attempts = [_attempt(each, scene) for each in made]
    if len(attempts) > _MOST_ATTEMPTS:
        left_out = f"{len(attempts) - 3} more"
        attempts = [*attempts[:2], left_out, attempts[-1]]
    first = made[0]
    return f"{scene.name(first.message_id)} {first.method} {first.url}: {', '.join(attempts)}"


def _attempt(delivery: Delivery, scene: Scene) -> str:
    if is_to_come(delivery):
        return f"attempt {delivery.retried + 1} due {scene.when(instant_of(delivery.at))}"
    outcome = delivery.outcome
    answer = "under way" if outcome is None else outcome_text(outcome)
    return f"attempt {delivery.retried + 1} at {scene.clock(delivery.at)} ({answer})"


def _tell_messages(messages: Sequence[Message], scene: Scene) -> str:
    (message,) = messages
    published = f"published at {scene.clock(message.created_at)}"
    return f"{label(message, scene)}: {published}; {prospect(message, scene)}"


def _tell_dead_letters(letters: Sequence[DeadLetter], scene: Scene) -> str:
    (letter,) = letters
    name = scene.name(letter.message_id)
    return f"{name} {letter.method} {letter.url}: {letter.error} at {scene.clock(letter.at)}"


def _tell_schedules(schedules: Sequence[Schedule], scene: Scene) -> str:
    (schedule,) = schedules
    following = "never" if schedule.next_at is None else f"next at {scene.clock(schedule.next_at)}"
    what = f"{schedule.id} {schedule.cron!r} {schedule.method} {schedule.destination}"
    return f"{what}: {'paused' if schedule.is_paused else following}"


DELIVERY: Final[Kind[Delivery]] = Kind(
    "delivery to",
    "deliveries to",
    lambda delivery: delivery.url,
    lambda delivery: delivery.message_id,
    _tell_deliveries,
)

RETRY: Final[Kind[Delivery]] = Kind(
    "retry of a delivery to",
    "retries of deliveries to",
    DELIVERY.url,
    DELIVERY.identity,
    _tell_deliveries,
)

MESSAGE: Final[Kind[Message]] = Kind(
    "message to",
    "messages to",
    lambda message: message.url,
    lambda message: message.id,
    _tell_messages,
)

DEAD_LETTER: Final[Kind[DeadLetter]] = Kind(
    "dead letter for",
    "dead letters for",
    lambda letter: letter.url,
    lambda letter: letter.message_id,
    _tell_dead_letters,
)

SCHEDULE: Final[Kind[Schedule]] = Kind(
    "schedule for",
    "schedules for",
    lambda schedule: schedule.destination,
    lambda schedule: schedule.id,
    _tell_schedules,
)
