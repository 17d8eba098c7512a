"""What a publish is addressed to, read from the undecoded rest of its request target.

Nothing is decoded or merged: the URL is kept exactly as published, and one with an escaped
scheme is refused as the service refuses it. The sorts of destination are D30.
"""

import re
from enum import Enum
from functools import lru_cache
from ipaddress import IPv6Address
from typing import Final

from fakestash import refusals
from fakestash.errors import ServiceError
from fakestash.wire.urls import target
from fakestash.wire.values import is_name, shown

_LANGUAGE_MODEL: Final = "api/llm"
_SCHEMES: Final = ("https://", "http://")

# What a request line can carry. Anything else could not be sent on, or would be read
# differently by each library on the way.
_PRINTABLE: Final = re.compile(r"[!-~]+")
_BRACKETED: Final = re.compile(r"\[[^\]]*\](:[0-9]*)?")
_HOST_NAME: Final = re.compile(r"[A-Za-z0-9._~-]+")


class Kind(Enum):
    """The sorts of destination; the last two are none."""

    URL = "url"
    GROUP = "group"
    LANGUAGE_MODEL = "api/llm"
    EMPTY = "empty"
    OTHER = "other"


def kind_of(destination: str) -> Kind:
    """What sort ``destination`` is (D30).

    It does not refuse any, because values are checked first (D9): ``refusal_of`` does.
    """
    # As written nearly always, before the whole trouble is taken.
    if destination.startswith(_SCHEMES) or destination[:8].lower().startswith(_SCHEMES):
        return Kind.URL
    name = named(destination)
    if not name:
        return Kind.EMPTY
    if is_name(name):
        return Kind.GROUP
    return Kind.LANGUAGE_MODEL if name == _LANGUAGE_MODEL else Kind.OTHER


def refusal_of(kind: Kind, what: str = "destination url") -> ServiceError:
    """The refusal of a destination that is no URL where it should be; ``what`` is named in it."""
    return refusals.empty_destination() if kind is Kind.EMPTY else refusals.invalid_scheme(what)


def named(destination: str) -> str:
    """The name in a destination that is no URL: a slash behind it means nothing."""
    return destination.removesuffix("/")


def published_url(destination: str, query: str) -> str:
    """The URL with its own query; a ``?`` with nothing behind it is dropped (D2).

    Raises:
        ServiceError: 400 if it has no usable host or port, or characters no request can carry.
    """
    url = f"{destination}?{query}" if query else destination
    if not is_deliverable(url):
        raise refusals.invalid_destination_url(shown(url))
    return url


def checked_url(url: str, what: str = "destination url") -> str:
    """A URL given in a header or a JSON body, exactly as given (D60 where a group gets it).

    Raises:
        ServiceError: 400 if it is empty, not http(s), or cannot be sent to; ``what`` is named.
    """
    kind = kind_of(url)
    if kind is not Kind.URL:
        raise refusal_of(kind, what)
    if not is_deliverable(url):
        raise refusals.invalid_destination_url(url, what)
    return url


@lru_cache(maxsize=4096)
def is_deliverable(url: str) -> bool:
    """Whether a URL can be published to: every layer below can take it apart and send it.

    Checked here because the alternative is a message that fails in the middle of its delivery.
    """
    if not _PRINTABLE.fullmatch(url):
        return False
    try:
        place = target(url)
        if ":" in place.host:
            IPv6Address(place.host)
            return _BRACKETED.fullmatch(place.netloc) is not None
    except ValueError:
        return False
    return _HOST_NAME.fullmatch(place.host) is not None
