"""What comes back over HTTP: answers, faults, time-outs, and what each comes to."""

import gzip
import itertools
import socket
import ssl
from pathlib import Path

import pytest

from fakestash.delivery.http import HttpDestination
from fakestash.model.outcomes import Outcome, Responded, Unreachable
from tests.delivery.http.servers import OK, Connection, Handler, handling, serving, unused_port
from tests.delivery.requests import a_request

pytestmark = pytest.mark.asyncio

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
ANSWERED = Responded(200, (("Content-Length", "2"),), b"ok")


async def delivered(url: str, destination: HttpDestination | None = None) -> Outcome:
    """The outcome of one delivery to ``url``."""
    destination = destination or HttpDestination()
    try:
        return await destination.call(a_request(url))
    finally:
        await destination.aclose()


async def answer_to(answer: bytes, destination: HttpDestination | None = None) -> Outcome:
    """What comes of ``answer``, after which the server closes the connection."""
    async with serving(answer, stays=False) as server:
        return await delivered(server.url, destination)


# --- answers -----------------------------------------------------------------------------------


async def test_an_answer_is_kept_with_canonical_header_names_in_order() -> None:
    head = b"HTTP/1.1 404 Nope\r\nx-two: 2\r\nCONTENT-length: 4\r\nX-Two:  caf\xe9\r\n\r\n"

    assert await answer_to(head + b"\x00\xff\r\n") == Responded(
        404, (("X-Two", "2"), ("Content-Length", "4"), ("X-Two", "caf\xe9")), b"\x00\xff\r\n"
    )


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\nuntil the end", b"until the end"),
        (b"HTTP/1.0 200 OK\r\n\r\nuntil the end", b"until the end"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b""),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", b"a"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n",
            b"ab",
        ),
    ],
)
async def test_the_end_of_an_answer_is_found_however_it_is_marked(
    answer: bytes, body: bytes
) -> None:
    outcome = await answer_to(answer)

    assert isinstance(outcome, Responded)
    assert outcome.body == body


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirection_is_not_followed(status: int) -> None:
    async with serving(
        b"HTTP/1.1 %d Over There\r\nLocation: /else\r\nContent-Length: 0\r\n\r\n" % status
    ) as server:
        outcome = await delivered(server.url)

    assert outcome == Responded(status, (("Location", "/else"), ("Content-Length", "0")))
    assert len(server.requests) == 1


async def test_a_gzipped_answer_is_decoded() -> None:
    coded = gzip.compress(b"hello")
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(coded)

    assert await answer_to(head + coded) == Responded(200, (), b"hello")


async def test_a_body_said_to_be_gzipped_that_is_not_is_a_broken_answer() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok"

    assert await answer_to(answer) == Unreachable("gzip: invalid header")


async def test_other_codings_are_left_alone() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\nok"

    assert await answer_to(answer) == Responded(
        200, (("Content-Encoding", "br"), ("Content-Length", "2")), b"ok"
    )


async def test_a_long_header_is_no_problem() -> None:
    value = "a" * 100_000
    answer = f"HTTP/1.1 204 OK\r\nX-Long: {value}\r\n\r\n".encode()

    assert await answer_to(answer) == Responded(204, (("X-Long", value),))


# --- long bodies -------------------------------------------------------------------------------


async def test_a_body_beyond_the_limit_is_cut_and_the_connection_goes_on() -> None:
    answer = b"HTTP/1.1 503 Busy\r\nContent-Length: 300000\r\n\r\n" + b"x" * 300_000
    destination = HttpDestination(max_body=100_000)
    async with serving(answer) as server:
        outcomes = [await destination.call(a_request(server.url)) for _ in range(2)]
        await destination.aclose()

    cut = Responded(503, (("Content-Length", "300000"),), b"x" * 100_000)
    assert (outcomes, server.connections) == ([cut, cut], 1)


async def test_a_body_of_just_the_limit_is_whole() -> None:
    assert await answer_to(OK, HttpDestination(max_body=2)) == ANSWERED


async def test_the_limit_counts_decoded_bytes() -> None:
    coded = gzip.compress(bytes(100_000))
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(coded)

    outcome = await answer_to(head + coded, HttpDestination(max_body=5000))

    assert outcome == Responded(200, (), bytes(5000))


async def test_a_body_that_breaks_off_beyond_the_limit_is_still_a_broken_answer() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabcde"

    assert await answer_to(answer, HttpDestination(max_body=2)) == Unreachable("EOF")


# --- faults ------------------------------------------------------------------------------------


async def test_nobody_listens() -> None:
    port = unused_port()

    assert await delivered(f"http://127.0.0.1:{port}/") == Unreachable(
        f"dial tcp 127.0.0.1:{port}: connect: connection refused"
    )


