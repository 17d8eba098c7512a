"""Calling the API of a fake in this process: its answer is there at once."""

import json
from collections.abc import MutableMapping
from typing import Any, Final, cast
from urllib.parse import unquote

from fakestash.errors import InternalError
from fakestash.testing.root import Root

_HERE: Final = ("127.0.0.1", 0)


def call(
    fake: Root, method: str, path: str, headers: tuple[tuple[str, str], ...], body: bytes
) -> tuple[int, str]:
    """Call the API as the first user: the status, and what the service says if it refuses."""
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    raw_path, _, query = path.partition("?")
    items = (("authorization", f"Bearer {fake.token}"), *headers)
    scope: dict[str, Any] = {
        "type": "http",
        "method": method,
        "scheme": "http",
        "path": unquote(raw_path),
        "raw_path": raw_path.encode("utf-8"),
        "query_string": query.encode("utf-8"),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in items],
        "client": _HERE,
    }
    steps = fake.app(scope, receive, send).__await__()
    try:
        next(steps)
    except StopIteration:
        status: int = sent[0]["status"]
        return status, _error(sent[1]["body"])
    raise InternalError(f"the API waited for something while it answered {method} {path}")


def _error(body: bytes) -> str:
    try:
        found: Any = json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")
    return str(cast("dict[str, object]", found).get("error", "")) if isinstance(found, dict) else ""
