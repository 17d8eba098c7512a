"""Which publishes are duplicates: of the same id, or of the same content, within the window.

The window starts with the first publish and is not extended by its duplicates; what became of
the first message plays no part (D95). An id counts for the whole of a user's publishes; to a
URL group it counts for each endpoint by itself (D96). The form of the hash is D97.
"""

import hashlib
from collections.abc import Iterator
from heapq import heappop, heappush
from typing import Final, TypeAlias

from fakestash.decisions import D95_DEDUPLICATION_WINDOW_MS, D95_PUBLICATION_WINDOW_MS
from fakestash.model.messages import PublishCommand, PublishRequest

Key: TypeAlias = tuple[str, ...]

SCHEDULE: Final = "schedule"
"""What the keys of schedules begin with: nothing else is a duplicate of one."""


class Deduplication:
    """The publishes of one user that later ones may be duplicates of."""

    def __init__(self) -> None:
        self._first: dict[Key, str] = {}
        self._expiring: list[tuple[int, Key]] = []

    def first(self, key: Key, now: int) -> str | None:
        """The id of what a publish with ``key`` duplicates at ``now`` (unix ms)."""
        while self._expiring and self._expiring[0][0] <= now:
            del self._first[heappop(self._expiring)[1]]
        return self._first.get(key)

    def remember(self, key: Key, made: str, until: int) -> None:
        """Up to ``until`` (unix ms), publishes with ``key`` are duplicates of what was made."""
        self._first[key] = made
        heappush(self._expiring, (until, key))

    def windows(self) -> Iterator[tuple[int, Key, str]]:
        """Every window: its end (unix ms), what is a duplicate in it, and what that duplicates.

        Some may have ended.
        """
        return ((end, key, self._first[key]) for end, key in sorted(self._expiring))


def until(request: PublishRequest, now: int) -> int:
    """When the window ends that a publish at ``now`` opens."""
    is_long = request.is_publication
    return now + (D95_PUBLICATION_WINDOW_MS if is_long else D95_DEDUPLICATION_WINDOW_MS)


def deduplication_id(key: Key) -> str | None:
    """The deduplication id in ``key``; None if the content makes duplicates."""
    kind, value = key[1:3] if key[0] == SCHEDULE else key[:2]
    return value if kind == "id" else None


def key_of(request: PublishRequest, command: PublishCommand) -> Key | None:
    """What duplicates of the message that ``command`` makes have in common; None if there are none.

    An id that was given beats the content.
    """
    is_whole = request.group is None or request.is_publication
    endpoint = () if is_whole else (command.url, command.extras.endpoint or "")
    if request.deduplication_id is not None:
        return ("id", request.deduplication_id, *endpoint)
    if request.is_content_deduplicated:
        return ("content", _digest(request, command), *endpoint)
    return None


def _digest(request: PublishRequest, command: PublishCommand) -> str:
    """The hash over destination, body and forwarded headers; other settings play no part (D97).

    Of a publication no headers count but those in its fingerprint.
    """
    destination = request.group or command.url
    hashed = hashlib.sha256()
    passed_on = () if request.is_publication else command.headers
    headers = sorted((name.lower(), value) for name, value in passed_on)
    texts = [destination, *(text for header in headers for text in header)]
    encoded = (text.encode("utf-8", "surrogateescape") for text in texts)
    for part in (*encoded, command.body, request.fingerprint):
        hashed.update(len(part).to_bytes(8))
        hashed.update(part)
    return hashed.hexdigest()
