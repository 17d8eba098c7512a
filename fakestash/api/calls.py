"""What goes into a handler and what comes out: a call of the API, and the reply to it."""

from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

from fakestash.decisions import D128_V1_JSON_DELETIONS
from fakestash.engine import Engine
from fakestash.wire.forwarding import RawHeaders
from fakestash.wire.json_values import json_bytes
from fakestash.wire.known import NOBODY, Watch
from fakestash.wire.parameters import Parameters

JSON: Final = b"application/json"
TEXT: Final = b"text/plain; charset=utf-8"


class Call(NamedTuple):
    """One authenticated request.

    ``arguments`` are the variable parts of its path: names and ids decoded once (D1), destinations
    as they came. ``query`` is the undecoded query string as Latin-1 text. ``body`` is empty where
    the endpoint reads none. ``token_in_header`` tells that ``Authorization`` held the token.
    ``llm_target`` is the URL that stands in for ``api/llm``; ``json_deletions`` has deletions of
    version 1 answered in JSON. ``watch`` is to be shown what is in the body.
    """

    user_id: str
    arguments: tuple[str, ...]
    query: str
    headers: RawHeaders
    body: bytes
    caller_ip: str
    token_in_header: bool
    llm_target: str | None = None
    json_deletions: bool = D128_V1_JSON_DELETIONS
    watch: Watch = NOBODY


class Hitch(NamedTuple):
    """What is wrong with the way of an answer: it is late, or the connection is closed instead."""

    seconds: float
    is_dropped: bool = False


class Reply(NamedTuple):
    """One response. An empty body goes without a content type: clients do not parse it (D25)."""

    status: int
    body: bytes = b""
    content_type: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    hitch: Hitch | None = None


Handler: TypeAlias = Callable[[Engine, Call], Reply]
"""Answers one call. It is no coroutine: all that is ever awaited, the body, is in the call."""

EMPTY: Final = Reply(200)


def json_reply(status: int, value: object) -> Reply:
    """A reply whose body is ``value`` as JSON."""
    return Reply(status, json_bytes(value), JSON)


def refuse_parameters(call: Call) -> None:
    """For a list that takes no parameters (D13).

    Raises:
        ServiceError: 400 naming the first one in the query.
    """
    Parameters.of_query(call.query, frozenset())
