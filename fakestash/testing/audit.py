"""What a test left behind: the fake's state at its end, read as a list of loose ends.

The rules are our own, since the service has no tests:

- undelivered: a message of which something is still to come. Schedules do not count, the messages
  that they made do; a message that is to be canceled does not.
- dead letter: one that nobody looked at since it failed, by ``qstash.dead_letters``,
  ``assert_dead_lettered`` or any call of the API's ``/v2/dlq``. Looking at the queue is enough,
  whatever was looked for.
- stray: a URL that nothing serves, of a message that is still to be tried, or was tried in vain.
- unknown: something that was sent to the API and that the service does not know.
- unused: a scripted destination to which nothing was delivered, or one that has answers left, and
  to which nothing is to come; a fault of the API that struck no call, or fewer than it was set for.
"""

from collections.abc import Awaitable, Callable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeAlias

from fakestash.api.auth import sent_token
from fakestash.api.strictness import NoteKind, StrictnessNote
from fakestash.delivery.records import Records
from fakestash.delivery.router import Router
from fakestash.delivery.scripted import ScriptedDestination
from fakestash.drive.report import counted
from fakestash.errors import StrayDestinationError
from fakestash.model.messages import Message as EngineMessage
from fakestash.model.messages import MessageState
from fakestash.syntax.moments import duration_text, instant_of
from fakestash.testing.messages import Message
from fakestash.testing.prospects import label, prospect, still_open
from fakestash.testing.questions import Questions
from fakestash.testing.scene import Scene
from fakestash.testing.unused import (
    is_unused,
    is_unused_fault,
    is_unused_rule,
    unused_fault_text,
    unused_lines,
    unused_rule_lines,
)
from fakestash.testing.views import DeadLetter, DeadLetters
from fakestash.wire.places import place

_MOST_SHOWN: Final = 5
"""So many findings of a kind are told."""

_DEAD_LETTER_PATHS: Final = ("/v2/dlq",)

_Scope: TypeAlias = MutableMapping[str, Any]
_Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
_Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_App: TypeAlias = Callable[[_Scope, _Receive, _Send], Awaitable[None]]


