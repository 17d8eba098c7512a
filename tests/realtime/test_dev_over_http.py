"""What the development server does over real HTTP, as a process: nobody waits for anybody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.delivery.http.servers import Connection, handling, serving
from tests.delivery.http.test_outcomes import self_signed
from tests.realtime.soak.server import DevServer, dev_server

pytestmark = pytest.mark.asyncio

CERTIFICATE = Path(__file__).parents[1] / "delivery" / "http" / "self_signed.pem"
DEADLINE_S = 20


@asynccontextmanager
async def silent() -> AsyncIterator[str]:
    """The URL of a server that reads and never answers."""

    async def handle(connection: Connection) -> None:
        await connection.read()
        await connection.read()

    async with handling(handle) as server:
        yield f"{server.url}/hook"


async def publish(server: DevServer, url: str, **headers: str) -> str:
    named = {f"Upstash-{name.replace('_', '-')}": value for name, value in headers.items()}
    target = f"{server.url}/v2/publish/{url}"
    async with server.session.post(target, data=b"hi", headers=named) as answer:
        found = await answer.json()
    message_id: str = found["messageId"]
    return message_id


async def end_of(server: DevServer, message_id: str) -> dict[str, object]:
    """The event with which a message ends or its first attempt fails."""
    ends = ("DELIVERED", "ERROR")
    async with asyncio.timeout(DEADLINE_S):
        while True:
            path = f"/v2/logs?messageId={message_id}&order=earliestFirst"
            for event in (await server.ask("GET", path))["events"]:
                if event["state"] in ends:
                    found: dict[str, object] = event
                    return found
            await asyncio.sleep(0.01)


@pytest.mark.fidelity(
    "flow control: global parallelism of the plan, on the development server",
    "docs",
    verdict="different",
    here="it holds for each host that is delivered to: one that hangs holds up no other",
)
async def test_a_destination_that_hangs_holds_up_no_other() -> None:
    async with dev_server() as server, silent() as hangs, serving() as answers:
        for _ in range(150):
            await publish(server, hangs)

        event = await end_of(server, await publish(server, answers.url))

        counts = await server.ask("GET", "/v2/globalParallelism")
    assert event["state"] == "DELIVERED"
    assert counts == {"parallelismMax": 100, "parallelismCount": 100}


@pytest.mark.parametrize(
    ("options", "end"),
    [
        ((), ("ERROR", "tls: failed to verify certificate")),
        (("--ca-file", str(CERTIFICATE)), ("DELIVERED", "None")),
        (("--insecure-tls", "127.0.0.1"), ("DELIVERED", "None")),
        (("--insecure-tls", "localhost"), ("ERROR", "tls: failed to verify certificate")),
    ],
)
async def test_a_certificate_has_to_be_good_enough(
    options: tuple[str, ...], end: tuple[str, str]
) -> None:
    async with dev_server(*options) as server, serving(tls=self_signed()) as secured:
        event = await end_of(server, await publish(server, secured.url))

    assert (event["state"], str(event.get("error")).split(": self")[0]) == end


async def test_a_message_may_go_to_this_very_server() -> None:
    async with dev_server() as server, serving() as receiver:
        own = f"{server.url}/v2/publish/{receiver.url}/hook"
        token = server.session.headers["Authorization"]
        first = await end_of(server, await publish(server, own, Forward_Authorization=token))
        async with asyncio.timeout(DEADLINE_S):
            while not receiver.requests:  # noqa: ASYNC110 - it comes from another process
                await asyncio.sleep(0.01)
        notes = await server.ask("GET", "/_fakestash/strictness")

    assert first["state"] == "DELIVERED"
    assert receiver.requests[0].startswith(b"POST /hook HTTP/1.1\r\n")
    assert receiver.requests[0].endswith(b"\r\n\r\nhi")
    assert notes == {"notes": []}


async def test_what_the_service_does_not_know_is_refused_on_demand() -> None:
    async with dev_server("--strict-api") as server:
        with pytest.raises(RuntimeError, match="did you mean /v2/queues"):
            await server.ask("GET", "/v2/queue")


async def test_there_is_an_end_to_what_is_kept() -> None:
    async with dev_server("--max-messages", "2") as server, silent() as hangs:
        await publish(server, hangs)
        await publish(server, hangs)

        with pytest.raises(RuntimeError, match=r"507 .*fakestash keeps 2 messages"):
            await server.ask("POST", f"/v2/publish/{hangs}")


async def test_a_web_page_from_elsewhere_cannot_control_it() -> None:
    async with dev_server() as server:
        for header, status in (
            ({"Host": "evil.example"}, 403),
            ({"Origin": "https://evil.example"}, 403),
            ({"Host": "host.docker.internal:8080"}, 200),
            ({"Origin": "http://localhost:3000"}, 200),
        ):
            url = f"{server.url}/_fakestash/clock"
            async with server.session.get(url, headers=header) as answer:
                assert (header, answer.status) == (header, status)
        # The service itself is for the vendor's console, too.
        header = {"Origin": "https://console.upstash.com"}
        async with server.session.get(f"{server.url}/v2/keys", headers=header) as answer:
            assert answer.status == 200


@pytest.mark.parametrize("host", ["::1", "localhost"])
async def test_it_may_listen_on_any_address_of_this_machine(host: str) -> None:
    async with dev_server("--host", host) as server, serving(host="::1") as receiver:
        event = await end_of(server, await publish(server, f"http://localhost:{receiver.port}"))
        server.process.terminate()
        _, _, err = await server.end()

    assert (event["state"], err) == ("DELIVERED", "")
