"""Answers of the API that are late: over a socket they are waited for."""

import asyncio
import time

import httpx

from fakestash import FakeQStash


def test_over_http_an_answer_takes_real_time_and_others_do_not_wait_for_it() -> None:
    with FakeQStash() as fake:
        fake.serve()
        fake.faults.add("slow", took="200ms", route="publish")
        headers = {"Authorization": f"Bearer {fake.token}"}

        async def call() -> list[str]:
            ended: list[str] = []

            async def one(client: httpx.AsyncClient, method: str, path: str) -> None:
                assert (await client.request(method, path)).is_success
                ended.append(path)

            async with httpx.AsyncClient(base_url=fake.url, headers=headers) as client:
                await asyncio.gather(
                    one(client, "POST", "/v2/publish/https://shop.test"),
                    one(client, "GET", "/v2/queues"),
                )
            return ended

        began = time.monotonic()
        ended = asyncio.run(call())
        took = time.monotonic() - began

    assert ended == ["/v2/queues", "/v2/publish/https://shop.test"]
    assert took >= 0.2
