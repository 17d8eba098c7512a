"""A destination whose answers a test writes down beforehand, for all deliveries or by rules."""

from collections.abc import Awaitable, Callable, Mapping
from threading import Lock
from typing import TypeAlias, cast

from fakestash.delivery.outbound import OutboundRequest
from fakestash.delivery.router import served_place
from fakestash.delivery.rules import Asked, ScriptedRule
from fakestash.delivery.script import UNWRITTEN, AnswerLike, given, script_of
from fakestash.errors import shown_where_it_was_made
from fakestash.matching.conditions import ANYTHING
from fakestash.matching.content import BodyLike, HeadersLike, TextLike
from fakestash.matching.selection import Selection
from fakestash.model.outcomes import Outcome
from fakestash.syntax.moments import DurationLike
from fakestash.wire.urls import target

__tracebackhide__ = shown_where_it_was_made


class ScriptedDestination:
    """A destination that answers as told: 200 until ``responds`` is called.

    Args:
        url: the origin or URL that it stands for.
        seed: of rules with a probability.

    Raises:
        UsageError: if ``url`` is not an absolute http(s) URL that can be published to, or has a
            user or a fragment.
    """

    def __init__(self, url: str, seed: int = 0) -> None:
        served_place(url)  # refuses what no route can be for
        self._url = url
        self._seed = seed
        self.target = target(url)
        self._lock = Lock()
        self._received = 0
        self._script = UNWRITTEN
        self._rules: tuple[ScriptedRule, ...] = ()
        self._added = 0

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
        """How many of the answers that were written down last have not been given yet.

        Those of rules are counted by them.
        """
        return self._script.left

    @property
    def rules(self) -> tuple[ScriptedRule, ...]:
        """The rules that ``when`` made, in order."""
        return self._rules

    @property
    def needs_loop(self) -> bool:
        """Whether one of the answers is an async function."""
        return self._script.is_async or any(rule.needs_loop for rule in self._rules)

    def __repr__(self) -> str:
        return f"<ScriptedDestination {self._url} received={self._received}>"

    def responds(
        self, *answers: AnswerLike, took: DurationLike = 0, cycle: bool = False
    ) -> "ScriptedDestination":
        """Give these answers, one per delivery, from now on; the last one repeats.

        An answer is one of:

        - a status: ``200``, ``http.HTTPStatus.NOT_FOUND``;
        - ``(status, headers, body)``: headers are a mapping, pairs or None; the body is bytes,
          text (sent as UTF-8), None, or a dict or list, which is sent as JSON with the content
          type ``application/json`` unless the headers name another;
        - a ``Fault``: ``Fault.REFUSED``;
        - one of the above from ``fakestash.answers``, which may have a latency of its own;
        - a function, plain or async, that takes the ``OutboundRequest`` and returns one of the
          above or None for 200. If it raises, that counts as a 500 of the destination's, and
          the exception is kept on the delivery. Only an ``AssertionError`` and a ``UsageError``
          are the test's own: they come out of the move of time.

        Args:
            answers: the answers in order; none at all means 200.
            took: latency of each answer on the fake's clock (a ``timedelta``, seconds, or text
                like "1.5s"). A longer latency than the attempt's time limit is a time-out.
            cycle: begin again with the first answer after the last.

        Returns:
            This destination.

        Raises:
            UsageError: if one of them is no answer, or ``took`` no duration.
        """
        script = script_of(answers, took, self.target, cycles=cycle)
        with self._lock:
            self._script = script
        return self

    def when(
        self,
        test: Callable[[OutboundRequest], object] | None = None,
        *,
        method: TextLike | None = None,
        body: BodyLike | None = None,
        json: object = ANYTHING,
        headers: HeadersLike | None = None,
        attempt: int | Callable[[int], object] | None = None,
        after: int = 0,
        every: int = 1,
        times: int | None = None,
        probability: float = 1.0,
    ) -> ScriptedRule:
        """A rule: deliveries that meet it get answers of its own, which its ``responds`` takes.

        Of several rules that are met the one that was made last answers; a delivery that none
        answers gets the answer of the destination.

        Args:
            test: a function of the request.
            method: the HTTP method, or a function of it.
            body: the body (text as UTF-8), or a function of it.
            json: what the body holds as JSON, in part, as in ``assert_delivered``.
            headers: headers by name: a value, a function of it, or None if it must not be there.
            attempt: which attempt of its message it is, from 1 on, or a function of that number.
            after: pass over so many first.
            every: of the others, only every n-th.
            times: not more than so many.
            probability: each of these with this chance, from the seed of the fake.

        Raises:
            UsageError: if one of the last four is a number that means nothing.
        """
        selection = Selection(after=after, every=every, times=times, probability=probability)
        conditions = Asked(test, method, body, json, headers, attempt).conditions
        with self._lock:
            self._added += 1
            rule = ScriptedRule(self, conditions, selection, self._added)
            self._rules = (*self._rules, rule)
        return rule

    def forget(self, rule: ScriptedRule) -> None:
        """Have a rule of this destination answer no more."""
        with self._lock:
            self._rules = tuple(each for each in self._rules if each is not rule)

    def clear_rules(self) -> None:
        """Have no rule of this destination answer any more."""
        with self._lock:
            self._rules, self._added = (), 0

    def rewind(self, seed: int | None = None) -> None:
        """Begin again with the first of the answers, and to count, perhaps with another seed."""
        with self._lock:
            self._script = self._script.from_the_start()
            self._received = 0
            self._seed = self._seed if seed is None else seed
            for rule in self._rules:
                rule.rewind()

    def call(self, request: OutboundRequest) -> Outcome | Awaitable[Outcome]:
        """Give the next answer.

        Raises:
            UsageError: if a function returned what is no answer, or misused the fake.
            AssertionError: if one that a function makes does not hold.
        """
        # Predicates are the user's and may come back here: they are asked without the lock.
        met = [rule for rule in self._rules if rule.is_met_by(request)] if self._rules else ()
        with self._lock:
            self._received += 1
            for rule in reversed(met):
                script = rule.taken(self._seed)
                if script is not None:
                    break
            else:
                script = self._script
                self._script = script.after_one()
        return given(script.step, request, self.target)


Standing: TypeAlias = Mapping[str, object]
"""How far a scripted destination has got: its script, the position in it, and what it counts."""


def standing_of(destination: ScriptedDestination) -> Standing:
    """How far it has got, and its rules with how far each has."""
    found = {name: each for name, each in vars(destination).items() if name != "_lock"}
    found["_rules"] = tuple((rule, rule.standing()) for rule in destination.rules)
    return found


def stand(destination: ScriptedDestination, standing: Standing) -> None:
    """Go on from there. It must be one for the same URL."""
    rules = cast("tuple[tuple[ScriptedRule, dict[str, object]], ...]", standing["_rules"])
    own = tuple(rule.at(destination, its_standing) for rule, its_standing in rules)
    vars(destination).update({**standing, "_rules": own})
