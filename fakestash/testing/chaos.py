"""Chaos as a test sees it: how it is asked for, what it did, and what that came to."""

import re
from collections.abc import Iterator
from typing import Final

from fakestash.delivery.journal import Delivery
from fakestash.engine.chaos import Plan, Seeded
from fakestash.errors import UsageError, shown_where_it_was_made
from fakestash.matching.words import clock_text
from fakestash.model.outcomes import outcome_text
from fakestash.syntax.disturbances import Disturbances
from fakestash.testing.parts import Parts

__tracebackhide__ = shown_where_it_was_made

_SEED: Final = re.compile(r"\d{1,18}", re.ASCII)


def chaos_of(chaos: object, seed: object) -> Plan | None:
    """What disturbs the deliveries of a fake; None if nothing does.

    Raises:
        UsageError: if both are given, or one cannot be read.
    """
    if type(seed) is not int or seed < 0:
        raise UsageError(f"chaos_seed must be a whole number from 0 on, got {seed!r}")
    if not isinstance(chaos, str | Disturbances):
        raise UsageError(
            f"chaos must be text such as 'deliver #3 twice', or Disturbances, got {chaos!r}; a "
            "seed is given as chaos_seed"
        )
    given = Disturbances(chaos)
    if given and seed:
        raise UsageError(
            f"chaos={str(given)!r} says all that happens, and chaos_seed={seed} would make more: "
            "give one of them"
        )
    if given:
        return given
    return Seeded(seed) if seed else None


def chaos_of_text(text: str) -> Plan | None:
    """The same from one text: a seed, or disturbances.

    Raises:
        UsageError: if it is neither.
    """
    if _SEED.fullmatch(text):
        return Seeded(int(text)) if int(text) else None
    return Disturbances(text) or None


class Chaos(Parts):
    """Deliveries that come twice, late, or out of order."""

    @property
    def disturbances(self) -> Disturbances:
        """What has been disturbed so far; the same again is ``FakeQStash(chaos=...)``."""
        chaos = self.engine.chaos
        return Disturbances() if chaos is None else chaos.happened()

    def explain_chaos(self) -> str:
        """What has been disturbed so far, and which deliveries repeat others, as text."""
        chaos = self.engine.chaos
        if chaos is None or not chaos.done:
            return "nothing was disturbed"
        deliveries = list(self._courier.deliveries_of(self._user.id))
        lines = [f"disturbed: {chaos.happened()}"]
        for place, delivery in enumerate(deliveries):
            number = chaos.number_of(delivery.message_id)
            if delivery.answer_was_lost and number is not None:
                lines.append(f"  #{number} {delivery.method} {delivery.url}")
                lines += [f"    {line}" for line in self._pair(deliveries, place)]
        return "\n".join(lines)

    def _pair(self, deliveries: list[Delivery], place: int) -> Iterator[str]:
        """A delivery whose answer was lost, and the one that followed."""
        first = deliveries[place]
        loss = first.attempt.loss
        answer = "" if loss is None or loss.answer is None else f" {outcome_text(loss.answer)}"
        yield f"{self._call(first, place)}: its answer{answer} was lost"
        for later in range(place + 1, len(deliveries)):
            second = deliveries[later]
            if second.message_id == first.message_id:
                yield f"{self._call(second, later)}: the second one, for the same message"
                return
        yield "the second one has not come yet"

    def _call(self, delivery: Delivery, place: int) -> str:
        at = clock_text(delivery.at, self._start)
        return f"qstash.deliveries[{place}] at {at}, Upstash-Retried {delivery.retried}"
