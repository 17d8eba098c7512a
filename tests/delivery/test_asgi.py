"""An ASGI app as destination: what it is called with, and what comes of what it does."""

import asyncio
import gzip
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, NoReturn

import anyio
import pytest
import trio

from fakestash.delivery.asgi import AsgiDestination
from fakestash.delivery.lifespan import AsgiApp
from fakestash.delivery.outbound import OutboundRequest
from fakestash.errors import UsageError
from fakestash.model.outcomes import Outcome, Responded, Unreachable
from tests.delivery.requests import a_request

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Handler = Callable[[Receive, Send], Awaitable[None]]

START: Message = {"type": "http.response.start", "status": 200, "headers": []}
END: Message = {"type": "http.response.body", "body": b"", "more_body": False}

SERVER_ERROR = ("Content-Type", "text/plain; charset=utf-8"), b"Internal Server Error"


def app_of(handler: Handler) -> AsgiApp:
    """An app without lifespan that handles requests by ``handler``."""

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError("only http is spoken here")
        await handler(receive, send)

    return app


def sends(*messages: Message) -> AsgiApp:
    """An app that sends ``messages`` and returns."""

    async def handler(receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    return app_of(handler)


def outcome_of(app: AsgiApp, request: OutboundRequest | None = None) -> Outcome:
    return asyncio.run(AsgiDestination(app).call(request or a_request()))


def scope_for(request: OutboundRequest) -> dict[str, Any]:
    """The scope that an app sees for ``request``."""
    seen: dict[str, Any] = {}

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError("only http is spoken here")
        seen.update(scope)
        await send(START)
        await send(END)

    outcome_of(app, request)
    return seen


# --- what the app is called with ---------------------------------------------------------------


def test_the_scope_is_that_of_a_request_over_http_1_1() -> None:
    request = a_request(
        "https://Shop.test:8443/a%2Fb/%C3%BC//?x=%31&&y",
        body=b"{}",
        headers=(("Content-Type", "application/json"), ("X-Name", "caf\xe9"), ("X-Name", "2")),
    )

    assert scope_for(request) == {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "https",
        "server": ("shop.test", 8443),
        "client": ("127.0.0.1", 49152),
        "method": "POST",
        "path": "/a/b/ü//",
        "raw_path": b"/a%2Fb/%C3%BC//",
        "query_string": b"x=%31&&y",
        "root_path": "",
        "headers": [
            (b"host", b"Shop.test:8443"),
            (b"user-agent", b"Upstash-QStash"),
            (b"content-length", b"2"),
            (b"content-type", b"application/json"),
            (b"upstash-caller-ip", b"127.0.0.1"),
            (b"upstash-message-id", b"msg_1"),
            (b"upstash-region", b"EU-CENTRAL-1"),
            (b"upstash-retried", b"0"),
            (b"upstash-signature", request.headers["Upstash-Signature"].encode()),
            (b"x-name", b"caf\xe9"),
            (b"x-name", b"2"),
            (b"accept-encoding", b"gzip"),
        ],
        "state": {},
    }


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("http://shop.test", ("shop.test", 80)),
        ("https://shop.test", ("shop.test", 443)),
        ("http://[::1]:81/", ("::1", 81)),
    ],
)
def test_the_server_is_the_host_and_port_of_the_url(url: str, server: tuple[str, int]) -> None:
    scope = scope_for(a_request(url))

    assert (scope["server"], scope["path"]) == (server, "/")


def test_an_app_may_change_its_scope_without_the_next_request_seeing_it() -> None:
    versions: list[str] = []

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError("only http is spoken here")
        versions.append(scope["asgi"]["version"])
        scope["asgi"]["version"] = "changed"
        await send(START)
        await send(END)

    destination = AsgiDestination(app)

    async def two_calls() -> None:
        await destination.call(a_request())
        await destination.call(a_request())

    asyncio.run(two_calls())

    assert versions == ["3.0", "3.0"]


def test_the_body_comes_as_one_message() -> None:
    received: list[Message] = []

    async def handler(receive: Receive, send: Send) -> None:
        received.append(await receive())
        await send(START)
        await send(END)

    outcome_of(app_of(handler), a_request(body=b"\x00\xff"))

    assert received == [{"type": "http.request", "body": b"\x00\xff", "more_body": False}]


def run_in_asyncio(destination: AsgiDestination) -> Outcome:
    return asyncio.run(destination.call(a_request()))


