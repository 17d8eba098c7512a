"""Which ``Upstash-`` names mean something, and which was meant by one that does not.

What is known is put together from the tables that the names are read by. An unknown name is
ignored by the service, which makes a mistyped one hard to find.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache
from typing import Final, Protocol

from fakestash.wire.callbacks import CALLBACK, CALLBACK_SETTINGS, FAILURE_CALLBACK
from fakestash.wire.fields import FORWARD, SETTING
from fakestash.wire.forwarding import RawHeaders
from fakestash.wire.names import canonical
from fakestash.wire.publish import PLAIN
from fakestash.wire.special import SCHEDULE_ID, SPECIAL

_KINDS: Final = (CALLBACK, FAILURE_CALLBACK)

KNOWN: Final = frozenset(
    {
        *PLAIN,
        *SPECIAL,
        SCHEDULE_ID,
        *(kind.prefix + name for kind in _KINDS for name in CALLBACK_SETTINGS),
    }
)
"""The names of all settings, in lower case."""

_FORWARDING: Final = (FORWARD, *(kind.prefix + FORWARD[len(SETTING) :] for kind in _KINDS))
"""What begins so is for somebody else, whatever follows."""

_SENT_BY_CLIENTS: Final = (
    *(
        begin + about
        for begin in (SETTING, *(kind.prefix for kind in _KINDS))
        for about in (b"telemetry-", b"workflow-", b"feature-set")
    ),
    # Callbacks of callbacks (D88), which the service ignores and so do we.
    *(kind.prefix + other.header[len(SETTING) :] for kind in _KINDS for other in _KINDS),
)
"""What official clients send although it means nothing to publishing."""

_OF_DELIVERIES: Final = frozenset(
    SETTING + name
    for name in (b"message-id", b"retried", b"signature", b"caller-ip", b"region", b"topic-name")
)
"""What deliveries carry. One that goes to the service itself brings them here."""

_FORWARD_WORD: Final = FORWARD[len(SETTING) : -1].decode()

_SETTINGS: Final = {
    **{kind.prefix: tuple(sorted(name.decode() for name in CALLBACK_SETTINGS)) for kind in _KINDS},
    SETTING: tuple(sorted(name[len(SETTING) :].decode() for name in KNOWN)),
}
"""What may follow each prefix; the first prefix that a name has is its own."""

_LIKENESS: Final = 0.65
"""As ``difflib`` counts it: enough for ``dedup-id`` to be near ``deduplication-id``."""

_SETTING_LENGTH: Final = len(SETTING)
_NEVER_UNKNOWN: Final = KNOWN | _OF_DELIVERIES
_PREFIXES: Final = (*_FORWARDING, *_SENT_BY_CLIENTS)


class Watch(Protocol):
    """Is shown what bodies hold, and takes note of what nobody reads.

    Its methods raise ``ServiceError`` (400) if that is not to be passed over. ``where`` says what
    they look at.
    """

    def headers(self, headers: RawHeaders, where: str) -> None:
        """Look at header fields."""
        ...

    def keys(self, keys: Iterable[str], known: frozenset[str], where: str) -> None:
        """Look at the keys of a JSON object of which these are ``known``."""
        ...


class _Nobody:
    """A watch that does not look."""

    def headers(self, headers: RawHeaders, where: str) -> None:
        """Do not look at header fields."""

    def keys(self, keys: Iterable[str], known: frozenset[str], where: str) -> None:
        """Do not look at keys."""


NOBODY: Final[Watch] = _Nobody()


def unknown_names(headers: RawHeaders) -> list[bytes]:
    """The ``Upstash-`` names that nobody reads. Empty values count as not sent."""
    # This runs for every header field of every request.
    return [
        name
        for name, value in headers
        if name[:_SETTING_LENGTH] == SETTING
        and name not in _NEVER_UNKNOWN
        and value
        and not name.startswith(_PREFIXES)
    ]


@lru_cache(maxsize=256)
def meant_by(name: bytes) -> str | None:
    """The name that an unknown one was probably meant to be; None if none is near.

    For a header of a callback that is no setting, it is how to have it passed on (D89).
    """
    prefix = next(prefix for prefix in _SETTINGS if name.startswith(prefix))
    rest = name[len(prefix) :].decode("latin-1")
    word, _, passed_on = rest.partition("-")
    near = nearest(rest, _SETTINGS[prefix])
    if near is None and passed_on and nearest(word, (_FORWARD_WORD,)):
        near = f"{_FORWARD_WORD}-{passed_on}"
    if near is None and prefix != SETTING:
        near = f"{_FORWARD_WORD}-{rest}"
    return None if near is None else canonical(f"{prefix.decode()}{near}")


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The one of ``known`` that is much like ``word``, if any is; case means nothing."""
    by_lower = {each.lower(): each for each in known}
    found = get_close_matches(word.lower(), by_lower, n=1, cutoff=_LIKENESS)
    return by_lower[found[0]] if found else None
