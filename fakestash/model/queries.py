"""What lists can be asked for: filters, order, cursor, count; and a page of the answer."""

from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar
from urllib.parse import urlsplit

from fakestash.model.logs import LogState
from fakestash.model.messages import Message

Row = TypeVar("Row")


class Page(NamedTuple, Generic[Row]):
    """Rows of a list, and the cursor of the last one if more follow."""

    rows: tuple[Row, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFilter:
    """Tests on a message: OR inside a field, AND between fields; an empty field tests nothing.

    ``absent`` is set when something was asked of a property that no message can have, so that
    nothing matches.
    """

    message_ids: frozenset[str] | None = None
    urls: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()
    paths: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    caller_ips: frozenset[str] = frozenset()
    absent: bool = False

    def matches(self, message: Message, caller_ip: str) -> bool:
        """Whether ``message``, seen with this caller's address, passes."""
        command = message.command
        return (
            not self.absent
            and (self.message_ids is None or message.id in self.message_ids)
            and (not self.urls or command.url in self.urls)
            and (not self.caller_ips or caller_ip in self.caller_ips)
            and (not self.labels or not self.labels.isdisjoint(command.labels))
            and (not (self.hosts or self.paths) or self._place_matches(command.url))
        )

    def _place_matches(self, url: str) -> bool:
        """Host and path of the destination; a host without port matches any port (D46).

        Hosts are compared in lower case; no path is the path ``/``, as it is shown in the log.
        """
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2].lower()
        return (not self.hosts or host in self.hosts or parts.hostname in self.hosts) and (
            not self.paths or (parts.path or "/") in self.paths
        )


class RowId(NamedTuple):
    """The id of a log entry or dead letter, ``<unix ms>-<sequence>``, also used as cursor (D23)."""

    at: int
    sequence: int


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
    """A question to the log."""

    paging: Paging
    filter: MessageFilter = MessageFilter()
    states: frozenset[LogState] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterQuery:
    """A question to the dead letter queue."""

    paging: Paging
    filter: MessageFilter = MessageFilter()
    dlq_ids: frozenset[str] = frozenset()
    response_statuses: frozenset[int] = frozenset()