def run_in_trio(destination: AsgiDestination) -> Outcome:
    outcome: Outcome = trio.run(destination.call, a_request())
    return outcome


@pytest.mark.parametrize("run", [run_in_asyncio, run_in_trio])
def test_the_client_is_gone_only_when_the_answer_is_complete(
    run: Callable[[AsgiDestination], Outcome],
) -> None:
    happened: list[str] = []

    async def handler(receive: Receive, send: Send) -> None:
        async def watch() -> None:
            happened.append((await receive())["type"])

        await receive()
        async with anyio.create_task_group() as group:
            group.start_soon(watch)
            group.start_soon(watch)
            await anyio.lowlevel.checkpoint()
            await anyio.wait_all_tasks_blocked()
            happened.append("not yet")
            await send(START)
            await send(END)

    run(AsgiDestination(app_of(handler)))

    assert happened == ["not yet", "http.disconnect", "http.disconnect"]


def test_after_the_answer_receive_says_at_once_that_the_client_is_gone() -> None:
    received: list[Message] = []

    async def handler(receive: Receive, send: Send) -> None:
        await receive()
        await send(START)
        await send(END)
        received.append(await receive())

    outcome_of(app_of(handler))

    assert received == [{"type": "http.disconnect"}]


def test_who_still_waits_for_the_client_to_go_hears_of_it_when_the_app_is_through() -> None:
    received: list[Message] = []

    async def scenario() -> None:
        watchers: list[asyncio.Task[None]] = []

        async def handler(receive: Receive, send: Send) -> None:
            async def watch() -> None:
                received.append(await receive())

            await receive()
            watchers.append(asyncio.create_task(watch()))
            await anyio.lowlevel.checkpoint()

        await AsgiDestination(app_of(handler)).call(a_request())
        await watchers[0]

    asyncio.run(scenario())

    assert received == [{"type": "http.disconnect"}]


# --- what comes of its answer ------------------------------------------------------------------


def test_an_answer_is_kept_with_canonical_header_names_in_order() -> None:
    headers = [(b"x-two", b"2"), (b"content-TYPE", b"text/plain"), (b"x-two", b"caf\xe9")]
    start: Message = {"type": "http.response.start", "status": 202, "headers": headers}
    parts: list[Message] = [
        {"type": "http.response.body", "body": b"a", "more_body": True},
        {"type": "http.response.body", "more_body": True},
        {"type": "http.response.body", "body": b"b"},
    ]

    assert outcome_of(sends(start, *parts)) == Responded(
        202, (("X-Two", "2"), ("Content-Type", "text/plain"), ("X-Two", "caf\xe9")), b"ab"
    )


def test_an_answer_needs_neither_headers_nor_a_body() -> None:
    start = {"type": "http.response.start", "status": 204}

    assert outcome_of(sends(start, {"type": "http.response.body"})) == Responded(204)


def test_a_gzipped_answer_is_decoded() -> None:
    headers = [(b"content-encoding", b"gzip"), (b"content-length", b"9"), (b"x-a", b"1")]
    start = {"type": "http.response.start", "status": 200, "headers": headers}
    body = {"type": "http.response.body", "body": gzip.compress(b"hello")}

    assert outcome_of(sends(start, body)) == Responded(200, (("X-A", "1"),), b"hello")


def test_the_outcome_is_there_when_the_app_has_returned_not_when_it_has_answered() -> None:
    happened: list[str] = []

    async def handler(receive: Receive, send: Send) -> None:
        await send(START)
        await send(END)
        await anyio.lowlevel.checkpoint()
        happened.append("background work")

    outcome = outcome_of(app_of(handler))

    assert (outcome, happened) == (Responded(200), ["background work"])


# --- what comes of its mistakes ----------------------------------------------------------------


class ShopError(Exception):
    """What the app raises."""


def raises_after(*messages: Message) -> AsgiApp:
    async def handler(receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)
        out_of_stock()

    return app_of(handler)


def out_of_stock() -> NoReturn:
    raise ShopError("out of stock")


def exception_of(outcome: Outcome) -> BaseException:
    assert outcome.exception is not None
    return outcome.exception


def test_an_app_that_raises_before_it_answers_gets_a_500_as_from_a_server() -> None:
    outcome = outcome_of(raises_after())

    header, body = SERVER_ERROR
    raised = exception_of(outcome)
    assert outcome == Responded(500, (header,), body, 0, raised)
    assert isinstance(raised, ShopError)


