"""Worlds of one server, which do not see each other."""

import base64
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.client import HTTPConnection
from typing import Any

import pytest

from fakestash.dev.run import worlds_of
from fakestash.dev.settings import Settings
from fakestash.dev.worlds import MOST_WORLDS
from fakestash.server import LiveServer
from tests.dev.server import URL, dev_server, receiver

SHOP = "https://shop.test/hook"
MANUAL = Settings(mode="manual", start="2026-01-01T00:00:00Z", seed=0)


@pytest.mark.asyncio
async def test_a_world_has_a_token_keys_and_all_else_of_its_own() -> None:
    async with dev_server(MANUAL) as server:
        made = await server.control("POST", "/worlds", {"name": "mine", "start": 0, "plan": "free"})
        environment = made["environment"]
        token = environment["QSTASH_TOKEN"]
        await server.control("POST", "/destinations", {"url": SHOP}, token)
        message_id = await server.publish(SHOP, token, Upstash_Delay="1h")

        tokens = ("", token)
        clocks = [(await server.control("GET", "/clock", None, each))["now"] for each in tokens]
        summaries = [await server.control("GET", "/summary", None, each) for each in tokens]
        found = [
            (await server.call("GET", f"/v2/messages/{message_id}", None, each))[0]
            for each in (None, token)
        ]
        _, keys = await server.call("GET", "/v2/keys", None, token)
        others = await server.control("GET", "/destinations")
        plans = [world.fake.engine.plan.name for world in server.worlds.all]

    assert json.loads(base64.b64decode(token))["UserID"] == "mine"
    assert environment["QSTASH_URL"] == URL
    assert keys == {
        "current": environment["QSTASH_CURRENT_SIGNING_KEY"],
        "next": environment["QSTASH_NEXT_SIGNING_KEY"],
    }
    assert clocks == [1_767_225_600_000, 0]
    assert [each["pending"] for each in summaries] == [0, 1]
    assert found == [404, 200]
    assert others == {"destinations": []}
    assert plans == ["payg", "free"]


@pytest.mark.asyncio
async def test_a_world_may_be_in_another_mode_and_ends_alone() -> None:
    async with dev_server(MANUAL) as server:
        made = await server.control("POST", "/worlds", {"mode": "auto"})
        token = made["environment"]["QSTASH_TOKEN"]
        await server.control("POST", "/destinations", {"url": SHOP}, token)
        message_id = await server.publish(SHOP, token, Upstash_Delay="30d")
        await server.wait(token, messageId=message_id)
        listed = await server.control("GET", "/worlds")

        assert (await server.control("GET", "/clock"))["mode"] == "manual"
        assert (await server.call("DELETE", f"/_fakestash/worlds/{made['name']}"))[0] == 204
        assert (await server.call("GET", "/v2/keys", None, token))[0] == 401
        assert (await server.call("GET", "/_fakestash/clock", None, token))[0] == 401
        assert (await server.control("GET", "/worlds"))["worlds"] == listed["worlds"][:1]
        assert [each["name"] for each in listed["worlds"]] == ["default", "world-1"]


@pytest.mark.asyncio
async def test_worlds_are_refused_with_what_to_do() -> None:
    async with dev_server(MANUAL) as server:
        await server.control("POST", "/worlds", {"name": "mine"})
        answers = [
            await server.call("POST", "/_fakestash/worlds", {"name": "mine"}),
            await server.call("POST", "/_fakestash/worlds", {"name": "a b"}),
            await server.call("POST", "/_fakestash/worlds", {"plan": "gold"}),
            await server.call("POST", "/_fakestash/worlds", {"start": "soon"}),
            await server.call("POST", "/_fakestash/worlds", {"rate": 0}),
            await server.call("DELETE", "/_fakestash/worlds/yours"),
            await server.call("DELETE", "/_fakestash/worlds/default"),
        ]
        names = [each["name"] for each in (await server.control("GET", "/worlds"))["worlds"]]

    assert [status for status, _ in answers] == [409, 400, 400, 400, 400, 404, 409]
    assert names == ["default", "mine"]
    texts = [found["error"] for _, found in answers]
    assert texts[0].startswith("there is a world 'mine' already: end it by DELETE /_fakestash/")
    assert texts[1].startswith("name must be 1 to 64 of the characters A-Z")
    assert texts[5] == "there is no world 'yours'; there are: default, mine"


