"""Names are looked up one beside the other, and nobody waits for a resolver but who asked it."""

import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest

from fakestash.delivery.http import HttpDestination
from fakestash.delivery.http.lookup import Address, addresses
from fakestash.model.outcomes import TimedOut
from tests.delivery.http.servers import serving
from tests.delivery.http.test_outcomes import ANSWERED, delivered
from tests.delivery.requests import a_request

look_up = socket.getaddrinfo


@pytest.fixture
def silence(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Names under ``silent.test`` are not answered until it is set; others are this machine."""
    over = threading.Event()

    def answer(host: str, port: int, *details: int) -> object:
        if host.endswith("silent.test"):
            over.wait()
        return look_up("127.0.0.1", port, *details)

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    yield over
    over.set()


@pytest.mark.asyncio
async def test_names_that_nobody_answers_for_hold_up_no_others(silence: threading.Event) -> None:
    destination = HttpDestination()
    async with serving() as server:
        held = [
            asyncio.create_task(
                destination.call(a_request(f"http://{number}.silent.test:{server.port}"))
            )
            for number in range(50)
        ]
        outcome = await destination.call(a_request(f"http://shop.test:{server.port}"))
        assert not any(task.done() for task in held)

        silence.set()
        outcomes = await asyncio.gather(*held)
        await destination.aclose()

    assert (outcome, outcomes) == (ANSWERED, [ANSWERED] * 50)


@pytest.mark.asyncio
async def test_an_answer_that_comes_too_late_is_nobodys(silence: threading.Event) -> None:
    outcome = await delivered("http://silent.test/", HttpDestination(patience=0.01))
    before = {thread.name for thread in threading.enumerate()}

    silence.set()
    for thread in threading.enumerate():
        if thread.name == "fakestash looks up silent.test":
            thread.join()
    await asyncio.wait([asyncio.ensure_future(addresses("shop.test", 80))])

    assert outcome == TimedOut()
    assert "fakestash looks up silent.test" in before


def test_an_answer_after_the_end_of_the_loop_harms_nobody(silence: threading.Event) -> None:
    asyncio.run(delivered("http://silent.test/", HttpDestination(patience=0.01)))

    silence.set()

    for thread in threading.enumerate():
        if thread.name == "fakestash looks up silent.test":
            thread.join()


@pytest.mark.asyncio
async def test_whoever_asked_is_told_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise UnicodeError("no such letter")

    monkeypatch.setattr(socket, "getaddrinfo", broken)

    with pytest.raises(UnicodeError, match="no such letter"):
        await addresses("shop.test", 80)


@pytest.mark.asyncio
async def test_an_address_of_a_link_has_its_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(*_: object) -> list[tuple[object, ...]]:
        v6, v4 = socket.AF_INET6, socket.AF_INET
        return [
            (v6, 1, 6, "", ("fe80::1", 80, 0, 3)),
            (v6, 1, 6, "", ("2001:db8::1", 80, 0, 0)),
            (v4, 1, 6, "", ("192.0.2.1", 80)),
        ]

    monkeypatch.setattr(socket, "getaddrinfo", answer)

    assert await addresses("printer.test", 80) == [
        Address("fe80::1%3", socket.AF_INET6),
        Address("2001:db8::1", socket.AF_INET6),
        Address("192.0.2.1", socket.AF_INET),
    ]
