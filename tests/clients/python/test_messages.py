"""Messages that the official client reads back, and those that it cancels."""

from typing import Final

import pytest
from qstash import QStash
from qstash.errors import QStashError
from qstash.log import LogState
from qstash.message import BatchRequest, BatchResponse, Message, PublishResponse

from fakestash import FakeQStash
from tests.clients.python.arrivals import HOOK, arrival, arrivals
from tests.clients.python.ways import MESSAGES, plain_message

UNKNOWN: Final = "msg_7YoJxFpwkEy4DbXwZPnvHhSJGi9VB9TZ4eYreKZHS2nwqa3mNyBFq"


def publish(client: QStash, body: str = "hi", *, delay: str | None = None) -> str:
    """Publish a message; its id."""
    response = client.message.publish(url=HOOK, body=body, delay=delay)
    assert isinstance(response, PublishResponse)
    return response.message_id


def refusal(client: QStash, message_id: str) -> str:
    """What reading a message that is not there comes to."""
    with pytest.raises(QStashError) as refused:
        client.message.get(message_id)
    return str(refused.value)


def not_found(message_id: str) -> str:
    text = f'{{"error":"message {message_id} not found"}}'
    return f"Request failed with status: 404, body: {text}"


@pytest.mark.covers("message.get(message_id)")
def test_a_message_is_read_until_a_second_after_its_end(client: QStash, qstash: FakeQStash) -> None:
    qstash.destination(HOOK)
    message_id = publish(client)
    read: list[Message] = [client.message.get(message_id)]

    qstash.advance(0)
    read.append(client.message.get(message_id))
    qstash.advance("1s")
    read.append(client.message.get(message_id))
    qstash.advance("0.001s")

    assert read == [plain_message(MESSAGES[0], message_id)] * 3
    assert refusal(client, message_id) == not_found(message_id)
    assert refusal(client, UNKNOWN) == not_found(UNKNOWN)


@pytest.mark.covers("message.cancel(message_id)")
def test_a_cancelled_message_is_gone_and_does_not_arrive(
    client: QStash, qstash: FakeQStash
) -> None:
    qstash.destination(HOOK)
    first, second = publish(client, "1", delay="1m"), publish(client, "2", delay="1m")

    client.message.cancel(first)
    with pytest.raises(QStashError) as refused:
        client.message.cancel(first)
    qstash.advance("1h")

    assert refusal(client, first) == not_found(first)
    assert str(refused.value) == not_found(first)
    assert arrivals(qstash, second=second) == [arrival(60_000, body=b"2", message="second")]
    assert [
        (log.state, log.time) for log in client.log.list(filter={"message_id": first}).logs
    ] == [
        (LogState.CANCELED, 1_767_225_660_000),
        (LogState.CANCEL_REQUESTED, 1_767_225_600_000),
        (LogState.CREATED, 1_767_225_600_000),
    ]


@pytest.mark.covers("message.cancel_many(message_ids)", "message.cancel_all()")
def test_many_are_cancelled_and_each_counts_once(client: QStash, qstash: FakeQStash) -> None:
    first, second, third = (publish(client, delay="1m") for _ in range(3))

    assert client.message.cancel_many([first, second, UNKNOWN]) == 2
    assert client.message.cancel_many([first, second]) == 0
    assert client.message.cancel_all() == 1
    assert client.message.cancel_all() == 0

    assert [refusal(client, id_) for id_ in (first, second, third)] == [
        not_found(first),
        not_found(second),
        not_found(third),
    ]
    assert len(qstash.run_until_idle().deliveries) == 0


def test_cancelling_an_empty_list_cancels_everything(client: QStash) -> None:
    publish(client, delay="1m")
    publish(client, delay="1m")

    assert client.message.cancel_many([]) == 2


@pytest.mark.covers("message.batch(messages, messages.queue)")
def test_a_batch_mixes_messages_of_all_kinds(client: QStash, qstash: FakeQStash) -> None:
    client.url_group.upsert_endpoints("shops", [{"url": HOOK}])
    plain, enqueued = MESSAGES[0], MESSAGES[2]
    entries: list[BatchRequest] = [
        {"url": HOOK, "body": "hi"},
        {"url_group": "shops", "body": "hi"},
        {"url": HOOK, "body": "hi", "queue": "mail"},
    ]

    first, group, last = client.message.batch(entries)

    assert isinstance(first, BatchResponse)
    assert isinstance(last, BatchResponse)
    assert isinstance(group, list)
    assert [response.url for response in group] == [HOOK]
    assert client.message.get(first.message_id) == plain_message(plain, first.message_id)
    assert client.message.get(last.message_id) == plain_message(enqueued, last.message_id)
    assert [queue.lag for queue in client.queue.list()] == [1]


@pytest.mark.covers("message.batch_json(messages, messages.queue)")
def test_an_entry_of_a_json_batch_is_enqueued(client: QStash) -> None:
    (response,) = client.message.batch_json([{"url": HOOK, "body": {"id": 7}, "queue": "mail"}])

    assert isinstance(response, BatchResponse)
    message = client.message.get(response.message_id)
    assert message == plain_message(MESSAGES[3], response.message_id)


def test_an_entry_that_is_refused_alone_breaks_the_client(client: QStash) -> None:
    """The service answers such an entry by its error, which the client cannot read."""
    entries: list[BatchRequest] = [{"url": HOOK}, {"url_group": "nobody"}]

    with pytest.raises(KeyError, match="messageId"):
        client.message.batch(entries)

    assert client.message.cancel_all() == 1
