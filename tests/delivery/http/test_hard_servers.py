"""Servers that answer oddly, too much or too early, and a machine that is short of files."""

import asyncio
import gzip
import os
import resource

import pytest

from fakestash.delivery.http import HttpDestination
from fakestash.model.outcomes import Outcome, Responded, TimedOut, Unreachable
from tests.delivery.http.servers import OK, Connection, Handler, handling, serving
from tests.delivery.http.test_outcomes import ANSWERED, CHUNKED, answer_to
from tests.delivery.requests import a_request

pytestmark = pytest.mark.asyncio

MEGABYTE = 2**20


async def outcome_with(handle: Handler, body: bytes = b"hi", patience: float = 20) -> Outcome:
    destination = HttpDestination(patience=patience)
    async with handling(handle) as server:
        try:
            return await destination.call(a_request(server.url, body=body))
        finally:
            await destination.aclose()


# --- odd ---------------------------------------------------------------------------------------


async def test_what_comes_before_the_answer_is_passed_over() -> None:
    hint = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"

    assert await answer_to(hint * 3 + b"HTTP/1.1 102 Processing\r\n\r\n" + OK) == ANSWERED


async def test_a_change_of_protocol_is_an_answer_without_a_body() -> None:
    head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"

    assert await answer_to(head) == Responded(
        101, (("Upgrade", "h2c"), ("Connection", "Upgrade")), b""
    )


@pytest.mark.parametrize(
    ("head", "headers", "status"),
    [
        (b"HTTP/1.1 200", (), 200),
        (b"HTTP/1.1 999 Whatever", (), 999),
        (b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: \xe9=", ("a=1", "\xe9="), 200),
    ],
)
async def test_what_is_unusual_and_still_http_is_an_answer(
    head: bytes, headers: tuple[str, ...], status: int
) -> None:
    cookies = tuple(("Set-Cookie", value) for value in headers)

    assert await answer_to(head + b"\r\nContent-Length: 2\r\n\r\nok") == Responded(
        status, (*cookies, ("Content-Length", "2")), b"ok"
    )


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nokk",
        b"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nok",
        CHUNKED + b"zz\r\n",
        b"HTTP/2 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"\x00\x00\x00\x04\x00\x00\x00\x00\x00",
    ],
)
async def test_what_has_no_clear_end_or_is_another_protocol_is_broken(answer: bytes) -> None:
    assert await answer_to(answer) == Unreachable("malformed HTTP response")


@pytest.mark.fidelity(
    "deliveries: bytes behind the end of an answer mean nothing",
    "assumed",
    verdict="different",
    here="over real HTTP an answer is broken if they come along with it, such as the body of a 204",
)
@pytest.mark.parametrize(
    "answer", [OK + b"and more", b"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok"]
)
async def test_an_answer_with_something_behind_its_end_is_broken(answer: bytes) -> None:
    assert await answer_to(answer) == Unreachable("malformed HTTP response")


# --- too early ---------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [50_000, 10 * MEGABYTE])
@pytest.mark.parametrize("stays", [True, False])
async def test_a_server_that_answers_before_it_has_read_all_is_heard(
    size: int, stays: bool
) -> None:
    over = asyncio.Event()

    async def handle(connection: Connection) -> None:
        await connection.read_some()
        await connection.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig")
        if stays:
            await over.wait()

    async def until_heard() -> Outcome:
        destination = HttpDestination()
        try:
            return await destination.call(a_request(server.url, body=b"x" * size))
        finally:
            over.set()
            await destination.aclose()

    async with handling(handle) as server:
        outcome = await until_heard()

    assert outcome == Responded(413, (("Content-Length", "3"),), b"big")


# --- too much ----------------------------------------------------------------------------------


async def test_a_header_field_without_end_is_broken() -> None:
    async def handle(connection: Connection) -> None:
        await connection.read()
        await connection.send(b"HTTP/1.1 200 OK\r\nX: ")
        while True:
            await connection.send(b"a" * 65_536)

    assert await outcome_with(handle) == Unreachable("malformed HTTP response")


async def test_a_body_without_end_lasts_as_long_as_the_time_limit() -> None:
    sent = 0

    async def handle(connection: Connection) -> None:
        nonlocal sent
        await connection.read()
        await connection.send(CHUNKED)
        while True:
            await connection.send(b"10000\r\n" + b"a" * 65_536 + b"\r\n")
            sent += 65_536

    assert await outcome_with(handle, patience=0.3) == TimedOut()
    assert sent > 0


async def test_a_little_that_decodes_to_very_much_is_cut() -> None:
    body = gzip.compress(bytes(64 * MEGABYTE))
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)

    outcome = await answer_to(head + body, HttpDestination(max_body=MEGABYTE))

    assert outcome == Responded(200, (), bytes(MEGABYTE))


# --- a machine that is short of files ------------------------------------------------------------


async def test_a_process_that_may_open_no_more_files_waits_for_others_to_close_theirs() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    destination = HttpDestination()
    async with serving() as server:
        await destination.call(a_request(server.url))  # everything is loaded and connected by now
        await destination.aclose()
        lowest_free = os.dup(0)
        os.close(lowest_free)
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, hard))
        try:
            call = asyncio.create_task(destination.call(a_request(server.url)))
            done, _ = await asyncio.wait([call], timeout=0.12)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        outcome = await call
        await destination.aclose()

    assert (done, outcome) == (set(), ANSWERED)
