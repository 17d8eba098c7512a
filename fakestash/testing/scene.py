"""The fake as a failure finds it: everything of one user at one instant, and names for it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from fakestash.delivery.courier import Courier
from fakestash.delivery.journal import Deliveries, Delivery
from fakestash.engine import Engine
from fakestash.engine.notes import obstacle_text
from fakestash.matching.words import clock_text
from fakestash.model.messages import Attempt, MessageState
from fakestash.model.messages import Message as EngineMessage
from fakestash.syntax.moments import datetime_of, duration_text
from fakestash.testing.chronicle import numbered, render
from fakestash.testing.messages import TO_BE_TRIED, Messages, message_view

_NO_NONCE: Final = 0


class Scene:
    """What failures are told from. Instants are unix ms.

    ``upcoming`` are the next attempts of messages that are to be tried, as they will be made if
    nothing changes. Messages have the numbers that the timeline gives them.
    """

    def __init__(self, engine: Engine, courier: Courier, user_id: str, start: int) -> None:
        self.start = start
        self.destination_of = courier.destination_of
        self.now = engine.clock.now()
        self.deliveries = courier.deliveries_of(user_id)
        messages = engine.all_messages(user_id)
        self.messages = Messages(message_view(each, self.deliveries) for each in messages)
        key = engine.signing_keys(user_id).current
        self.upcoming = Deliveries(
            Delivery(_next_attempt(each, self.now, key), courier.region)
            for each in messages
            if each.state in TO_BE_TRIED
        )
        self.dead_letters = {each.dlq_id for each in engine.all_dead_letters(user_id)}
        self.is_idle = engine.is_idle
        self._stories = engine.stories
        self._entries = engine.whole_log(user_id)
        self._notes = engine.stories.notes(user_id)
        self._numbers = numbered(self._entries)

    def name(self, message_id: str) -> str:
        """A message as the timeline calls it; by its id if the log has lost it."""
        number = self._numbers.get(message_id)
        return message_id if number is None else f"#{number}"

    def obstacle(self, message_id: str) -> str | None:
        """What keeps a message from starting, if anything does."""
        obstacle = self._stories.of(message_id).obstacle
        return None if obstacle is None else obstacle_text(obstacle)

    def next_at(self, message_id: str) -> int | None:
        """When a message starts, is answered or is canceled; None if that is open."""
        return self._stories.of(message_id).next_at

    def clock(self, at: datetime) -> str:
        """The time of an instant."""
        return clock_text(at, self.start)

    def when(self, at: int) -> str:
        """An instant that is still to come: ``in 12 s at 00:00:12``, or ``now``."""
        if at <= self.now:
            return "now"
        return f"in {duration_text(at - self.now)} at {self.clock(datetime_of(at))}"

    def story(self, concerned: Iterable[str]) -> list[str]:
        """What happened to the messages with these ids, or to all if the log knows none of them."""
        known = self._numbers.keys() & set(concerned)
        title = "What happened to them:" if known else "What happened:"
        return [title, render(self._entries, self.start, known or None, self._notes)]


def _next_attempt(message: EngineMessage, now: int, signing_key: str) -> Attempt:
    """The next attempt of a message that is to be tried; one that is held back may start now."""
    at = now if message.state is MessageState.WAITING else message.due_at
    return Attempt(message, message.attempts, at, 0, signing_key, _NO_NONCE)
