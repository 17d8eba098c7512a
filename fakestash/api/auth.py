"""Who calls: a bearer token in ``Authorization``, or the query parameter ``qstash_token``.

A token in the header wins (D5), and an unknown one is refused as such whatever region it
may belong to (D6). An ``Authorization`` of another scheme is not for this service: the
parameter counts then, so that a caller with credentials for the destination can publish.
A read-only token may only look.
"""

from typing import Final, NamedTuple

from fakestash import refusals
from fakestash.engine import Engine
from fakestash.wire import query as query_strings
from fakestash.wire.forwarding import AUTHORIZATION, RawHeaders

_SCHEME: Final = b"Bearer "
_SCHEME_LENGTH: Final = len(_SCHEME)

_LOOKING: Final = frozenset({"GET", "HEAD"})


class Authenticated(NamedTuple):
    """The user who calls; ``token_in_header`` if ``Authorization`` held the token."""

    user_id: str
    token_in_header: bool


def authenticate(engine: Engine, method: str, headers: RawHeaders, query: str) -> Authenticated:
    """The user whose token comes with a request.

    Raises:
        ServiceError: 401 if there is no token, or no user with it; 403 if the token is read-only
            and the method is not (D7).
    """
    token, in_header = sent_token(headers, query)
    if not token:
        raise refusals.missing_token()
    caller = engine.authenticate(token)
    if caller is None:
        raise refusals.invalid_token()
    if caller.read_only and method not in _LOOKING:
        raise refusals.read_only_token()
    return Authenticated(caller.user_id, in_header)


def sent_token(headers: RawHeaders, query: str) -> tuple[str, bool]:
    """The token that comes with a request, empty if none does; and if it is in the header."""
    token = _bearer_token(headers)
    if token or not query:
        return token, bool(token)
    return query_strings.token(query), False


def _bearer_token(headers: RawHeaders) -> str:
    """The token in the first ``Authorization`` that has one; empty if none does."""
    for name, value in headers:
        if name == AUTHORIZATION:
            scheme, token = value[:_SCHEME_LENGTH], value[_SCHEME_LENGTH:]
            if token and (scheme == _SCHEME or scheme.lower() == _SCHEME.lower()):
                return token.decode("latin-1")
    return ""
