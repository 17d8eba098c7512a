"""A client for ASGI apps: one call is one step of the app's coroutine, in this thread."""

import asyncio
import json
from collections.abc import Iterable, MutableMapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias
from urllib.parse import unquote

from starlette.types import ASGIApp

from fakestash.api.app import create_app
from fakestash.api.errors import OnDefect
from fakestash.api.strictness import Strictness
from fakestash.engine import Engine
from fakestash.model.users import DEFAULT_USER, PREDEFINED_USERS
from fakestash.plans import PAYG, Plan
from tests.builders import Answer, Stage

Header: TypeAlias = tuple[str, str]
Event: TypeAlias = MutableMapping[str, Any]

PEER: Final = ("203.0.113.7", 54321)

BEARER: Final = ("Authorization", f"Bearer {DEFAULT_USER.token}")
READ_ONLY: Final = ("Authorization", f"Bearer {DEFAULT_USER.read_only_token}")
SOMEBODY_ELSE: Final = ("Authorization", f"Bearer {PREDEFINED_USERS[1].token}")

USERS: Final = (DEFAULT_USER.id, PREDEFINED_USERS[1].id)
"""Those whose data a refused call must leave alone."""


class Response(NamedTuple):
    """A whole response: header fields as sent, body as text."""

    status: int
    header: tuple[Header, ...]
    body: str


class Exchange:
    """What the app is given to read, and what it sends."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.unread = list(events)
        self.sent: list[Event] = []

    async def receive(self) -> Event:
        if not self.unread:  # the client is there, and says no more
            await asyncio.Event().wait()
        return self.unread.pop(0)

    async def send(self, event: Event) -> None:
        self.sent.append(event)


def scope_of(method: str, target: str, header: Sequence[Header] = (), **more: object) -> Event:
    """The scope of a request as a server makes it: lower-case names, blanks trimmed."""
    path, _, query = target.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "root_path": "",
        "headers": [
            (name.lower().encode(), value.strip(" \t").encode("latin-1")) for name, value in header
        ],
        "client": PEER,
        "server": ("127.0.0.1", 8080),
        **more,
    }


def run(app: ASGIApp, scope: Event, *events: Event) -> Exchange:
    """Call the app, which must not wait for anything but the events that are there."""
    exchange = Exchange(events)
    try:
        app(scope, exchange.receive, exchange.send).__await__().__next__()
    except StopIteration:
        return exchange
    raise AssertionError("the app waited for something")


def response_of(exchange: Exchange) -> Response:
    """The response in an exchange; it must be start and body, and nothing else."""
    start, body = exchange.sent
    assert (start["type"], body["type"]) == ("http.response.start", "http.response.body")
    header = tuple((name.decode(), value.decode("latin-1")) for name, value in start["headers"])
    return Response(start["status"], header, body["body"].decode())


class Api:
    """The API of an engine on a virtual clock, whose destinations give ``answers``."""

    def __init__(
        self,
        *answers: Answer,
        on_defect: OnDefect | None = None,
        plan: Plan = PAYG,
        llm_target: str | None = None,
        v1_json_deletions: bool = False,
        is_fatal: bool = False,
    ) -> None:
        self.stage = Stage(*answers, plan=plan)
        self.strictness = Strictness(self.stage.engine.clock, is_fatal=is_fatal)
        self.app = create_app(
            self.stage.engine,
            strictness=self.strictness,
            on_defect=on_defect,
            llm_target=llm_target,
            v1_json_deletions=v1_json_deletions,
        )

    @property
    def engine(self) -> Engine:
        return self.stage.engine

    def call(
        self,
        method: str,
        target: str,
        *header: Header,
        body: bytes = b"",
        token: Header | None = BEARER,
    ) -> Response:
        """Make one request; ``token`` is its ``Authorization``."""
        fields = (*([token] if token else []), *header)
        event = {"type": "http.request", "body": body, "more_body": False}
        return response_of(run(self.app, scope_of(method, target, fields), event))

    def publish(self, *header: Header, target: str = "https://shop.test/hook") -> str:
        """Publish; the id of the message."""
        response = self.call("POST", f"/v2/publish/{target}", *header, body=b"hi")
        assert response.status == 201, response
        return response.body.removeprefix('{"messageId":"').removesuffix('"}')

    def send(self, method: str, target: str, value: object = None, *header: Header) -> Response:
        """Make one request with ``value`` as JSON, or without a body."""
        body = b"" if value is None else json.dumps(value).encode()
        return self.call(method, target, *header, body=body)

    def read(self, target: str, method: str = "GET") -> Any:  # noqa: ANN401 - it is any JSON
        """What a call that must succeed answers, as JSON."""
        response = self.call(method, target)
        assert response.status < 300, response
        return json.loads(response.body)

    def has(self, method: str, target: str, value: object = None, *header: Header) -> None:
        """Arrange something by a call that must succeed."""
        response = self.send(method, target, value, *header)
        assert response.status < 300, response

    def ids(self) -> list[str]:
        """The ids of all messages under way, as accepted."""
        return [message.id for message in self.engine.pending()]

    def state(self) -> object:
        """All that a refused call must leave as it is."""
        engine = self.engine
        return (
            [
                (
                    [(entry.id, entry.state, entry.message.id) for entry in engine.whole_log(user)],
                    [letter.dlq_id for letter in engine.all_dead_letters(user)],
                    engine.queues.list(user),
                    engine.url_groups.list(user),
                    engine.schedules.list(user),
                    engine.flow_control.list(user, ""),
                    engine.signing_keys(user),
                    [publication.id for publication in engine.publications.list(user).rows],
                )
                for user in USERS
            ],
            [(message.id, message.state) for message in engine.pending()],
            engine.next_timer(),
        )


def json_response(status: int, body: str, *header: Header) -> Response:
    """A response with JSON in it."""
    length = ("content-length", str(len(body.encode())))
    return Response(status, (length, ("content-type", "application/json"), *header), body)


def error_response(status: int, text: str, *header: Header) -> Response:
    """The error envelope."""
    body = json.dumps({"error": text}, ensure_ascii=False, separators=(",", ":"))
    return json_response(status, body, *header)


EMPTY: Final = Response(200, (("content-length", "0"),), "")
