"""How an assertion comes to its verdict, and where it looks when it fails."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Final, TypeVar

from fakestash.delivery.journal import Delivery
from fakestash.errors import shown_where_it_was_made
from fakestash.matching.arguments import check_number
from fakestash.matching.conditions import Condition, Difference, certain, compared, value
from fakestash.matching.words import Words
from fakestash.testing.criteria import NumberLike, Sent
from fakestash.testing.failures import Asked, Outlook, failure_text
from fakestash.testing.messages import Message
from fakestash.testing.prospects import still_open
from fakestash.testing.scene import Scene
from fakestash.testing.views import DeadLetter

__tracebackhide__ = shown_where_it_was_made

T = TypeVar("T")

_ATTEMPT: Final = "attempt"
_STATUS: Final = "status"

_MOST_LOOKED_AT: Final = 100
"""So many later attempts are tried on a condition."""


def insist(
    asked: Asked[T],
    candidates: Iterable[T],
    found: Sequence[T],
    scene: Callable[[], Scene],
    outlook: Callable[[Scene], Outlook[T]],
) -> None:
    """Make sure that as many were found as were asked for; the rest is for telling otherwise.

    Raises:
        AssertionError: if they were not.
        Exception: what a predicate raised, where nothing was to be found and it could not say so.
    """
    if not asked.is_enough(len(found)):
        at_this_instant = scene()
        text = failure_text(asked, found, outlook(at_this_instant), at_this_instant)
        raise AssertionError(text)
    if asked.times == 0:
        for candidate in candidates:
            certain(asked.conditions, candidate)


def attempt_condition(expected: NumberLike) -> Condition[Delivery]:
    """That a delivery is the attempt of this number, from 1 on.

    Raises:
        UsageError: if there can be no such number.
    """
    check_number(_ATTEMPT, expected, 1)
    return value(_ATTEMPT, expected, lambda delivery: delivery.retried + 1)


def status_condition(expected: NumberLike) -> Condition[Delivery]:
    """That a delivery has ended with an answer of this status; without an answer with 0.

    Raises:
        UsageError: if there can be no such status.
    """
    check_number(_STATUS, expected, 0)

    def compare(delivery: Delivery) -> Iterator[Difference]:
        if delivery.outcome is None:
            yield Difference(_STATUS, expected, Words("none yet"))
            return
        for difference in compared(_STATUS, expected, delivery.status or 0):
            if delivery.status is None:
                yield difference._replace(was=Words(f"0 ({delivery.error or 'no answer'})"))
            else:
                yield difference

    return Condition(_STATUS, expected, compare)


def retry_condition() -> Condition[Delivery]:
    """That a delivery is no first attempt."""

    def compare(delivery: Delivery) -> Iterator[Difference]:
        if not delivery.retried:
            yield Difference(_ATTEMPT, Words("a retry"), Words("the first"))

    return Condition(_ATTEMPT, None, compare, is_in_headline=False)


def deliveries_outlook(
    asked: Asked[Delivery], sent: Sequence[Condition[Sent]], found: Sequence[Delivery], scene: Scene
) -> Outlook[Delivery]:
    """Deliveries that do not do, attempts that are to come, and messages that were canceled."""
    others = beside(found, scene.deliveries)
    not_yet: set[str] = set()
    if_it_fails: set[str] = set()
    for attempt in scene.upcoming:
        unmet = [each for each in asked.conditions if not each.is_met_by(attempt)]
        if not unmet or [each.name for each in unmet] == [_STATUS]:
            not_yet.add(attempt.message_id)
        elif [each.name for each in unmet] == [_ATTEMPT] and _may_be_later(unmet[0], attempt):
            if_it_fails.add(attempt.message_id)
        else:
            others.append(attempt)
    return Outlook(
        others,
        _open_among(scene, not_yet),
        _open_among(scene, if_it_fails),
        [
            each
            for each in scene.messages
            if each.state in {"canceling", "canceled"} and _is_sent(sent, each)
        ],
    )


def letters_outlook(
    sent: Sequence[Condition[Sent]],
    letters: Sequence[DeadLetter],
    found: Sequence[DeadLetter],
    scene: Scene,
) -> Outlook[DeadLetter]:
    """Dead letters that do not do, messages that may still fail, and those that have not."""
    in_queue = {each.message_id for each in letters}
    messages = [each for each in scene.messages if _is_sent(sent, each) and each.id not in in_queue]
    return Outlook(
        beside(found, letters),
        if_it_fails=still_open(messages),
        otherwise=[each for each in messages if each.has_ended],
    )


def beside(found: Iterable[T], candidates: Iterable[T]) -> list[T]:
    """The candidates that were not found."""
    known = set(map(id, found))
    return [each for each in candidates if id(each) not in known]


def _is_sent(sent: Sequence[Condition[Sent]], message: Message) -> bool:
    return all(condition.is_met_by(message) for condition in sent)


def _may_be_later(condition: Condition[Delivery], attempt: Delivery) -> bool:
    """Whether an attempt after the next may be of the right number."""
    following = attempt.attempt
    last = min(following.message.command.retries, following.number + _MOST_LOOKED_AT)
    return any(
        condition.is_met_by(Delivery(following._replace(number=later), region=""))
        for later in range(following.number + 1, last + 1)
    )


def _open_among(scene: Scene, message_ids: Collection[str]) -> list[Message]:
    return still_open(each for each in scene.messages if each.id in message_ids)
