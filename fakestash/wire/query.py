"""The query string of a request: which part is ours, and what it says.

Query strings come in as Latin-1 text of the undecoded bytes. Only ``&`` separates, and
``+`` is a blank, as in the service's language.
"""

from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

_TOKEN_KEY: Final = b"qstash_token"
_SETTING_PREFIX: Final = b"upstash-"


class OwnAndOthers(NamedTuple):
    """A query string in two: settings for the service, and what belongs to the destination.

    ``settings`` are (lower-case name, decoded value).
    """

    settings: tuple[tuple[bytes, bytes], ...]
    others: str


def split(query: str) -> OwnAndOthers:
    """Take out what is meant for the service (D2).

    ``qstash_token`` and every key that starts with ``upstash-`` go, in any case; the rest keeps
    its order and encoding.
    """
    settings: list[tuple[bytes, bytes]] = []
    others: list[str] = []
    for piece in query.split("&"):
        key, _, value = piece.partition("=")
        name = _decoded(key).lower()
        if name.startswith(_SETTING_PREFIX):
            settings.append((name, _decoded(value)))
        elif name != _TOKEN_KEY:
            others.append(piece)
    return OwnAndOthers(tuple(settings), "&".join(others))


def token(query: str) -> str:
    """The token in the query string; empty if there is none.

    A ``+`` stays one: tokens are base64, which has it and no blanks.
    """
    for piece in query.split("&"):
        key, _, value = piece.partition("=")
        if value and _decoded(key).lower() == _TOKEN_KEY:
            return unquote_to_bytes(value.encode("latin-1")).decode("utf-8", "replace")
    return ""


def pairs(query: str) -> list[tuple[str, str]]:
    """Every key and value as text, in order; a key without ``=`` has an empty value."""
    found: list[tuple[str, str]] = []
    for piece in query.split("&"):
        if piece:
            key, _, value = piece.partition("=")
            found.append((_text(key), _text(value)))
    return found


def _text(part: str) -> str:
    return _decoded(part).decode("utf-8", "replace")


def _decoded(part: str) -> bytes:
    if "+" in part:
        part = part.replace("+", " ")
    plain = part.encode("latin-1")
    return unquote_to_bytes(plain) if b"%" in plain else plain
