"""The in-process transport: what the app sees, what clients get, and what it refuses to hide."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fakestash import FakeQStash
from fakestash.errors import InternalError
from fakestash.line import WAIT, CallDroppedError
from fakestash.transport import InProcessTransport

URL = "http://fake.test"


class Mirror:
    """An app that answers 201 and remembers what it was called with."""

    def __init__(self) -> None:
        self.scope: Scope = {}
        self.received: list[Message] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self.received = [await receive(), await receive()]
        headers = [(b"content-type", b"text/plain"), (b"x", b"1"), (b"x", b"2")]
        await send({"type": "http.response.start", "status": 201, "headers": headers})
        await send({"type": "http.response.body", "body": b"in two ", "more_body": True})
        await send({"type": "http.response.body", "body": b"parts"})


@pytest.fixture
def mirror() -> Mirror:
    return Mirror()


@pytest.fixture
def client(mirror: Mirror) -> Iterator[httpx.Client]:
    with httpx.Client(transport=InProcessTransport(mirror), base_url=URL) as client:
        yield client


def test_the_app_sees_the_request_as_a_server_would_hand_it_over(
    mirror: Mirror, client: httpx.Client
) -> None:
    client.headers.clear()

    client.put(
        "/v2/a%20b?c=d", content=b"body", headers=[(b"X-Twice", b"1"), (b"x-twice", b"\xe9")]
    )

    assert list(mirror.scope.pop("extensions")) == [WAIT]
    assert mirror.scope == {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "PUT",
        "scheme": "http",
        "path": "/v2/a b",
        "raw_path": b"/v2/a%20b",
        "query_string": b"c=d",
        "root_path": "",
        "headers": [
            (b"host", b"fake.test"),
            (b"x-twice", b"1"),
            (b"x-twice", b"\xe9"),
            (b"content-length", b"4"),
        ],
        "client": ("127.0.0.1", 0),
        "server": ("fake.test", 80),
    }


@pytest.mark.parametrize(
    ("path", "raw_path", "query"),
    [
        ("/v2/publish/https://a.test", b"/v2/publish/https://a.test", b""),
        ("/v2/publish/https://a.test//b/", b"/v2/publish/https://a.test//b/", b""),
        ("/v2/publish/https%3A%2F%2Fa.test", b"/v2/publish/https%3A%2F%2Fa.test", b""),
        ("/v2/publish/https://a.test/%C3%A9", b"/v2/publish/https://a.test/%C3%A9", b""),
        ("/v2/publish/https://a.test/?b=%20&c=?d", b"/v2/publish/https://a.test/", b"b=%20&c=?d"),
    ],
)
def test_the_path_arrives_byte_for_byte(
    mirror: Mirror, client: httpx.Client, path: str, raw_path: bytes, query: bytes
) -> None:
    client.post(path)

    assert (mirror.scope["raw_path"], mirror.scope["query_string"]) == (raw_path, query)


def test_the_body_arrives_once_and_then_the_client_is_gone(
    mirror: Mirror, client: httpx.Client
) -> None:
    def parts() -> Iterator[bytes]:
        yield b"in two "
        yield b"parts"

    client.post("/", content=parts())

    assert mirror.received == [
        {"type": "http.request", "body": b"in two parts", "more_body": False},
        {"type": "http.disconnect"},
    ]


def test_the_client_gets_the_whole_response(client: httpx.Client) -> None:
    response = client.get("/")

    assert (response.status_code, response.text) == (201, "in two parts")
    assert response.headers.multi_items() == [
        ("content-type", "text/plain"),
        ("x", "1"),
        ("x", "2"),
    ]
    assert response.elapsed.total_seconds() >= 0


def test_a_response_can_be_streamed(client: httpx.Client) -> None:
    with client.stream("GET", "/") as response:
        assert list(response.iter_bytes()) == [b"in two parts"]


def test_the_answer_to_head_has_no_body(client: httpx.Client) -> None:
    assert client.head("/").content == b""


def test_the_app_sees_the_peer_that_it_is_told(mirror: Mirror) -> None:
    with httpx.Client(transport=InProcessTransport(mirror, ("10.1.2.3", 4))) as client:
        client.get("https://fake.test")

    assert mirror.scope["client"] == ("10.1.2.3", 4)
    assert mirror.scope["server"] == ("fake.test", 443)


async def ask(mirror: Mirror) -> tuple[int, bytes]:
    async with httpx.AsyncClient(transport=InProcessTransport(mirror), base_url=URL) as client:
        response = await client.post("/", content=b"body")
    return response.status_code, mirror.received[0]["body"]


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_an_async_client_is_served_under_any_event_loop(mirror: Mirror) -> None:
    assert await ask(mirror) == (201, b"body")


@pytest.mark.asyncio
async def test_a_blocking_client_is_served_while_an_event_loop_runs(client: httpx.Client) -> None:
    assert client.get("/").status_code == 201  # noqa: ASYNC212 - that is the point


def test_an_async_client_needs_no_event_loop(mirror: Mirror) -> None:
    asking = ask(mirror)

    with pytest.raises(StopIteration) as end:
        asking.send(None)

    assert end.value.value == (201, b"body")


def ask_for_it(app: ASGIApp) -> httpx.Response:
    with httpx.Client(transport=InProcessTransport(app), base_url=URL) as client:
        return client.get("/x")


@pytest.mark.asyncio
async def test_an_app_that_waits_is_a_defect() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.Event().wait()

    with pytest.raises(InternalError) as error:
        ask_for_it(app)

    assert str(error.value) == (
        "the app waited for something while it answered GET http://fake.test/x"
    )


def test_an_app_that_does_not_answer_is_a_defect() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200})

    with pytest.raises(InternalError) as error:
        ask_for_it(app)

    assert str(error.value) == "the app ended without answering GET http://fake.test/x"


def test_what_an_app_raises_instead_of_an_answer_is_raised() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise LookupError("no answer")

    with pytest.raises(LookupError, match=r"^no answer$"):
        ask_for_it(app)


def test_what_an_app_raises_after_its_answer_does_not_take_it_back() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 500})
        await send({"type": "http.response.body", "body": b"a defect"})
        raise LookupError("for the log of a server")

    response = ask_for_it(app)

    assert (response.status_code, response.content) == (500, b"a defect")


# --- with a fake ---------------------------------------------------------------------------


def authorized(fake: FakeQStash) -> dict[str, str]:
    return {"Authorization": f"Bearer {fake.token}"}


def bodies_published(fake: FakeQStash) -> list[tuple[str, bytes]]:
    return [(message.command.url, message.command.body) for message in fake.engine.pending()]


def test_a_fake_takes_what_a_blocking_client_publishes() -> None:
    with (
        FakeQStash() as fake,
        httpx.Client(transport=fake.transport, base_url=fake.url) as client,
    ):
        answer = client.post(
            "/v2/publish/https://shop.test//a%20b?c=d", headers=authorized(fake), content=b"hello"
        )

        assert answer.status_code == 201
        assert bodies_published(fake) == [("https://shop.test//a%20b?c=d", b"hello")]


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_a_fake_takes_what_an_async_client_publishes() -> None:
    fake = FakeQStash()
    async with httpx.AsyncClient(transport=fake.transport, base_url=fake.url) as client:
        answer = await client.post(
            "/v2/publish/https://shop.test", headers=authorized(fake), content=b"hello"
        )

    assert answer.status_code == 201
    assert bodies_published(fake) == [("https://shop.test", b"hello")]
    fake.close()


def test_a_refusal_is_a_response() -> None:
    with FakeQStash() as fake, httpx.Client(transport=fake.transport) as client:
        answer = client.get(f"{fake.url}/v2/messages/msg_1")

    assert (answer.status_code, answer.json()) == (
        401,
        {"error": "unable to authenticate: missing token"},
    )


def test_a_defect_is_a_response_and_raised_when_the_fake_is_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fake = FakeQStash()
    monkeypatch.setattr(fake.engine, "message", lambda user_id, message_id: 1 / 0)

    with httpx.Client(transport=fake.transport) as client:
        answer = client.get(f"{fake.url}/v2/messages/msg_1", headers=authorized(fake))

    assert (answer.status_code, answer.json()) == (500, {"error": "internal server error"})
    with pytest.raises(ZeroDivisionError):
        fake.close()


# --- late answers and lost connections -----------------------------------------------------


async def late(scope: Scope, receive: Receive, send: Send) -> None:
    """An app whose answer takes two seconds."""
    scope["extensions"][WAIT]["wait"](2.0)
    await send({"type": "http.response.start", "status": 204})
    await send({"type": "http.response.body"})


async def dropping(scope: Scope, receive: Receive, send: Send) -> None:
    raise CallDroppedError


@pytest.mark.parametrize("patience", [2.0, None, httpx.Timeout(1.0, read=2.0)])
def test_an_answer_that_is_late_is_there_at_once(patience: float | httpx.Timeout | None) -> None:
    with httpx.Client(transport=InProcessTransport(late), base_url=URL, timeout=patience) as client:
        assert client.get("/").status_code == 204


def test_an_answer_for_which_the_client_does_not_wait_is_its_time_out() -> None:
    with (
        httpx.Client(transport=InProcessTransport(late), base_url=URL, timeout=1.999) as client,
        pytest.raises(httpx.ReadTimeout, match=r"^The read operation timed out$") as raised,
    ):
        client.get("/x")

    assert raised.value.request.url == f"{URL}/x"


def test_a_lost_connection_is_told_as_over_a_socket() -> None:
    with (
        httpx.Client(transport=InProcessTransport(dropping), base_url=URL) as client,
        pytest.raises(
            httpx.RemoteProtocolError, match=r"^Server disconnected without sending a response\.$"
        ) as raised,
    ):
        client.get("/x")

    assert raised.value.request.url == f"{URL}/x"
