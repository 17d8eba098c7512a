"""What a test can ask of the fake: what there is, and what happened."""

from fakestash.delivery.journal import Deliveries
from fakestash.testing.chronicle import render
from fakestash.testing.logs import Logs, log_view
from fakestash.testing.messages import Messages, message_view
from fakestash.testing.parts import Parts
from fakestash.testing.resources import (
    FlowControlKeys,
    Queues,
    Schedules,
    flow_control_view,
    queue_view,
    schedule_view,
)
from fakestash.testing.troubles import troubles
from fakestash.testing.views import DeadLetter, DeadLetters


class Questions(Parts):
    """What there is and what happened so far, as it stands when it is asked for."""

    @property
    def deliveries(self) -> Deliveries:
        """Every delivery attempt of the default user's messages so far, in order."""
        return self._courier.deliveries_of(self._user.id)

    @property
    def delivery_count(self) -> int:
        """How many of them were made, also if they are not remembered any more."""
        return self._courier.count_of(self._user.id)

    @property
    def dead_letters(self) -> DeadLetters:
        """The dead letter queue of the default user, in order of failure."""
        return DeadLetters(
            DeadLetter(letter) for letter in self.engine.all_dead_letters(self._user.id)
        )

    @property
    def messages(self) -> Messages:
        """The messages of the default user as they stand, in the order they were accepted.

        Those that have ended stay for as long as the log keeps them.
        """
        journal = self.deliveries
        return Messages(
            message_view(message, journal) for message in self.engine.all_messages(self._user.id)
        )

    @property
    def schedules(self) -> Schedules:
        """The schedules of the default user as they stand, in the order they were made."""
        return Schedules(map(schedule_view, self.engine.schedules.list(self._user.id)))

    @property
    def queues(self) -> Queues:
        """The queues of the default user as they stand, in the order they came to be."""
        return Queues(map(queue_view, self.engine.queues.list(self._user.id)))

    @property
    def flow_control(self) -> FlowControlKeys:
        """The flow control keys of the default user as they stand, by name."""
        return FlowControlKeys(map(flow_control_view, self.engine.flow_control.list(self._user.id)))

    @property
    def logs(self) -> Logs:
        """The log of the default user, earliest line first."""
        return Logs(map(log_view, self.engine.whole_log(self._user.id)))

    def troubles(self, *, told: str = "", raised: BaseException | None = None) -> str:
        """What went wrong in apps: why they refused deliveries, and what they raised, as text.

        It is about deliveries of all users: what an app raised is never to be overlooked.

        Args:
            told: what has been told already; refusals in it are left out.
            raised: an exception that has been shown already.
        """
        return troubles(self._courier.deliveries, told, raised)

    def timeline(self) -> str:
        """What happened to each message so far, as text."""
        notes = self.engine.stories.notes(self._user.id)
        return render(self.engine.whole_log(self._user.id), self._start, notes=notes)
