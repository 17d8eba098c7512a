"""What goes out over HTTP, byte for byte, and over how many connections."""

import asyncio
import socket
import sys

import pytest

from fakestash.delivery.http import HttpDestination
from fakestash.model.outcomes import HeaderItems, Responded, Unreachable
from tests.delivery.http.servers import OK, Connection, handling, serving
from tests.delivery.requests import a_request

pytestmark = pytest.mark.asyncio

ANSWERED = Responded(200, (("Content-Length", "2"),), b"ok")


async def sent(target: str, *, method: str, body: bytes, headers: HeaderItems = ()) -> bytes:
    """What a server reads of a delivery to ``target``, with its own port written as PORT."""
    destination = HttpDestination()
    async with serving() as server:
        request = a_request(server.url + target, method=method, body=body, headers=headers)
        assert await destination.call(request) == ANSWERED
        await destination.aclose()
    signature = request.headers["Upstash-Signature"].encode()
    (raw,) = server.requests
    return raw.replace(signature, b"SIGNATURE").replace(str(server.port).encode(), b"PORT")


async def test_the_header_fields_go_out_as_given_in_order_and_nothing_is_added() -> None:
    headers = (
        ("Content-Type", "text/plain"),
        ("Cookie", "a=1; b=2"),
        ("X-B", "2"),
        ("X-A", "1"),
        ("X-B", ""),
    )

    assert await sent("/hook", method="POST", body=b"abc", headers=headers) == (
        b"POST /hook HTTP/1.1\r\n"
        b"Host: 127.0.0.1:PORT\r\n"
        b"User-Agent: Upstash-QStash\r\n"
        b"Content-Length: 3\r\n"
        b"Content-Type: text/plain\r\n"
        b"Cookie: a=1; b=2\r\n"
        b"Upstash-Caller-Ip: 127.0.0.1\r\n"
        b"Upstash-Message-Id: msg_1\r\n"
        b"Upstash-Region: EU-CENTRAL-1\r\n"
        b"Upstash-Retried: 0\r\n"
        b"Upstash-Signature: SIGNATURE\r\n"
        b"X-A: 1\r\n"
        b"X-B: 2\r\n"
        b"X-B: \r\n"
        b"Accept-Encoding: gzip\r\n"
        b"\r\n"
        b"abc"
    )


@pytest.mark.parametrize(
    ("method", "body", "length"),
    [
        ("POST", b"", b"Content-Length: 0\r\n"),
        ("PUT", b"", b"Content-Length: 0\r\n"),
        ("PATCH", b"", b"Content-Length: 0\r\n"),
        ("GET", b"", b""),
        ("DELETE", b"", b""),
        ("GET", b"abc", b"Content-Length: 3\r\n"),
        ("DELETE", b"abc", b"Content-Length: 3\r\n"),
    ],
)
async def test_any_method_goes_out_with_or_without_a_body(
    method: str, body: bytes, length: bytes
) -> None:
    assert await sent("/", method=method, body=body) == (
        method.encode() + b" / HTTP/1.1\r\n"
        b"Host: 127.0.0.1:PORT\r\n"
        b"User-Agent: Upstash-QStash\r\n" + length + b"Upstash-Caller-Ip: 127.0.0.1\r\n"
        b"Upstash-Message-Id: msg_1\r\n"
        b"Upstash-Region: EU-CENTRAL-1\r\n"
        b"Upstash-Retried: 0\r\n"
        b"Upstash-Signature: SIGNATURE\r\n"
        b"Accept-Encoding: gzip\r\n"
        b"\r\n" + body
    )


@pytest.mark.parametrize(
    ("target", "line"),
    [
        ("", b"POST / HTTP/1.1"),
        (
            "//a%2Fb/../%7e;v=1?x=%31&&y=+&z=a/b?c",
            b"POST //a%2Fb/../%7e;v=1?x=%31&&y=+&z=a/b?c HTTP/1.1",
        ),
        ("?a=1#part", b"POST /?a=1 HTTP/1.1"),
        ("/caf\xe9", b"POST /caf%C3%A9 HTTP/1.1"),
    ],
)
async def test_the_target_goes_out_as_it_stands_in_the_url(target: str, line: bytes) -> None:
    assert (await sent(target, method="POST", body=b"")).split(b"\r\n")[0] == line


@pytest.mark.parametrize("raw", [b"plain", "caf\xe9".encode(), "\u20ac".encode()])
async def test_a_header_value_goes_out_with_the_bytes_it_came_in_with(raw: bytes) -> None:
    headers = (("X-Name", raw.decode("latin-1")),)

    request = await sent("/", method="POST", body=b"", headers=headers)

    assert b"\r\nX-Name: " + raw + b"\r\n" in request


@pytest.mark.fidelity(
    "deliveries: header values keep their bytes",
    "assumed",
    verdict="approximate",
    here="over real HTTP those that are no UTF-8 go out as UTF-8: the HTTP client knows no other",
)
async def test_a_header_value_that_is_no_utf8_goes_out_as_utf8() -> None:
    request = await sent("/", method="POST", body=b"", headers=(("X-Name", "caf\xe9"),))

    assert b"\r\nX-Name: caf\xc3\xa9\r\n" in request


async def test_a_large_body_goes_out_whole() -> None:
    body = bytes(range(256)) * 8192

    assert (await sent("/", method="POST", body=body)).endswith(b"\r\n\r\n" + body)


