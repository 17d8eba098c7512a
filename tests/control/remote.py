"""A fake under remote control: its control API, called in one step of its coroutine."""

import json
from typing import Any, TypeAlias

from starlette.types import ASGIApp

from fakestash import FakeQStash
from fakestash.api.guard import Guard
from fakestash.control import is_control
from fakestash.control.app import Control
from fakestash.control.subject import Subject
from fakestash.testing.root import Root
from tests.api.client import BEARER, Event, Exchange, Header, Response, response_of, run, scope_of
from tests.control.schema import check_answer

Json: TypeAlias = Any


def controlled(fake: Root, guard: Guard | None = None) -> ASGIApp:
    """The control API of a fake; what is for the service goes to that."""
    control = Control(Subject(fake, _raise), guard)

    async def app(scope: Event, receive: Any, send: Any) -> None:  # noqa: ANN401 - as servers call it
        await (control if is_control(scope) else fake.app)(scope, receive, send)

    return app


def _raise(defect: BaseException) -> None:
    raise defect


class Remote:
    """A fake, and the JSON that comes back when its control API is called."""

    def __init__(self, fake: Root | None = None, guard: Guard | None = None) -> None:
        self.fake = fake or FakeQStash()
        self.app = controlled(self.fake, guard)

    def get(self, path: str, *header: Header) -> Json:
        """What a GET that must succeed answers."""
        status, found = self.call("GET", path, b"", *header)
        assert status == 200, found
        return found

    def post(self, path: str, body: object = None, *header: Header) -> tuple[int, Json]:
        """POST something as JSON, or nothing."""
        return self.call("POST", path, b"" if body is None else json.dumps(body).encode(), *header)

    def done(self, path: str, body: object = None, *header: Header) -> Json:
        """What a POST that must succeed answers."""
        status, found = self.post(path, body, *header)
        assert status == 200, found
        return found

    def delete(self, path: str) -> tuple[int, Json]:
        """DELETE something."""
        return self.call("DELETE", path, b"")

    def call(self, method: str, path: str, body: bytes, *header: Header) -> tuple[int, Json]:
        """Status and JSON of any call."""
        response = self.response(method, path, body, *header)
        found = json.loads(response.body) if response.body else None
        check_answer(method, f"/_fakestash{path.partition('?')[0]}", response.status, found)
        return response.status, found

    def response(self, method: str, path: str, body: bytes = b"", *header: Header) -> Response:
        """The whole response to any call."""
        event = {"type": "http.request", "body": body, "more_body": False}
        scope = scope_of(method, f"/_fakestash{path}", header)
        return response_of(run(self.app, scope, event))

    def exchange(self, method: str, path: str, body: object, *header: Header) -> list[Event]:
        """All that is sent in answer to a call, piece by piece."""
        content = b"" if body is None else json.dumps(body).encode()
        scope = scope_of(method, f"/_fakestash{path}", header)
        return run(self.app, scope, {"type": "http.request", "body": content}).sent

    async def called(self, method: str, path: str, body: object = None) -> tuple[int, Json]:
        """Any call, which may wait in the event loop that runs."""
        events = [
            {"type": "http.request", "body": json.dumps(body).encode() if body is not None else b""}
        ]
        exchange = Exchange(events)
        await self.app(scope_of(method, f"/_fakestash{path}"), exchange.receive, exchange.send)
        start, *pieces = exchange.sent
        content = b"".join(piece.get("body", b"") for piece in pieces)
        return start["status"], json.loads(content) if content else None

    def publish(
        self,
        url: str,
        *header: Header,
        body: bytes = b"",
        version: str = "v2/publish",
        caller: Header = BEARER,
    ) -> str:
        """Publish, as the default user unless told; the id of the message, or of the schedule."""
        event = {"type": "http.request", "body": body, "more_body": False}
        scope = scope_of("POST", f"/{version}/{url}", (caller, *header))
        response = response_of(run(self.app, scope, event))
        assert response.status < 300, response
        found: dict[str, str] = json.loads(response.body)
        return found.get("messageId") or found["scheduleId"]
