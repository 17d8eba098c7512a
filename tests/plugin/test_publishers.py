"""Code under test that publishes from anywhere: threads, tasks, processes of its own."""

import asyncio
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from qstash import AsyncQStash, QStash

from fakestash import FakeQStash

HOOK = "https://shop.test/hook"
MANY = 20


@pytest.fixture(autouse=True)
def hook(qstash: FakeQStash) -> None:
    qstash.destination(HOOK).responds(200)


def bodies(qstash: FakeQStash) -> list[int]:
    """What was delivered, in order."""
    return sorted(int(delivery.body) for delivery in qstash.deliveries)


def publish(number: int) -> None:
    QStash(os.environ["QSTASH_TOKEN"]).message.publish(url=HOOK, body=str(number))


def test_from_many_threads(qstash: FakeQStash) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(publish, range(MANY)))

    qstash.advance(0)

    assert bodies(qstash) == list(range(MANY))


def test_from_a_thread_while_time_is_moved(qstash: FakeQStash) -> None:
    with ThreadPoolExecutor(1) as pool:
        qstash.destination("https://shop.test/order").responds(
            lambda _: pool.submit(publish, 7).result()
        )
        QStash(qstash.token).message.publish(url="https://shop.test/order", body="")
        qstash.advance(0)

    assert [delivery.body for delivery in qstash.deliveries.to(HOOK)] == [b"7"]


@pytest.mark.asyncio
async def test_from_many_tasks(qstash: FakeQStash) -> None:
    client = AsyncQStash(os.environ["QSTASH_TOKEN"])
    await asyncio.gather(
        *(client.message.publish(url=HOOK, body=str(number)) for number in range(MANY))
    )

    await qstash.advance_async(0)

    assert bodies(qstash) == list(range(MANY))


def test_from_a_process_of_its_own(qstash: FakeQStash) -> None:
    script = f"""
import os
from qstash import QStash

QStash(os.environ["QSTASH_TOKEN"]).message.publish(url={HOOK!r}, body="7")
"""
    subprocess.run([sys.executable, "-c", script], check=True)

    qstash.advance(0)

    assert bodies(qstash) == [7]
