"""Beginning again: a fake as it was made, with the destinations that it has by now."""

from fakestash.clock import VirtualClock
from fakestash.delivery.courier import Courier
from fakestash.engine.chaos import Chaos
from fakestash.errors import UsageError, shown_where_it_was_made
from fakestash.ids import Ids
from fakestash.syntax.moments import InstantLike, instant_of
from fakestash.testing.branches import CHANGING
from fakestash.testing.parts import Parts

__tracebackhide__ = shown_where_it_was_made


class Beginnings(Parts):
    """Going back to the beginning."""

    def reset(self, *, start: InstantLike | None = None, seed: int | None = None) -> None:
        """Forget all but destinations: messages, schedules, queues, log, keys, journal, faults.

        Mounted apps stay, and know nothing of it; scripts begin again with their first answers.

        Args:
            start: where the clock starts; where it did if None.
            seed: what ids are made from; what they were made from if None.

        Raises:
            UsageError: on a bad value; from inside a delivery, or while a destination is being
                called.
        """
        if seed is not None and type(seed) is not int:
            raise UsageError(f"seed must be a whole number, got {seed!r}")
        begun = self._start if start is None else instant_of(start, name="start")
        with self._driver.turn("reset"):
            empty = self.engine.another(VirtualClock(begun))
            journal = Courier(self._router, region="").journal
            plan = self._chaos_plan
            chaos = None if plan is None else Chaos(plan)
            state = empty.states.take(journal)._replace(ids=self._ids(seed), chaos=chaos)
            self._courier.journal = self.engine.states.put_back(state, CHANGING)
            self._start = begun
            self._letters_seen.clear()
            self.strictness.clear()
            self.faults.begin_again(self._seed if seed is None else seed)
            for destination in self._scripted.values():
                destination.rewind(self._seed if seed is None else seed)

    def _ids(self, seed: int | None) -> Ids:
        """A new source of ids."""
        return Ids(self._seed if seed is None else seed)
