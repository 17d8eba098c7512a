"""Settings that a publish may carry beyond the plain ones: limits, callbacks, what is hidden."""

from typing import TYPE_CHECKING, NamedTuple

from fakestash.model.outcomes import HeaderItems

if TYPE_CHECKING:
    from fakestash.syntax.cron import Cron
    from fakestash.syntax.retry_delay import RetryDelay


class FlowControl(NamedTuple):
    """The flow control of a message: the key of its limits, and the limits that it brings.

    ``parallelism`` caps the attempts in flight, ``rate`` those started in ``period`` (seconds);
    None is no such limit. At least one of the two is given.
    """

    key: str
    parallelism: int | None = None
    rate: int | None = None
    period: int = 1


class CallbackSettings(NamedTuple):
    """Where and how what came back is reported.

    ``retries`` None means those of the message reported on; ``timeout`` is ms, None the plan's
    longest; ``headers`` are the forwarded ones, with canonical names.
    """

    url: str
    method: str = "POST"
    headers: HeaderItems = ()
    retries: int | None = None
    retry_delay: "RetryDelay | None" = None
    timeout: int | None = None
    labels: tuple[str, ...] = ()
    flow_control: FlowControl | None = None


class Redaction(NamedTuple):
    """What of a message is shown only as a hash. ``headers`` are canonical names."""

    body: bool = False
    all_headers: bool = False
    headers: frozenset[str] = frozenset()


class Extras(NamedTuple):
    """What most messages do without: a place in a queue, limits, callbacks, where they come from.

    ``topic`` and ``endpoint`` (its name, if it has one) are those of a message that was fanned
    out to a URL group, ``schedule_id`` that of a fired one, ``publication_id`` that of the
    publication which it is a part of.
    """

    queue: str | None = None
    flow_control: FlowControl | None = None
    callback: CallbackSettings | None = None
    failure_callback: CallbackSettings | None = None
    redaction: Redaction | None = None
    topic: str | None = None
    endpoint: str | None = None
    schedule_id: str | None = None
    publication_id: str | None = None


NO_EXTRAS = Extras()


class CronSettings(NamedTuple):
    """When a schedule fires. ``schedule_id`` None lets the service choose one."""

    cron: "Cron"
    schedule_id: str | None = None
