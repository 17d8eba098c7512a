"""Dead letters as a test reads them."""

import json
from datetime import datetime
from typing import Any

from fakestash.delivery.headers import Headers
from fakestash.delivery.records import MessageRecords
from fakestash.engine.dead_letters import response_status
from fakestash.model.messages import DeadLetter as Letter
from fakestash.model.outcomes import Responded, error_text
from fakestash.syntax.moments import datetime_of


class DeadLetter:
    """A message that failed for good, with the last answer."""

    __slots__ = ("_letter",)

    def __init__(self, letter: Letter) -> None:
        self._letter = letter

    @property
    def dlq_id(self) -> str:
        """The entry's id in the dead letter queue."""
        return self._letter.dlq_id

    @property
    def message_id(self) -> str:
        """The id of the message."""
        return self._letter.message.id

    @property
    def url(self) -> str:
        """The destination, exactly as published."""
        return self._letter.message.command.url

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self._letter.message.command.method

    @property
    def headers(self) -> Headers:
        """The headers that were forwarded with the message."""
        return Headers(self._letter.message.command.headers)

    @property
    def body(self) -> bytes:
        """The body of the message."""
        return self._letter.message.command.body

    @property
    def at(self) -> datetime:
        """The instant of the failure, on the fake's clock."""
        return datetime_of(self._letter.at)

    @property
    def retried(self) -> int:
        """How many retries were made."""
        return self._letter.message.retried

    @property
    def response_status(self) -> int:
        """The status of the last answer; 0 if there was none."""
        return response_status(self._letter)

    @property
    def response_headers(self) -> Headers:
        """The headers of the last answer; empty if there was none."""
        outcome = self._letter.message.outcome
        return Headers(outcome.headers if isinstance(outcome, Responded) else ())

    @property
    def response_body(self) -> bytes:
        """The body of the last answer; empty if there was none."""
        outcome = self._letter.message.outcome
        return outcome.body if isinstance(outcome, Responded) else b""

    @property
    def error(self) -> str:
        """Why the last attempt failed, in the service's words."""
        outcome = self._letter.message.outcome
        return "" if outcome is None else error_text(outcome)

    @property
    def exception(self) -> BaseException | None:
        """What the destination's own code raised in the last attempt."""
        outcome = self._letter.message.outcome
        return None if outcome is None else outcome.exception

    def json(self) -> Any:  # noqa: ANN401 - whatever the JSON holds
        """The body of the message, read as JSON."""
        return json.loads(self.body)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DeadLetter) and self._letter == other._letter

    def __hash__(self) -> int:
        return hash(self._letter)

    def __repr__(self) -> str:
        return f"<DeadLetter {self.dlq_id} {self.method} {self.url}: {self.error}>"


class DeadLetters(MessageRecords[DeadLetter]):
    """Dead letters in the order of their failure."""

    __slots__ = ()
