"""Which deliveries are disturbed, and how: by a schedule that is given, or by a seed.

What happens to an attempt depends on the seed, the number of its message and its own number alone:
not on what was drawn before, nor on how time is moved. So the same seed does the same in one jump
and in many small ones, and a part of what it did can be done again without the rest.
"""

from typing import Final, Protocol

from fakestash.ids import drawn
from fakestash.model.messages import Loss, Message
from fakestash.syntax.disturbances import Disturbance, DisturbanceKind, Disturbances

LONGEST_MS: Final = 10_000
"""So long a seed has an attempt be late, or the same request come again."""

_TIMES_MS: Final = (0, 1_000, 2_000, 4_000, LONGEST_MS)
_THOROUGH: Final = 3
"""So many seeds do one thing to all messages."""

_KINDS: Final = tuple(DisturbanceKind)
_FIRST_ATTEMPTS: Final = 2
_LATER_ATTEMPTS: Final = 4
"""Of so many attempts a seed disturbs one."""


class Plan(Protocol):
    """Says what happens to which attempt."""

    def find(self, message: int, attempt: int, *, of_the_answer: bool) -> Disturbance | None:
        """What happens to this attempt of this message, at its end or before its start."""
        ...


class Seeded:
    """What a seed says.

    The first ones do one thing to the first attempt of all messages, so that what most handlers
    get wrong is found at once: 1 delivers all twice, 2 loses all answers, 3 has every other one
    overtaken. From 4 on all kinds are mixed.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def find(self, message: int, attempt: int, *, of_the_answer: bool) -> Disturbance | None:
        """What happens to this attempt of this message, at its end or before its start."""
        found = self._thorough(message, attempt) or self._mixed(message, attempt)
        return found if found is not None and found.is_of_the_answer is of_the_answer else None

    def _thorough(self, message: int, attempt: int) -> Disturbance | None:
        if attempt == 1:
            match self.seed:
                case 1:
                    return Disturbance(message, attempt, DisturbanceKind.TWICE)
                case 2:
                    return Disturbance(message, attempt, DisturbanceKind.LOST)
                case 3 if message % 2:
                    return Disturbance(message, attempt, DisturbanceKind.OVERTAKEN)
                case _:
                    pass
        return None

    def _mixed(self, message: int, attempt: int) -> Disturbance | None:
        key = (self.seed, message, attempt)
        one_of = _FIRST_ATTEMPTS if attempt == 1 else _LATER_ATTEMPTS
        if self.seed <= _THOROUGH or drawn(one_of, *key, "whether"):
            return None
        kind = _KINDS[drawn(len(_KINDS), *key, "kind")]
        if kind is DisturbanceKind.TWICE:
            return Disturbance(*key[1:], kind, _TIMES_MS[drawn(len(_TIMES_MS), *key, "time")])
        if kind is DisturbanceKind.LATE:
            times = _TIMES_MS[1:]
            return Disturbance(*key[1:], kind, times[drawn(len(times), *key, "time")])
        return Disturbance(*key[1:], kind)


class Chaos:
    """The disturbances of one world: what is to happen, and what has.

    Messages that were made before it began have no number, and nothing happens to them.
    ``done`` has those that happened, in order. One that cannot happen is passed over: nobody is
    overtaken in a queue, and no answer gets lost that would be the last one.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._numbers: dict[str, int] = {}
        self._decided: set[tuple[int, int, bool]] = set()
        self.done: list[Disturbance] = []

    def another(self) -> "Chaos":
        """One with the same plan, to which nothing has happened."""
        return Chaos(self.plan)

    def number(self, message: Message) -> None:
        """A message is made: it has the next number."""
        self._numbers[message.id] = len(self._numbers) + 1

    def number_of(self, message_id: str) -> int | None:
        """The number of a message; None if it was made before this began."""
        return self._numbers.get(message_id)

    def messages(self) -> dict[int, str]:
        """The ids of the messages, by their numbers."""
        return {number: message_id for message_id, number in self._numbers.items()}

    def before_start(self, message: Message) -> Disturbance | None:
        """What happens to the next attempt of a message before it starts; told once."""
        return self._decide(message, message.attempts + 1, of_the_answer=False)

    def loss(self, message: Message) -> Loss | None:
        """Whether the answer to the attempt that starts gets lost; told once."""
        found = self._decide(message, message.attempts + 1, of_the_answer=True)
        if found is None:
            return None
        return Loss(found.millis if found.kind is DisturbanceKind.TWICE else None)

    def has_lost(self, message: Message, number: int, loss: Loss) -> None:
        """The answer to attempt ``number`` (from 0) got lost."""
        if loss.again_after is None:
            kind, millis = DisturbanceKind.LOST, 0
        else:
            kind, millis = DisturbanceKind.TWICE, loss.again_after
        self.done.append(Disturbance(self._numbers[message.id], number + 1, kind, millis))

    def happened(self) -> Disturbances:
        """What happened so far."""
        return Disturbances(self.done)

    def _decide(self, message: Message, attempt: int, *, of_the_answer: bool) -> Disturbance | None:
        number = self._numbers.get(message.id)
        if number is None:
            return None
        key = (number, attempt, of_the_answer)
        if key in self._decided:
            return None
        self._decided.add(key)
        return self.plan.find(number, attempt, of_the_answer=of_the_answer)
