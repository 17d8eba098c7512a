"""The dead letter queue as the official client reads it."""

from dataclasses import asdict
from typing import Final

import pytest
from qstash import QStash
from qstash.dlq import DlqFilter, DlqMessage, ListDlqMessagesResponse
from qstash.errors import QStashError
from qstash.message import FlowControlProperties, Message, PublishResponse

from fakestash import FakeQStash, Fault
from fakestash.delivery.script import AnswerLike
from tests.clients.python.arrivals import HOOK, START
from tests.clients.python.ways import MESSAGES, Options, plain_message

BUSY: Final = (503, {"X-Why": "busy"}, "no")


def entry(message: Message, **more: object) -> DlqMessage:
    """A message in the dead letter queue, which a 503 with ``BUSY`` brought there."""
    answer: Options = {
        "response_status": 503,
        "response_headers": {"X-Why": ["busy"]},
        "response_body": "no",
        "response_body_base64": None,
    }
    fields: Options = {**vars(message), **answer, **more}
    return DlqMessage(**fields)


def publish(client: QStash, **options: object) -> str:
    """Publish a message without retries; its id."""
    arguments: Options = {"url": HOOK, "body": "hi", "retries": 0, **options}
    response = client.message.publish(**arguments)
    assert isinstance(response, PublishResponse)
    return response.message_id


@pytest.mark.covers("dlq.get(dlq_id)")
def test_a_plain_dead_letter(client: QStash, qstash: FakeQStash) -> None:
    qstash.destination(HOOK).responds(BUSY)
    message = plain_message(MESSAGES[0], publish(client))
    message.max_retries = 0

    qstash.advance(0)

    (letter,) = qstash.dead_letters
    expected = entry(message, dlq_id=letter.dlq_id)
    assert letter.dlq_id == f"{START}-0"
    assert client.dlq.get(letter.dlq_id) == expected
    assert client.dlq.list() == ListDlqMessagesResponse(cursor=None, messages=[expected])


def test_a_dead_letter_shows_every_setting_of_its_message(
    client: QStash, qstash: FakeQStash
) -> None:
    for url in (HOOK, "https://audit.test", "https://alarm.test"):
        qstash.destination(url).responds(BUSY if url == HOOK else 200)
    client.url_group.upsert_endpoints("shops", [{"url": HOOK, "name": "one"}])
    options: Options = {
        "url_group": "shops",
        "body": b"\xff",
        "method": "PUT",
        "headers": {"X-Trace": "1"},
        "retries": 1,
        "retry_delay": "1000",
        "callback": "https://audit.test",
        "callback_headers": {"Forward-X-Callback": "2"},
        "failure_callback": "https://alarm.test",
        "failure_callback_headers": {"Forward-X-Failure": "3"},
        "delay": "10s",
        "flow_control": {"key": "mails", "parallelism": 3, "rate": 2, "period": 60},
        "label": "urgent",
    }
    responses = client.message.publish(**options)
    assert isinstance(responses, list)
    message = client.message.get(responses[0].message_id)

    qstash.run_until_idle()

    dlq_id = f"{START + 11_000}-0"
    assert client.dlq.get(dlq_id) == entry(message, dlq_id=dlq_id)
    assert asdict(message) == {
        "message_id": responses[0].message_id,
        "url": HOOK,
        "url_group": "shops",
        "endpoint": "one",
        "queue": None,
        "body": None,
        "body_base64": "/w==",
        "method": "PUT",
        "headers": {"X-Trace": ["1"]},
        "callback_headers": {"X-Callback": ["2"]},
        "failure_callback_headers": {"X-Failure": ["3"]},
        "max_retries": 1,
        "retry_delay_expression": "1000",
        "not_before": START + 10_000,
        "created_at": START,
        "callback": "https://audit.test",
        "failure_callback": "https://alarm.test",
        "schedule_id": None,
        "caller_ip": "127.0.0.1",
        "flow_control": asdict(FlowControlProperties("mails", 3, 2, 60)),
        "label": "urgent",
    }


LAST_ANSWERS: Final[dict[str, tuple[AnswerLike, Options]]] = {
    "bytes": (
        (500, {}, b"\xff"),
        {"response_status": 500, "response_body": None, "response_body_base64": "/w=="},
    ),
    "none": (Fault.REFUSED, {"response_status": 0, "response_body": None}),
    "not to be retried": (
        (489, {"Upstash-NonRetryable-Error": "true"}, "never"),
        {
            "response_status": 489,
            "response_headers": {"Upstash-Nonretryable-Error": ["true"]},
            "response_body": "never",
        },
    ),
}


