"""What was delivered: every attempt as its destination saw it, and what came back."""

from datetime import datetime

from fakestash.delivery.doctor.diagnosis import Diagnosis, diagnose
from fakestash.delivery.headers import Headers
from fakestash.delivery.outbound import OutboundRequest
from fakestash.delivery.records import MessageRecords
from fakestash.model.outcomes import Outcome, Responded, error_text, is_delivered
from fakestash.syntax.moments import datetime_of


class Delivery(OutboundRequest):
    """One delivery attempt: the request, and the outcome once it is there.

    A destination gets it as the request that it is: there is one object for each attempt.
    """

    __slots__ = ()

    @property
    def request(self) -> OutboundRequest:
        """The request by itself."""
        return self

    @property
    def outcome(self) -> Outcome | None:
        """What came of it, as the log has it; None as long as no answer counts.

        What the destination said is not enough: an answer may come too late, or later.
        """
        return self.attempt.outcome

    @property
    def answer_was_lost(self) -> bool:
        """Whether chaos had its answer, that of a success, get lost: another delivery follows."""
        loss = self.attempt.loss
        return loss is not None and loss.answer is not None

    @property
    def at(self) -> datetime:
        """The instant at which the attempt started, on the fake's clock."""
        return datetime_of(self.attempt.started_at)

    @property
    def status(self) -> int | None:
        """The status of the answer; None if there was none (yet)."""
        outcome = self.outcome
        return outcome.status if isinstance(outcome, Responded) else None

    @property
    def response_headers(self) -> Headers:
        """The headers of the answer; empty if there was none."""
        outcome = self.outcome
        return Headers(outcome.headers if isinstance(outcome, Responded) else ())

    @property
    def response_body(self) -> bytes:
        """The body of the answer; empty if there was none."""
        outcome = self.outcome
        return outcome.body if isinstance(outcome, Responded) else b""

    @property
    def error(self) -> str | None:
        """Why the attempt failed, in the service's words; None if it did not (yet)."""
        outcome = self.outcome
        return None if outcome is None or is_delivered(outcome) else error_text(outcome)

    @property
    def exception(self) -> BaseException | None:
        """What the destination's own code raised, with its traceback."""
        outcome = self.outcome
        return None if outcome is None else outcome.exception

    @property
    def diagnosis(self) -> Diagnosis | None:
        """Why the app refused it, if that has to do with its signature, or may have.

        None if it was not refused, or failed for reasons of the app's own.
        """
        outcome = self.outcome
        return None if outcome is None else diagnose(self, outcome)

    def __repr__(self) -> str:
        came_back = self.error or self.status or "no answer yet"
        return f"<Delivery {self.method} {self.url} retried={self.retried} -> {came_back}>"


class Deliveries(MessageRecords[Delivery]):
    """Deliveries in the order in which they were made; answers show in them once they count."""

    __slots__ = ()
