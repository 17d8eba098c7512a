"""Rules of a scripted destination: which deliveries have answers of their own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fakestash.delivery.outbound import OutboundRequest
from fakestash.delivery.script import UNWRITTEN, AnswerLike, Script, script_of
from fakestash.errors import shown_where_it_was_made
from fakestash.ids import chance
from fakestash.matching.arguments import check_expected, check_number
from fakestash.matching.conditions import Condition, headline, value
from fakestash.matching.content import BodyLike, HeadersLike, TextLike, content_conditions
from fakestash.matching.selection import ALL, Selection
from fakestash.syntax.moments import DurationLike

if TYPE_CHECKING:
    from fakestash.delivery.scripted import ScriptedDestination

__tracebackhide__ = shown_where_it_was_made

_NOT_STATE: Final = ("_home", "conditions", "selection", "_number")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a rule asks of a request."""

    test: Callable[[OutboundRequest], object] | None
    method: TextLike | None
    body: BodyLike | None
    json: object
    headers: HeadersLike | None
    attempt: int | Callable[[int], object] | None

    @property
    def conditions(self) -> tuple[Condition[OutboundRequest], ...]:
        """One for each thing that is asked.

        Raises:
            UsageError: if nothing could ever meet one.
        """
        found: list[Condition[OutboundRequest]] = []
        if self.test is not None:
            check_expected("test", self.test, are="a function of the request")
            found.append(value("request", self.test, lambda request: request))
        found += content_conditions(self.method, self.body, self.json, self.headers)
        if self.attempt is not None:
            check_number("attempt", self.attempt, 1)
            found.append(value("attempt", self.attempt, lambda request: request.retried + 1))
        return tuple(found)


class ScriptedRule:
    """Answers of a destination for the deliveries that meet a rule: 200 until ``responds``.

    ``ScriptedDestination.when`` makes one.
    """

    def __init__(
        self,
        home: "ScriptedDestination",
        conditions: tuple[Condition[OutboundRequest], ...],
        selection: Selection = ALL,
        number: int = 0,
    ) -> None:
        self._home = home
        self.conditions = conditions
        self.selection = selection
        self._number = number
        self._script = UNWRITTEN
        self._met = 0
        self._received = 0

    @property
    def met(self) -> int:
        """How many deliveries met its conditions, whether it answered them or not."""
        return self._met

    @property
    def received(self) -> int:
        """How many deliveries it answered."""
        return self._received

    @property
    def answers_left(self) -> int:
        """How many of its answers have not been given yet."""
        return self._script.left

    @property
    def needs_loop(self) -> bool:
        """Whether one of its answers is an async function."""
        return self._script.is_async

    def responds(
        self, *answers: AnswerLike, took: DurationLike = 0, cycle: bool = False
    ) -> "ScriptedRule":
        """Give these answers to deliveries that meet the rule, as ``ScriptedDestination.responds``.

        Raises:
            UsageError: if one of them is no answer, or ``took`` no duration.
        """
        self._script = script_of(answers, took, self._home.target, cycles=cycle)
        return self

    def remove(self) -> None:
        """Have it answer no more; nothing happens if it does not any more."""
        self._home.forget(self)

    def __str__(self) -> str:
        """As the call that makes it: ``when(json={'id': 7}, times=2)``."""
        asked = headline(self.conditions).removeprefix(", ").replace("request=", "", 1)
        return f"when({', '.join(part for part in (asked, str(self.selection)) if part)})"

    def __repr__(self) -> str:
        return f"<ScriptedRule {self} of {self._home.url} received={self._received}>"

    def is_met_by(self, request: OutboundRequest) -> bool:
        """Whether a request meets all conditions. What a predicate raises is a no."""
        return all(condition.is_met_by(request) for condition in self.conditions)

    def taken(self, seed: int) -> Script | None:
        """Count a delivery that meets it; its script as it was, if it is the one to answer."""
        self._met += 1
        name = f"{self._home.url} rule {self._number}"
        if not self.selection.chooses(
            self._met, self._received, lambda: chance(seed, name, self._met)
        ):
            return None
        self._received += 1
        script, self._script = self._script, self._script.after_one()
        return script

    def rewind(self) -> None:
        """Begin again with the first of its answers, and to count."""
        self._script = self._script.from_the_start()
        self._met = self._received = 0

    def standing(self) -> dict[str, object]:
        """How far it has got."""
        return {name: each for name, each in vars(self).items() if name not in _NOT_STATE}

    def at(self, home: "ScriptedDestination", standing: dict[str, object]) -> "ScriptedRule":
        """It, or one like it for another home, that goes on from there."""
        same = self._home is home
        rule = self if same else ScriptedRule(home, self.conditions, self.selection, self._number)
        vars(rule).update(standing)
        return rule
