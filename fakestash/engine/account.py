"""What is kept for one user: plain dicts and lists. Users never see each other's."""

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

    def __init__(self, user: User, global_parallelism: int) -> None:
        self.user = user
        self.keys: SigningKeys = user.keys
        self.messages: dict[str, Message] = {}
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
