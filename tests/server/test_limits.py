"""Clients that take too long, or are too many."""

import asyncio
import http.client
import socket
from collections.abc import Iterator

import pytest
from starlette.types import Receive, Scope, Send

from fakestash.server import LiveServer, QuietProtocol, listening, serving


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveServer]:
    monkeypatch.setattr(QuietProtocol, "head_timeout_s", 0.05)
    monkeypatch.setattr(QuietProtocol, "most_connections", 3)
    with LiveServer(app) as server:
        yield server


def connected(server: LiveServer) -> socket.socket:
    return socket.create_connection((server.host, server.port))


@pytest.mark.parametrize("begin", [b"", b"G", b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: "])
def test_a_head_that_does_not_come_to_its_end_closes_the_connection(
    server: LiveServer, begin: bytes
) -> None:
    with connected(server) as client:
        client.sendall(begin)

        assert client.recv(100) == b""


def test_a_body_may_take_longer(server: LiveServer) -> None:
    with connected(server) as slow, connected(server) as client:
        slow.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n")
        assert client.recv(100) == b""  # so much time has passed now

        slow.sendall(b"hi")

        assert slow.recv(100).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.asyncio
async def test_a_connection_that_is_kept_may_be_idle_and_then_take_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(QuietProtocol, "head_timeout_s", 0.05)
    async with serving(app, listening("127.0.0.1", port := _free())):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        other, its_writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 OK")
        assert await reader.readuntil(b"0\r\n\r\n") == b"2\r\nok\r\n0\r\n\r\n"
        assert await other.read() == b""  # so much time has passed now

        writer.write(b"GET / HTTP/1.1\r\n")
        writer.write(b"Host: a\r\n\r\n")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 OK")
        await reader.readuntil(b"0\r\n\r\n")

        writer.write(b"GET / HT")
        assert await reader.read() == b""
        for each in (writer, its_writer):
            each.close()
            await each.wait_closed()


def _free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def test_one_connection_too_many_is_told_so(
    server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QuietProtocol, "head_timeout_s", 60.0)
    held = [connected(server) for _ in range(3)]
    client = http.client.HTTPConnection(server.host, server.port)
    client.connect()

    answer = http.client.HTTPResponse(client.sock)
    answer.begin()

    assert (answer.status, answer.getheader("connection")) == (503, "close")
    assert answer.read() == (
        b'{"error": "this server has 4096 connections open and takes no more: close some, or call '
        b'it over connections that are kept alive"}'
    )
    client.close()
    for connection in held:
        connection.close()


def test_when_others_close_there_is_room_again(
    server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QuietProtocol, "head_timeout_s", 60.0)
    for _ in range(10):
        client = http.client.HTTPConnection(server.host, server.port)
        client.request("GET", "/")

        assert client.getresponse().read() == b"ok"
        client.close()
