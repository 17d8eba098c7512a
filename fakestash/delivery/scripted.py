"""A destination whose answers a test writes down beforehand.

Each answer is turned into an outcome when it is written, so that a mistake in it shows in
the line that made it, and handing it out costs next to nothing.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from threading import Lock
from typing import Final, NamedTuple, TypeAlias, cast

from fakestash.delivery.answers import server_error
from fakestash.delivery.outbound import OutboundRequest
from fakestash.delivery.router import served_place
from fakestash.delivery.scripted_answers import Answer, outcome_of_answer
from fakestash.errors import UsageError, shown_where_it_was_made
from fakestash.model.outcomes import Outcome, Responded
from fakestash.syntax.moments import DurationLike, millis_of
from fakestash.wire.urls import target

__tracebackhide__ = shown_where_it_was_made

Reply: TypeAlias = Answer | None
AnswerLike: TypeAlias = Answer | Callable[[OutboundRequest], Reply | Awaitable[Reply]]
"""What ``responds`` takes."""

_Function: TypeAlias = Callable[[OutboundRequest], Reply | Awaitable[Reply]]
_Step: TypeAlias = Outcome | _Function
_OK: Final = Responded(200)

_OF_THE_TEST: Final = (AssertionError, UsageError)
"""What a function may raise that says something about the test, not about the destination."""


class _Script(NamedTuple):
    """Answers in order, the latency in ms of all of them, whether one of them is async."""

    steps: tuple[_Step, ...]
    took: int = 0
    is_async: bool = False


class ScriptedDestination:
    """A destination that answers as told: 200 until ``responds`` is called.

    Args:
        url: the origin or URL that it stands for.

    Raises:
        UsageError: if ``url`` is not an absolute http(s) URL that can be published to, or has a
            user or a fragment.
    """

    def __init__(self, url: str) -> None:
        served_place(url)  # refuses what no route can be for
        self._url = url
        self._target = target(url)
        self._lock = Lock()
        self._received = 0
        self._left = 0
        self._script = _Script((_OK,))
        self._position = 0

    @property
    def url(self) -> str:
        """The origin or URL that this stands for."""
        return self._url

    @property
    def received(self) -> int:
        """How many deliveries were made here, whatever the answer."""
        return self._received

    @property
    def answers_left(self) -> int:
        """How many of the answers that were written down last have not been given yet."""
        return self._left

    @property
    def needs_loop(self) -> bool:
        """Whether one of the answers is an async function."""
        return self._script.is_async

    def __repr__(self) -> str:
        return f"<ScriptedDestination {self._url} received={self._received}>"

    def responds(self, *answers: AnswerLike, took: DurationLike = 0) -> "ScriptedDestination":
        """Give these answers, one per delivery, from now on; the last one repeats.

        An answer is one of:

        - a status: ``200``, ``http.HTTPStatus.NOT_FOUND``;
        - ``(status, headers, body)``: headers are a mapping, pairs or None; the body is bytes,
          text (sent as UTF-8), None, or a dict or list, which is sent as JSON with the content
          type ``application/json`` unless the headers name another;
        - a ``Fault``: ``Fault.REFUSED``;
        - a function, plain or async, that takes the ``OutboundRequest`` and returns one of the
          above or None for 200. If it raises, that counts as a 500 of the destination's, and
          the exception is kept on the delivery. Only an ``AssertionError`` and a ``UsageError``
          are the test's own: they come out of the move of time.

        Args:
            answers: the answers in order; none at all means 200.
            took: latency of each answer on the fake's clock (a ``timedelta``, seconds, or text
                like "1.5s"). A longer latency than the attempt's time limit is a time-out.

        Returns:
            This destination.

        Raises:
            UsageError: if one of them is no answer, or ``took`` no duration.
        """
        millis = millis_of(took, name="took")
        steps = tuple(
            _function(answer) or outcome_of_answer(answer, self._target, millis)
            for answer in answers or (200,)
        )
        with self._lock:
            self._script = _Script(steps, millis, any(map(_is_async, steps)))
            self._position = 0
            self._left = len(steps)
        return self

    def rewind(self) -> None:
        """Begin again with the first of the answers, and to count."""
        with self._lock:
            self._position = self._received = 0
            self._left = len(self._script.steps)

    def call(self, request: OutboundRequest) -> Outcome | Awaitable[Outcome]:
        """Give the next answer.

        Raises:
            UsageError: if a function returned what is no answer, or misused the fake.
            AssertionError: if one that a function makes does not hold.
        """
        with self._lock:
            script = self._script
            step = script.steps[self._position]
            if self._position + 1 < len(script.steps):
                self._position += 1
            if self._left:
                self._left -= 1
            self._received += 1
        if not callable(step):
            return step
        try:
            reply = step(request)
        except _OF_THE_TEST:
            raise
        except Exception as error:  # noqa: BLE001 - whatever user code raises is an outcome
            return server_error(error, script.took)
        if inspect.isawaitable(reply):
            return self._awaited(reply, script.took)
        return self._replied(reply, script.took)

    async def _awaited(self, reply: Awaitable[Reply], took: int) -> Outcome:
        try:
            awaited = await reply
        except _OF_THE_TEST:
            raise
        except Exception as error:  # noqa: BLE001 - whatever user code raises is an outcome
            return server_error(error, took)
        return self._replied(awaited, took)

    def _replied(self, reply: Reply, took: int) -> Outcome:
        return outcome_of_answer(200 if reply is None else reply, self._target, took)


Standing: TypeAlias = Mapping[str, object]
"""How far a scripted destination has got: its script, the position in it, and what it counts."""


def standing_of(destination: ScriptedDestination) -> Standing:
    """How far it has got."""
    return {name: each for name, each in vars(destination).items() if name != "_lock"}


def stand(destination: ScriptedDestination, standing: Standing) -> None:
    """Go on from there. It must be one for the same URL."""
    vars(destination).update(standing)


def _function(answer: object) -> _Function | None:
    """``answer`` as a function, if it is one. A class is none: it may be a slip."""
    if callable(answer) and not isinstance(answer, type):
        return cast("_Function", answer)
    return None


def _is_async(step: _Step) -> bool:
    return inspect.iscoroutinefunction(step) or inspect.iscoroutinefunction(
        getattr(step, "__call__", None)  # noqa: B004 - an object may have an async __call__
    )
