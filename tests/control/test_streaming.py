"""Long moves of time that tell how far they have got, and hold nobody up."""

import asyncio
import json
import threading
from typing import Any

import pytest

from fakestash import FakeQStash, OutboundRequest
from fakestash.dev.settings import Settings
from fakestash.syntax.moments import instant_of
from tests.api.client import Event, Exchange, scope_of
from tests.builders import START, URL
from tests.control.remote import Remote
from tests.dev.server import dev_server, receiver
from tests.testing.acts import schedule

STREAM = ("Accept", "application/x-ndjson")
SHOP = "https://shop.test/hook"


def lines(content: bytes | str) -> list[Any]:
    return [json.loads(line) for line in content.splitlines()]


def test_a_short_move_gives_its_report_in_a_line() -> None:
    fake = FakeQStash()
    fake.destination(URL)
    remote = Remote(fake)
    remote.publish(URL)

    exchange = remote.exchange("POST", "/clock/advance?stream=1", {"duration": 60})

    assert exchange[0]["status"] == 200
    assert (b"content-type", b"application/x-ndjson") in exchange[0]["headers"]
    (line,) = lines(b"".join(piece.get("body", b"") for piece in exchange[1:]))
    assert (line["report"]["ended"], line["report"]["delivered"]) == (START + 60_000, 1)


def test_a_client_may_ask_for_it_by_what_it_accepts_and_refuse_it_by_query() -> None:
    by_header = Remote().exchange("POST", "/clock/next", None, STREAM)
    refused = Remote().exchange("POST", "/clock/next?stream=0", None, STREAM)

    assert list(lines(by_header[1]["body"])[0]) == ["report"]
    assert "reason" in json.loads(refused[1]["body"])


def test_a_move_that_cannot_begin_is_refused_with_its_status() -> None:
    assert Remote().post("/clock/advance?stream=1", {"duration": "soon"})[0] == 400


@pytest.mark.asyncio
async def test_while_time_is_moved_far_the_service_answers_and_progress_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("fakestash.control.streaming.PROGRESS_EVERY_S", 0.001)
    settings = Settings(mode="manual", start="2026-01-01T00:00:00Z", seed=0)
    async with dev_server(settings) as server:
        await server.control("POST", "/destinations", {"url": SHOP})
        await server.call("POST", f"/v2/schedules/{SHOP}", Upstash_Cron="* * * * *")

        moving = asyncio.create_task(
            server.raw("POST", "/_fakestash/clock/advance?stream=1", {"duration": "3d"})
        )
        asked = 0
        while not moving.done():
            assert (await server.call("GET", "/v2/keys"))[0] == 200
            await asyncio.wait([moving], timeout=0)
            asked += 1
        status, content = await moving

    found = lines(content)
    assert status == 200
    assert found[-1]["report"]["delivered"] == 3 * 24 * 60
    instants = [line["progress"]["now"] for line in found[:-1]]
    assert instants == sorted(instants)
    assert {line["progress"]["until"] for line in found[:-1]} == {START + 3 * 86_400_000}
    assert asked > len(instants) > 1


@pytest.mark.asyncio
async def test_what_goes_wrong_on_the_way_is_told_in_the_last_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("fakestash.control.streaming.PROGRESS_EVERY_S", 0.001)
    async with dev_server(Settings(mode="manual")) as server:
        await server.control("POST", "/destinations", {"url": SHOP})
        await server.call("POST", f"/v2/schedules/{SHOP}", Upstash_Cron="* * * * *")

        status, content = await server.raw(
            "POST", "/_fakestash/clock/advance?stream=1", {"duration": "30d", "limit": 2000}
        )

    assert status == 200
    assert lines(content)[-1]["error"].startswith("stopped at ")


class Leaving(Exchange):
    """A client that goes away when it is told to."""

    def __init__(self, body: bytes) -> None:
        super().__init__([{"type": "http.request", "body": body}])
        self.leaves = asyncio.Event()

    async def receive(self) -> Event:
        if self.unread:
            return await super().receive()
        await self.leaves.wait()
        return {"type": "http.disconnect"}


@pytest.mark.asyncio
@pytest.mark.parametrize("query", ["", "?stream=1"])
@pytest.mark.parametrize("told", [0, 1])
async def test_a_move_ends_when_the_client_that_asked_for_it_goes_away(
    query: str, told: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fakestash.control.streaming.PROGRESS_EVERY_S", 0.001 if told else 60)
    settings = Settings(mode="manual", start="2026-01-01T00:00:00Z", seed=0)
    async with dev_server(settings) as server, receiver() as (url, received):
        await server.publish(url)
        client = Leaving(b'{"duration": "1h"}')
        scope = scope_of("POST", f"/_fakestash/clock/advance{query}", ())
        moving = asyncio.create_task(server.worlds(scope, client.receive, client.send))
        await received.get()
        while query and told and len(client.sent) < 2:
            await asyncio.wait([moving], timeout=0)
        refused, found = await server.call("POST", "/_fakestash/clock/next")

        client.leaves.set()
        await moving

        clock = await server.control("GET", "/clock")
        await server.control("POST", "/reset")

    assert refused == 409
    assert found["error"].startswith("time is being moved right now")
    assert "report" not in str(client.sent)
    assert (clock["now"], clock["next"]["at"]) == (START, START + 12_000)


@pytest.mark.asyncio
@pytest.mark.parametrize("query", ["", "?stream=1"])
async def test_a_move_in_a_thread_ends_after_the_delivery_during_which_its_client_went(
    query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fakestash.control.streaming.PROGRESS_EVERY_S", 0.001)
    fake = FakeQStash()
    called, goes_on = threading.Event(), threading.Event()

    def hook(_: OutboundRequest) -> int:
        called.set()
        goes_on.wait(20)
        return 200

    fake.destination(URL).responds(hook)
    schedule(fake, URL, "* * * * *")
    client = Leaving(b'{"duration": "30d"}')
    scope = scope_of("POST", f"/_fakestash/clock/advance{query}", ())
    moving = asyncio.create_task(fake.app(scope, client.receive, client.send))
    await asyncio.to_thread(called.wait, 20)

    client.leaves.set()
    await moving
    goes_on.set()
    while fake.progress is not None:
        await asyncio.wait([asyncio.create_task(asyncio.to_thread(int))])

    assert len(fake.deliveries) == 1
    assert instant_of(fake.now) == START + 60_000
    assert len((await fake.advance_async("2m")).deliveries) == 2
