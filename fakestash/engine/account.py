"""What is kept for one user: plain dicts and lists. Users never see each other's."""

from fakestash.model.logs import LogEntry
from fakestash.model.messages import DeadLetter, Message
from fakestash.model.users import SigningKeys, User


class Account:
    """The data of one user.

    ``messages`` holds every message by id, finished ones too, because the log refers to them;
    ``log`` is in order of time and sequence; ``dead_letters`` is in order of failure.
    """

    def __init__(self, user: User) -> None:
        self.user = user
        self.keys: SigningKeys = user.keys
        self.messages: dict[str, Message] = {}
        self.log: list[LogEntry] = []
        self.dead_letters: dict[str, DeadLetter] = {}
        self.last_dead_letter: DeadLetter | None = None