class FindingKind(StrEnum):
    """What kind of loose end it is."""

    UNDELIVERED = "undelivered"
    DEAD_LETTER = "dead letter"
    STRAY = "stray"
    UNUSED = "unused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One loose end.

    ``url`` is the destination that it is about, empty if there is none, as for a fault of the API
    that is for all; ``message_id`` is the message, if it is about one.
    """

    kind: FindingKind
    url: str
    message_id: str | None
    what: str
    """What there is, in words."""

    advice: str
    """The line to add or to change."""

    def __str__(self) -> str:
        return f"{self.kind}: {self.what}\n    {self.advice}"


class Findings(Records[Finding]):
    """What an audit found: undelivered messages first, then dead letters, strays, unused ones."""

    __slots__ = ()

    def of_kind(self, *kinds: FindingKind) -> "Findings":
        """Those of these kinds."""
        return self.where(lambda finding: finding.kind in kinds)

    def __str__(self) -> str:
        if not self:
            return "nothing was left behind"
        lines = [f"{counted(len(self), 'thing was', 'things were')} left behind:"]
        for kind in FindingKind:
            found = self.of_kind(kind)
            lines += [str(each) for each in found[:_MOST_SHOWN]]
            if len(found) > _MOST_SHOWN:
                lines.append(f"{kind}: ... and {len(found) - _MOST_SHOWN:,} more")
        return "\n".join(lines)


class Audits(Questions):
    """What is left behind, and what of it the test knows."""

    _router: Router
    _scripted: dict[str, ScriptedDestination]
    _letters_seen: set[str]
    """The ids of the dead letters that were there when somebody looked."""

    @property
    def dead_letters(self) -> DeadLetters:
        """The dead letter queue of the default user, in order of failure."""
        found = super().dead_letters
        self._letters_seen.update(letter.dlq_id for letter in found)
        return found

    def audit(self) -> Findings:
        """Everything that a test should not leave behind, as it stands now.

        To ask is not to look: it changes nothing, and finds the same again.
        """
        user_id = self._user.id
        scene = Scene(self.engine, self._courier, user_id, self._start)
        pending = still_open(scene.messages)
        letters = super().dead_letters.where(lambda each: each.dlq_id not in self._letters_seen)
        return Findings(
            [
                *(_undelivered(message, scene) for message in pending),
                *(_dead_letter(letter, scene) for letter in letters),
                *self._strays(pending, scene),
                *self._unused(scene),
                *self._unused_faults(),
                *map(_unknown, self.strictness.notes),
            ]
        )

    def _strays(self, pending: Sequence[Message], scene: Scene) -> Iterator[Finding]:
        known = {message.id for message in pending}
        places: dict[str, list[EngineMessage]] = {}
        for message in self.engine.all_messages(self._user.id):
            url = message.command.url
            is_stray = message.id in known or _went_astray(message)
            if is_stray and self._router.find(url) is None:
                places.setdefault(place(url), []).append(message)
        for url, messages in places.items():
            first = messages[0]
            more = f" and {len(messages) - 1:,} more" if len(messages) > 1 else ""
            yield Finding(
                kind=FindingKind.STRAY,
                url=url,
                message_id=first.id,
                what=f"nothing serves {url}, the destination of {scene.name(first.id)}{more}",
                advice=f'add: qstash.destination("{url}").responds(200)',
            )

    def _unused(self, scene: Scene) -> Iterator[Finding]:
        # Destinations are there for all users.
        awaited = [
            self._router.find(message.command.url)
            for message in self.engine.pending()
            if message.state is not MessageState.CANCELING
        ]
        for destination in self._scripted.values():
            if destination in awaited:
                continue
            for rule in destination.rules:
                if destination.received and is_unused_rule(rule):
                    yield Finding(
                        kind=FindingKind.UNUSED,
                        url=destination.url,
                        message_id=None,
                        what="\n    ".join(unused_rule_lines(rule, destination.url, scene)),
                        advice=f'remove or correct: qstash.destination("{destination.url}").{rule}',
                    )
            if is_unused(destination):
                advice = "remove or correct"
                if destination.received:
                    advice = "remove the answers that are left of"
                yield Finding(
                    kind=FindingKind.UNUSED,
                    url=destination.url,
                    message_id=None,
                    what="\n    ".join(unused_lines(destination, scene)),
                    advice=f'{advice}: qstash.destination("{destination.url}")',
                )

    def _unused_faults(self) -> Iterator[Finding]:
        for standing in self.faults.contents.standings:
            if is_unused_fault(standing):
                yield Finding(
                    kind=FindingKind.UNUSED,
                    url=standing.fault.destination or "",
                    message_id=None,
                    what=unused_fault_text(standing),
                    advice=f"remove or correct: qstash.{standing.fault}",
                )

    def _noting_looks(self, app: _App) -> _App:
        """``app``, watched for calls that are about dead letters."""

        async def noted(scope: _Scope, receive: _Receive, send: _Send) -> None:
            if scope["type"] == "http" and scope["path"].startswith(_DEAD_LETTER_PATHS):
                query = scope["query_string"].decode("latin-1")
                token, _ = sent_token(scope["headers"], query)
                if (caller := self.engine.authenticate(token)) is not None:
                    letters = self.engine.all_dead_letters(caller.user_id)
                    self._letters_seen.update(letter.dlq_id for letter in letters)
            await app(scope, receive, send)

        return noted


def _undelivered(message: Message, scene: Scene) -> Finding:
    return Finding(
        kind=FindingKind.UNDELIVERED,
        url=message.url,
        message_id=message.id,
        what=f"{label(message, scene)}: {prospect(message, scene)}",
        advice=_way_on(message, scene),
    )


def _way_on(message: Message, scene: Scene) -> str:
    if message.state == "pending" and message.due_at is not None:
        left = instant_of(message.due_at) - scene.now
        return f'add: qstash.advance("{duration_text(left)}")' if left > 0 else _NOW
    return _ON if scene.next_at(message.id) is not None else _FREE


_NOW: Final = "add: qstash.advance(0)"
_ON: Final = "add: qstash.run_until_idle()"
_FREE: Final = "let go of what holds it, then add: qstash.run_until_idle()"


def _dead_letter(letter: DeadLetter, scene: Scene) -> Finding:
    name = f"{scene.name(letter.message_id)} {letter.method} {letter.url}"
    return Finding(
        kind=FindingKind.DEAD_LETTER,
        url=letter.url,
        message_id=letter.message_id,
        what=f"{name}: {letter.error} at {scene.clock(letter.at)}, and nobody looked",
        advice=f'if that is meant, add: qstash.assert_dead_lettered("{letter.url}")',
    )


def _unknown(note: StrictnessNote) -> Finding:
    times = "" if note.count == 1 else f", {note.count:,} times"
    place = f" of {note.where}" if note.where else ""
    what = note.kind.removeprefix("unknown_")
    return Finding(
        kind=FindingKind.UNKNOWN,
        url="",
        message_id=None,
        what=f"the service does not know the {what} {note.value}{place}{times}",
        advice=f"{_INSTEAD[note.kind]} {note.suggestion}" if note.suggestion else _NOTHING_INSTEAD,
    )


_INSTEAD: Final = {
    NoteKind.ROUTE: "call",
    NoteKind.METHOD: "call it with",
    NoteKind.HEADER: "send",
    NoteKind.PARAMETER: "send",
    NoteKind.KEY: "send",
}
_NOTHING_INSTEAD: Final = "leave it out: it means nothing"


def _went_astray(message: EngineMessage) -> bool:
    """Whether its last attempt found nothing that serves its URL."""
    outcome = message.outcome
    return outcome is not None and isinstance(outcome.exception, StrayDestinationError)
