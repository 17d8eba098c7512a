"""The log as text: what happened to each message, instant by instant, for people to read."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from heapq import merge

from fakestash.engine.notes import ByHand, Disturbed, Note, Obstacle, obstacle_text
from fakestash.model.logs import LogEntry, LogState
from fakestash.model.outcomes import error_text
from fakestash.syntax.moments import duration_text, instant_text


def numbered(entries: Iterable[LogEntry]) -> dict[str, int]:
    """The number of each message by its id: they are counted in the order in which they appear."""
    numbers: dict[str, int] = {}
    for entry in entries:
        numbers.setdefault(entry.message.id, len(numbers) + 1)
    return numbers


def in_order(entries: Iterable[LogEntry], notes: Iterable[Note]) -> Iterator[LogEntry | Note]:
    """Entries of the log and what it does not tell, each in order, as they happened."""
    return merge(entries, notes, key=lambda each: (each.at, each.sequence, isinstance(each, Note)))


def render(
    entries: Sequence[LogEntry],
    start: int,
    only: Collection[str] | None = None,
    notes: Sequence[Note] = (),
) -> str:
    """One line for each entry and each note, with its offset from ``start`` (unix ms).

    Messages are numbered, so the text does not change with their ids; the list of ids follows.
    ``only`` leaves out all messages but those with these ids; the numbers stay the same.
    """
    numbers = numbered(entries)
    due: dict[str, int] = {}
    lines: list[str] = []
    for each in in_order(entries, notes):
        number = numbers.get(each.message.id)
        if number is None or (only is not None and each.message.id not in only):
            continue
        offset = duration_text(each.at - start)
        what, details = _noted(each, due) if isinstance(each, Note) else _logged(each, due)
        lines.append(f"  +{offset:<14} #{number:<3} {what:<16} {details}".rstrip())
    if not lines:
        return "  nothing was published"
    names = [
        f"  #{number} is {message_id}"
        for message_id, number in numbers.items()
        if only is None or message_id in only
    ]
    return "\n".join([f"  from {instant_text(start)}:", *lines, *names])


def _noted(note: Note, due: dict[str, int]) -> tuple[str, str]:
    """What a note is about, in the form of an entry; ``due`` is updated as by ``_logged``."""
    match note.about:
        case ByHand() as deed:
            return "BY_HAND", deed
        case Disturbed(what, due_at):
            if due_at is not None:
                due[note.message.id] = due_at
            return "CHAOS", what
        case Obstacle() as obstacle:
            return "HELD", obstacle_text(obstacle)


def _logged(entry: LogEntry, due: dict[str, int]) -> tuple[str, str]:
    """What an entry is about; ``due`` is when the next attempt of each message is, and is updated.

    An attempt that starts later than that was held.
    """
    message_id = entry.message.id
    if entry.next_delivery_at is not None:
        due[message_id] = entry.next_delivery_at
    elif entry.state is LogState.ACTIVE and entry.at > due.get(message_id, entry.at):
        return entry.state, f"{duration_text(entry.at - due[message_id])} after it came due"
    return entry.state, _details(entry)


def _details(entry: LogEntry) -> str:
    command = entry.message.command
    if entry.state is LogState.CREATED:
        return f"{command.method} {command.url}"
    if entry.state is LogState.ERROR and entry.outcome is not None:
        raised = entry.outcome.exception
        text = error_text(entry.outcome)
        return text if raised is None else f"{text} ({first_line(raised)})"
    if entry.state is LogState.RETRY and entry.next_delivery_at is not None:
        return f"again in {duration_text(entry.next_delivery_at - entry.at)}"
    if entry.state is LogState.FAILED:
        return f"in the dead letter queue as {entry.message.dlq_id}"
    return ""


def first_line(error: BaseException) -> str:
    """Kind and text of an error as far as they fit in a line: a traceback is elsewhere."""
    return f"{type(error).__name__}: {error}".partition("\n")[0]
