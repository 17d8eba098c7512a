"""Calls from web pages of other origins: the vendor's console calls a local server so (D26).

Any origin may call and send what it likes; the token is what protects the service. A
preflight is answered on any path without a token. Requests that name no origin get none of
these fields.
"""

from collections.abc import Iterable
from typing import Final

from starlette.types import Message, Scope, Send

_ORIGIN: Final = b"origin"
_ASKED_HEADERS: Final = b"access-control-request-headers"
_ANY: Final = b"*"

_NO_CONTENT: Final = 204

_ALWAYS: Final = (
    (b"access-control-allow-methods", b"GET, POST, PUT, PATCH, DELETE, OPTIONS"),
    (b"access-control-expose-headers", b"*"),
    (b"access-control-allow-private-network", b"true"),
    (b"access-control-max-age", b"600"),
)


def names_origin(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a request says which origin it comes from."""
    for name, value in headers:  # noqa: SIM110 - this is run for every request
        if name == _ORIGIN and value:
            return True
    return False


async def answer_preflight(scope: Scope, send: Send) -> None:
    """Allow what is asked for. The answer has no body, so it says nothing of its length."""
    header = _answer_header(scope["headers"])
    await send({"type": "http.response.start", "status": _NO_CONTENT, "headers": header})
    await send({"type": "http.response.body", "body": b""})


def with_answer_header(scope: Scope, send: Send) -> Send:
    """As ``send``, but the response that begins there lets its page read it."""

    async def send_readable(message: Message) -> None:
        if message["type"] == "http.response.start":
            header = [*message.get("headers", ()), *_answer_header(scope["headers"])]
            message = {**message, "headers": header}
        await send(message)

    return send_readable


def _answer_header(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The fields of an answer: they echo what the request names, or name anything."""
    origin, asked = _ANY, _ANY
    for name, value in headers:
        if name == _ORIGIN:
            origin = value or _ANY
        elif name == _ASKED_HEADERS:
            asked = value or _ANY
    return [
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-headers", asked),
        *_ALWAYS,
    ]
