"""The live server: what it lets through unchanged, what it leaves alone, how it starts and ends."""

import asyncio
import gc
import http.client
import logging
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import httpx
import pytest
from freezegun import freeze_time
from starlette.types import Message, Receive, Scope, Send

from fakestash import FakeQStash
from fakestash.server import LiveServer

ROOT = Path(__file__).parents[2]


class Mirror:
    """An app that answers with the body that it got and remembers its scope."""

    def __init__(self, mark: bytes = b"") -> None:
        self.mark = mark
        self.scope: Scope = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        message = await receive()
        body = self.mark + message["body"]
        while message["more_body"]:
            message = await receive()
            body += message["body"]
        headers = [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


@pytest.fixture
def mirror() -> Mirror:
    return Mirror()


@pytest.fixture
def server(mirror: Mirror) -> Iterator[LiveServer]:
    with LiveServer(mirror) as server:
        yield server


@pytest.fixture
def connection(server: LiveServer) -> Iterator[http.client.HTTPConnection]:
    with connected_to(server) as connection:
        yield connection


def connected_to(server: LiveServer) -> closing[http.client.HTTPConnection]:
    """A connection that is kept: it breaks if the server closes it while it is idle."""
    return closing(http.client.HTTPConnection(server.host, server.port))


def ask(connection: http.client.HTTPConnection, body: bytes = b"") -> tuple[int, bytes]:
    connection.request("POST", "/x", body)
    response = connection.getresponse()
    return response.status, response.read()


def ask_raw(server: LiveServer, *lines: bytes, body: bytes = b"") -> bytes:
    """Send a request as it stands, and return all that comes back."""
    length = b"Content-Length: %d" % len(body)
    head = (lines[0], b"Host: fake.test", length, *lines[1:], b"", b"")
    with socket.create_connection((server.host, server.port)) as peer:
        peer.sendall(b"\r\n".join(head) + body)
        with peer.makefile("rb") as answer:
            return answer.read()


# --- requests and responses ----------------------------------------------------------------


def test_it_answers_as_soon_as_it_has_started(connection: http.client.HTTPConnection) -> None:
    assert ask(connection, b"hello") == (200, b"hello")


def test_it_tells_where_it_is(server: LiveServer) -> None:
    assert server.url == f"http://127.0.0.1:{server.port}"


def test_it_adds_nothing_to_a_response_but_that_the_connection_ends(server: LiveServer) -> None:
    assert ask_raw(server, b"POST / HTTP/1.1", body=b"hello") == (
        b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello"
    )


def test_a_client_that_is_never_closed_leaves_no_connection_open(server: LiveServer) -> None:
    # An open socket would be warned of when it is collected, and warnings are errors here.
    httpx.Client().get(server.url)
    gc.collect()


@pytest.mark.parametrize(
    "target",
    [
        b"/v2/publish/https://a.test//b/",
        b"/v2/publish/https%3A%2F%2Fa.test/%zz%",
        b"/v2/publish/https://a.test/#fragment",
        b"/v2/publish/https://u:p@[::1]:99999/;a=b,c!$&'()*+",
        b'/v2/publish/https://a.test/|{}"<>^`\\',
        b"//v2",
        b"/" + b"long" * 20_000,
    ],
)
def test_the_path_arrives_byte_for_byte(server: LiveServer, mirror: Mirror, target: bytes) -> None:
    ask_raw(server, b"POST " + target + b" HTTP/1.1")

    assert mirror.scope["raw_path"] == target


@pytest.mark.parametrize("query", [b"", b"a=b&c=%20", b"?a?b", b"a#b", b"/https://x"])
def test_the_query_arrives_byte_for_byte(server: LiveServer, mirror: Mirror, query: bytes) -> None:
    ask_raw(server, b"POST /x?" + query + b" HTTP/1.1")

    assert (mirror.scope["raw_path"], mirror.scope["query_string"]) == (b"/x", query)


def test_headers_arrive_in_order_with_their_values_trimmed(
    server: LiveServer, mirror: Mirror
) -> None:
    ask_raw(
        server, b"GET / HTTP/1.1", b"A:  1 \t", b"B_c: \xc3\xa9", b"a:", b"Big: " + b"x" * 100_000
    )

    assert mirror.scope["headers"] == [
        (b"host", b"fake.test"),
        (b"content-length", b"0"),
        (b"a", b"1"),
        (b"b_c", b"\xc3\xa9"),
        (b"a", b""),
        (b"big", b"x" * 100_000),
    ]


def test_an_offer_to_upgrade_costs_no_body(server: LiveServer) -> None:
    offer = (b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AA")

    assert ask_raw(server, b"POST / HTTP/1.1", *offer, body=b"hello").endswith(b"\r\n\r\nhello")


def test_callers_are_known_by_their_connection(
    monkeypatch: pytest.MonkeyPatch, mirror: Mirror
) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    monkeypatch.setenv("WEB_CONCURRENCY", "no number")

    with LiveServer(mirror) as server:
        ask_raw(server, b"GET / HTTP/1.1", b"X-Forwarded-For: 9.9.9.9", b"X-Forwarded-Proto: https")

    assert mirror.scope["client"][0] == "127.0.0.1"
    assert mirror.scope["scheme"] == "http"


# --- the app in charge ---------------------------------------------------------------------


def test_the_app_can_be_changed_between_requests(
    server: LiveServer, connection: http.client.HTTPConnection
) -> None:
    answers = [ask(connection)]
    server.app = Mirror(b"second")
    answers.append(ask(connection))

    assert answers == [(200, b""), (200, b"second")]


def test_without_an_app_it_says_what_happened(
    server: LiveServer, connection: http.client.HTTPConnection
) -> None:
    server.app = None

    assert ask(connection, b"ignored") == (
        503,
        (
            b'{"error":"no fake is active here: POST /x came before the test that uses it began, '
            b"or after it ended. Look for a thread, task or process that outlives its test, or for "
            b'code that publishes outside of tests"}'
        ),
    )


# --- what it leaves alone ------------------------------------------------------------------


def logging_of_uvicorn() -> list[tuple[str, int, bool, bool, list[logging.Handler]]]:
    return [
        (name, log.level, log.propagate, log.disabled, log.handlers[:])
        for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi")
        for log in [logging.getLogger(name)]
    ]


def test_it_logs_nothing_and_leaves_logging_alone(
    mirror: Mirror, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    before = logging_of_uvicorn()

    with LiveServer(mirror) as server:
        ask_raw(server, b"GET / HTTP/1.1")

    assert caplog.records == []
    assert logging_of_uvicorn() == before


# --- frozen time ---------------------------------------------------------------------------


@pytest.mark.parametrize("instant", ["1980-01-01", "2100-01-01"])
def test_it_answers_while_time_is_frozen_and_after(server: LiveServer, instant: str) -> None:
    answers: list[tuple[int, bytes]] = []
    with connected_to(server) as idle, connected_to(server) as busy:
        answers += [ask(idle, b"before"), ask(busy, b"before")]
        with freeze_time(instant) as frozen, connected_to(server) as late:
            answers += [ask(busy, b"frozen"), ask(late, b"frozen")]
            frozen.tick(86_400)
            answers += [ask(busy, b"a day later"), ask(late, b"a day later")]
        answers += [ask(busy, b"after"), ask(idle, b"after")]

    bodies = [b"before", b"frozen", b"a day later", b"after"]
    assert answers == [(200, body) for body in bodies for _ in range(2)]


@pytest.mark.parametrize("instant", ["1980-01-01", "2100-01-01"])
def test_it_starts_and_stops_while_time_is_frozen(mirror: Mirror, instant: str) -> None:
    with freeze_time(instant), LiveServer(mirror) as server:
        answer = ask_raw(server, b"GET / HTTP/1.1", body=b"hello")

    assert answer.endswith(b"\r\n\r\nhello")


# --- start and end -------------------------------------------------------------------------


def fakestash_threads() -> int:
    return sum(thread.name == "fakestash" for thread in threading.enumerate())


def test_it_starts_once(mirror: Mirror) -> None:
    server = LiveServer(mirror)
    threads = fakestash_threads()
    server.start()
    port = server.port
    server.start()

    assert (server.port, fakestash_threads()) == (port, threads + 1)
    server.stop()


def test_it_ends_its_thread_and_gives_the_port_back(mirror: Mirror) -> None:
    threads = fakestash_threads()
    with LiveServer(mirror) as server:
        port = server.port
    with LiveServer(mirror, port=port) as server:
        answer = ask_raw(server, b"GET / HTTP/1.1", body=b"hello")

    assert answer.endswith(b"hello")
    assert fakestash_threads() == threads
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_it_can_be_started_again(mirror: Mirror) -> None:
    server = LiveServer(mirror)
    for body in (b"once", b"twice"):
        server.start()
        assert ask_raw(server, b"GET / HTTP/1.1", body=body).endswith(body)
        server.stop()


def test_stopping_what_does_not_run_does_nothing(mirror: Mirror) -> None:
    server = LiveServer(mirror)
    server.stop()
    server.start()
    server.stop()
    server.stop()


def test_its_end_breaks_off_what_is_under_way() -> None:
    received: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        received.append(await receive())

    with LiveServer(app) as server:
        address = (server.host, server.port)
        with socket.create_connection(address) as idle, socket.create_connection(address) as busy:
            busy.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n")
            busy.sendall(b"Content-Length: 9\r\n\r\n")
            assert busy.recv(12) == b"HTTP/1.1 100"
            server.stop()

            assert idle.recv(1) == b""
    assert received == [{"type": "http.disconnect"}]


def test_its_end_cancels_an_app_that_waits_for_something_else(
    caplog: pytest.LogCaptureFixture,
) -> None:
    entered = threading.Event()
    ends: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        entered.set()
        try:
            await asyncio.Event().wait()
        finally:
            ends.append("cancelled")

    with LiveServer(app) as server, socket.create_connection((server.host, server.port)) as peer:
        peer.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        entered.wait()
        server.stop()

    assert ends == ["cancelled"]
    assert caplog.records == []


def test_a_taken_port_is_refused(server: LiveServer, mirror: Mirror) -> None:
    with pytest.raises(OSError, match="in use"):
        LiveServer(mirror, port=server.port).start()


def test_two_servers_live_side_by_side() -> None:
    with LiveServer(Mirror(b"one")) as one, LiveServer(Mirror(b"two")) as two:
        answers = [ask_raw(server, b"GET / HTTP/1.1")[-3:] for server in (one, two)]

    assert answers == [b"one", b"two"]


FORKING: Final = """
import http.client, os, sys
from starlette.responses import PlainTextResponse
from fakestash.server import LiveServer

def ask(server):
    connection = http.client.HTTPConnection(server.host, server.port)
    connection.request("GET", "/")
    return connection.getresponse().read()

server = LiveServer(PlainTextResponse("parent"))
server.start()
port = server.port
if os.fork() == 0:
    server.stop()
    server.app = PlainTextResponse("child")
    server.start()
    assert ask(server) == b"child" and server.port != port
    os._exit(0)
assert os.wait()[1] == 0
assert ask(server) == b"parent"
server.stop()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_starts_a_server_of_its_own() -> None:
    subprocess.run([sys.executable, "-W", "ignore", "-c", FORKING], cwd=ROOT, check=True)


# --- connections that are closed without an answer -----------------------------------------


def test_a_call_that_is_dropped_gets_no_answer_and_nobody_complains(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG, "uvicorn")
    with FakeQStash() as fake:
        fake.serve()
        fake.faults.add("dropped", times=2)
        headers = {"Authorization": f"Bearer {fake.token}"}
        with httpx.Client(base_url=fake.url, headers=headers) as client:
            for body in (b"", b"x" * 200_000):
                with pytest.raises(
                    httpx.RemoteProtocolError,
                    match=r"^Server disconnected without sending a response\.$",
                ):
                    client.post("/v2/publish/https://shop.test/hook", content=body)
            again = client.post("/v2/publish/https://shop.test/hook")

        assert (again.status_code, len(fake.messages)) == (201, 1)
    assert [record.name for record in caplog.records if record.name.startswith("uvicorn")] == []
    assert capfd.readouterr() == ("", "")


def test_an_answer_that_is_late_does_not_keep_the_server_from_stopping() -> None:
    with FakeQStash() as fake:
        fake.serve()
        fake.faults.add("slow", took="1h")
        headers = {"Authorization": f"Bearer {fake.token}"}
        with (
            httpx.Client(base_url=fake.url, headers=headers, timeout=0.05) as client,
            pytest.raises(httpx.ReadTimeout),
        ):
            client.post("/v2/publish/https://shop.test/hook")

        assert len(fake.messages) == 1
