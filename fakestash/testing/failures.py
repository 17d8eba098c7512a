"""The text of an assertion that does not hold, from what was asked to what happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from fakestash.matching.conditions import Condition, headline
from fakestash.matching.words import MOST_SHOWN
from fakestash.testing.kinds import MESSAGE
from fakestash.testing.messages import Message
from fakestash.testing.near_misses import (
    Kind,
    closest,
    told,
    told_with_differences,
)
from fakestash.testing.prospects import to_come
from fakestash.testing.refusals import refusals
from fakestash.testing.scene import Scene

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asked(Generic[T]):
    """What an assertion asks for: ``times`` things of a kind, None for one at least."""

    kind: Kind[T]
    url: str
    conditions: Sequence[Condition[T]]
    times: int | None

    def is_met_by(self, candidate: T) -> bool:
        """Whether a candidate meets all conditions; they are tried in order."""
        return all(condition.is_met_by(candidate) for condition in self.conditions)

    def is_enough(self, found: int) -> bool:
        """Whether so many are as many as were asked for."""
        return found > 0 if self.times is None else found == self.times

    def missing(self, found: int) -> int:
        """How many more there should have been."""
        return max(0, (1 if self.times is None else self.times) - found)


@dataclass(frozen=True, slots=True)
class Outlook(Generic[T]):
    """What there is beside what was found.

    ``others`` are the candidates that do not do, and will not. What was asked comes of the next
    attempt of messages in ``not_yet``, and may come of those in ``if_it_fails`` if that fails;
    messages in ``otherwise`` met another end.
    """

    others: Sequence[T]
    not_yet: Sequence[Message] = ()
    if_it_fails: Sequence[Message] = ()
    otherwise: Sequence[Message] = ()


def failure_text(asked: Asked[T], found: Sequence[T], outlook: Outlook[T], scene: Scene) -> str:
    """What was expected, what is merely later, what there is, and what happened."""
    lines, concerned = details(asked, found, outlook, scene)
    return "\n".join([_headline(asked, len(found)), *lines, *scene.story(concerned)])


class Details(NamedTuple):
    """What follows a headline, line by line, and the ids of the messages that it is about."""

    lines: list[str]
    concerned: list[str]


def details(
    asked: Asked[T],
    found: Sequence[T],
    outlook: Outlook[T],
    scene: Scene,
    found_are: str = "Found:",
) -> Details:
    """What is merely later, what there is, and what comes closest."""
    kind = asked.kind
    missing = asked.missing(len(found))
    lines: list[str] = []
    concerned = [kind.identity(each) for each in found]
    if missing:
        later = (outlook.not_yet, outlook.if_it_fails, outlook.otherwise)
        concerned += [each.id for messages in later for each in messages[:MOST_SHOWN]]
        lines += _section("Not yet:", to_come(outlook.not_yet, scene, needed=missing))
        if_it_fails = to_come(outlook.if_it_fails, scene, needed=None)
        lines += _section("Not yet, and only if attempts fail:", if_it_fails)
    lines += _section(found_are, told(kind, found, scene))
    if missing:
        groups = closest(kind, outlook.others, asked.conditions, asked.url)
        lines += _section("Closest first:", told_with_differences(kind, groups, scene))
        lines += _section("Ended otherwise:", told(MESSAGE, outlook.otherwise, scene))
        concerned += [kind.identity(group.members[0]) for group in groups[:MOST_SHOWN]]
    lines += _section("Why it was refused:", refusals(concerned, scene))
    return Details(lines, concerned)


def pending_text(messages: Sequence[Message], url: str | None, scene: Scene) -> str:
    """That messages are pending which should not be."""
    to_where = "" if url is None else f" to {url}"
    are = "1 message is" if len(messages) == 1 else f"{len(messages):,} messages are"
    lines = [f"expected nothing to be pending{to_where}; {are}."]
    lines += _section("Still to come:", to_come(messages, scene, needed=None))
    concerned = [each.id for each in messages[:MOST_SHOWN]]
    lines += _section("Why it was refused:", refusals(concerned, scene))
    return "\n".join([*lines, *scene.story(concerned)])


def _headline(asked: Asked[T], found: int) -> str:
    kind = asked.kind
    wanted = f"at least one {kind.one}"
    if asked.times is not None:
        count = f"{asked.times:,}" if asked.times else "no"
        wanted = f"{count} {kind.one if asked.times in {0, 1} else kind.many}"
    there = "there was none" if not found else f"there were {found:,}"
    if found == 1:
        there = "there was 1"
    return f"expected {wanted} {asked.url}{headline(asked.conditions)}; {there}."


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return [title, *lines] if lines else []
