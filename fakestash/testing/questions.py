"""What a test can ask of the fake, and what it can insist on."""

from fakestash.delivery.journal import Deliveries
from fakestash.errors import shown_where_it_was_made
from fakestash.testing.assertions import ANYTHING, find_delivered
from fakestash.testing.chronicle import render
from fakestash.testing.parts import Parts
from fakestash.testing.views import DeadLetter, DeadLetters

__tracebackhide__ = shown_where_it_was_made


class Questions(Parts):
    """What happened so far."""

    @property
    def deliveries(self) -> Deliveries:
        """Every delivery attempt so far, in order."""
        return self._courier.deliveries

    @property
    def dead_letters(self) -> DeadLetters:
        """The dead letter queue of the default user, in order of failure."""
        return DeadLetters(
            DeadLetter(letter) for letter in self.engine.all_dead_letters(self._user.id)
        )

    def assert_delivered(
        self,
        url: str,
        *,
        times: int | None = None,
        method: str | None = None,
        body: bytes | str | None = None,
        json: object = ANYTHING,
        headers: dict[str, str] | None = None,
    ) -> Deliveries:
        """The deliveries to ``url`` that meet every condition given.

        Raises:
            AssertionError: if there is none, or their number is not ``times``.
        """
        return find_delivered(
            self.deliveries,
            url,
            times=times,
            method=method,
            body=body,
            json=json,
            headers=headers,
            story=self.timeline(),
        )

    def timeline(self) -> str:
        """What happened to each message so far, as text."""
        return render(self.engine.whole_log(self._user.id), self._start)