async def test_nobody_listens_at_an_ipv6_address() -> None:
    port = unused_port()

    assert await delivered(f"http://[::1]:{port}/") == Unreachable(
        f"dial tcp [::1]:{port}: connect: connection refused"
    )


@pytest.mark.parametrize("host", ["localhost", "shop.localhost"])
async def test_nobody_listens_on_this_machine(host: str) -> None:
    port = unused_port()

    assert await delivered(f"http://{host}:{port}/") == Unreachable(
        f"dial tcp 127.0.0.1:{port}: connect: connection refused"
    )


async def test_nobody_has_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: object, **settings: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    assert await delivered("http://shop.test/") == Unreachable(
        "dial tcp: lookup shop.test: no such host"
    )


@pytest.mark.parametrize(
    "host", ["shop..test", f"{'a' * 64}.test", "shop..localhost", f"{'a' * 64}.localhost"]
)
async def test_nobody_can_have_the_name(host: str) -> None:
    async with serving(tls=self_signed()) as server:
        outcomes = [
            await delivered(f"{scheme}://{host}:{server.port}/") for scheme in ("http", "https")
        ]

    assert outcomes == [Unreachable(f"dial tcp: lookup {host}: no such host")] * 2


async def test_nobody_can_have_an_address_in_a_zone_that_does_not_exist() -> None:
    assert await delivered("http://[fe80::1%25nowhere]:1/") == Unreachable(
        "dial tcp: lookup fe80::1%25nowhere: no such host"
    )


async def test_nobody_has_the_name_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    port, look_up, count = unused_port(), socket.getaddrinfo, itertools.count()

    def known_once(host: str, *details: int) -> object:
        if next(count) > 0:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return look_up("127.0.0.1", *details)

    monkeypatch.setattr(socket, "getaddrinfo", known_once)

    assert await delivered(f"http://shop.test:{port}/") == Unreachable(
        "dial tcp: lookup shop.test: no such host"
    )


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab",
        CHUNKED + b"5\r\nab",
    ],
)
async def test_a_server_that_hangs_up_before_its_answer_is_complete(answer: bytes) -> None:
    assert await answer_to(answer) == Unreachable("EOF")


@pytest.mark.parametrize("answer", [b"SMTP ready\r\n\r\n", b"HTTP/1.1 abc OK\r\n\r\n"])
async def test_an_answer_that_is_not_http(answer: bytes) -> None:
    assert await answer_to(answer) == Unreachable("malformed HTTP response")


async def test_tls_to_a_server_that_speaks_none() -> None:
    async def handle(connection: Connection) -> None:
        await connection.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with handling(handle) as server:
        outcome = await delivered(server.url.replace("http:", "https:"))

    assert outcome == Unreachable("tls: first record does not look like a TLS handshake")


def self_signed() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Path(__file__).with_name("self_signed.pem"))
    return context


async def test_tls_to_a_server_that_nobody_vouches_for() -> None:
    async with serving(tls=self_signed()) as server:
        outcome = await delivered(server.url)

    assert isinstance(outcome, Unreachable)
    assert outcome.error.replace("self-signed", "self signed") == (
        "tls: failed to verify certificate: self signed certificate"
    )


async def test_tls_to_a_server_that_refuses_what_it_is_offered() -> None:
    handshake_failure = b"\x15\x03\x03\x00\x02\x02\x28"

    async def handle(connection: Connection) -> None:
        await connection.send(handshake_failure)
        await connection.read()

    async with handling(handle) as server:
        outcome = await delivered(server.url.replace("http:", "https:"))

    assert outcome == Unreachable("tls: handshake failure")


async def hangs_up_at_once(connection: Connection) -> None:
    """Return, which closes the connection."""


async def hangs_up_on_a_greeting(connection: Connection) -> None:
    """Return when the client has said something."""
    await connection.read_some()


@pytest.mark.parametrize("handle", [hangs_up_at_once, hangs_up_on_a_greeting])
async def test_a_server_that_hangs_up_during_the_tls_handshake(handle: Handler) -> None:
    async with handling(handle) as server:
        outcome = await delivered(server.url.replace("http:", "https:"))

    assert outcome == Unreachable("EOF")


# --- where servers are -------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("host", ["localhost", "shop.localhost"])
async def test_localhost_is_found_whichever_address_it_listens_on(address: str, host: str) -> None:
    async with serving(host=address) as server:
        assert await delivered(f"http://{host}:{server.port}/") == ANSWERED


@pytest.mark.parametrize(("address", "host"), [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]")])
async def test_an_address_is_called_as_it_is(address: str, host: str) -> None:
    async with serving(host=address) as server:
        assert await delivered(f"http://{host}:{server.port}/") == ANSWERED
