"""A publish as it comes over HTTP, understood: headers and query in, a command out.

A setting counts from its header, else from the query parameter of the same name, else by
default (D61); of a repeated one the first value that is not empty counts (D80), and an empty
value is none (official clients send such). Unknown ``Upstash-`` headers are ignored.

This runs for every message, so the fields are looked through once and no value is parsed
that nobody sent.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple
from unicodedata import category

from fakestash import refusals
from fakestash.decisions import D14_MAX_LABEL_LENGTH, D14_MAX_LABELS
from fakestash.errors import ServiceError
from fakestash.model.messages import DEFAULT_RETRIES, PublishCommand
from fakestash.syntax import retry_delay
from fakestash.syntax.duration import parse_seconds
from fakestash.syntax.retry_delay import ExpressionError, RetryDelay
from fakestash.wire import query as query_strings
from fakestash.wire.destinations import Kind, kind_of, named, published_url
from fakestash.wire.forwarding import CONTENT_TYPE, RawHeaders, forwarded, with_everything
from fakestash.wire.names import canonical
from fakestash.wire.values import INT64_MAX, boolean, natural, readable

_SECOND_MS: Final = 1000
_BLANKS: Final = b" \t"

_SETTING: Final = b"upstash-"
_FORWARD: Final = b"upstash-forward-"
# Plain numbers, because these are used for every header field of every publish.
_SETTING_LENGTH: Final = len(_SETTING)
_FORWARD_LENGTH: Final = len(_FORWARD)

_METHODS: Final = {method.encode(): method for method in ("GET", "POST", "PUT", "PATCH", "DELETE")}

_UNDERSTOOD: Final = frozenset(
    {
        b"upstash-method",
        b"upstash-retries",
        b"upstash-retry-delay",
        b"upstash-timeout",
        b"upstash-delay",
        b"upstash-not-before",
        b"upstash-label",
        b"upstash-header-forward",
    }
)
_NOT_YET: Final = frozenset(
    {
        b"upstash-callback",
        b"upstash-failure-callback",
        b"upstash-deduplication-id",
        b"upstash-flow-control-key",
        b"upstash-flow-control-value",
        b"upstash-redact-fields",
        b"upstash-queue-name",
        b"upstash-cron",
        b"upstash-schedule-id",
    }
)
_PREFIXES_NOT_YET: Final = (b"upstash-callback-", b"upstash-failure-callback-")
_CONTENT_BASED_DEDUPLICATION: Final = b"upstash-content-based-deduplication"


class _Fields(NamedTuple):
    """What a publish says: settings by lower-case name, fields to forward, content type."""

    settings: dict[bytes, bytes]
    named: list[tuple[bytes, bytes]]
    content_type: bytes


def read_publish(
    destination: str,
    query: str,
    headers: RawHeaders,
    body: bytes,
    *,
    caller_ip: str,
    token_in_header: bool,
) -> PublishCommand:
    """The command that a publish gives. Values are checked before the destination (D9).

    Args:
        destination: the undecoded rest of the path, as Latin-1 text.
        query: the undecoded query string, as Latin-1 text.
        headers: all header fields of the request.
        body: taken as it is.
        caller_ip: the publisher's address.
        token_in_header: whether ``Authorization`` is for this service.

    Raises:
        ServiceError: 400 for a bad value or destination, 404 for a group (there are none), 501
            for a setting that is not supported yet.
    """
    fields = _fields(headers)
    settings = fields.settings
    if query:
        parameters, query = query_strings.split(query)
        _add_parameters(fields, parameters)
    if not _UNDERSTOOD.issuperset(settings):
        _refuse_what_is_not_supported(settings)
    get = settings.get
    method = _method(get(b"upstash-method"))
    retries = _retries(get(b"upstash-retries"))
    expression = _retry_delay(get(b"upstash-retry-delay"))
    timeout = _timeout(get(b"upstash-timeout"))
    delay = _delay(get(b"upstash-delay"))
    not_before = _not_before(get(b"upstash-not-before"))
    labels = _labels(get(b"upstash-label"))
    if _flag(get(b"upstash-header-forward"), refusals.invalid_header_forward):
        header = with_everything(headers, fields.named, token_in_header=token_in_header)
    else:
        header = forwarded(fields.named, fields.content_type)
    url = _url(destination, query)
    # By position, because naming the parts costs as much again.
    return PublishCommand(
        url,
        body,
        method,
        header,
        retries,
        expression,
        timeout,
        delay,
        not_before,
        labels,
        caller_ip,
    )


def _fields(headers: RawHeaders) -> _Fields:
    """Sort the header fields."""
    settings: dict[bytes, bytes] = {}
    named: list[tuple[bytes, bytes]] = []
    content_type = b""
    for name, value in headers:
        if name[:_SETTING_LENGTH] == _SETTING:
            if name[:_FORWARD_LENGTH] == _FORWARD:
                if value:
                    named.append((name[_FORWARD_LENGTH:], value))
            elif name not in settings and value.strip(_BLANKS):
                settings[name] = value
        elif name == CONTENT_TYPE and not content_type:
            content_type = value
    return _Fields(settings, named, content_type)


def _add_parameters(fields: _Fields, parameters: Iterable[tuple[bytes, bytes]]) -> None:
    """Let query parameters stand in where there is no header of their name."""
    by_header = {name for name, _ in fields.named}
    for name, value in parameters:
        if name.startswith(_FORWARD):
            if value and name[_FORWARD_LENGTH:] not in by_header:
                fields.named.append((name[_FORWARD_LENGTH:], value))
        elif value.strip(_BLANKS):
            fields.settings.setdefault(name, value)


def _refuse_what_is_not_supported(settings: Mapping[bytes, bytes]) -> None:
    """Settings of later versions; names that no version has are nobody's business."""
    for name, value in settings.items():
        is_asked_for = name in _NOT_YET or name.startswith(_PREFIXES_NOT_YET)
        if name == _CONTENT_BASED_DEDUPLICATION:
            # Official clients also say so where it is not wanted.
            is_asked_for = _flag(value, refusals.invalid_content_based_deduplication)
        if is_asked_for:
            raise refusals.not_supported_yet(f"the header {canonical(readable(name))}")


