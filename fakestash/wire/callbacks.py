"""Where and how a publish wants what came back reported: ``Upstash-Callback`` and its failing twin.

``Upstash-Callback`` is the URL, and the names that begin with ``Upstash-Callback-`` set up the
request to it, much as the plain names do for the message; the same with
``Upstash-Failure-Callback``. The rest of a name is looked up as a whole, so none can be mistaken
for the other's, and whatever it does not have is ignored (D89): names that clients make up, and
callbacks of callbacks (D88). Labels are theirs alone (D87), and so is the retry delay (D86).
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeAlias

from fakestash import refusals
from fakestash.model.settings import CallbackSettings
from fakestash.wire import settings as values
from fakestash.wire.destinations import checked_url
from fakestash.wire.fields import Fields, named_after
from fakestash.wire.flow_control import KEY, VALUE, flow_control
from fakestash.wire.forwarding import forwarded, with_replaced
from fakestash.wire.values import readable


class Reported(NamedTuple):
    """One of the two sorts of callback: its header, and what a refusal calls its URL."""

    header: bytes
    url: str

    @property
    def prefix(self) -> bytes:
        """What its settings begin with."""
        return self.header + b"-"


CALLBACK: Final = Reported(b"upstash-callback", "callback url")
FAILURE_CALLBACK: Final = Reported(b"upstash-failure-callback", "failure callback url")

_READERS: Final[tuple[tuple[bytes, str, Callable[[bytes], object]], ...]] = (
    (b"method", "method", values.method),
    (b"retries", "retries", values.retries),
    (b"retry-delay", "retry_delay", values.retry_expression),
    (b"timeout", "timeout", values.timeout),
    (b"label", "labels", values.labels),
)
_REFUSED: Final = (b"delay", b"not-before")

CALLBACK_SETTINGS: Final = frozenset({*(name for name, _, _ in _READERS), *_REFUSED, KEY, VALUE})
"""What may follow the prefix, beside headers to pass on."""

CallbackChanges: TypeAlias = dict[str, Any]
"""What was sent about a callback, by field of its settings."""


def read_callback(kind: Reported, fields: Fields) -> CallbackChanges:
    """What is said about the callback of this kind; it is checked even if there is no URL.

    Raises:
        ServiceError: 400 for a bad value, and for a delay (D17).
    """
    settings, prefix = fields.settings, kind.prefix
    if any(prefix + name in settings for name in _REFUSED):
        raise refusals.delayed_callback()
    found: CallbackChanges = {
        field: read(settings[prefix + name])
        for name, field, read in _READERS
        if prefix + name in settings
    }
    if (control := flow_control(settings, prefix)) is not None:
        found["flow_control"] = control
    if headers := forwarded(named_after(prefix + b"forward-", fields), b""):
        found["headers"] = headers
    if (url := settings.get(kind.header)) is not None:
        found["url"] = checked_url(readable(url), kind.url)
    return found


def with_changes(
    callback: CallbackSettings | None, changes: CallbackChanges
) -> CallbackSettings | None:
    """``callback`` with what was sent about it; None if it does not exist and none was asked for.

    Headers that are passed on stand in for those of their name.
    """
    if callback is None:
        return CallbackSettings(**changes) if "url" in changes else None
    if "headers" in changes:
        merged = with_replaced(callback.headers, changes["headers"])
        return callback._replace(**{**changes, "headers": merged})
    return callback._replace(**changes)
