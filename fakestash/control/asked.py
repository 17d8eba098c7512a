"""What a route of the control API is asked, and what it takes and answers."""

from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from fakestash.api.calls import Reply, json_reply
from fakestash.errors import FakeStashError
from fakestash.wire.json_values import JsonObject

if TYPE_CHECKING:
    from fakestash.control.subject import Subject
    from fakestash.testing.root import Root

Json: TypeAlias = dict[str, Any]

BAD: Final = 400
NOT_FOUND: Final = 404
REFUSED_NOW: Final = 409
TOO_MANY: Final = 429
NOT_THERE: Final = 501


class ControlError(FakeStashError):
    """A refusal of the control API: its status, and a text that says what to do."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class Asked(NamedTuple):
    """One request: whom it is for, and what it says.

    ``arguments`` are the variable parts of its path, decoded. ``fields`` are those of the body,
    ``query`` those of the query string: all of them are ones that the route takes. ``accept`` is
    the media types that the client wants.
    """

    subject: "Subject"
    user_id: str
    arguments: tuple[str, ...]
    query: Mapping[str, str]
    fields: Json
    accept: str

    @property
    def fake(self) -> "Root":
        """The fake, whose own questions are about the user who asks."""
        return self.subject.fake.of_user(self.user_id)


class Streamed(NamedTuple):
    """A reply that comes piece by piece."""

    content_type: bytes
    pieces: AsyncGenerator[bytes, None]


Answer: TypeAlias = Reply | Streamed
Handler: TypeAlias = Callable[[Asked], Coroutine[Any, Any, Answer]]


class Endpoint(NamedTuple):
    """One method of one route: what answers it, and what is said of it in its description.

    ``fields`` (of the body) and ``query`` are JSON schemas by name, ``required`` names fields that
    must be there. ``answer`` is the schema of success, None for an empty body; ``refusals`` are
    statuses beside those that every route has.
    """

    handler: Handler
    summary: str
    answer: JsonObject | None
    fields: Mapping[str, JsonObject] = {}
    required: tuple[str, ...] = ()
    query: Mapping[str, JsonObject] = {}
    refusals: tuple[int, ...] = ()
    status: int = 200
    is_text: bool = False
    streams: bool = False


Routes: TypeAlias = Mapping[tuple[str, str], Endpoint]
"""Endpoints by method and path template."""


def told(value: Mapping[str, object], status: int = 200) -> Reply:
    """A reply in JSON."""
    return json_reply(status, value)
