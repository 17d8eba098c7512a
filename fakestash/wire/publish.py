"""A publish as it comes over HTTP, understood: headers and query in, a request out.

The same for an enqueue, a schedule, an entry of a batch, and a retry out of the dead letter
queue, which all take the headers of a publish. Unknown ``Upstash-`` headers are ignored.

This runs for every message: whatever most messages do without is read only if it was sent.
"""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from fakestash import refusals
from fakestash.model.messages import DEFAULT_RETRIES, PublishCommand, PublishRequest
from fakestash.model.outcomes import HeaderItems
from fakestash.model.settings import Extras
from fakestash.syntax.retry_delay import RetryDelay
from fakestash.wire import query as query_strings
from fakestash.wire import settings as values
from fakestash.wire.callbacks import CALLBACK, FAILURE_CALLBACK, read_callback, with_changes
from fakestash.wire.destinations import Kind, kind_of, named, published_url, refusal_of
from fakestash.wire.fields import Fields, default_layer, everything, sorted_fields
from fakestash.wire.forwarding import HeaderLayer, RawHeaders, forwarded, with_replaced
from fakestash.wire.special import (
    NOTHING_SPECIAL,
    QUEUE,
    is_special,
    own_extras,
    read_cron,
    read_special,
    refuse_delay,
)

DefaultHeaders: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]
DefaultsOf: TypeAlias = Callable[[str], DefaultHeaders]
"""The default headers of the URL group of a name; none if there is no such group."""

_Rules: TypeAlias = tuple[
    str, HeaderItems, int, RetryDelay | None, int | None, int, int | None, tuple[str, ...]
]

_METHOD: Final = b"upstash-method"
_RETRIES: Final = b"upstash-retries"
_RETRY_DELAY: Final = b"upstash-retry-delay"
_TIMEOUT: Final = b"upstash-timeout"
_DELAY: Final = b"upstash-delay"
_NOT_BEFORE: Final = b"upstash-not-before"
_LABEL: Final = b"upstash-label"
_HEADER_FORWARD: Final = b"upstash-header-forward"

PLAIN: Final = frozenset(
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
_REPLACEABLE: Final[tuple[tuple[bytes, str, Callable[[bytes], object]], ...]] = (
    (_METHOD, "method", values.method),
    (_RETRIES, "retries", values.retries),
    (_RETRY_DELAY, "retry_delay", values.retry_expression),
    (_TIMEOUT, "timeout", values.timeout),
    (_DELAY, "delay", values.delay),
    (_NOT_BEFORE, "not_before", values.not_before),
    (_LABEL, "labels", values.labels),
)


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
    kind = kind_of(destination)
    is_url = kind is Kind.URL
    weaker: tuple[HeaderLayer, ...] = ()
    if query or not is_url:
        weaker, query = weaker_layers(kind, destination, query, defaults_of)
    fields = sorted_fields(headers, weaker)
    settings = fields.settings
    is_plain = PLAIN.issuperset(settings) or not is_special(settings)
    special = NOTHING_SPECIAL if is_plain else read_special(fields)
    method, header, retries, retry_delay, timeout, delay, not_before, labels = _rules(
        fields, token_in_header=token_in_header
    )
    if is_url:
        url = published_url(destination, query)
    else:
        url = _stand_in(kind, query, special.extras, llm_target)
    # By position and one by one: naming the parts, or starring them, doubles what this costs.
    command = PublishCommand(
        url,
        body,
        method,
        header,
        retries,
        retry_delay,
        timeout,
        delay,
        not_before,
        labels,
        caller_ip,
        special.extras,
    )
    if is_url and is_plain:
        return PublishRequest(command)
    group = named(destination) if kind is Kind.GROUP else None
    _, deduplication_id, is_content_deduplicated, cron = special
    return PublishRequest(command, group, deduplication_id, is_content_deduplicated, cron)


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
    return read_publish(
        destination,
        query,
        # In front, so that it beats a header of its own kind.
        ((QUEUE, values.name(queue, "queue name").encode()), *headers),
        body,
        caller_ip=caller_ip,
        token_in_header=token_in_header,
        defaults_of=defaults_of,
        llm_target=llm_target,
    )


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
    weaker, _ = weaker_layers(kind_of(destination), destination, query, defaults_of)
    # Only here a missing one is a mistake, and a value is refused before the destination (D9).
    read_cron(sorted_fields(headers, weaker).settings)
    return read_publish(
        destination,
        query,
        headers,
        body,
        caller_ip=caller_ip,
        token_in_header=token_in_header,
        defaults_of=defaults_of,
        llm_target=llm_target,
    )


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
        field: value for field, value in own_extras(settings)._asdict().items() if value is not None
    }
    if "queue" in others:
        refuse_delay(settings)
    callback = read_callback(CALLBACK, fields)
    failure_callback = read_callback(FAILURE_CALLBACK, fields)
    items = _header(fields, token_in_header=token_in_header)

    def change(command: PublishCommand) -> PublishCommand:
        extras = command.extras._replace(**others)
        extras = extras._replace(
            callback=with_changes(extras.callback, callback),
            failure_callback=with_changes(extras.failure_callback, failure_callback),
        )
        merged = with_replaced(command.headers, items)
        return command._replace(**plain, headers=merged, extras=extras)

    return change


def weaker_layers(
    kind: Kind, destination: str, query: str, defaults_of: DefaultsOf
) -> tuple[tuple[HeaderLayer, ...], str]:
    """What stands in for headers that were not sent, the stronger first; the rest of the query."""
    weaker: tuple[HeaderLayer, ...] = ()
    if query:
        parameters, query = query_strings.split(query)
        weaker = (parameters,)
    if kind is Kind.GROUP:
        weaker = (*weaker, default_layer(defaults_of(named(destination))))
    return weaker, query


def _rules(fields: Fields, *, token_in_header: bool) -> _Rules:
    """How the message is to be delivered: that part of a command, in its order."""
    get = fields.settings.get
    method = get(_METHOD)
    retries = get(_RETRIES)
    expression = get(_RETRY_DELAY)
    timeout = get(_TIMEOUT)
    delay = get(_DELAY)
    not_before = get(_NOT_BEFORE)
    labels = get(_LABEL)
    return (
        "POST" if method is None else values.method(method),
        forwarded(fields.named, fields.content_type)
        if get(_HEADER_FORWARD) is None
        else _header(fields, token_in_header=token_in_header),
        DEFAULT_RETRIES if retries is None else values.retries(retries),
        None if expression is None else values.retry_expression(expression),
        None if timeout is None else values.timeout(timeout),
        0 if delay is None else values.delay(delay),
        None if not_before is None else values.not_before(not_before),
        () if labels is None else values.labels(labels),
    )


def _header(fields: Fields, *, token_in_header: bool) -> HeaderItems:
    """The fields to pass on: those that are named, or all there are."""
    wanted = fields.settings.get(_HEADER_FORWARD)
    if wanted is None or not values.flag(wanted, refusals.invalid_header_forward):
        return forwarded(fields.named, fields.content_type)
    return everything(fields, token_in_header=token_in_header)


def _stand_in(kind: Kind, query: str, extras: Extras, llm_target: str | None) -> str:
    """The URL for a destination that is none itself: empty for a group, or the model's (D132)."""
    if kind is Kind.GROUP:
        return ""
    if kind is not Kind.LANGUAGE_MODEL:
        raise refusal_of(kind)
    if llm_target is None:
        raise refusals.api_llm_not_supported()
    if extras.callback is None:
        raise refusals.callback_missing()
    return published_url(llm_target, query)
