"""What lists can be asked for: filters, order, cursor, count; and a page of the answer."""

from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar
from urllib.parse import urlsplit

from fakestash.model.logs import LogEntry, LogState
from fakestash.model.messages import Message
from fakestash.model.settings import Extras

Row = TypeVar("Row")


class Page(NamedTuple, Generic[Row]):
    """Rows of a list, and the cursor of the last one if more follow."""

    rows: tuple[Row, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFilter:
    """Tests on a message: OR inside a field, AND between fields; an empty field tests nothing."""

    message_ids: frozenset[str] | None = None
    urls: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()
    paths: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    caller_ips: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    schedule_ids: frozenset[str] = frozenset()
    queues: frozenset[str] = frozenset()
    flow_control_keys: frozenset[str] = frozenset()

    def matches(self, message: Message, caller_ip: str) -> bool:
        """Whether ``message``, seen with this caller's address, passes."""
        command = message.command
        return (
            (self.message_ids is None or message.id in self.message_ids)
            and (not self.urls or command.url in self.urls)
            and (not self.caller_ips or caller_ip in self.caller_ips)
            and (not self.labels or not self.labels.isdisjoint(command.labels))
            and (not (self.hosts or self.paths) or self._place_matches(command.url))
            and self._extras_match(command.extras)
        )

    def _extras_match(self, extras: Extras) -> bool:
        control = extras.flow_control
        return (
            (not self.topics or extras.topic in self.topics)
            and (not self.schedule_ids or extras.schedule_id in self.schedule_ids)
            and (not self.queues or extras.queue in self.queues)
            and (
                not self.flow_control_keys
                or (control is not None and control.key in self.flow_control_keys)
            )
        )

    def _place_matches(self, url: str) -> bool:
        """Host and path of the destination; a host without port matches any port (D46).

        Hosts are compared in lower case; no path is the path ``/``, as it is shown in the log.
        """
        return (not self.hosts or not self.hosts.isdisjoint(hosts_of(url))) and (
            not self.paths or path_of(url) in self.paths
        )


def hosts_of(url: str) -> frozenset[str]:
    """What the host of a URL can be called in a filter: with its port, and without (D46)."""
    parts = urlsplit(url)
    return frozenset({parts.netloc.rpartition("@")[2].lower(), parts.hostname or ""})


def path_of(url: str) -> str:
    """The path of a URL as it is shown in the log."""
    return urlsplit(url).path or "/"


class RowId(NamedTuple):
    """The id of a log entry or dead letter, ``<unix ms>-<sequence>``, also used as cursor (D23)."""

    at: int
    sequence: int

    @property
    def text(self) -> str:
        """As it stands on the wire."""
        return f"{self.at}-{self.sequence}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """Which part of a list: instants (unix ms, inclusive), order, start after, largest count."""

    count: int
    from_at: int | None = None
    to_at: int | None = None
    after: RowId | None = None
    earliest_first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LogQuery:
    """A question to the log.

    ``is_grouped`` asks for messages with their events; ``trim_body`` (bytes) has bodies cut, None
    leaves them whole, 0 leaves them out.
    """

    paging: Paging
    filter: MessageFilter = MessageFilter()
    states: frozenset[LogState] = frozenset()
    is_grouped: bool = False
    trim_body: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterQuery:
    """A question to the dead letter queue."""

    paging: Paging
    filter: MessageFilter = MessageFilter()
    dlq_ids: frozenset[str] = frozenset()
    response_statuses: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelQuery:
    """Which messages to cancel: the earliest ``count`` of those that match, None is all.

    ``from_at`` and ``to_at`` (unix ms, inclusive) are instants of creation.
    """

    filter: MessageFilter = MessageFilter()
    from_at: int | None = None
    to_at: int | None = None
    count: int | None = None


class MessageLog(NamedTuple):
    """One message's entries of the log, latest first. Groups are ordered by their newest."""

    message: Message
    entries: tuple[LogEntry, ...]


class Pin(NamedTuple):
    """Limits to pin on a flow control key; None leaves that one as it is. ``period`` is seconds."""

    parallelism: int | None = None
    rate: int | None = None
    period: int = 1


class Deleted(NamedTuple):
    """How many rows were removed, and the cursor of the last if more follow."""

    number: int
    cursor: str | None
