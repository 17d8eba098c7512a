"""The life of one message as text: what was asked, what happened and why, what is next."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple, assert_never

from fakestash.engine.notes import ByHand, Disturbed, Note, Obstacle, Sent, obstacle_text
from fakestash.engine.retries import is_non_retryable, wait_after
from fakestash.engine.stories import Story
from fakestash.errors import shown_where_it_was_made
from fakestash.model.logs import CLOSING, LogEntry, LogState
from fakestash.model.messages import Message, MessageState
from fakestash.model.outcomes import Outcome, Responded, error_text, is_delivered
from fakestash.syntax.moments import duration_text, instant_text
from fakestash.testing.chronicle import first_line, in_order
from fakestash.testing.parts import Parts
from fakestash.testing.settings_text import settings_lines

__tracebackhide__ = shown_where_it_was_made


class Explanations(Parts):
    """Why things are as they are."""

    def explain(self, message_id: str) -> str:
        """The life of a message so far, why it went so, and what is next, as text.

        The same seed and the same calls give the same text.

        Raises:
            UsageError: if there is no message of this id; it names the nearest ones.
        """
        story = self.engine.stories.of(message_id)
        reasons = {
            delivery.retried: diagnosis.headline
            for delivery in self._courier.deliveries.of(message_id)
            if (diagnosis := delivery.diagnosis) is not None
        }
        return explanation(story, self._start, reasons)


class _Progress:
    """How far a story has been told."""

    def __init__(self, message: Message) -> None:
        self.command = message.command
        self.ended = 0
        """So many attempts have."""
        self.due = message.not_before
        """When the next one is, or was (unix ms)."""
        self.outcome: Outcome | None = None
        """That of the last one that ended."""

    @property
    def attempt(self) -> str:
        """The attempt that has not ended yet, in words."""
        return f"attempt {self.ended + 1} of {self.command.retries + 1}"


class _Line(NamedTuple):
    """A line of a story: when (unix ms), and what."""

    at: int
    text: str


def explanation(story: Story, start: int, reasons: Mapping[int, str]) -> str:
    """A story as text. Instants are told as offsets from ``start`` (unix ms).

    ``reasons`` says why attempts were refused, by their numbers from 0 on.
    """
    message = story.message
    lines = [f"{message.id}: {message.command.method} {message.command.url}"]
    if story.report is not None:
        lines.append(f"  {_report_text(story.report)}")
    lines += [f"  {line}" for line in settings_lines(message.command)]
    lines.append(f"  from {instant_text(start)}:")
    progress = _Progress(message)
    lines += [
        f"  {_offset(at, start):<15} {text}"
        for at, text in _happened(story, progress, start, reasons)
    ]
    lines.append(f"  next: {_next(story, progress, start)}")
    return "\n".join(lines)


def _happened(
    story: Story, progress: _Progress, start: int, reasons: Mapping[int, str]
) -> Iterator[_Line]:
    for each in in_order(story.entries, story.notes):
        if isinstance(each, Note):
            yield _Line(each.at, _noted(each, progress))
            continue
        yield _Line(each.at, _logged(each, progress, story))
        if each.state in CLOSING:
            if progress.ended in reasons:
                yield _Line(each.at, f"why: {reasons[progress.ended]}")
            for sent in story.callbacks:
                if sent.number == progress.ended:
                    yield _Line(each.at, _callback_text(sent, start))
            progress.ended += 1
            progress.outcome = each.outcome
        elif each.state is LogState.RETRY and each.next_delivery_at is not None:
            progress.due = each.next_delivery_at


def _noted(note: Note, progress: _Progress) -> str:
    if isinstance(note.about, Obstacle):
        return f"{progress.attempt} is held: {obstacle_text(note.about)}"
    if isinstance(note.about, Disturbed):
        if note.about.due is not None:
            progress.due = note.about.due
        return f"chaos, {progress.attempt}: {note.about.what}"
    about = str(note.about)
    if note.about is ByHand.STARTED and progress.due > note.at:
        about = f"started {duration_text(progress.due - note.at)} before it is due"
        progress.due = note.at
    return f"by hand, {progress.attempt}: {about}"


def _logged(entry: LogEntry, progress: _Progress, story: Story) -> str:
    """What an entry of the log tells, in more words."""
    match entry.state:
        case LogState.CREATED:
            text = _accepted(entry, progress)
        case LogState.ACTIVE:
            held = entry.at - progress.due
            after = f", {duration_text(held)} after it came due" if held else ""
            text = f"{progress.attempt} starts{after}"
        case LogState.DELIVERED | LogState.ERROR:
            text = f"{progress.attempt} {_came_back(entry)}"
        case LogState.RETRY:
            text = f"{progress.attempt} is due {_wait_text(entry, progress)}"
        case LogState.FAILED:
            text = f"failed for good: {_failure_text(progress)}; {_letter_text(story)}"
        case LogState.CANCEL_REQUESTED:
            text = f"cancellation asked for, from {entry.caller_ip}"
        case LogState.CANCELED:
            text = "cancelled"
        case _:
            assert_never(entry.state)
    return text


def _accepted(entry: LogEntry, progress: _Progress) -> str:
    span = progress.due - entry.at
    if not span:
        return "accepted, due at once"
    reason = "its delay" if progress.command.not_before is None else "its not-before time"
    return f"accepted, due in {duration_text(span)}: {reason}"


def _came_back(entry: LogEntry) -> str:
    """What came of an attempt."""
    outcome = entry.outcome
    if outcome is None:
        return "ended"
    if isinstance(outcome, Responded):
        text = f"is answered {outcome.status}"
    else:
        text = f"fails: {error_text(outcome)}"
    if entry.duration:
        text += f", after {duration_text(entry.duration)}"
    if outcome.exception is not None:
        text += f" ({first_line(outcome.exception)})"
    return f"{text}: delivered" if is_delivered(outcome) else text


def _wait_text(entry: LogEntry, progress: _Progress) -> str:
    """How long until the next attempt, and what says so."""
    if progress.outcome is None or entry.next_delivery_at is None:
        return "again"
    delay = progress.command.retry_delay
    wait = wait_after(progress.command, progress.ended - 1, progress.outcome, entry.at)
    if wait.header is not None:
        reason = f"the answer's {wait.header} header"
    elif wait.is_expression and delay is not None:
        reason = f"its retry delay {delay.text}"
    else:
        reason = "the default backoff"
        if delay is not None:
            reason += f", for its retry delay {delay.text} gives no number"
    return f"in {duration_text(entry.next_delivery_at - entry.at)}: {reason}"


def _failure_text(progress: _Progress) -> str:
    if progress.outcome is not None and is_non_retryable(progress.outcome):
        return "the answer asks for no retries"
    return "it has no retries left" if progress.command.retries else "it has no retries"


def _letter_text(story: Story) -> str:
    letter = f"dead letter {story.message.dlq_id}"
    return letter if story.is_dead_letter else f"{letter}, which is gone"


def _callback_text(sent: Sent, start: int) -> str:
    """A callback that was sent, and how it ended."""
    callback = sent.callback
    kind = "failure callback" if sent.is_failure else "callback"
    end = f", {callback.state}"
    if callback.ended_at is not None:
        end += f" at {_offset(callback.ended_at, start)}"
    if callback.dlq_id is not None:
        end += f", dead letter {callback.dlq_id}"
    return f"{kind} {callback.id} to {callback.command.url}{end}"


def _report_text(report: Sent) -> str:
    kind = "failure callback" if report.is_failure else "callback"
    return f"{kind} of {report.source.id}, on its attempt {report.number + 1}"


def _next(story: Story, progress: _Progress, start: int) -> str:
    """What is to come of the message."""
    state = story.message.state
    when = "" if story.next_at is None else f" {_when(story.next_at, story.now, start)}"
    match state:
        case MessageState.PENDING | MessageState.NEW:
            text = f"{progress.attempt}{when}"
        case MessageState.CANCELING:
            text = f"its cancellation{when}"
        case MessageState.WAITING:
            text = f"{progress.attempt}{when}{_held_text(story)}"
        case MessageState.ACTIVE | MessageState.CANCELING_ACTIVE:
            text = _in_flight(story, progress, when)
        case MessageState.DELIVERED | MessageState.FAILED | MessageState.CANCELED:
            text = f"nothing, it is {state}"
        case _:
            assert_never(state)
    return text


def _held_text(story: Story) -> str:
    """Why a message that is due waits; nothing if it is let go now."""
    if story.obstacle is None or (story.next_at is not None and story.next_at <= story.now):
        return ""
    held = "which is held" if story.next_at is None else "held until then"
    return f", {held}: {obstacle_text(story.obstacle)}"


def _in_flight(story: Story, progress: _Progress, when: str) -> str:
    if story.next_at is None:
        return f"the answer to {progress.attempt}, whose destination is being called"
    if story.is_kept_back:
        return f"{progress.attempt} times out{when}, unless its answer is released"
    return f"the answer to {progress.attempt}{when}"


def _when(at: int, now: int, start: int) -> str:
    """``at +12 s (2026-01-01T00:00:12Z), in 2 s``."""
    told = f"at {_offset(at, start)} ({instant_text(at)})"
    return f"{told}, in {duration_text(at - now)}" if at > now else f"{told}, now"


def _offset(at: int, start: int) -> str:
    return f"+{duration_text(at - start)}"
