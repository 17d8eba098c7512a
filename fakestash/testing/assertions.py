"""What a test can insist on. A failure tells what comes closest, and what is merely later.

All assertions work alike: the arguments become conditions, each candidate is tried on them, and
what meets them all is given back. A plain value is compared, a function is asked; ``json`` may
hold less than what was sent.
"""

from fakestash.delivery.journal import Deliveries, Delivery
from fakestash.errors import shown_where_it_was_made
from fakestash.matching.arguments import check_number
from fakestash.matching.conditions import ANYTHING, Condition, value
from fakestash.matching.content import BodyLike, HeadersLike, TextLike, content_conditions
from fakestash.testing import criteria
from fakestash.testing.criteria import (
    MomentLike,
    NumberLike,
    Sent,
    WithinLike,
)
from fakestash.testing.failures import Asked, Outlook, pending_text
from fakestash.testing.insisting import (
    attempt_condition,
    beside,
    deliveries_outlook,
    insist,
    letters_outlook,
    retry_condition,
    status_condition,
)
from fakestash.testing.kinds import DEAD_LETTER, DELIVERY, MESSAGE, RETRY, SCHEDULE
from fakestash.testing.messages import Message, Messages
from fakestash.testing.prospects import still_open
from fakestash.testing.questions import Questions
from fakestash.testing.resources import Schedule, Schedules
from fakestash.testing.scene import Scene
from fakestash.testing.views import DeadLetter, DeadLetters

__tracebackhide__ = shown_where_it_was_made


