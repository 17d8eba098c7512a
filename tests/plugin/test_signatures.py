"""The official receiver accepts every delivery: wherever it runs, whatever its clock shows."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import httpx
import pytest
from freezegun import freeze_time

from fakestash import FakeQStash, LiveServer
from tests.plugin import receivers
from tests.plugin.conftest import ROOT

Place = Callable[[FakeQStash, str], AbstractContextManager[str]]
"""Opens a receiver for a fake; the other process is there already. Its URL for deliveries."""


@contextmanager
def asgi_app(qstash: FakeQStash, other_process: str) -> Iterator[str]:
    qstash.mount("https://shop.test", receivers.asgi_app)
    yield "https://shop.test/hook"


@contextmanager
def wsgi_app(qstash: FakeQStash, other_process: str) -> Iterator[str]:
    qstash.mount("https://shop.test", receivers.wsgi_app())
    yield "https://shop.test/hook"


@contextmanager
def function(qstash: FakeQStash, other_process: str) -> Iterator[str]:
    qstash.destination("https://shop.test").responds(receivers.function)
    yield "https://shop.test/hook"


@contextmanager
def thread(qstash: FakeQStash, other_process: str) -> Iterator[str]:
    with LiveServer(receivers.asgi_app) as server:
        yield f"{server.url}/hook"


@pytest.fixture(scope="module")
def other_process() -> Iterator[str]:
    """A receiver in a process of its own: where it listens."""
    with FakeQStash() as any_fake:
        environment = {**os.environ, **any_fake.environment}
    program = [sys.executable, "-m", "tests.plugin.receivers"]
    with subprocess.Popen(
        program,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        server.communicate("")


@contextmanager
def process(qstash: FakeQStash, other_process: str) -> Iterator[str]:
    yield f"{other_process}/hook"


CLOCKS: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    "unfrozen": nullcontext,
    "frozen in the past": lambda: freeze_time("1999-12-31T23:59:59.5"),
    "frozen in the future": lambda: freeze_time("2099-01-01"),
    "moving on from the past": lambda: freeze_time("1999-12-31", tick=True),
}


@pytest.fixture(params=[asgi_app, wsgi_app, function, thread, process])
def hook(request: pytest.FixtureRequest, qstash: FakeQStash, other_process: str) -> Iterator[str]:
    place: Place = request.param
    with place(qstash, other_process) as url:
        yield url


def publish(qstash: FakeQStash, url: str) -> None:
    """Two messages: one due now, one long after."""
    token = {"Authorization": f"Bearer {qstash.token}"}
    with httpx.Client(transport=qstash.transport, base_url=qstash.url, headers=token) as client:
        client.post(f"/v2/publish/{url}", content="now")
        client.post(f"/v2/publish/{url}", content="later", headers={"Upstash-Delay": "364d"})


def answers(qstash: FakeQStash) -> list[tuple[bytes, int | None, bytes]]:
    return [
        (delivery.body, delivery.status, delivery.response_body) for delivery in qstash.deliveries
    ]


ACCEPTED = [(b"now", 200, b"accepted"), (b"later", 200, b"accepted")]


@pytest.mark.parametrize("clock", CLOCKS.values(), ids=CLOCKS)
def test_a_receiver_accepts(
    qstash: FakeQStash, hook: str, clock: Callable[[], AbstractContextManager[Any]]
) -> None:
    with clock():
        publish(qstash, hook)
        qstash.advance("364d")

    assert answers(qstash) == ACCEPTED


@pytest.mark.asyncio
@pytest.mark.parametrize("clock", CLOCKS.values(), ids=CLOCKS)
async def test_a_receiver_accepts_in_an_async_test(
    qstash: FakeQStash, hook: str, clock: Callable[[], AbstractContextManager[Any]]
) -> None:
    with clock():
        publish(qstash, hook)
        await qstash.advance_async("364d")

    assert answers(qstash) == ACCEPTED


def test_a_receiver_accepts_while_time_is_frozen_and_let_go_in_turn(
    qstash: FakeQStash, hook: str
) -> None:
    for clock in CLOCKS.values():
        with clock():
            publish(qstash, hook)
            qstash.advance("365d")
        publish(qstash, hook)
        qstash.advance("365d")

    assert answers(qstash) == ACCEPTED * 2 * len(CLOCKS)


def test_a_receiver_accepts_when_time_moves_between_publish_and_delivery(
    qstash: FakeQStash, hook: str
) -> None:
    with freeze_time("2020-01-01") as frozen:
        publish(qstash, hook)
        qstash.advance(0)
        frozen.tick(365 * 86_400)
        qstash.advance("364d")

    assert answers(qstash) == ACCEPTED


def test_a_receiver_refuses_what_was_not_signed_with_its_keys(
    qstash: FakeQStash, hook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    qstash.engine.rotate_signing_keys("defaultUser")
    qstash.engine.rotate_signing_keys("defaultUser")

    publish(qstash, hook)
    qstash.advance(0)

    refusal = b"Error while decoding signature: Signature verification failed"
    assert answers(qstash) == [(b"now", 401, refusal)]
