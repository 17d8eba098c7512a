"""What a test can insist on. A failure tells what comes closest, and what is merely later.

All assertions work alike: the arguments become conditions, each candidate is tried on them, and
what meets them all is given back. A plain value is compared, a function is asked; ``json`` may
hold less than what was sent.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeVar

from fakestash.delivery.journal import Deliveries, Delivery
from fakestash.delivery.records import Records
from fakestash.errors import shown_where_it_was_made
from fakestash.testing import criteria
from fakestash.testing.conditions import ANYTHING, Condition, Difference, are_met, certain, value
from fakestash.testing.criteria import (
    BodyLike,
    HeadersLike,
    MomentLike,
    NumberLike,
    TextLike,
    WithinLike,
)
from fakestash.testing.failures import Asked, Prospects, failure_text, pending_text
from fakestash.testing.kinds import DEAD_LETTER, DELIVERY, MESSAGE, RETRY, SCHEDULE
from fakestash.testing.messages import Message, Messages
from fakestash.testing.near_misses import Kind
from fakestash.testing.questions import Questions
from fakestash.testing.resources import Schedule, Schedules
from fakestash.testing.scene import Scene
from fakestash.testing.views import DeadLetter, DeadLetters
from fakestash.testing.words import Words

__tracebackhide__ = shown_where_it_was_made

T = TypeVar("T")

_MOST_ATTEMPTS_LOOKED_AT: Final = 100


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
    ) -> Deliveries:
        """The deliveries to ``url`` that meet every condition given.

        Every attempt that was made is one, whatever came back; ``attempt`` is its number, from 1
        on. ``headers`` are all that were sent, those of the service too.

        Raises:
            AssertionError: if there is none, or their number is not ``times``.
            UsageError: if an argument cannot be what it is meant to be.
        """
        sent = criteria.sent_conditions(url, method, body, json, headers)
        conditions = [*sent, *self._timing(at, within)]
        if attempt is not None:
            conditions.append(_attempt(attempt))
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
    ) -> None:
        """Nothing that meets every condition given was delivered to ``url`` so far.

        What a function raises comes out, as far as it keeps this from being certain.

        Raises:
            AssertionError: if there is such a delivery, whatever came back.
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
    ) -> Deliveries:
        """The retries made to ``url`` that meet every condition given: all but first attempts.

        Raises:
            AssertionError: if there is none, or their number is not ``times``.
            UsageError: if an argument cannot be what it is meant to be.
        """
        sent = criteria.sent_conditions(url, method, body, json, headers)
        conditions = [*sent, *self._timing(at, within), _A_RETRY]
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
            conditions.append(value("status", status, lambda letter: letter.response_status))
        if error is not None:
            conditions.append(value("error", error, lambda letter: letter.error))
        if at is not None:
            conditions.append(criteria.moment("at", at, lambda letter: letter.at, self._start))
        asked = Asked(DEAD_LETTER, url, conditions, criteria.checked_count(times))
        letters = self.dead_letters
        found = letters.where(lambda letter: are_met(conditions, letter))
        if asked.is_enough(len(found)):
            return found
        scene = self._scene()
