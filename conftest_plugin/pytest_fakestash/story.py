"""What the report of a failed test tells: the fake's timeline, and what went wrong in apps."""

import re
from collections.abc import Iterator
from typing import Final

import fakestash

_FIRST_LINES: Final = 20
_LAST_LINES: Final = 60
"""So many lines of a long history are shown: a runaway one has tens of thousands."""

_SHOWN_EVENTS: Final = 3
"""How much of what is going to happen is told."""

_LOOK_AHEAD: Final = "365d"

_NAME: Final = re.compile(r"  (#\d+) is (.*)")


def story(
    fake: fakestash.FakeQStash, *, told: str = "", raised: BaseException | None = None
) -> str:
    """The section about ``fake``; of what the report has ``told`` and ``raised``, nothing twice."""
    try:
        timeline = fake.timeline().splitlines()
        troubles = fake.troubles(told=told, raised=raised)
        parts = [*_history(timeline, told), *_outlook(fake, timeline)]
        return "\n".join([*parts, f"\n{troubles}"] if troubles else parts)
    except Exception as error:  # noqa: BLE001 - the report of the test itself must come through
        return f"  cannot be shown: {error!r}"


def _history(timeline: list[str], told: str) -> list[str]:
    """What happened, unless the text of an assertion has told all of it."""
    lines = {line.removeprefix("E").strip() for line in told.splitlines()}
    if lines.issuperset(line.strip() for line in timeline):
        return ["  all that happened is told above"]
    events = [line for line in timeline if not _NAME.fullmatch(line)]
    left_out = len(events) - _FIRST_LINES - _LAST_LINES
    if left_out <= 0:
        return timeline
    shown = [*events[:_FIRST_LINES], *events[-_LAST_LINES:]]
    numbers = {number for line in shown for number in re.findall(r" (#\d+) ", line)}
    names = [line for line in timeline if (name := _NAME.fullmatch(line)) and name[1] in numbers]
    note = f"  ... {left_out:,} lines are left out: print(qstash.timeline()) shows them ..."
    return [*shown[:_FIRST_LINES], note, *shown[_FIRST_LINES:], *names]


def _outlook(fake: fakestash.FakeQStash, timeline: list[str]) -> Iterator[str]:
    """The next things that are going to happen, with the numbers that the timeline uses."""
    names = [name for line in timeline if (name := _NAME.fullmatch(line))]
    numbers = {name[2]: name[1] for name in names}
    upcoming = fake.upcoming(_LOOK_AHEAD).where(
        lambda event: event.kind != fakestash.UpcomingKind.WINDOW_END
    )
    for place, event in enumerate(upcoming[:_SHOWN_EVENTS]):
        if place == 0:
            yield "  what is going to happen next:"
        message_id = event.message_id or ""
        yield f"  {str(event).replace(message_id, numbers.get(message_id, message_id))}"
