"""What ``Upstash-Redact-Fields`` asks to hide.

A list of ``body``, ``header`` (all of them) and ``header[Name]`` (one), separated by commas; the
plural is the same, because SDKs send one form and the documentation has the other. All words
are read in any case, and empty entries mean nothing.
"""

import re
from typing import Final

from fakestash import refusals
from fakestash.model.settings import Redaction
from fakestash.wire.names import canonical
from fakestash.wire.values import readable

_BODY: Final = "body"
_ALL_HEADERS: Final = frozenset({"header", "headers"})
_ONE_HEADER: Final = re.compile(
    r"headers?\[[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*\]", re.IGNORECASE | re.ASCII
)


def redaction(value: bytes) -> Redaction | None:
    """What to hide; None if the list names nothing.

    Raises:
        ServiceError: 400 for a field that cannot be hidden.
    """
    body = all_headers = False
    names: set[str] = set()
    for part in readable(value).split(","):
        field = part.strip(" \t")
        if not field:
            continue
        if field.lower() == _BODY:
            body = True
        elif field.lower() in _ALL_HEADERS:
            all_headers = True
        elif one := _ONE_HEADER.fullmatch(field):
            names.add(canonical(one[1]))
        else:
            raise refusals.invalid_redact_fields(field)
    if not (body or all_headers or names):
        return None
    return Redaction(body, all_headers, frozenset(names))
