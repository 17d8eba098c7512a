"""What is kept for one user: plain dicts and lists. Users never see each other's."""

from urllib.parse import urlsplit

from fakestash.engine.deduplication import Deduplication
from fakestash.engine.log_index import LogIndex
from fakestash.engine.notes import Notes
from fakestash.engine.places import Gate, GlobalLimit, Lane
from fakestash.engine.schedule_record import ScheduleRecord
from fakestash.engine.user_log import UserLog
from fakestash.model.messages import DeadLetter, Message, Publication
from fakestash.model.resources import UrlGroup
from fakestash.model.users import SigningKeys, User


class Account:
    """The data of one user.

    ``messages`` holds every message by id, finished ones too, because the log refers to them;
    ``log`` is in order of time and sequence; ``dead_letters`` is in order of failure. ``reported``
    leads from a callback that has not ended to the message that it reports on, and
    ``open_callbacks`` counts those of a message.
    """

    def __init__(
        self, user: User, global_parallelism: int, *, limits_by_host: bool = False
    ) -> None:
        self.user = user
        self.keys: SigningKeys = user.keys
        self.messages: dict[str, Message] = {}
        self.body_bytes = 0
        """The size of the bodies of all messages."""
        self.room_sought_at = 0
        """Length of the log from which on it is worth looking for messages that make room."""
        self.log = UserLog()
        self.log_checked_at = 0
        """Length of the log from which on it is looked through for expired entries."""
        self.log_index = LogIndex()
        self.notes = Notes()
        self.dead_letters: dict[str, DeadLetter] = {}
        self.last_dead_letter: DeadLetter | None = None
        self.lanes: dict[str, Lane] = {}
        self.gates: dict[str, Gate] = {}
        self.global_limit = GlobalLimit(global_parallelism)
        self.host_limits: dict[str, GlobalLimit] | None = {} if limits_by_host else None
        """What stands in for it, if each host is to have a limit of its own; only those in use."""
        self.groups: dict[str, UrlGroup] = {}
        self.schedules: dict[str, ScheduleRecord] = {}
        self.deduplication = Deduplication()
        self.publications: dict[str, Publication] = {}
        self.reported: dict[str, Message] = {}
        self.open_callbacks: dict[str, int] = {}
        self.messages_today: tuple[int, int] = (0, 0)
        """A day (counted from 1970 on, UTC) and how many messages were made on it."""
        self.calls_this_second: tuple[int, int] = (0, 0)
        """A second (unix) and how many management calls came in it."""

    def limit_of(self, message: Message) -> GlobalLimit:
        """The limit that attempts of ``message`` count for."""
        if self.host_limits is None:
            return self.global_limit
        host = _host_of(message)
        limit = self.host_limits.get(host)
        if limit is None:
            limit = self.host_limits[host] = GlobalLimit(self.global_limit.maximum)
        return limit

    @property
    def limits(self) -> tuple[GlobalLimit, ...]:
        """All limits of attempts in flight that are in use."""
        return (self.global_limit, *(self.host_limits or {}).values())

    def leave_limit(self, message: Message) -> None:
        """Forget the limit of a host for which nothing is in flight or waits any more."""
        if self.host_limits is not None:
            self.host_limits.pop(_host_of(message), None)


def _host_of(message: Message) -> str:
    return urlsplit(message.command.url).netloc.lower()