class Assertions(Questions):
    """What a test insists on. Each raises an ``AssertionError`` that says what was there instead.

    - ``url`` is an origin, which means all of it, a URL without a query, which means any query, or
      a URL with one.
    - ``method``, ``body``, ``headers`` and the like are a value or a function that is given the
      value and says whether it will do.
    - ``json`` is matched in part: objects may hold more keys than asked for, lists are compared
      element by element, and a function may stand for any value; so may a class, for its
      instances. For an exact match: ``json=lambda found: found == {"id": 7}``.
    - ``at`` is an instant, or the time since the start of the fake ("12s", a ``timedelta``);
      ``within`` the longest time since the message was published.
    - ``times`` is the exact number, None any number but none.
    """

    def assert_delivered(
        self,
        url: str,
        *,
        times: int | None = None,
        method: TextLike | None = None,
        body: BodyLike | None = None,
        json: object = ANYTHING,
        headers: HeadersLike | None = None,
        at: MomentLike | None = None,
        within: WithinLike | None = None,
        attempt: NumberLike | None = None,
        status: NumberLike | None = None,
    ) -> Deliveries:
        """The deliveries to ``url`` that meet every condition given.

        Every attempt that was made is one, whatever came back; ``attempt`` is its number, from 1
        on, and ``status`` that of the answer, 0 if it ended without one. ``headers`` are all that
        were sent, those of the service too.

        Raises:
            AssertionError: if there is none, or their number is not ``times``.
            UsageError: if an argument cannot be what it is meant to be.
        """
        sent = criteria.sent_conditions(url, method, body, json, headers)
        conditions: list[Condition[Delivery]] = [*sent, *self._timing(at, within)]
        if attempt is not None:
            conditions.append(attempt_condition(attempt))
        if status is not None:
            conditions.append(status_condition(status))
        return self._delivered(Asked(DELIVERY, url, conditions, times), sent)

    def assert_not_delivered(
        self,
        url: str,
        *,
        method: TextLike | None = None,
        body: BodyLike | None = None,
        json: object = ANYTHING,
        headers: HeadersLike | None = None,
        at: MomentLike | None = None,
        within: WithinLike | None = None,
        attempt: NumberLike | None = None,
        status: NumberLike | None = None,
    ) -> None:
        """Nothing that meets every condition given was delivered to ``url`` so far.

        What a function raises comes out, as far as it keeps this from being certain.

        Raises:
            AssertionError: if there is such a delivery, whatever came back unless ``status`` is
                given.
            UsageError: if an argument cannot be what it is meant to be.
        """
        self.assert_delivered(
            url,
            times=0,
            method=method,
            body=body,
            json=json,
            headers=headers,
            at=at,
            within=within,
            attempt=attempt,
            status=status,
        )

    def assert_retried(
        self,
        url: str,
        *,
        times: int | None = None,
        method: TextLike | None = None,
        body: BodyLike | None = None,
        json: object = ANYTHING,
        headers: HeadersLike | None = None,
        at: MomentLike | None = None,
        within: WithinLike | None = None,
        status: NumberLike | None = None,
    ) -> Deliveries:
        """The retries made to ``url`` that meet every condition given: all but first attempts.

        Raises:
            AssertionError: if there is none, or their number is not ``times``.
            UsageError: if an argument cannot be what it is meant to be.
        """
        sent = criteria.sent_conditions(url, method, body, json, headers)
        conditions: list[Condition[Delivery]] = [*sent, *self._timing(at, within)]
        conditions.append(retry_condition())
        if status is not None:
            conditions.append(status_condition(status))
        return self._delivered(Asked(RETRY, url, conditions, times), sent)

    def assert_dead_lettered(
        self,
        url: str,
        *,
        times: int | None = None,
        method: TextLike | None = None,
        body: BodyLike | None = None,
        json: object = ANYTHING,
        headers: HeadersLike | None = None,
        status: NumberLike | None = None,
        error: TextLike | None = None,
        at: MomentLike | None = None,
    ) -> DeadLetters:
        """The dead letters for ``url`` that meet every condition given.

        ``status`` is that of the last answer, 0 if there was none; ``error`` what the service says
        of it; ``at`` when the message failed. ``headers`` are those that were forwarded.

        Raises:
            AssertionError: if there is none, or their number is not ``times``.
            UsageError: if an argument cannot be what it is meant to be.
        """
        sent = criteria.sent_conditions(url, method, body, json, headers)
        conditions: list[Condition[DeadLetter]] = [*sent]
        if status is not None:
            check_number("status", status, 0)
            conditions.append(value("status", status, lambda letter: letter.response_status))
        if error is not None:
            conditions.append(value("error", error, lambda letter: letter.error))
        if at is not None:
            conditions.append(criteria.moment("at", at, lambda letter: letter.at, self._start))
        asked = Asked(DEAD_LETTER, url, conditions, criteria.checked_count(times))
        letters = self.dead_letters
        found = letters.where(asked.is_met_by)
        insist(
            asked,
            letters,
            found,
            self._scene,
            lambda scene: letters_outlook(sent, letters, found, scene),
        )
        return found

    def assert_published(
        self,
        url: str,
        *,
        times: int | None = None,
        method: TextLike | None = None,
        body: BodyLike | None = None,
        json: object = ANYTHING,
        headers: HeadersLike | None = None,
        at: MomentLike | None = None,
        delay: WithinLike | None = None,
        queue: TextLike | None = None,
        topic: TextLike | None = None,
        label: TextLike | None = None,
        flow_control_key: TextLike | None = None,
        schedule_id: TextLike | None = None,
    ) -> Messages:
        """The messages to ``url`` that meet every condition given, delivered or not.

        Every message that was made counts: published, fanned out, fired by a schedule, or a
        callback. ``headers`` are those that were forwarded, ``at`` is when it was made, ``delay``
        the time from then to its first attempt, ``label`` one of its labels.

        Raises:
            AssertionError: if there is none, or their number is not ``times``.
            UsageError: if an argument cannot be what it is meant to be.
        """
        conditions: list[Condition[Message]] = [
            *criteria.sent_conditions(url, method, body, json, headers),
            *criteria.named_conditions(
                queue=queue,
                topic=topic,
                flow_control_key=flow_control_key,
                schedule_id=schedule_id,
            ),
        ]
        if at is not None:
            conditions.append(criteria.moment("at", at, lambda made: made.created_at, self._start))
        if delay is not None:
            conditions.append(criteria.span("delay", delay, lambda made: made.delay))
        if label is not None:
            conditions.append(criteria.any_of("label", label, lambda made: made.labels))
        asked = Asked(MESSAGE, url, conditions, criteria.checked_count(times))
        messages = self.messages
        found = messages.where(asked.is_met_by)
        insist(
            asked,
            messages,
            found,
            self._scene,
            lambda _: Outlook(beside(found, messages)),
        )
        return found

    def assert_scheduled(
        self,
        destination: str,
        *,
        times: int | None = None,
        cron: TextLike | None = None,
        schedule_id: TextLike | None = None,
        method: TextLike | None = None,
        body: BodyLike | None = None,
        json: object = ANYTHING,
        headers: HeadersLike | None = None,
        queue: TextLike | None = None,
        is_paused: bool | None = None,
        next_at: MomentLike | None = None,
    ) -> Schedules:
        """The schedules for ``destination``, a URL or the name of a URL group.

        Raises:
            AssertionError: if there is none, or their number is not ``times``.
            UsageError: if an argument cannot be what it is meant to be.
        """
        conditions: list[Condition[Schedule]] = [criteria.destination_condition(destination)]
        if cron is not None:
            conditions.append(value("cron", cron, lambda schedule: schedule.cron))
        if schedule_id is not None:
            conditions.append(value("schedule_id", schedule_id, lambda schedule: schedule.id))
        conditions += content_conditions(method, body, json, headers)
        if queue is not None:
            conditions.append(value("queue", queue, lambda schedule: schedule.queue))
        if is_paused is not None:
            conditions.append(value("is_paused", is_paused, lambda schedule: schedule.is_paused))
        if next_at is not None:
            conditions.append(
                criteria.moment("next_at", next_at, lambda each: each.next_at, self._start)
            )
        asked = Asked(SCHEDULE, destination, conditions, criteria.checked_count(times))
        schedules = self.schedules
        found = schedules.where(asked.is_met_by)
        insist(
            asked,
            schedules,
            found,
            self._scene,
            lambda _: Outlook(beside(found, schedules)),
        )
        return found

    def assert_nothing_pending(self, url: str | None = None) -> None:
        """Nothing is still to be delivered, or being delivered: to ``url``, or at all.

        Schedules do not count, nor do messages that are to be canceled.

        Raises:
            AssertionError: if something is.
            UsageError: if ``url`` is not an absolute http(s) URL.
        """
        messages = self.messages if url is None else self.messages.to(url)
        pending = still_open(messages)
        if pending:
            raise AssertionError(pending_text(pending, url, self._scene()))

    def _delivered(self, asked: Asked[Delivery], sent: list[Condition[Sent]]) -> Deliveries:
        criteria.checked_count(asked.times)
        made = self.deliveries
        found = made.where(asked.is_met_by)
        insist(
            asked,
            made,
            found,
            self._scene,
            lambda scene: deliveries_outlook(asked, sent, found, scene),
        )
        return found

    def _timing(
        self, at: MomentLike | None, within: WithinLike | None
    ) -> list[Condition[Delivery]]:
        """What is asked of the instant of a delivery."""
        conditions: list[Condition[Delivery]] = []
        if at is not None:
            conditions.append(criteria.moment("at", at, lambda made: made.at, self._start))
        if within is not None:
            conditions.append(criteria.within(within, criteria.since_publish))
        return conditions

    def _scene(self) -> Scene:
        return Scene(self.engine, self._courier, self._user.id, self._start)
