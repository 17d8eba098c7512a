"""What the inner pytest run measures: a test without the fixture, one with it, and a story."""

from time import perf_counter

import httpx
import pytest

from fakestash import FakeQStash
from tests.benchmarks.inner_plugin import Note

HOOK = "https://shop.test/hook"


@pytest.fixture(scope="module")
def client() -> httpx.Client:
    return httpx.Client(verify=False)  # noqa: S501 - certificates take 20 ms to load


def test_without(number: int) -> None:
    pass


def test_with(qstash: FakeQStash, number: int) -> None:
    pass


def test_story(qstash: FakeQStash, number: int, client: httpx.Client, note: Note) -> None:
    def ask(method: str, path: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {qstash.token}"}
        return client.request(method, qstash.url + path, headers=headers).raise_for_status()

    qstash.destination(HOOK).responds(500)
    start = perf_counter()
    ask("POST", f"/v2/publish/{HOOK}")
    qstash.advance("33m")
    dead_letters = ask("GET", "/v2/dlq").json()["messages"]
    log = ask("GET", "/v2/logs").json()["events"]
    note("story", perf_counter() - start)

    states = ["CREATED", *("ACTIVE", "ERROR", "RETRY") * 3, "ACTIVE", "ERROR", "FAILED"]
    assert len(dead_letters) == 1
    assert [entry["state"] for entry in log] == states[::-1]

    start = perf_counter()
    for _ in range(3):
        ask("GET", "/v2/readiness")
    note("requests", perf_counter() - start)
