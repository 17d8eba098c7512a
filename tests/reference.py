"""A second, plain implementation of when things happen, and scripts to try both with.

It shares no code with the engine: events are a list that is searched for its smallest, the
backoff is the formula, and every rule is written out once more.
"""

import math
from dataclasses import dataclass, field
from typing import Final

from hypothesis import strategies as st

from fakestash.delivery.outbound import OutboundRequest
from fakestash.model.outcomes import Outcome, Responded, TimedOut, Unreachable
from tests.builders import START, Stage

PLAN_TIMEOUT: Final = 7_200_000

Story = list[tuple[int, str, int]]
"""A log: offset, state, and the number of the message in order of acceptance."""


@dataclass(frozen=True)
class Script:
    """One message, what comes of each attempt (the last outcome again and again), and ``then``.

    ``then`` is published by the destination during the first attempt. ``step`` stands for the
    expression ``step * (retried + 1)``.
    """

    outcomes: tuple[Outcome, ...] = (Responded(200),)
    retries: int = 3
    delay: int = 0
    timeout: int | None = None
    step: int | None = None
    then: "Script | None" = None

    def outcome(self, number: int) -> Outcome:
        """What comes of the attempt with this number, from 0."""
        return self.outcomes[min(number, len(self.outcomes) - 1)]


# --- the second implementation ---------------------------------------------------------------


@dataclass(eq=False)
class Told:
    """A message as the reference sees it."""

    script: Script
    number: int
    attempts: int = 0
    cancel_asked: bool = False
    end: str | None = None


@dataclass
class Reference:
    """Says what the log must be."""

    now: int = 0
    story: Story = field(default_factory=Story)
    told: list[Told] = field(default_factory=list[Told])
    ahead: list[tuple[int, int, Told, Outcome | None]] = field(
        default_factory=list[tuple[int, int, Told, Outcome | None]]
    )
    made: int = 0

    def publish(self, script: Script) -> None:
        """A message is accepted now."""
        message = Told(script, len(self.told))
        self.told.append(message)
        self._log("CREATED", message)
        self._later(self.now + script.delay, message, None)

    def cancel(self, number: int) -> bool:
        """Somebody asks for a message to be cancelled; whether that is accepted."""
        message = self.told[number]
        if message.cancel_asked or message.end is not None:
            return False
        message.cancel_asked = True
        self._log("CANCEL_REQUESTED", message)
        return True

    def step(self) -> bool:
        """The next event happens; False if there is none."""
        if not self.ahead:
            return False
        event = min(self.ahead, key=lambda each: each[:2])
        self.ahead.remove(event)
        self.now, _, message, outcome = event
        if outcome is not None:
            self._conclude(message, outcome)
        elif message.cancel_asked:
            self._end(message, "CANCELED")
        else:
            self._attempt(message)
        return True

    def until(self, instant: int) -> None:
        """Everything up to this instant happens."""
        while self.ahead and min(self.ahead, key=lambda each: each[:2])[0] <= instant:
            self.step()
        self.now = instant

    def _attempt(self, message: Told) -> None:
        self._log("ACTIVE", message)
        script, number = message.script, message.attempts
        message.attempts += 1
        if number == 0 and script.then is not None:
            self.publish(script.then)
        outcome, limit = script.outcome(number), script.timeout or PLAN_TIMEOUT
        took = limit if outcome.took is None else outcome.took
        if took > limit:
            outcome, took = TimedOut(), limit
        if took:
            self._later(self.now + took, message, outcome)
        else:
            self._conclude(message, outcome)

    def _conclude(self, message: Told, outcome: Outcome) -> None:
        status = outcome.status if isinstance(outcome, Responded) else None
        headers = dict(outcome.headers) if isinstance(outcome, Responded) else {}
        if status is not None and 200 <= status < 300:
            self._end(message, "DELIVERED")
            return
        self._log("ERROR", message)
        given_up = status == 489 and headers.get("Upstash-NonRetryable-Error") == "true"
        if given_up or message.attempts > message.script.retries:
            self._end(message, "FAILED")
            return
        self._log("RETRY", message)
        self._later(self.now + self._wait(message, headers), message, None)

    def _wait(self, message: Told, headers: dict[str, str]) -> int:
        if "Retry-After" in headers:
            return int(headers["Retry-After"]) * 1_000
        if message.script.step is not None:
            return message.script.step * message.attempts
        return math.floor(min(86_400, math.exp(2.5 * message.attempts))) * 1_000

    def _end(self, message: Told, state: str) -> None:
        message.end = state
        self._log(state, message)

    def _later(self, due: int, message: Told, outcome: Outcome | None) -> None:
        self.made += 1
        self.ahead.append((due, self.made, message, outcome))

    def _log(self, state: str, message: Told) -> None:
        self.story.append((self.now, state, message.number))


# --- the real thing, by the same scripts -----------------------------------------------------


class Played(Stage):
    """A stage whose destination plays scripts."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__(self._answer, seed=seed)
        self._scripts: dict[str, Script] = {}

    def play(self, script: Script) -> str:
        """Publish the message of ``script``; its id is returned."""
        message = self.publish(
            retries=script.retries,
            delay=script.delay,
            timeout=script.timeout,
            retry_delay=None if script.step is None else f"{script.step} * (retried + 1)",
        )
        self._scripts[message.id] = script
        return message.id

    def story(self) -> Story:
        """The log as the reference tells it."""
        numbers: dict[str, int] = {}
        return [
            (entry.at - START, str(entry.state), numbers.setdefault(entry.message.id, len(numbers)))
            for entry in self.log()
        ]

    def _answer(self, request: OutboundRequest) -> Outcome:
        script = self._scripts[request.message_id]
        if request.retried == 0 and script.then is not None:
            self.play(script.then)
        return script.outcome(request.retried)


# --- scripts ---------------------------------------------------------------------------------

# Few values, so that instants often meet.
_TOOK = st.sampled_from([0, 0, 0, 1, 500, 1_000, 1_001, 12_000])
_ANSWERS = st.builds(
    Responded,
    st.sampled_from([200, 204, 302, 404, 429, 489, 500]),
    st.sampled_from(
        [
            (),
            (),
            (("Retry-After", "0"),),
            (("Retry-After", "12"),),
            (("Upstash-NonRetryable-Error", "true"),),
        ]
    ),
    took=_TOOK,
)
_OUTCOMES: st.SearchStrategy[Outcome] = st.one_of(
    _ANSWERS,
    st.builds(Unreachable, st.just("EOF"), took=_TOOK),
    st.builds(TimedOut, st.sampled_from([None, 0, 500])),
)


def _scripts(then: st.SearchStrategy[Script | None]) -> st.SearchStrategy[Script]:
    return st.builds(
        Script,
        outcomes=st.lists(_OUTCOMES, min_size=1, max_size=6).map(tuple),
        retries=st.integers(0, 5),
        delay=st.sampled_from([0, 0, 1, 500, 1_000, 12_000, 160_000]),
        timeout=st.sampled_from([None, 1_000]),
        step=st.sampled_from([None, None, 0, 500, 6_000]),
        then=then,
    )


SCRIPTS: Final = _scripts(st.none() | _scripts(st.none()))
"""Any message, half of them followed by another during the first attempt."""

SPANS: Final = st.sampled_from([0, 1, 500, 999, 1_000, 5_500, 12_000, 148_000, 100_000_000])
"""Moves of time, in ms."""
