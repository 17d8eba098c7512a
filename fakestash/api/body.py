"""Reading the body of a request: the only thing that is ever awaited here."""

from collections.abc import Iterable

from starlette.types import Message, Receive

from fakestash import refusals
from fakestash.decisions import D19_MAX_REQUEST_BYTES
from fakestash.wire.values import natural


class ClientGoneError(Exception):
    """The client went away before its request was complete: there is nobody to answer."""


async def read_body(headers: Iterable[tuple[bytes, bytes]], receive: Receive) -> bytes:
    """The whole body.

    Raises:
        ClientGoneError: if it breaks off.
        ServiceError: 413 if it is too large (D19); not all of it has been read then.
    """
    message = await receive()
    chunk = _chunk(message)
    if not message.get("more_body", False):
        _check_size(len(chunk))
        return chunk
    _check_size(_announced_size(headers))
    chunks = [chunk]
    size = len(chunk)
    while message.get("more_body", False):
        message = await receive()
        chunks.append(_chunk(message))
        size += len(chunks[-1])
        _check_size(size)
    return b"".join(chunks)


def _chunk(message: Message) -> bytes:
    if message["type"] == "http.disconnect":
        raise ClientGoneError
    body: bytes = message.get("body", b"")
    return body


def _announced_size(headers: Iterable[tuple[bytes, bytes]]) -> int:
    """The ``Content-Length``; 0 if there is none that can be understood."""
    for name, value in headers:
        if name == b"content-length":
            return natural(value.decode("latin-1")) or 0
    return 0


def _check_size(size: int) -> None:
    if size > D19_MAX_REQUEST_BYTES:
        raise refusals.request_too_large()
