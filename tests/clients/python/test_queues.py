"""Queues of the official client, and the order in which their messages arrive."""

from dataclasses import replace
from typing import Final

import pytest
from qstash import QStash
from qstash.errors import QStashError
from qstash.message import EnqueueResponse
from qstash.queue import Queue

from fakestash import FakeQStash
from tests.clients.python.arrivals import HOOK, START, arrival, arrivals

MAIL: Final = Queue("mail", parallelism=1, created_at=START, updated_at=START, lag=0, paused=False)


def enqueue(client: QStash, body: str) -> str:
    """Enqueue a message; its id."""
    response = client.message.enqueue(queue="mail", url=HOOK, body=body)
    assert isinstance(response, EnqueueResponse)
    return response.message_id


@pytest.mark.covers("queue.upsert(queue)", "queue.get(queue)", "queue.list()")
def test_queues_are_listed_in_order_of_creation(client: QStash, qstash: FakeQStash) -> None:
    client.queue.upsert("mail")
    qstash.advance(1)
    client.queue.upsert("bills")

    bills = replace(MAIL, name="bills", created_at=START + 1_000, updated_at=START + 1_000)
    assert client.queue.get("mail") == MAIL
    assert client.queue.list() == [MAIL, bills]


@pytest.mark.covers("queue.upsert(queue, parallelism, paused)")
def test_all_settings_of_a_queue_are_replaced(client: QStash, qstash: FakeQStash) -> None:
    client.queue.upsert("mail", parallelism=5, paused=True)
    assert client.queue.get("mail") == replace(MAIL, parallelism=5, paused=True)
    qstash.advance(1)

    client.queue.upsert("mail")

    assert client.queue.get("mail") == replace(MAIL, updated_at=START + 1_000)


@pytest.mark.covers("message.enqueue(queue)")
def test_the_first_message_makes_the_queue(client: QStash) -> None:
    enqueue(client, "1")
    enqueue(client, "2")

    assert client.queue.list() == [replace(MAIL, lag=2)]


@pytest.mark.covers("queue.upsert(parallelism)")
def test_messages_of_a_queue_wait_for_each_other(client: QStash, qstash: FakeQStash) -> None:
    qstash.destination(HOOK).responds(503, 200)
    client.queue.upsert("mail", parallelism=1)
    first, second = enqueue(client, "1"), enqueue(client, "2")

    qstash.advance("1h")

    assert arrivals(qstash, first=first, second=second) == [
        arrival(body=b"1", message="first", came_back=503),
        arrival(12_000, body=b"1", message="first", retried=1),
        arrival(12_000, body=b"2", message="second"),
    ]
    assert client.queue.get("mail") == MAIL


@pytest.mark.covers("queue.pause(queue)", "queue.resume(queue)")
def test_nothing_of_a_paused_queue_arrives(client: QStash, qstash: FakeQStash) -> None:
    qstash.destination(HOOK)
    client.queue.upsert("mail")
    qstash.advance(1)
    client.queue.pause("mail")
    message_id = enqueue(client, "1")

    qstash.advance(9)
    paused = client.queue.get("mail")
    client.queue.resume("mail")
    resumed = client.queue.get("mail")
    qstash.advance(0)

    assert paused == replace(MAIL, lag=1, paused=True, updated_at=START + 1_000)
    assert resumed == replace(MAIL, lag=1, updated_at=START + 10_000)
    assert arrivals(qstash, message=message_id) == [arrival(10_000, body=b"1")]


@pytest.mark.covers("queue.delete(queue)")
def test_messages_of_a_deleted_queue_do_not_arrive(client: QStash, qstash: FakeQStash) -> None:
    enqueue(client, "1")

    client.queue.delete("mail")
    client.queue.delete("mail")

    assert client.queue.list() == []
    assert len(qstash.run_until_idle().deliveries) == 0


@pytest.mark.parametrize("method", ["get", "pause", "resume"])
def test_a_queue_that_is_not_there_is_an_error(client: QStash, method: str) -> None:
    with pytest.raises(QStashError) as refused:
        getattr(client.queue, method)("mail")

    assert str(refused.value) == (
        'Request failed with status: 404, body: {"error":"queue mail not found"}'
    )
