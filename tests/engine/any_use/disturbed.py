"""A play under chaos: the listener is told what the log is silent on, and all else has to hold."""

from fakestash.engine.chaos import Chaos
from fakestash.model.outcomes import CLOSED_EARLY, Unreachable
from fakestash.syntax.disturbances import Disturbance, DisturbanceKind, Disturbances
from tests.engine.any_use.play import Play


class DisturbedPlay(Play):
    """A play whose deliveries are disturbed."""

    def __init__(self, chaos: Chaos, most_in_flight: int) -> None:
        super().__init__(most_in_flight=most_in_flight, chaos=chaos)
        self._chaos = chaos
        self._known = 0
        self.listener.catch_up = self._catch_up

    @property
    def happened(self) -> Disturbances:
        """What has been disturbed."""
        return self._chaos.happened()

    def let_start(self) -> None:
        self.driver.run_until_idle()

    def _catch_up(self) -> None:
        done = self._chaos.done
        while self._known < len(done):
            self._known += 1
            self._tell(done[self._known - 1])

    def _tell(self, disturbance: Disturbance) -> None:
        told = self.messages[disturbance.message - 1]
        if disturbance.kind is DisturbanceKind.LOST:
            assert told.in_flight
            told.answer = Unreachable(CLOSED_EARLY)
            return
        assert told.end is None
        assert not told.asked
        since = told.planned
        if disturbance.kind is DisturbanceKind.TWICE:
            assert told.in_flight
            assert told.answer_at is not None
            since = told.answer_at
            self.repeated += 1
            told.in_flight, told.answer_at = False, None
            told.attempts -= 1
            told.history = told.history[:-1]
            if told.key is not None:
                told.key.in_flight.discard(told.id)
        else:
            assert told.line is None or told.has_started, "put off before its turn in its queue"
        assert told.message.due_at == since + disturbance.millis
        told.planned, told.planned_as = told.message.due_at, len(self.listener.heard)
