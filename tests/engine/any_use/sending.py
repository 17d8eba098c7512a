"""Steps with messages: publish them, cancel them, and see to those that failed for good."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from fakestash.errors import ServiceError
from fakestash.model.messages import Accepted, PublishCommand, PublishRequest
from fakestash.model.queries import CancelQuery, DeadLetterQuery, MessageFilter, Paging
from fakestash.model.settings import CallbackSettings, Extras, FlowControl
from fakestash.syntax.retry_delay import parse
from tests.builders import USER
from tests.engine.any_use.play import SHOP, Play
from tests.engine.any_use.told import REPORTS, Told

CALLER: Final = "127.0.0.1"
WINDOW: Final = 600_000
"""How long publishes are duplicates (ms)."""


@dataclass(frozen=True)
class Ask:
    """One publish. ``step`` (ms) is the wait before each retry; None is the default backoff."""

    to: str = "ok"
    retries: int = 0
    delay: int = 0
    timeout: int | None = None
    step: int | None = None
    queue: str | None = None
    control: FlowControl | None = None
    callback: str | None = None
    failure_callback: str | None = None
    report_control: FlowControl | None = None
    group: str | None = None
    deduplication_id: str | None = None
    by_content: bool = False

    def request(self) -> PublishRequest:
        """As the engine is asked."""
        command = PublishCommand(
            "" if self.group else SHOP + self.to,
            retries=self.retries,
            retry_delay=None if self.step is None else parse(str(self.step)),
            timeout=self.timeout,
            delay=self.delay,
            extras=Extras(
                queue=self.queue,
                flow_control=self.control,
                callback=self._reports(self.callback),
                failure_callback=self._reports(self.failure_callback),
            ),
        )
        return PublishRequest(command, self.group, self.deduplication_id, self.by_content)

    def _reports(self, to: str | None) -> CallbackSettings | None:
        if to is None:
            return None
        return CallbackSettings(REPORTS + to, flow_control=self.report_control)

    def urls(self, play: Play) -> list[str] | None:
        """Where it goes; None if there is no such group."""
        return [SHOP + self.to] if self.group is None else play.groups.get(self.group)

    def key(self, url: str) -> tuple[str, ...] | None:
        """What its duplicates have in common with it."""
        to = () if self.group is None else (url,)
        if self.deduplication_id is not None:
            return ("id", self.deduplication_id, *to)
        return ("content", self.group or url, *to) if self.by_content else None


def _expect_accepted(play: Play, ask: Ask, answer: Sequence[Accepted], made: list[Told]) -> None:
    """``made`` are the messages that are new since; those of this publish are taken from it."""
    assert [each.url for each in answer] == ask.urls(play)
    for each in answer:
        key = ask.key(each.url)
        if key is not None:
            first = play.firsts.get(key)
            if first is not None and play.now < first[1]:
                assert each == Accepted(first[0], each.url, deduplicated=True)
                continue
            play.firsts[key] = (each.message_id, play.now + WINDOW)
        told = made.pop(0)
        assert each == Accepted(told.id, each.url)
        assert (told.created_at, told.planned) == (play.now, play.now + ask.delay)
        assert told.command.extras.topic == ask.group


# --- publishing --------------------------------------------------------------------------


@dataclass(frozen=True)
class Send:
    """Publish, to a URL, a queue or a group."""

    ask: Ask

    def do(self, play: Play) -> None:
        before = len(play.messages)
        with play.refused_unless(self.ask.urls(play) is not None):
            answer = play.engine.accept(USER, self.ask.request())
            made = play.messages[before:]
            _expect_accepted(play, self.ask, answer, made)
            assert made == []


@dataclass(frozen=True)
class SendPlainly:
    """Publish by the short way that knows no groups and no duplicates."""

    ask: Ask

    def do(self, play: Play) -> None:
        before = len(play.messages)
        message = play.engine.publish(USER, self.ask.request().command)
        assert [each.id for each in play.messages[before:]] == [message.id]


@dataclass(frozen=True)
class SendAll:
    """Publish a batch."""

    asks: tuple[Ask, ...]

    def do(self, play: Play) -> None:
        before = len(play.messages)
        answers = play.engine.accept_batch(USER, [ask.request() for ask in self.asks])
        made = play.messages[before:]
        for ask, answer in zip(self.asks, answers, strict=True):
            if isinstance(answer, ServiceError):
                assert ask.urls(play) is None
            else:
                _expect_accepted(play, ask, answer, made)
        assert made == []


# --- cancelling --------------------------------------------------------------------------


@dataclass(frozen=True)
class Cancel:
    """Cancel one message, by its number from the latest back."""

    back: int

    def do(self, play: Play) -> None:
        if play.messages:
            told = play.messages[-1 - self.back % len(play.messages)]
            with play.refused_unless(told.can_be_cancelled):
                play.engine.cancel(USER, told.id, CALLER)
            assert told.asked or told.end is not None


@dataclass(frozen=True)
class CancelAll:
    """Cancel what matches."""

    queue: str | None = None
    key: str | None = None
    count: int | None = None

    def do(self, play: Play) -> None:
        matching = [
            each
            for each in play.messages
            if each.can_be_cancelled
            and self.queue in {None, each.command.extras.queue}
            and (self.key is None or (each.key is not None and each.key.name == self.key))
        ][: self.count]
        query = CancelQuery(
            filter=MessageFilter(
                queues=frozenset() if self.queue is None else frozenset({self.queue}),
                flow_control_keys=frozenset() if self.key is None else frozenset({self.key}),
            ),
            count=self.count,
        )
        assert play.engine.cancel_all(USER, query, CALLER) == len(matching)
        assert all(each.asked for each in matching)


# --- dead letters ------------------------------------------------------------------------


def as_it_was(command: PublishCommand) -> PublishCommand:
    """Retry a dead letter unchanged."""
    return command


def without_retries(command: PublishCommand) -> PublishCommand:
    """Retry it once."""
    return command._replace(retries=0)


@dataclass(frozen=True)
class RetryLetters:
    """Retry dead letters: the earliest ``count``, or one by its number from the latest back."""

    count: int | None = None
    back: int = 0
    change: Callable[[PublishCommand], PublishCommand] = as_it_was

    def do(self, play: Play) -> None:
        letters = play.listener.letters
        if not letters:
            return
        before = len(play.messages)
        play.listener.is_retrying = True
        if self.count is None:
            asked = [letters[-1 - self.back % len(letters)]]
            letter = asked[0].message
            assert letter.dlq_id is not None
            ids: tuple[str, ...] = (
                play.engine.retry_dead_letter(USER, letter.dlq_id, self.change),
            )
        else:
            asked = letters[: self.count]
            query = DeadLetterQuery(paging=Paging(count=self.count, earliest_first=True))
            page = play.engine.retry_dead_letters(USER, query, self.change)
            ids = page.rows
            assert page.cursor is None or len(letters) > self.count
        play.listener.is_retrying = False
        made = play.messages[before:]
        assert tuple(each.id for each in made) == ids
        assert [each.command for each in made] == [
            self.change(each.command._replace(delay=0, not_before=None)) for each in asked
        ]
        for each in asked:
            letters.remove(each)


@dataclass(frozen=True)
class DropLetters:
    """Delete dead letters: the earliest ``count``, or one by its number from the latest back."""

    count: int | None = None
    back: int = 0

    def do(self, play: Play) -> None:
        letters = play.listener.letters
        if self.count is not None:
            query = DeadLetterQuery(paging=Paging(count=self.count, earliest_first=True))
            deleted = play.engine.delete_dead_letters(USER, query)
            assert deleted.number == len(letters[: self.count])
            del letters[: self.count]
        elif letters:
            letter = letters.pop(-1 - self.back % len(letters)).message
            assert letter.dlq_id is not None
            play.engine.delete_dead_letter(USER, letter.dlq_id)
