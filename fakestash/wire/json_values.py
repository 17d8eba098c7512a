"""JSON as the service writes it, and the pieces that its objects share.

Compact, keys in the order given, non-ASCII as it is (D24); header maps have canonical names,
sorted as the service's language sorts maps, and arrays of values.
"""

import base64
import json
from collections.abc import Iterable
from typing import Final, TypeAlias

from fakestash.wire.names import canonical
from fakestash.wire.values import shown

JsonObject: TypeAlias = dict[str, object]

_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def json_bytes(value: object) -> bytes:
    """``value`` as JSON in UTF-8.

    A lone surrogate, which a destination written in Python can answer, comes out as ``?``.
    """
    return _encode(value).encode("utf-8", "replace")


def header_map(items: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Header fields by canonical name."""
    found: dict[str, list[str]] = {}
    for name, value in items:
        found.setdefault(canonical(name), []).append(shown(value))
    return dict(sorted(found.items()))


def put(into: JsonObject, key: str, value: object) -> None:
    """Add ``value`` under ``key`` unless it is None: keys without a value are left out."""
    if value is not None:
        into[key] = value


def put_body(into: JsonObject, key: str, body: bytes) -> None:
    """Add ``body`` under ``key`` if it is all UTF-8, else in base64 under ``<key>Base64``.

    An empty one is not added.
    """
    if not body:
        return
    try:
        into[key] = body.decode("utf-8")
    except UnicodeDecodeError:
        into[f"{key}Base64"] = base64_text(body)


def base64_text(data: bytes) -> str:
    """Standard base64 with padding."""
    return base64.b64encode(data).decode("ascii")