@pytest.mark.asyncio
async def test_there_are_only_so_many_worlds() -> None:
    async with dev_server(MANUAL) as server:
        for _ in range(MOST_WORLDS):
            await server.control("POST", "/worlds")

        status, found = await server.call("POST", "/_fakestash/worlds")

    assert status == 429
    assert found["error"].startswith("there are 100 worlds, which is the most: end some")


@pytest.mark.asyncio
async def test_a_reset_is_for_one_world_and_cuts_off_what_is_in_flight() -> None:
    async with dev_server() as server, receiver() as (url, received):
        token = (await server.control("POST", "/worlds"))["environment"]["QSTASH_TOKEN"]
        kept = await server.publish(SHOP, token, Upstash_Delay="1h")
        lost = await server.publish(url)
        await received.get()

        await server.control("POST", "/reset")

        assert (await server.call("GET", f"/v2/messages/{lost}"))[0] == 404
        assert (await server.call("GET", f"/v2/messages/{kept}", None, token))[0] == 200


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("chaos", "asked"),
    [
        ("7", (7, None)),
        ("deliver #1 twice", (None, "deliver #1 twice")),
        ("0", (None, None)),
        (None, (None, None)),
    ],
)
async def test_chaos_disturbs_every_world_from_its_beginning(
    chaos: str | None, asked: tuple[int | None, str | None]
) -> None:
    async with dev_server(replace(MANUAL, chaos=chaos)) as server:
        token = (await server.control("POST", "/worlds"))["environment"]["QSTASH_TOKEN"]
        await server.control("DELETE", "/chaos", None, token)
        await server.control("POST", "/reset", None, token)
        found = [await server.control("GET", "/chaos", None, each) for each in ("", token)]

    assert [(each["seed"], each["schedule"]) for each in found] == [asked, asked]


def suite(port: int, number: int) -> list[Any]:
    """What one of several suites sees that share a server."""

    def ask(method: str, path: str, body: object = None, token: str = "") -> Any:  # noqa: ANN401 - any JSON
        connection = HTTPConnection("127.0.0.1", port)
        header = {"Authorization": f"Bearer {token}"} if token else {}
        connection.request(method, path, None if body is None else json.dumps(body), header)
        content = connection.getresponse().read()
        connection.close()
        return json.loads(content) if content else None

    made = ask("POST", "/_fakestash/worlds", {"name": f"suite-{number}", "seed": 0, "start": 0})
    token = made["environment"]["QSTASH_TOKEN"]
    seen: list[Any] = []
    for turn in range(5):
        ask("POST", "/_fakestash/reset", {"seed": turn}, token)
        ask("POST", "/_fakestash/destinations", {"url": SHOP, "answers": [500, 200]}, token)
        ask("POST", f"/v2/publish/{SHOP}", {"suite": number}, token)
        report = ask("POST", "/_fakestash/clock/advance", {"duration": "1h"}, token)
        body = {"assert": "delivered", "url": SHOP, "json": {"suite": number}, "times": 2}
        met = ask("POST", "/_fakestash/assert", body, token)
        seen.append((report["delivered"], report["failed"], report["ended"], met["ok"]))
    return seen


def test_suites_in_parallel_share_a_server_and_see_nothing_of_each_other() -> None:
    with LiveServer() as server:
        ready = threading.Event()
        serving: list[Any] = []

        async def app(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - as servers call it
            if not serving:  # the worlds live in the event loop of the server
                serving.append(worlds_of(MANUAL, URL, print))
                ready.set()
            await serving[0](scope, receive, send)

        server.app = app
        with ThreadPoolExecutor(6) as threads:
            found = list(threads.map(lambda number: suite(server.port, number), range(6)))

    assert ready.is_set()
    assert found == [[(1, 1, 3_600_000, True)] * 5] * 6
