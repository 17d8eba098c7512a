"""What most publishes do without: a queue, limits, callbacks, deduplication, a schedule.

A publish is looked at here only if it names one of these.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from fakestash import refusals
from fakestash.model.settings import NO_EXTRAS, CronSettings, Extras
from fakestash.syntax import cron as cron_syntax
from fakestash.syntax.cron import CronError
from fakestash.wire import settings as values
from fakestash.wire.callbacks import CALLBACK, FAILURE_CALLBACK, read_callback, with_changes
from fakestash.wire.fields import SETTING, Fields
from fakestash.wire.flow_control import KEY, VALUE, flow_control
from fakestash.wire.redact_fields import redaction
from fakestash.wire.values import readable

_DELAY: Final = b"upstash-delay"
_NOT_BEFORE: Final = b"upstash-not-before"
_REDACT: Final = b"upstash-redact-fields"
QUEUE: Final = b"upstash-queue-name"
_CRON: Final = b"upstash-cron"
SCHEDULE_ID: Final = b"upstash-schedule-id"
DEDUPLICATION_ID: Final = b"upstash-deduplication-id"
_CONTENT_DEDUPLICATION: Final = b"upstash-content-based-deduplication"

SPECIAL: Final = frozenset(
    {
        _REDACT,
        QUEUE,
        _CRON,
        DEDUPLICATION_ID,
        _CONTENT_DEDUPLICATION,
        SETTING + KEY,
        SETTING + VALUE,
        CALLBACK.header,
        FAILURE_CALLBACK.header,
    }
)
_SPECIAL_PREFIXES: Final = (CALLBACK.prefix, FAILURE_CALLBACK.prefix)


class Special(NamedTuple):
    """What most publishes do without, ready for their command and their request."""

    extras: Extras
    deduplication_id: str | None = None
    is_content_deduplicated: bool = False
    cron: CronSettings | None = None


NOTHING_SPECIAL: Final = Special(NO_EXTRAS)


def is_special(settings: Mapping[bytes, bytes]) -> bool:
    """Whether anything of this was sent."""
    return any(name in SPECIAL or name.startswith(_SPECIAL_PREFIXES) for name in settings)


def read_special(fields: Fields) -> Special:
    """What most publishes do without."""
    settings = fields.settings
    cron = read_cron(settings) if _CRON in settings else None
    if cron is not None:
        for name in (_NOT_BEFORE, DEDUPLICATION_ID, _CONTENT_DEDUPLICATION):
            settings.pop(name, None)
    extras = own_extras(settings)._replace(
        callback=with_changes(None, read_callback(CALLBACK, fields)),
        failure_callback=with_changes(None, read_callback(FAILURE_CALLBACK, fields)),
    )
    if extras.queue is not None and cron is None:
        refuse_delay(settings)
    deduplication_id, is_content_deduplicated = read_deduplication(settings)
    # The constant itself where nothing was sent, which is quick to tell.
    extras = NO_EXTRAS if extras == NO_EXTRAS else extras
    return Special(extras, deduplication_id, is_content_deduplicated, cron)


def own_extras(settings: Mapping[bytes, bytes]) -> Extras:
    """The extras without the callbacks."""
    queue = settings.get(QUEUE)
    hidden = settings.get(_REDACT)
    return Extras(
        queue=None if queue is None else values.name(readable(queue), "queue name"),
        flow_control=flow_control(settings, SETTING),
        redaction=None if hidden is None else redaction(hidden),
    )


def refuse_delay(settings: Mapping[bytes, bytes]) -> None:
    """What is enqueued cannot be delayed (D18)."""
    if _DELAY in settings or _NOT_BEFORE in settings:
        raise refusals.delay_with_queue()


def read_deduplication(settings: Mapping[bytes, bytes]) -> tuple[str | None, bool]:
    """The id, and whether the content stands in for one; an id beats the content (D97)."""
    sent = settings.get(DEDUPLICATION_ID)
    by_content = values.flag(
        settings.get(_CONTENT_DEDUPLICATION), refusals.invalid_content_based_deduplication
    )
    if sent is None:
        return None, by_content
    return values.deduplication_id(sent), False


def read_cron(settings: Mapping[bytes, bytes]) -> CronSettings:
    """When the schedule fires, and its own id. Without an expression an empty one is refused."""
    try:
        cron = cron_syntax.parse(readable(settings.get(_CRON, b"")))
    except CronError as mistake:
        raise refusals.invalid_cron(str(mistake)) from None
    sent = settings.get(SCHEDULE_ID)
    if sent is None:
        return CronSettings(cron)
    return CronSettings(cron, values.name(readable(sent), "schedule id"))