async def test_a_user_and_password_in_the_url_are_not_sent() -> None:
    destination = HttpDestination()
    async with serving() as server:
        url = server.url.replace("//", "//user:secret@")
        assert await destination.call(a_request(url)) == ANSWERED
        await destination.aclose()

    assert b"Authorization" not in server.requests[0]


async def test_a_proxy_named_in_the_environment_is_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")

    assert (await sent("/hook", method="POST", body=b"")).startswith(b"POST /hook HTTP/1.1\r\n")


async def test_a_cookie_that_an_answer_sets_is_not_sent_back() -> None:
    answer = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nContent-Length: 0\r\n\r\n"
    destination = HttpDestination()
    async with serving(answer) as server:
        await destination.call(a_request(server.url))
        await destination.call(a_request(server.url))
        await destination.aclose()

    assert b"Cookie" not in server.requests[1]


async def test_the_token_is_good_on_the_machines_clock() -> None:
    class Noting(type(a_request())):  # type: ignore[misc]
        def leaves_process(self) -> None:
            happened.append("leaves the process")
            super().leaves_process()

        def _signature(self) -> str:
            happened.append("is signed")
            return "signature"

    happened: list[str] = []
    destination = HttpDestination()
    async with serving() as server:
        await destination.call(Noting(a_request(server.url).attempt, "EU-CENTRAL-1"))
        await destination.aclose()

    assert happened == ["leaves the process", "is signed"]


# --- connections -------------------------------------------------------------------------------


async def test_a_connection_is_used_again() -> None:
    destination = HttpDestination()
    async with serving() as server:
        outcomes = [await destination.call(a_request(server.url)) for _ in range(3)]
        await destination.aclose()

    assert (outcomes, server.connections) == ([ANSWERED] * 3, 1)


async def test_deliveries_under_way_at_once_are_not_limited() -> None:
    count = 110
    everybody = asyncio.Barrier(count)

    async def handle(connection: Connection) -> None:
        await connection.read()
        await everybody.wait()
        await connection.send(OK)

    destination = HttpDestination()
    async with handling(handle) as server:
        calls = [destination.call(a_request(server.url)) for _ in range(count)]
        outcomes = await asyncio.gather(*calls)
        await destination.aclose()

    assert outcomes == [ANSWERED] * count


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_a_server_that_closes_after_each_answer_without_saying_so_is_no_failure(
    method: str,
) -> None:
    destination = HttpDestination()
    async with serving(stays=False) as server:
        outcomes = [await destination.call(a_request(server.url, method=method)) for _ in range(3)]
        await destination.aclose()

    assert (outcomes, len(server.requests), server.connections) == ([ANSWERED] * 3, 3, 3)


async def readable(connection: socket.socket) -> None:
    """Wait until there is something to read, without reading it."""
    loop = asyncio.get_running_loop()
    arrived = asyncio.Event()
    loop.add_reader(connection, arrived.set)
    await arrived.wait()
    loop.remove_reader(connection)


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_a_request_that_a_closing_server_did_not_read_is_sent_again(method: str) -> None:
    loop = asyncio.get_running_loop()
    destination = HttpDestination()
    read: list[bytes] = []

    async def serve(listener: socket.socket) -> None:
        first, _ = await loop.sock_accept(listener)
        read.append(await loop.sock_recv(first, 65536))
        await loop.sock_sendall(first, OK)
        await readable(first)
        first.close()
        second, _ = await loop.sock_accept(listener)
        read.append(await loop.sock_recv(second, 65536))
        await loop.sock_sendall(second, OK)
        second.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = asyncio.create_task(serve(listener))
        outcomes = [
            await destination.call(a_request(url, method=method, body=b"1")),
            await destination.call(a_request(url, method=method, body=b"2")),
        ]
        server.cancel()
        await destination.aclose()

    assert outcomes == [ANSWERED] * 2
    assert [request[-1:] for request in read] == [b"1", b"2"]


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("answers_before", [[], [OK]])
async def test_a_request_that_was_read_is_never_sent_again(
    method: str, answers_before: list[bytes]
) -> None:
    destination = HttpDestination()
    async with serving(*answers_before, b"") as server:
        for _ in answers_before:
            await destination.call(a_request(server.url, method=method))
        outcome = await destination.call(a_request(server.url, method=method))
        await destination.aclose()

    assert outcome == Unreachable("EOF")
    assert len(server.requests) == len(answers_before) + 1


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_a_new_connection_that_is_reset_is_a_failure_at_once(method: str) -> None:
    loop = asyncio.get_running_loop()
    destination = HttpDestination()
    connections = 0

    async def serve(listener: socket.socket) -> None:
        nonlocal connections
        while True:
            connection, _ = await loop.sock_accept(listener)
            connections += 1
            await readable(connection)
            connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        server = asyncio.create_task(serve(listener))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        outcome = await destination.call(a_request(url, method=method))
        server.cancel()
        await destination.aclose()

    assert (outcome, connections) == (Unreachable("EOF"), 1)


# --- loading -----------------------------------------------------------------------------------


async def test_the_client_library_is_loaded_by_the_first_delivery() -> None:
    code = (
        "import sys; from fakestash.delivery.http import HttpDestination; HttpDestination();"
        "print('aiohttp' in sys.modules)"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE
    )

    assert (await process.communicate())[0].strip() == b"False"
