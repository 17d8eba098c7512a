"""How an assertion comes to its verdict, and where it looks when it fails."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeVar

from fakestash.delivery.journal import Delivery
from fakestash.errors import shown_where_it_was_made
from fakestash.testing.conditions import Condition, certain, value
from fakestash.testing.criteria import NumberLike, Sent
from fakestash.testing.failures import Asked, Outlook, failure_text
from fakestash.testing.messages import Message
from fakestash.testing.prospects import still_open
from fakestash.testing.scene import Scene
from fakestash.testing.views import DeadLetter

__tracebackhide__ = shown_where_it_was_made

T = TypeVar("T")

_ATTEMPT: Final = "attempt"


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
    """That a delivery is the attempt of this number, from 1 on."""
    return value(_ATTEMPT, expected, lambda delivery: delivery.retried + 1)


def retry_condition() -> Condition[Delivery]:
    """That a delivery is no first attempt."""
    return attempt_condition(_a_retry)._replace(is_in_headline=False)


def _a_retry(attempt: int) -> bool:
    return attempt > 1


def deliveries_outlook(
    asked: Asked[Delivery], sent: Sequence[Condition[Sent]], found: Sequence[Delivery], scene: Scene
) -> Outlook[Delivery]:
    """Deliveries that do not do, attempts that are to come, and messages that were canceled."""
    known = set(map(id, found))
    others = [each for each in scene.deliveries if id(each) not in known]
    not_yet: list[str] = []
    if_it_fails: list[str] = []
    for attempt in scene.upcoming:
        unmet = [each for each in asked.conditions if not each.is_met_by(attempt)]
        if not unmet:
            not_yet.append(attempt.message_id)
        elif [each.name for each in unmet] == [_ATTEMPT] and _may_be_later(unmet[0], attempt):
            if_it_fails.append(attempt.message_id)
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
        [each for each in letters if each not in found],
        not_yet=still_open(messages),
        otherwise=[each for each in messages if each.has_ended],
    )


def _is_sent(sent: Sequence[Condition[Sent]], message: Message) -> bool:
    return all(condition.is_met_by(message) for condition in sent)


def _may_be_later(condition: Condition[Delivery], attempt: Delivery) -> bool:
    """Whether an attempt after the next may be of the right number."""
    ...


def _open_among(scene: Scene, message_ids: Sequence[str]) -> list[Message]:
    return still_open(each for each in scene.messages if each.id in message_ids)
