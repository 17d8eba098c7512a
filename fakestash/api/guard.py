"""Who may call what is under ``/_fakestash``, which moves time and rewrites the world.

A web page that somebody looks at can send requests to servers on the same machine, and this
needs no token. Two ways are open to it. It can call a loopback address: then the browser names
the page's origin. Or it can have its own host name lead here (DNS rebinding): then the browser
takes the server for the page's own, and ``Host`` names it. So a request needs

- an origin on this machine, or the one that it calls, or none: other clients name none;
- a host that nobody on the internet can have: an address, a name without dots (``localhost``,
  a container), or one under a domain that is reserved for private use.

The control token, if there is one, is the other way in, and then the only one. The service's own
routes are left alone: their bearer token protects them as far as it does on the service, and the
vendor's console has to reach them from its web page.
"""

from collections.abc import Iterable
from hmac import compare_digest
from ipaddress import ip_address
from typing import Final
from urllib.parse import unquote_to_bytes, urlsplit

from starlette.types import Scope

from fakestash.errors import ServiceError

OURS: Final = "/_fakestash"
TOKEN_HEADER: Final = b"x-fakestash-token"
TOKEN_PARAMETER: Final = b"control_token"

_HARMLESS: Final = f"{OURS}/openapi.json"
"""It says nothing about what is going on, and tools that read it send no headers."""

_PRIVATE_DOMAINS: Final = (
    ".localhost",
    ".internal",  # host.docker.internal, and what clouds and companies have inside
    ".local",
    ".test",
    ".home.arpa",
)
"""Nobody can register a name under these."""


class Guard:
    """Lets requests through that may control the server.

    Args:
        token: the control token; without one, whoever can connect may control the server, except
            web pages from elsewhere.
        names: further host names that the server is called by.
    """

    def __init__(self, token: str | None = None, names: Iterable[str] = ()) -> None:
        self._token = None if token is None else token.encode()
        self._names = frozenset(name.lower() for name in names)

    def check(self, scope: Scope) -> None:
        """See whether a request may be answered; one that is for none of our routes may.

        Raises:
            ServiceError: 401 without the control token, 403 for what a web page may have sent.
        """
        path = _own_path(scope)
        if not path.startswith(OURS) or path == _HARMLESS:
            return
        header = dict[bytes, bytes](reversed(scope["headers"]))  # of several, the first counts
        if self._token is not None:
            _check_token(header, scope["query_string"], self._token)
            return
        host = header.get(b"host", b"").decode("latin-1")
        if host and not self._is_private(host_name(host)):
            raise _refusal_of_host(host)
        origin = header.get(b"origin", b"").decode("latin-1")
        if origin and not _is_at_home(origin, host):
            raise _refusal_of_origin(origin)

    def _is_private(self, name: str) -> bool:
        return (
            "." not in name
            or name.endswith(_PRIVATE_DOMAINS)
            or name in self._names
            or _is_address(name)
        )


def host_name(host: str) -> str:
    """The name or address in a ``Host``, lower case, without its port."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:  # a bracket too many
        name = host
    return name.lower().removesuffix(".")


def _own_path(scope: Scope) -> str:
    """The path below the place where the app is mounted, as words are compared."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", "")).lower().rstrip("/")


def _check_token(header: dict[bytes, bytes], query: bytes, token: bytes) -> None:
    sent = header.get(TOKEN_HEADER) or _token_in(query)
    if not sent:
        raise ServiceError(
            401,
            "this server wants its control token here: send it as X-Fakestash-Token, or as the "
            "query parameter control_token",
        )
    if not compare_digest(sent, token):
        raise ServiceError(401, "this is not the control token that the server was started with")


def _token_in(query: bytes) -> bytes:
    for piece in query.split(b"&"):
        key, _, value = piece.partition(b"=")
        if key == TOKEN_PARAMETER:
            return unquote_to_bytes(value)
    return b""


def _is_at_home(origin: str, host: str) -> bool:
    """Whether a page is served by this machine, or by this server."""
    try:
        parts = urlsplit(origin)
        name = parts.hostname or ""
    except ValueError:
        return False
    return parts.netloc == host or name == "localhost" or _is_loopback(name)


def _is_loopback(name: str) -> bool:
    return name.endswith(".localhost") or (_is_address(name) and ip_address(name).is_loopback)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _refusal_of_host(host: str) -> ServiceError:
    return ServiceError(
        403,
        f"a web page could have sent this, because anybody may own the name {host!r:.200}: call "
        "/_fakestash by an address, by localhost or another name without dots, or start the "
        "server with a control token",
    )


def _refusal_of_origin(origin: str) -> ServiceError:
    return ServiceError(
        403,
        f"the web page at {origin!r:.200} may not control this server: call /_fakestash from a "
        "page on this machine, from no page at all, or start the server with a control token",
    )
