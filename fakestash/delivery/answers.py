"""From what a destination gave back to an outcome, the same for every kind of destination.

Header names become canonical. A gzipped body is decoded, since every request offers gzip
(D98), and the headers that described its coded form are dropped, as Go's client does.
"""

import zlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from fakestash.model.outcomes import HeaderItems, Outcome, Responded, Unreachable
from fakestash.wire.names import canonical

_GZIP: Final = 31
"""``zlib``'s word for the gzip format with its largest window."""

_OF_CODED_FORM: Final = frozenset({"Content-Encoding", "Content-Length"})


def canonical_items(headers: Iterable[tuple[bytes, bytes]]) -> HeaderItems:
    """Header fields as a server sent them, with canonical names, in order."""
    fields = tuple(headers)
    try:
        return _canonical_items(fields)
    except (AttributeError, TypeError):  # other kinds of sequences and buffers, which few apps use
        return _canonical_items(tuple([(bytes(name), bytes(value)) for name, value in fields]))


# An endpoint answers with much the same headers again and again. Kept once, they take neither
# memory nor the garbage collector's time with every delivery that is remembered.
@lru_cache(maxsize=256)
def _canonical_items(headers: tuple[tuple[bytes, bytes], ...]) -> HeaderItems:
    return tuple(
        [(canonical(name.decode("latin-1")), value.decode("latin-1")) for name, value in headers]
    )


def answered(
    status: int,
    headers: HeaderItems,
    body: bytes,
    *,
    exception: BaseException | None = None,
    limit: int | None = None,
) -> Outcome:
    """The outcome of a complete answer. ``headers`` have canonical names.

    ``limit`` is the most of the body (decoded, in bytes) that is kept; if it is given, ``body``
    may itself have been cut to that length.
    """
    coded = [value for name, value in headers if name == "Content-Encoding"]
    if coded and "gzip" in map(str.lower, coded):
        try:
            body = _gunzip(body, limit)
        except zlib.error:
            return Unreachable("gzip: invalid header", exception=exception)
        except EOFError:
            return Unreachable("unexpected EOF", exception=exception)
        headers = tuple(item for item in headers if item[0] not in _OF_CODED_FORM)
    return Responded(status, headers, body if limit is None else body[:limit], 0, exception)


def server_error(exception: Exception, took: int = 0) -> Responded:
    """What a server answers when the app raised before it answered anything."""
    headers = (("Content-Type", "text/plain; charset=utf-8"),)
    return Responded(500, headers, b"Internal Server Error", took, exception)


def broken_off(exception: Exception) -> Unreachable:
    """What a client sees of an app that broke off in the middle of its answer."""
    return Unreachable("EOF", exception=exception)


def _gunzip(data: bytes, limit: int | None) -> bytes:
    """The decoded form of ``data``, which may be several gzip members in a row, or nothing.

    Raises:
        zlib.error: if it is not gzip, or damaged.
        EOFError: if its end is missing, though it was not cut to ``limit``.
    """
    was_cut = limit is not None and len(data) >= limit
    decoded = bytearray()
    while data:
        member = zlib.decompressobj(_GZIP)
        if limit is None:
            decoded += member.decompress(data)
        else:
            decoded += member.decompress(data, limit - len(decoded) + 1)
            if len(decoded) > limit:
                break
        if not member.eof:
            if was_cut:
                break
            raise EOFError
        data = member.unused_data
    return bytes(decoded)
