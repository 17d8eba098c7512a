"""Which publishes are duplicates: of the same id, or of the same content, within the window.

The window starts with the first publish and is not extended by its duplicates; what became of
the first message plays no part (D95). An id counts for the whole of a user's publishes; to a
URL group it counts for each endpoint by itself (D96). The form of the hash is D97.
"""

import hashlib
from collections import deque
from typing import TypeAlias

from fakestash.decisions import D95_DEDUPLICATION_WINDOW_MS
from fakestash.model.messages import PublishCommand, PublishRequest

Key: TypeAlias = tuple[str, ...]


class Deduplication:
    """The publishes of one user that later ones may be duplicates of."""

    def __init__(self) -> None:
        self._first: dict[Key, str] = {}
        self._expiring: deque[tuple[int, Key]] = deque()

    def first(self, key: Key, now: int) -> str | None:
        """The id of the message that a publish with ``key`` duplicates at ``now`` (unix ms)."""
        self._expire(now)
        return self._first.get(key)

    def remember(self, key: Key, message_id: str, now: int) -> None:
        """From ``now`` on, publishes with ``key`` are duplicates of this message."""
        self._first[key] = message_id
        self._expiring.append((now + D95_DEDUPLICATION_WINDOW_MS, key))

    def _expire(self, now: int) -> None:
        while self._expiring and self._expiring[0][0] <= now:
            del self._first[self._expiring.popleft()[1]]


def key_of(request: PublishRequest, command: PublishCommand) -> Key | None:
    """What duplicates of the message that ``command`` makes have in common; None if there are none.

    An id that was given beats the content.
    """
    endpoint = () if request.group is None else (command.url, command.extras.endpoint or "")
    if request.deduplication_id is not None:
        return ("id", request.deduplication_id, *endpoint)
    if request.is_content_deduplicated:
        return ("content", _digest(request.group or command.url, command), *endpoint)
    return None


def _digest(destination: str, command: PublishCommand) -> str:
    """The hash over destination, body and forwarded headers; other settings play no part (D97)."""
    hashed = hashlib.sha256()
    headers = sorted((name.lower(), value) for name, value in command.headers)
    texts = [destination, *(text for header in headers for text in header)]
    for part in (*(text.encode("utf-8", "surrogateescape") for text in texts), command.body):
        hashed.update(len(part).to_bytes(8))
        hashed.update(part)
    return hashed.hexdigest()
