"""The path of a request as it was sent: destinations must not be decoded."""

import re
from typing import Final
from urllib.parse import quote

from starlette.types import Scope

# A server has to take a target in absolute form too, as clients send it to proxies.
_SITE: Final = re.compile(r"https?://[^/]*", re.IGNORECASE)

# A question mark or hash in a decoded path has been an escape.
_PATH_SAFE: Final = "/%:@!$&'()*+,;=~[]"


def undecoded_path(scope: Scope) -> str:
    """The path as Latin-1 text, without the part that the service is mounted at.

    A server that hands over only the decoded path has it escaped again as far as that goes.
    """
    raw: bytes | None = scope.get("raw_path")
    path = quote(scope["path"], safe=_PATH_SAFE) if raw is None else raw.decode("latin-1")
    if not path.startswith("/"):
        path = _SITE.sub("", path, count=1)
    mounted_at: str = scope.get("root_path", "")
    return path.removeprefix(quote(mounted_at)) if mounted_at else path
