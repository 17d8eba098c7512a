"""What is kept beside messages, as it stands at one instant: immutable copies for readers.

Instants are unix ms unless said otherwise.
"""

from typing import TYPE_CHECKING, NamedTuple

from fakestash.model.messages import Message, PublishCommand

if TYPE_CHECKING:
    from fakestash.syntax.cron import Cron


class QueueStatus(NamedTuple):
    """A queue. ``lag`` counts its messages that have not ended, active ones included (D48)."""

    created_at: int
    updated_at: int
    name: str
    parallelism: int
    lag: int
    paused: bool


class Endpoint(NamedTuple):
    """One destination of a URL group; most have no name. Version 1 of the API knows it by ``id``.

    The id is empty as long as the endpoint is not stored.
    """

    url: str
    name: str | None = None
    id: str = ""


class UrlGroup(NamedTuple):
    """A URL group ("topic" on the wire). ``headers`` are the defaults of publishes to it.

    Their names and values are as they were set, in order. Version 1 of the API knows the group by
    ``id`` too.
    """

    created_at: int
    updated_at: int
    name: str
    endpoints: tuple[Endpoint, ...]
    headers: tuple[tuple[str, tuple[str, ...]], ...] = ()
    id: str = ""


class FlowControlStatus(NamedTuple):
    """The limits of one flow control key and how far they are used.

    ``rate_period`` is seconds, ``rate_period_start`` unix seconds; 0 is no limit or no period.
    """

    key: str
    wait_list_size: int
    parallelism_max: int
    parallelism_count: int
    rate_max: int
    rate_count: int
    rate_period: int
    rate_period_start: int
    is_paused: bool
    is_pinned_parallelism: bool
    is_pinned_rate: bool


class GlobalParallelism(NamedTuple):
    """How many attempts of a user may be in flight at once, and how many are."""

    maximum: int
    in_flight: int


class Schedule(NamedTuple):
    """A schedule. ``destination`` is as it was given: a URL or the name of a URL group.

    ``command`` is what it publishes; ``last_messages`` are those of its last firing.
    """

    id: str
    created_at: int
    destination: str
    command: PublishCommand
    cron: "Cron"
    is_paused: bool
    last_at: int | None
    next_at: int | None
    last_messages: tuple[Message, ...]
    error: str | None


class EndpointRef(NamedTuple):
    """Which endpoint of a URL group is meant: by name, by URL, or by both."""

    name: str | None = None
    url: str | None = None
