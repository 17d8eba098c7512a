"""A schedule as the engine keeps it: what it publishes, when, and what its last firing made."""

from dataclasses import dataclass, field

from fakestash.model.messages import Message, PublishRequest
from fakestash.model.resources import Schedule
from fakestash.syntax.cron import Cron
from fakestash.timeline import Timer


@dataclass(slots=True, eq=False)
class ScheduleRecord:
    """One schedule. Instants are unix ms; ``timer`` is that of the next firing."""

    id: str
    created_at: int
    request: PublishRequest
    cron: Cron
    is_paused: bool = False
    last_at: int | None = None
    next_at: int | None = None
    last_messages: tuple[Message, ...] = ()
    error: str | None = None
    timer: Timer | None = field(default=None, repr=False)

    @property
    def destination(self) -> str:
        """As it was given: a URL, or the name of a URL group."""
        return self.request.group or self.request.command.url

    def status(self) -> Schedule:
        """How it stands now."""
        return Schedule(
            id=self.id,
            created_at=self.created_at,
            destination=self.destination,
            command=self.request.command,
            cron=self.cron,
            is_paused=self.is_paused,
            last_at=self.last_at,
            next_at=self.next_at,
            last_messages=self.last_messages,
            error=self.error,
        )
