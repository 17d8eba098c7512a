"""What arrives at destinations, as values that can be compared whole.

Ids are drawn at random, so they stand here under names: those that a test gives, and
``message 1`` and so on for the others. Signatures have a test of their own.
"""

import json
from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from fakestash import FakeQStash

START: Final = 1_767_225_600_000
"""Where the clock of the fake starts: 2026-01-01 00:00:00 UTC."""

HOOK: Final = "https://shop.test/hook"


class Arrival(NamedTuple):
    """One delivery: ms after the start, the request, and the status or error it came to."""

    at: int
    method: str
    url: str
    header: Mapping[str, str]
    body: bytes
    came_back: int | str | None = 200


def arrivals(fake: FakeQStash, **names: str) -> list[Arrival]:
    """Everything that was delivered, in order; ``names`` gives the ids that names stand for."""
    ids = {id_: name for name, id_ in names.items()}
    for delivery in fake.deliveries:
        ids.setdefault(delivery.message_id, f"message {len(ids) - len(names) + 1}")
    found: list[Arrival] = []
    for delivery in fake.deliveries:
        fields = delivery.headers.items_in_order
        header = {name: ids.get(value, value) for name, value in fields}
        assert len(header) == len(fields)
        del header["Upstash-Signature"]
        body = _named(delivery.body, ids)
        if "Content-Length" in header:  # names and ids differ in length
            assert header["Content-Length"] == str(len(delivery.body))
            header["Content-Length"] = str(len(body))
        at = round(delivery.at.timestamp() * 1000) - START
        came_back = delivery.error if delivery.status is None else delivery.status
        found.append(Arrival(at, delivery.method, delivery.url, header, body, came_back))
    return found


def arrival(
    at: int = 0,
    *,
    method: str = "POST",
    url: str = HOOK,
    body: bytes = b"hi",
    message: str = "message",
    retried: int = 0,
    header: Mapping[str, str] | None = None,
    came_back: int | str | None = 200,
) -> Arrival:
    """A delivery with all that every delivery has; ``header`` are further fields."""
    has_length = body or method in {"POST", "PUT"}
    complete = {
        "Host": urlsplit(url).netloc,
        "User-Agent": "Upstash-QStash",
        **({"Content-Length": str(len(body))} if has_length else {}),
        "Upstash-Caller-Ip": "127.0.0.1",
        "Upstash-Message-Id": message,
        "Upstash-Region": "EU-CENTRAL-1",
        "Upstash-Retried": str(retried),
        "Accept-Encoding": "gzip",
        **(header or {}),
    }
    return Arrival(at, method, url, complete, body, came_back)


def _named(body: bytes, ids: Mapping[str, str]) -> bytes:
    for id_, name in ids.items():
        body = body.replace(id_.encode(), name.encode())
    return body


def compact(value: object) -> bytes:
    """JSON as the service writes it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