def test_what_the_app_raised_is_kept_with_its_traceback() -> None:
    raised = exception_of(outcome_of(raises_after()))

    assert traceback.extract_tb(raised.__traceback__)[-1].name == "out_of_stock"


def test_an_app_that_raises_after_its_answer_keeps_the_answer() -> None:
    outcome = outcome_of(raises_after(START, END))

    raised = exception_of(outcome)
    assert outcome == Responded(200, exception=raised)
    assert isinstance(raised, ShopError)


def test_an_app_that_raises_in_the_middle_of_its_answer_has_hung_up() -> None:
    outcome = outcome_of(raises_after(START, {**END, "body": b"half", "more_body": True}))

    raised = exception_of(outcome)
    assert outcome == Unreachable("EOF", exception=raised)
    assert isinstance(raised, ShopError)


def test_an_app_that_returns_without_an_answer_gets_a_500_that_says_so() -> None:
    outcome = outcome_of(sends())

    header, body = SERVER_ERROR
    raised = exception_of(outcome)
    assert outcome == Responded(500, (header,), body, 0, raised)
    assert str(raised) == (
        "the app returned while its answer had not been started (http.response.start)"
    )


def test_an_app_that_returns_in_the_middle_of_its_answer_has_hung_up() -> None:
    outcome = outcome_of(sends(START))

    raised = exception_of(outcome)
    assert outcome == Unreachable("EOF", exception=raised)
    assert str(raised) == "the app returned while its answer was incomplete"


@pytest.mark.parametrize(
    ("messages", "sent", "progress"),
    [
        ([END], "http.response.body", "had not been started (http.response.start)"),
        ([START, START], "http.response.start", "was incomplete"),
        ([START, END, END], "http.response.body", "was complete"),
        (
            [{"type": "websocket.accept"}],
            "websocket.accept",
            "had not been started (http.response.start)",
        ),
    ],
)
def test_a_message_out_of_turn_is_an_error_inside_the_app(
    messages: list[Message], sent: str, progress: str
) -> None:
    raised = exception_of(outcome_of(sends(*messages)))

    assert isinstance(raised, RuntimeError)
    assert str(raised) == f"the app sent {sent!r} while its answer {progress}"


def test_an_app_may_answer_after_it_was_told_of_a_message_out_of_turn() -> None:
    async def handler(receive: Receive, send: Send) -> None:
        with pytest.raises(RuntimeError):
            await send(END)
        await send(START)
        await send(END)

    assert outcome_of(app_of(handler)) == Responded(200)


@pytest.mark.parametrize("thrown", [KeyboardInterrupt, SystemExit, asyncio.CancelledError])
def test_what_is_no_exception_of_the_app_goes_through(thrown: type[BaseException]) -> None:
    async def handler(receive: Receive, send: Send) -> None:
        raise thrown

    with pytest.raises(thrown):
        outcome_of(app_of(handler))


def test_a_failed_assertion_of_pytest_inside_the_app_goes_through() -> None:
    async def handler(receive: Receive, send: Send) -> None:
        pytest.fail("not like this")

    with pytest.raises(pytest.fail.Exception, match="not like this"):
        outcome_of(app_of(handler))


# --- where it can be called --------------------------------------------------------------------


def test_it_needs_a_loop() -> None:
    assert AsgiDestination(sends(START, END)).needs_loop is True


def test_outside_any_event_loop_it_says_what_it_needs() -> None:
    call = AsgiDestination(sends(START, END)).call(a_request())

    with pytest.raises(UsageError, match="inside an event loop of asyncio or trio"):
        call.send(None)


def test_it_runs_under_trio() -> None:
    assert run_in_trio(AsgiDestination(sends(START, END))) == Responded(200)


def test_deliveries_can_be_under_way_at_the_same_time() -> None:
    async def scenario() -> list[Outcome]:
        both_are_here = asyncio.Barrier(2)

        async def handler(receive: Receive, send: Send) -> None:
            await both_are_here.wait()
            await send(START)
            await send({**END, "body": (await receive())["body"]})

        destination = AsgiDestination(app_of(handler))
        calls = [destination.call(a_request(body=b"1")), destination.call(a_request(body=b"2"))]
        return await asyncio.gather(*calls)

    assert asyncio.run(scenario()) == [Responded(200, body=b"1"), Responded(200, body=b"2")]
