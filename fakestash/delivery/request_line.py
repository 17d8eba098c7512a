"""How the URL of a delivery looks to whoever receives it: connection, path and query.

The path and the query go out byte for byte as published. Only what cannot stand in a
request line (blanks, characters beyond ASCII) is percent-escaped, as Go's client does.
"""

import string
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote, unquote_to_bytes

from fakestash.wire.urls import target


class RequestLine(NamedTuple):
    """A destination URL as an HTTP server takes it apart.

    ``raw_path`` and ``query`` are as sent, also as bytes; ``path`` is decoded as ASGI wants it,
    ``path_info`` as WSGI does.
    """

    scheme: str
    host: str
    port: int
    netloc: str
    raw_path: str
    query: str
    path: str
    path_info: str
    raw_path_bytes: bytes
    query_bytes: bytes

    @property
    def request_target(self) -> str:
        """Path and query together."""
        return f"{self.raw_path}?{self.query}" if self.query else self.raw_path


@lru_cache(maxsize=4096)
def request_line(url: str) -> RequestLine:
    """The request line for ``url``.

    Raises:
        ValueError: if it is not an absolute http(s) URL.
    """
    parts = target(url)
    raw_path, query = _escaped(parts.path), _escaped(parts.query)
    return RequestLine(
        scheme=parts.scheme,
        host=parts.host,
        port=parts.port,
        netloc=parts.netloc,
        raw_path=raw_path,
        query=query,
        path=unquote(raw_path),
        path_info=unquote_to_bytes(raw_path).decode("latin-1"),
        raw_path_bytes=raw_path.encode("ascii"),
        query_bytes=query.encode("ascii"),
    )


def _escaped(text: str) -> str:
    return quote(text, safe=string.punctuation)
