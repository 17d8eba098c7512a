"""What a test does by hand, without moving time: fire, deliver, fail, hold back, release."""

from datetime import datetime

from fakestash.delivery.journal import Delivery
from fakestash.delivery.scripted_answers import Answer, outcome_of_answer
from fakestash.errors import UsageError, shown_where_it_was_made
from fakestash.model.messages import Attempt
from fakestash.model.outcomes import is_delivered
from fakestash.syntax.moments import datetime_of
from fakestash.testing.parts import Parts
from fakestash.wire.urls import target

__tracebackhide__ = shown_where_it_was_made


class Hand(Parts):
    """Doing by hand what time would do.

    Queues, flow control and the plan's limits hold as ever. A message is in flight here when its
    destination has been called and the latency of the answer has not passed.
    """

    def fire(self, schedule_id: str) -> tuple[str, ...]:
        """Fire a schedule now, in addition to its own firings; the ids of the new messages.

        They are due now like any other, so the next move of time delivers them.

        Raises:
            UsageError: if the schedule is unknown or paused, or cannot publish; from inside a
                delivery.
        """
        with self._driver.turn("fire"):
            return self.engine.hand.fire(schedule_id, self._user.id)

    def deliver_now(self, message_id: str) -> Delivery:
        """Deliver a message now that waits for its time: its delay or its next retry.

        Raises:
            UsageError: if the message is unknown, does not wait for its time, or a limit holds it;
                from inside a delivery, or where an event loop runs.
        """
        return self._delivery(self._driver.deliver_now(message_id))

    async def deliver_now_async(self, message_id: str) -> Delivery:
        """``deliver_now``, awaiting the delivery in the caller's event loop."""
        return self._delivery(await self._driver.deliver_now_async(message_id))

    def fail(self, message_id: str, answer: Answer = 500) -> None:
        """Have the attempt in flight fail now with ``answer``, whatever was on its way.

        Args:
            message_id: whose attempt.
            answer: a status, a ``(status, headers, body)`` tuple, or a ``Fault``.

        Raises:
            UsageError: if the message is unknown or not in flight, or ``answer`` is none or is
                that of a success; from inside a delivery.
        """
        with self._driver.turn("fail"):
            url = self.engine.stories.of(message_id).message.command.url
            outcome = outcome_of_answer(answer, target(url), 0)
            if is_delivered(outcome):
                raise UsageError(
                    f"{answer!r} is the answer of a success: release() lets the attempt end as "
                    "its destination has answered"
                )
            self.engine.hand.answer(message_id, outcome)

    def hold(self, message_id: str) -> datetime:
        """Hold back the answer to the attempt in flight, until ``release``.

        Without that the attempt times out at the end of its time limit, which is returned.

        Raises:
            UsageError: if the message is unknown or not in flight, or its answer is held back
                already; from inside a delivery.
        """
        with self._driver.turn("hold"):
            return datetime_of(self.engine.hand.keep(message_id))

    def release(self, message_id: str) -> datetime:
        """Let an answer come that ``hold`` holds back: when it would have, or now if that is past.

        That instant is returned; the next move of time to it, or beyond, brings the answer.

        Raises:
            UsageError: if the message is unknown or not in flight, or its answer is not held
                back; from inside a delivery.
        """
        with self._driver.turn("release"):
            return datetime_of(self.engine.hand.let_go(message_id))

    def _delivery(self, attempt: Attempt) -> Delivery:
        """The attempt as the journal has it."""
        return next(
            delivery
            for delivery in reversed(self._courier.deliveries)
            if delivery.attempt is attempt
        )
