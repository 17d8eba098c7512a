"""Header names in canonical form, as the service stores and sends them."""

import re
from functools import lru_cache
from typing import Final

_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


@lru_cache(maxsize=1024)
def canonical(name: str) -> str:
    """``content-type`` as ``Content-Type``: Go's form, seen on every header of the service.

    The first letter and each letter after a hyphen is upper case, all others lower; a name with
    a character that no header name may hold stays as it is.
    """
    if not _TOKEN.fullmatch(name):
        return name
    return "-".join(part[:1].upper() + part[1:].lower() for part in name.split("-"))
