"""The header fields that a publish passes on to its destination.

Values are kept as Latin-1 text of their bytes, so that the destination gets the same bytes.
Only ``Content-Type`` and what ``Upstash-Forward-`` names are passed on, unless everything is
asked for.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, TypeAlias

from fakestash import refusals
from fakestash.model.outcomes import HeaderItems
from fakestash.wire.names import canonical
from fakestash.wire.values import readable

RawHeaders: TypeAlias = Iterable[tuple[bytes, bytes]]
"""Header fields as a server hands them over: lower-case names, values without outer blanks."""

HeaderLayer: TypeAlias = tuple[tuple[bytes, bytes], ...]
"""The same from elsewhere: query parameters, or the default headers of a URL group."""

CONTENT_TYPE: Final = b"content-type"
AUTHORIZATION: Final = b"authorization"

_NOT_PASSED_ON: Final = frozenset(
    {
        b"host",
        b"content-length",
        b"connection",
        b"keep-alive",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"expect",
        b"accept-encoding",
        b"user-agent",
    }
)
_PREFIXES_NOT_PASSED_ON: Final = (b"proxy-", b"upstash-")

_TOKEN: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def forwarded(named: Sequence[tuple[bytes, bytes]], content_type: bytes) -> HeaderItems:
    """The header of a message: what was named, and the content type if that was not (D81).

    ``named`` have their prefix cut; one without a name is left out.

    Raises:
        ServiceError: 400 if a field could not be sent on.
    """
    if not named:
        return _content_type_alone(content_type)
    items: list[tuple[str, str]] = []
    for name, value in named:
        if name == CONTENT_TYPE:
            content_type = b""
        if name:
            items.append(_item(name, value))
    if content_type:
        items.append(_item(CONTENT_TYPE, content_type))
    return tuple(items)


@lru_cache(maxsize=256)
def _content_type_alone(content_type: bytes) -> HeaderItems:
    """What is passed on of nearly every publish: made once, and shared by their messages."""
    return (_item(CONTENT_TYPE, content_type),) if content_type else ()


def with_everything(
    headers: RawHeaders, named: Sequence[tuple[bytes, bytes]], *, token_in_header: bool
) -> HeaderItems:
    """The header of a message that takes all of the publish's own along (D85).

    Left out are the fields that belong to the connection, every setting, and the token of this
    service. A named field stands in for the plain ones of its name.

    Raises:
        ServiceError: 400 if a field could not be sent on.
    """
    plain = tuple(
        _item(name, value)
        for name, value in headers
        if name not in _NOT_PASSED_ON
        and not name.startswith(_PREFIXES_NOT_PASSED_ON)
        and not (token_in_header and name == AUTHORIZATION)
    )
    return with_replaced(plain, forwarded(named, b""))


def with_replaced(items: HeaderItems, others: HeaderItems) -> HeaderItems:
    """``items`` without those that ``others`` have the names of, and then ``others``."""
    names = {name for name, _ in others}
    return (*(item for item in items if item[0] not in names), *others)


def _item(name: bytes, value: bytes) -> tuple[str, str]:
    written = _field_name(name)
    text = value.decode("latin-1")
    # Only a query parameter or a call within the process can bring such a thing here. Sent on,
    # it would break the request, or put a second one behind it.
    if not written or (not text.isprintable() and _CONTROL.search(text)):
        raise refusals.invalid_forwarded_header(readable(name))
    return written, text


@lru_cache(maxsize=1024)
def _field_name(name: bytes) -> str:
    """The canonical name; empty if no header can have it."""
    return canonical(name.decode("ascii")) if _TOKEN.fullmatch(name) else ""
