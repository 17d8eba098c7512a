"""A publish as it comes over HTTP, understood: headers and query in, a request out.

The same for an enqueue, a schedule, an entry of a batch, and a retry out of the dead letter
queue, which all take the headers of a publish. Unknown ``Upstash-`` headers are ignored.

This runs for every message: whatever most messages do without is read only if it was sent.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from fakestash import refusals
from fakestash.model.messages import DEFAULT_RETRIES, PublishCommand, PublishRequest
from fakestash.model.outcomes import HeaderItems
from fakestash.model.settings import NO_EXTRAS, CronSettings, Extras
from fakestash.syntax import cron as cron_syntax
from fakestash.syntax.cron import CronError
from fakestash.wire import query as query_strings
from fakestash.wire import settings as values
from fakestash.wire.callbacks import CALLBACK, FAILURE_CALLBACK, read_callback, with_changes
from fakestash.wire.destinations import Kind, kind_of, named, published_url, refusal_of
from fakestash.wire.fields import Fields, default_layer, passed_on, sorted_fields
from fakestash.wire.flow_control import flow_control
from fakestash.wire.forwarding import HeaderLayer, RawHeaders, with_replaced
from fakestash.wire.redaction import redaction
from fakestash.wire.values import readable

DefaultHeaders: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]
DefaultsOf: TypeAlias = Callable[[str], DefaultHeaders]
"""The default headers of the URL group of a name; none if there is no such group."""

_SETTING: Final = b"upstash-"
_METHOD: Final = b"upstash-method"
_RETRIES: Final = b"upstash-retries"
_RETRY_DELAY: Final = b"upstash-retry-delay"
_TIMEOUT: Final = b"upstash-timeout"
_DELAY: Final = b"upstash-delay"
_NOT_BEFORE: Final = b"upstash-not-before"
_LABEL: Final = b"upstash-label"
_HEADER_FORWARD: Final = b"upstash-header-forward"
_REDACT: Final = b"upstash-redact-fields"
_QUEUE: Final = b"upstash-queue-name"
_CRON: Final = b"upstash-cron"
_SCHEDULE_ID: Final = b"upstash-schedule-id"
_DEDUPLICATION_ID: Final = b"upstash-deduplication-id"
_CONTENT_DEDUPLICATION: Final = b"upstash-content-based-deduplication"

_PLAIN: Final = frozenset(
    {
        _METHOD,
        _RETRIES,
        _RETRY_DELAY,
        _TIMEOUT,
        _DELAY,
        _NOT_BEFORE,
        _LABEL,
        _HEADER_FORWARD,
    }
)
_SPECIAL: Final = frozenset(
    {
        _REDACT,
        _QUEUE,
        _CRON,
        _DEDUPLICATION_ID,
        _CONTENT_DEDUPLICATION,
        b"upstash-flow-control-key",
        b"upstash-flow-control-value",
        CALLBACK.header,
        FAILURE_CALLBACK.header,
    }
)
_SPECIAL_PREFIXES: Final = (CALLBACK.prefix, FAILURE_CALLBACK.prefix)

_REPLACEABLE: Final[tuple[tuple[bytes, str, Callable[[bytes], object]], ...]] = (
    (_METHOD, "method", values.method),
    (_RETRIES, "retries", values.retries),
    (_RETRY_DELAY, "retry_delay", values.retry_expression),
    (_TIMEOUT, "timeout", values.timeout),
    (_DELAY, "delay", values.delay),
    (_NOT_BEFORE, "not_before", values.not_before),
    (_LABEL, "labels", values.labels),
)


class _Asked(NamedTuple):
    """A publish before its values are read."""

    kind: Kind
    destination: str
    query: str
    llm_target: str | None
    fields: Fields
    body: bytes
    caller_ip: str
    token_in_header: bool

    @property
    def group(self) -> str | None:
        """The URL group that it goes to."""
        return named(self.destination) if self.kind is Kind.GROUP else None


def no_defaults(_group: str) -> DefaultHeaders:
    """The default headers of groups where there are none."""
    return ()


def read_publish(
    destination: str,
    query: str,
    headers: RawHeaders,
    body: bytes,
    *,
    caller_ip: str,
    token_in_header: bool,
    defaults_of: DefaultsOf = no_defaults,
    llm_target: str | None = None,
) -> PublishRequest:
    """What a publish asks for. Values are checked before the destination (D9).

    ``Upstash-Queue-Name`` makes it an enqueue, as an official client sends it; ``Upstash-Cron``
    makes it a schedule (D32). Whether a group exists is not known here.

    Args:
        destination: the undecoded rest of the path, as Latin-1 text.
        query: the undecoded query string, as Latin-1 text.
        headers: all header fields of the request.
        body: taken as it is.
        caller_ip: the publisher's address.
        token_in_header: whether ``Authorization`` is for this service.
        defaults_of: asked for the default headers if the destination is a group.
        llm_target: the URL that stands in for ``api/llm`` (D132); without it that is refused.

    Raises:
        ServiceError: 400 for a bad value or destination.
    """
    asked = _asked(
        destination, query, headers, body, caller_ip, token_in_header, defaults_of, llm_target
    )
    if _is_plain(asked.fields.settings):
        return PublishRequest(_command(asked, NO_EXTRAS), asked.group)
    return _special(asked)


def read_enqueue(
    queue: str,
    destination: str,
    query: str,
    headers: RawHeaders,
    body: bytes,
    *,
    caller_ip: str,
    token_in_header: bool,
    defaults_of: DefaultsOf = no_defaults,
    llm_target: str | None = None,
) -> PublishRequest:
    """What an enqueue into ``queue`` (decoded) asks for; the rest as for ``read_publish``.

    Raises:
        ServiceError: 400 for a bad value or destination, and for a delay (D18).
    """
    asked = _asked(
        destination, query, headers, body, caller_ip, token_in_header, defaults_of, llm_target
    )
    return _special(asked, queue=values.name(queue, "queue name"))


def read_schedule(
    destination: str,
    query: str,
    headers: RawHeaders,
    body: bytes,
    *,
    caller_ip: str,
    token_in_header: bool,
    defaults_of: DefaultsOf = no_defaults,
    llm_target: str | None = None,
) -> PublishRequest:
    """What the making of a schedule asks for; the arguments as for ``read_publish``.

    ``Upstash-Cron`` has to be there. A delay goes for each fired message, also with a queue; a
    not-before is ignored (only a delay is documented), deduplication too (D53).

    Raises:
        ServiceError: 400 for a bad value or destination.
    """
    asked = _asked(
        destination, query, headers, body, caller_ip, token_in_header, defaults_of, llm_target
    )
    asked.fields.settings.setdefault(_CRON, b"")
    return _special(asked)


def read_changes(
    query: str, headers: RawHeaders, *, token_in_header: bool
) -> Callable[[PublishCommand], PublishCommand]:
    """How a retry out of the dead letter queue changes the message: only what was sent replaces.

    Headers to pass on stand in for those of their name. The content type of the call is that of
    its own body, so it replaces none. A delay of the old message is not kept, neither is
    deduplication applied (D68); nor is the destination or a schedule anything that can change.

    Raises:
        ServiceError: 400 for a bad value, at once and not when the change is made.
    """
    weaker = (query_strings.split(query).settings,) if query else ()
    fields = sorted_fields(headers, weaker)._replace(content_type=b"")
    settings = fields.settings
    plain: dict[str, Any] = {"delay": 0, "not_before": None}
    for name, field, read in _REPLACEABLE:
        if name in settings:
            plain[field] = read(settings[name])
    others = {
        field: value
        for field, value in _own_extras(settings)._asdict().items()
        if value is not None
    }
    if "queue" in others:
        _refuse_delay(settings)
    callback = read_callback(CALLBACK, fields)
    failure_callback = read_callback(FAILURE_CALLBACK, fields)
    items = _passed_on(fields, token_in_header=token_in_header)

    def change(command: PublishCommand) -> PublishCommand:
        extras = command.extras._replace(**others)
        extras = extras._replace(
            callback=with_changes(extras.callback, callback),
            failure_callback=with_changes(extras.failure_callback, failure_callback),
        )
        merged = with_replaced(command.headers, items)
        return command._replace(**plain, headers=merged, extras=extras)

    return change


def _asked(
    destination: str,
    query: str,
    headers: RawHeaders,
    body: bytes,
    caller_ip: str,
    token_in_header: bool,  # noqa: FBT001 - by position, as this runs for every message
    defaults_of: DefaultsOf,
    llm_target: str | None,
) -> _Asked:
    """Sort what came in, without reading any value."""
    kind = kind_of(destination)
    weaker: tuple[HeaderLayer, ...] = ()
    if query:
        parameters, query = query_strings.split(query)
        weaker = (parameters,)
    if kind is Kind.GROUP:
        weaker = (*weaker, default_layer(defaults_of(named(destination))))
    fields = sorted_fields(headers, weaker)
    return _Asked(kind, destination, query, llm_target, fields, body, caller_ip, token_in_header)


def _is_plain(settings: Mapping[bytes, bytes]) -> bool:
    """Whether nothing was sent but what nearly every message has, and names nobody knows."""
    return _PLAIN.issuperset(settings) or not any(
        name in _SPECIAL or name.startswith(_SPECIAL_PREFIXES) for name in settings
    )


def _command(asked: _Asked, extras: Extras) -> PublishCommand:
    """The command; an empty URL stands for a group."""
    fields = asked.fields
    get = fields.settings.get
    method = get(_METHOD)
    retries = get(_RETRIES)
    expression = get(_RETRY_DELAY)
    timeout = get(_TIMEOUT)
    delay = get(_DELAY)
    not_before = get(_NOT_BEFORE)
    labels = get(_LABEL)
    rules = (
        "POST" if method is None else values.method(method),
        _passed_on(fields, token_in_header=asked.token_in_header),
        DEFAULT_RETRIES if retries is None else values.retries(retries),
        None if expression is None else values.retry_expression(expression),
        None if timeout is None else values.timeout(timeout),
        0 if delay is None else values.delay(delay),
        None if not_before is None else values.not_before(not_before),
        () if labels is None else values.labels(labels),
    )
    url = _url(asked, extras)
    # By position, because naming the parts costs as much again.
    return PublishCommand(url, asked.body, *rules, asked.caller_ip, extras)


def _passed_on(fields: Fields, *, token_in_header: bool) -> HeaderItems:
    everything = values.flag(fields.settings.get(_HEADER_FORWARD), refusals.invalid_header_forward)
    return passed_on(fields, everything=everything, token_in_header=token_in_header)


def _special(asked: _Asked, queue: str | None = None) -> PublishRequest:
    """The request of a publish with more than plain settings. ``queue`` beats its header."""
    fields = asked.fields
    settings = fields.settings
    cron = _cron(settings) if _CRON in settings else None
    if cron is not None:
        for name in (_NOT_BEFORE, _DEDUPLICATION_ID, _CONTENT_DEDUPLICATION):
            settings.pop(name, None)
    if queue is not None:
        settings[_QUEUE] = queue.encode()
    extras = _own_extras(settings)._replace(
        callback=with_changes(None, read_callback(CALLBACK, fields)),
        failure_callback=with_changes(None, read_callback(FAILURE_CALLBACK, fields)),
    )
    if extras.queue is not None and cron is None:
        _refuse_delay(settings)
    deduplication_id, is_content_deduplicated = _deduplication(settings)
    # The constant itself where nothing was sent, which is quick to tell.
    command = _command(asked, NO_EXTRAS if extras == NO_EXTRAS else extras)
    return PublishRequest(command, asked.group, deduplication_id, is_content_deduplicated, cron)


def _own_extras(settings: Mapping[bytes, bytes]) -> Extras:
    """The extras without the callbacks."""
    queue = settings.get(_QUEUE)
    hidden = settings.get(_REDACT)
    return Extras(
        queue=None if queue is None else values.name(readable(queue), "queue name"),
        flow_control=flow_control(settings, _SETTING),
        redaction=None if hidden is None else redaction(hidden),
    )


def _refuse_delay(settings: Mapping[bytes, bytes]) -> None:
    """What is enqueued cannot be delayed (D18)."""
    if _DELAY in settings or _NOT_BEFORE in settings:
        raise refusals.delay_with_queue()


def _deduplication(settings: Mapping[bytes, bytes]) -> tuple[str | None, bool]:
    """The id, and whether the content stands in for one; an id beats the content (D97)."""
    sent = settings.get(_DEDUPLICATION_ID)
    by_content = values.flag(
        settings.get(_CONTENT_DEDUPLICATION), refusals.invalid_content_based_deduplication
    )
    if sent is None:
        return None, by_content
    return values.deduplication_id(sent), False


def _cron(settings: Mapping[bytes, bytes]) -> CronSettings:
    """The cron expression, stored without blanks at its ends, and the schedule's own id."""
    try:
        cron = cron_syntax.parse(readable(settings[_CRON]))
    except CronError as mistake:
        raise refusals.invalid_cron(str(mistake)) from None
    sent = settings.get(_SCHEDULE_ID)
    if sent is None:
        return CronSettings(cron)
    return CronSettings(cron, values.name(readable(sent), "schedule id"))


def _url(asked: _Asked, extras: Extras) -> str:
    """The URL to deliver to; empty for a group."""
    kind = asked.kind
    if kind is Kind.URL:
        return published_url(asked.destination, asked.query)
    if kind is Kind.GROUP:
        return ""
    if kind is Kind.LANGUAGE_MODEL:
        if asked.llm_target is None:
            raise refusals.api_llm_not_supported()
        if extras.callback is None:
            raise refusals.callback_missing()
        return published_url(asked.llm_target, asked.query)
    raise refusal_of(kind)
