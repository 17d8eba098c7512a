"""What a scenario is: steps, and the story that has to come of them. Nothing but data.

Offsets are ms from the start of the scenario. Messages go by names, never by ids: a step lists
the names of the messages that it makes. Those that come about without a step (callbacks, firings
of schedules) are called after the last part of their URL, numbered in order of creation:
``callback 1``, ``callback 2``.

What a step can say is the same for every face, in plain values that JSON has too: durations are
whole seconds, ``not_before`` is seconds from the start, ``of`` names messages or dead letters.

Between a step and an event that it must not meet lies at least half a minute, so that the
scenario can be played on a real clock as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple, TypeAlias

Json: TypeAlias = Any
"""A plain value that JSON has too."""

Args: TypeAlias = Mapping[str, Json]

FaceName: TypeAlias = Literal["engine", "http", "python", "python-async", "npm"]
FACES: Final[tuple[FaceName, ...]] = ("engine", "http", "python", "python-async", "npm")

Kind: TypeAlias = Literal[
    "script",
    "advance",
    "publish",
    "enqueue",
    "batch",
    "cancel",
    "cancel_many",
    "cancel_all",
    "set_queue",
    "pause_queue",
    "resume_queue",
    "delete_queue",
    "add_endpoints",
    "remove_endpoints",
    "schedule",
    "pause_schedule",
    "resume_schedule",
    "delete_schedule",
    "pause_key",
    "resume_key",
    "pin",
    "unpin",
    "reset_rate",
    "retry_letter",
    "retry_letters",
    "delete_letter",
    "message",
    "log",
    "letters",
    "queue",
    "key",
    "schedule_state",
]
"""``script`` and ``advance`` are said to the destinations and the clock, all others to a face.

The last six look at something; what they show is part of the story.
"""

NONE: Final[Args] = MappingProxyType({})


class Step(NamedTuple):
    """One thing that is done.

    ``names`` are those of what it makes. ``shows`` picks what is looked at (``headers.X-Trace`` is
    one header). ``gives`` is the expected answer; by default that the named messages were made.
    """

    kind: Kind
    args: Args = NONE
    names: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()
    gives: Json = None

    @property
    def answer(self) -> Json:
        """What has to be answered."""
        return list(self.names) if self.gives is None and self.names else self.gives


class Logged(NamedTuple):
    """One line of the log."""

    at: int
    message: str
    state: str


class Delivered(NamedTuple):
    """One delivery as its destination saw it.

    ``body`` is text, or what a callback tells with names for ids, plain text for base64, and
    without times; ``headers`` are those that the scenario asks for, as far as they were there.
    """

    at: int
    message: str
    url: str
    body: str | Args = ""
    retried: int = 0
    method: str = "POST"
    headers: Mapping[str, str] = NONE


class Letter(NamedTuple):
    """One dead letter, with the status and the body of the last answer."""

    at: int
    message: str
    status: int
    body: str = ""


class Story(NamedTuple):
    """All that came of a scenario: an answer for each step of a face, and the end of it."""

    answers: tuple[Json, ...]
    log: tuple[Logged, ...]
    deliveries: tuple[Delivered, ...]
    letters: tuple[Letter, ...]
    lag: Mapping[str, int]


@dataclass(frozen=True)
class Scenario:
    """Steps and their story.

    Args:
        name: what it is called in reports.
        steps: what is done.
        log: the whole log: lines of an offset, the name of a message in quotes if it has blanks,
            and the states logged then.
        deliveries: all of them, in order.
        letters: what is in the dead letter queue at the end, in order of failure.
        lag: of each queue at the end.
        headers: which headers of deliveries matter.
        unsaid: the faces that cannot say one of the steps, and why.
    """

    name: str
    steps: tuple[Step, ...]
    log: str
    deliveries: tuple[Delivered, ...] = ()
    letters: tuple[Letter, ...] = ()
    lag: Mapping[str, int] = field(default_factory=dict[str, int])
    headers: tuple[str, ...] = ()
    unsaid: Mapping[FaceName, str] = field(default_factory=dict[FaceName, str])

    @cached_property
    def story(self) -> Story:
        """What has to come of it."""
        answers = tuple(step.answer for step in self.calls)
        return Story(answers, lines(self.log), self.deliveries, self.letters, self.lag)

    @property
    def calls(self) -> tuple[Step, ...]:
        """The steps that a face answers."""
        return tuple(step for step in self.steps if step.kind not in {"script", "advance"})

    @property
    def length(self) -> int:
        """How long it takes, in ms."""
        return sum(step.args["ms"] for step in self.steps if step.kind == "advance")


def lines(log: str) -> tuple[Logged, ...]:
    """A log as it is written in a scenario."""
    found: list[Logged] = []
    for line in log.strip().splitlines():
        at, _, rest = line.strip().partition(" ")
        if rest.startswith('"'):
            name, _, states = rest[1:].partition('" ')
        else:
            name, _, states = rest.partition(" ")
        found += [Logged(int(at), name, state) for state in states.split()]
    return tuple(found)