@pytest.mark.parametrize(("answer", "shown"), LAST_ANSWERS.values(), ids=LAST_ANSWERS)
def test_a_dead_letter_shows_the_last_answer(
    client: QStash, qstash: FakeQStash, answer: AnswerLike, shown: Options
) -> None:
    qstash.destination(HOOK).responds(answer)
    message = client.message.get(publish(client))

    qstash.advance(0)

    assert client.dlq.list().messages == [
        entry(message, dlq_id=f"{START}-0", **{"response_headers": None, **shown})
    ]


# --- lists -------------------------------------------------------------------------------------


@pytest.fixture
def letters(client: QStash, qstash: FakeQStash) -> dict[str, DlqMessage]:
    """Dead letters by name, a second after each other, each with something of its own."""
    other = "https://other.test/hook"
    qstash.destination(HOOK).responds(503)
    qstash.destination(other).responds(404)
    client.url_group.upsert_endpoints("shops", [{"url": HOOK}])
    client.schedule.create(destination=HOOK, cron="0 0 * * *", schedule_id="daily", retries=0)
    publish(client)
    qstash.advance(1)
    publish(client, url=other)
    qstash.advance(1)
    client.message.publish(url_group="shops", retries=0)
    qstash.advance(1)
    client.message.enqueue(url=HOOK, queue="mail", retries=0)
    qstash.advance(1)
    publish(client, label="urgent")
    qstash.advance("1d")
    names = ("plain", "other", "group", "queue", "label", "schedule")
    return dict(
        zip(names, [client.dlq.get(found.dlq_id) for found in qstash.dead_letters], strict=True)
    )


@pytest.mark.covers(
    "dlq.list(filter, filter.message_id, filter.url, filter.url_group, filter.queue)",
    "dlq.list(filter.schedule_id, filter.from_time, filter.to_time, filter.response_status)",
    "dlq.list(filter.caller_ip, filter.label)",
)
def test_every_filter_of_dead_letters(client: QStash, letters: dict[str, DlqMessage]) -> None:
    filters: dict[str, tuple[DlqFilter, list[str]]] = {
        "nothing": ({}, list(letters)),
        "message_id": ({"message_id": letters["queue"].message_id}, ["queue"]),
        "url": ({"url": "https://other.test/hook"}, ["other"]),
        "url_group": ({"url_group": "shops"}, ["group"]),
        "queue": ({"queue": "mail"}, ["queue"]),
        "schedule_id": ({"schedule_id": "daily"}, ["schedule"]),
        "from_time": ({"from_time": START + 4_000}, ["label", "schedule"]),
        "to_time": ({"to_time": START + 1_000}, ["plain", "other"]),
        "response_status": ({"response_status": 404}, ["other"]),
        "caller_ip": ({"caller_ip": "127.0.0.1"}, list(letters)),
        "another caller_ip": ({"caller_ip": "127.0.0.2"}, []),
        "label": ({"label": "urgent"}, ["label"]),
        "several": ({"url": HOOK, "to_time": START + 2_000}, ["plain", "group"]),
    }

    assert {name: client.dlq.list(filter=asked) for name, (asked, _) in filters.items()} == {
        name: ListDlqMessagesResponse(None, [letters[found] for found in expected])
        for name, (_, expected) in filters.items()
    }


@pytest.mark.covers("dlq.list(cursor, count)")
def test_dead_letters_come_in_pages(client: QStash, letters: dict[str, DlqMessage]) -> None:
    first = client.dlq.list(count=4)
    last = client.dlq.list(count=4, cursor=first.cursor)

    every = list(letters.values())
    assert first == ListDlqMessagesResponse(letters["queue"].dlq_id, every[:4])
    assert last == ListDlqMessagesResponse(None, every[4:])


@pytest.mark.covers("dlq.delete(dlq_id)", "dlq.delete_many(dlq_ids)")
def test_dead_letters_are_deleted(client: QStash, letters: dict[str, DlqMessage]) -> None:
    ids = [letter.dlq_id for letter in letters.values()]

    client.dlq.delete(ids[0])
    deleted = [client.dlq.delete_many([*ids[:3], "1-0"]), client.dlq.delete_many(ids[:3])]
    with pytest.raises(QStashError) as refused:
        client.dlq.delete(ids[0])

    assert deleted == [2, 0]
    assert client.dlq.list().messages == list(letters.values())[3:]
    assert str(refused.value) == (
        f'Request failed with status: 404, body: {{"error":"dlq message {ids[0]} not found"}}'
    )