def _url(destination: str, query: str) -> str:
    """The URL to deliver to."""
    kind = kind_of(destination)
    if kind is Kind.URL:
        return published_url(destination, query)
    if kind is Kind.GROUP:
        raise refusals.topic_not_found(named(destination))
    raise refusals.api_llm_not_supported()


# --- one setting each; None is one that was not sent -----------------------------------------


def _flag(value: bytes | None, refusal: Callable[[str], ServiceError]) -> bool:
    if value is None:
        return False
    text = readable(value)
    wanted = boolean(text)
    if wanted is None:
        raise refusal(text)
    return wanted


def _method(value: bytes | None) -> str:
    """In any case (D82)."""
    if value is None:
        return "POST"
    method = _METHODS.get(value) or _METHODS.get(value.strip(_BLANKS).upper())
    if method is None:
        raise refusals.invalid_method(readable(value))
    return method


def _retries(value: bytes | None) -> int:
    if value is None:
        return DEFAULT_RETRIES
    text = readable(value)
    retries = natural(text)
    if retries is None:
        raise refusals.invalid_retries(text)
    return retries


def _retry_delay(value: bytes | None) -> RetryDelay | None:
    if value is None:
        return None
    try:
        return retry_delay.parse(readable(value))
    except ExpressionError as mistake:
        raise refusals.invalid_retry_delay(str(mistake)) from None


def _timeout(value: bytes | None) -> int | None:
    """In ms. Zero is refused: it would leave no time at all."""
    if value is None:
        return None
    text = readable(value)
    try:
        seconds = parse_seconds(text)
    except ValueError:
        seconds = 0
    if not seconds:
        raise refusals.invalid_timeout(text)
    return seconds * _SECOND_MS


def _delay(value: bytes | None) -> int:
    """In ms."""
    if value is None:
        return 0
    text = readable(value)
    try:
        return parse_seconds(text) * _SECOND_MS
    except ValueError:
        raise refusals.invalid_delay(text) from None


def _not_before(value: bytes | None) -> int | None:
    """Unix ms of the unix seconds given; they have to fit the service's integers as ms too."""
    if value is None:
        return None
    text = readable(value)
    seconds = natural(text)
    if seconds is None or seconds > INT64_MAX // _SECOND_MS:
        raise refusals.invalid_not_before(text)
    return seconds * _SECOND_MS


def _labels(value: bytes | None) -> tuple[str, ...]:
    """Trimmed, empty ones dropped (D41)."""
    if value is None:
        return ()
    text = readable(value)
    if any(category(character) == "Cc" for character in text):
        raise refusals.invalid_label(refusals.LABEL_CONTROL_CHARACTER)
    labels = tuple(label for part in text.split(",") if (label := part.strip()))
    if len(labels) > D14_MAX_LABELS:
        raise refusals.invalid_label(refusals.LABEL_TOO_MANY.format(limit=D14_MAX_LABELS))
    if any(len(label) > D14_MAX_LABEL_LENGTH for label in labels):
        raise refusals.invalid_label(refusals.LABEL_TOO_LONG.format(limit=D14_MAX_LABEL_LENGTH))
    return labels
