"""A script: the answers of a destination, or of one of its rules, in order; the last one repeats.

Each answer is turned into an outcome when it is written, so that a mistake in it shows in
the line that made it, and handing it out costs next to nothing.
"""

import inspect
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple, TypeAlias, cast

from fakestash.delivery.answers import server_error
from fakestash.delivery.outbound import OutboundRequest
from fakestash.delivery.scripted_answers import Answer, Late, outcome_of_answer
from fakestash.errors import UsageError, shown_where_it_was_made
from fakestash.model.outcomes import Outcome, Responded
from fakestash.syntax.moments import DurationLike, millis_of
from fakestash.wire.urls import Target

__tracebackhide__ = shown_where_it_was_made

Reply: TypeAlias = Answer | None
AnswerLike: TypeAlias = Answer | Callable[[OutboundRequest], Reply | Awaitable[Reply]]
"""What ``responds`` takes."""

_Function: TypeAlias = Callable[[OutboundRequest], Reply | Awaitable[Reply]]

_OF_THE_TEST: Final = (AssertionError, UsageError)
"""What a function may raise that says something about the test, not about the destination."""


class _Called(NamedTuple):
    """An answer that a function gives, and the latency in ms of what it gives."""

    function: _Function
    took: int


Step: TypeAlias = Outcome | _Called


class Script(NamedTuple):
    """Answers in order, and how far they have got. ``left`` have not been given yet.

    ``cycles`` has them begin again after the last, which otherwise repeats.
    """

    steps: tuple[Step, ...]
    is_async: bool = False
    position: int = 0
    left: int = 0
    cycles: bool = False

    @property
    def step(self) -> Step:
        """The next answer."""
        return self.steps[self.position]

    def after_one(self) -> "Script":
        """What is left once the next answer was given."""
        position = self.position + 1
        if position == len(self.steps):
            if not self.left and not self.cycles:
                return self
            position = 0 if self.cycles else self.position
        return self._replace(position=position, left=max(0, self.left - 1))

    def from_the_start(self) -> "Script":
        """The same with no answer given."""
        return self if self is UNWRITTEN else self._replace(position=0, left=len(self.steps))


UNWRITTEN: Final = Script((Responded(200),))
"""Of a destination that nobody has told what to answer."""


def script_of(
    answers: tuple[AnswerLike, ...], took: DurationLike, target: Target, *, cycles: bool
) -> Script:
    """The script with these answers; none at all means 200.

    Raises:
        UsageError: if one of them is no answer, or ``took`` no duration.
    """
    millis = millis_of(took, name="took")
    steps = tuple(_step(answer, target, millis) for answer in answers or (200,))
    is_async = any(isinstance(step, _Called) and _is_async(step.function) for step in steps)
    return Script(steps, is_async, left=len(steps), cycles=cycles)


def given(step: Step, request: OutboundRequest, target: Target) -> Outcome | Awaitable[Outcome]:
    """What an answer comes to for a request.

    Raises:
        UsageError: if a function returned what is no answer, or misused the fake.
        AssertionError: if one that a function makes does not hold.
    """
    if not isinstance(step, _Called):
        return step
    try:
        reply = step.function(request)
    except _OF_THE_TEST:
        raise
    except Exception as error:  # noqa: BLE001 - whatever user code raises is an outcome
        return server_error(error, step.took)
    if inspect.isawaitable(reply):
        return _awaited(reply, step.took, target)
    return _replied(reply, step.took, target)


async def _awaited(reply: Awaitable[Reply], took: int, target: Target) -> Outcome:
    try:
        awaited = await reply
    except _OF_THE_TEST:
        raise
    except Exception as error:  # noqa: BLE001 - whatever user code raises is an outcome
        return server_error(error, took)
    return _replied(awaited, took, target)


def _replied(reply: Reply, took: int, target: Target) -> Outcome:
    return outcome_of_answer(200 if reply is None else reply, target, took)


def _step(answer: object, target: Target, took: int) -> Step:
    """An answer as it is kept. A class is no function: it may be a slip."""
    if isinstance(answer, Late):
        return _step(answer.answer, target, answer.millis)
    if callable(answer) and not isinstance(answer, type):
        return _Called(cast("_Function", answer), took)
    return outcome_of_answer(answer, target, took)


def _is_async(function: _Function) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004 - an object may have an async __call__
    )
