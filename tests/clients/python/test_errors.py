"""The errors of the official client: which class, and what it says."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import httpx
import pytest
from qstash import QStash
from qstash.errors import (
    DailyMessageLimitExceededError,
    QStashError,
    RateLimitExceededError,
)
from qstash.message import BatchJsonRequest, PublishResponse

from fakestash import FakeQStash
from fakestash.plans import PAYG
from tests.clients.python.arrivals import HOOK, START
from tests.clients.python.official import Clients, Kind

if TYPE_CHECKING:
    from qstash.http import RetryConfig

NEXT_DAY: Final = START // 1000 + 86_400


REFUSED: Final[tuple[tuple[Callable[[QStash], object], int, str], ...]] = (
    (
        lambda client: client.message.publish(url="shop.test/hook"),
        400,
        "invalid destination url: endpoint has invalid scheme, add http:// or https://",
    ),
    (
        lambda client: client.message.publish(url=HOOK, deduplication_id="a:b"),
        400,
        "DeduplicationId cannot contain ':'",
    ),
    (
        lambda client: client.message.publish(url_group="shops"),
        404,
        "topic shops not found",
    ),
    (
        lambda client: client.message.publish(url=HOOK, retries=6),
        412,
        "quota maxRetries exceeded, current limit: 5",
    ),
    (
        lambda client: client.message.batch([{"url": HOOK}, {"url": HOOK, "delay": "366d"}]),
        412,
        "quota maxDelay exceeded, current limit: 31536000",
    ),
    (
        lambda client: client.message.enqueue(queue="a b", url=HOOK),
        400,
        "queue name can only contain alphanumeric characters, hyphens, periods and underscores",
    ),
    (
        lambda client: client.queue.upsert("mail", parallelism=11),
        412,
        "quota maxParallelism exceeded, current limit: 10",
    ),
    (
        lambda client: client.schedule.create(destination=HOOK, cron=""),
        400,
        "Invalid cron expression empty spec string",
    ),
    (
        lambda client: client.flow_control.pin("mails", {"period": 1}),
        400,
        "at least one of parallelism or rate must be provided",
    ),
    (
        lambda client: client.log.list(count=0),
        400,
        'invalid count: expected an integer between 1 and 1000, got \\"0\\"',
    ),
)


@pytest.mark.parametrize(("call", "status", "text"), REFUSED)
def test_a_refusal_is_an_error_with_status_and_body(
    client: QStash, call: Callable[[QStash], object], status: int, text: str
) -> None:
    with pytest.raises(QStashError) as refused:
        call(client)

    assert type(refused.value) is QStashError
    assert str(refused.value) == (
        f'Request failed with status: {status}, body: {{"error":"{text}"}}'
    )


def test_a_wrong_token_is_an_error(
    kind: Kind, qstash: FakeQStash, clients: Clients, calls: set[str]
) -> None:
    client = clients.new(kind, calls, "nobody")

    with pytest.raises(QStashError) as refused:
        client.queue.list()

    assert type(refused.value) is QStashError
    assert str(refused.value) == (
        'Request failed with status: 401, body: {"error":"unable to authenticate: invalid token"}'
    )


def test_the_day_of_the_free_plan_is_used_up(kind: Kind, clients: Clients, calls: set[str]) -> None:
    thousand: list[BatchJsonRequest] = [{"url": HOOK, "delay": "1h"}] * 1000
    with FakeQStash(plan="free") as fake:
        client = clients.new(kind, calls, fake.token, base_url=fake.serve())
        client.message.batch_json(thousand)

        with pytest.raises(DailyMessageLimitExceededError) as refused:
            client.message.publish(url=HOOK)
        assert len(client.log.list(count=10).logs) == 10  # reading goes on
        client.message.cancel_all()
        fake.advance("1d")
        tomorrow = client.message.publish(url=HOOK)

    assert vars(refused.value) == {"limit": "1000", "remaining": "0", "reset": str(NEXT_DAY)}
    assert str(refused.value) == (
        f"Exceeded daily message limit: Limit: 1000, remaining: 0, reset: {NEXT_DAY}"
    )
    assert isinstance(tomorrow, PublishResponse)


def test_a_second_has_room_for_so_many_calls(kind: Kind, clients: Clients, calls: set[str]) -> None:
    with FakeQStash(plan=replace(PAYG, calls_per_second=2)) as fake:
        fake.advance("0.4s")
        client = clients.new(kind, calls, fake.token, base_url=fake.serve())
        client.queue.list()
        client.schedule.list()

        with pytest.raises(RateLimitExceededError) as refused:
            client.queue.list()
        published = client.message.publish(url=HOOK)  # publishing goes on
        fake.destination(HOOK)
        fake.advance("0.6s")
        queues = client.queue.list()

    reset = START // 1000 + 1
    assert vars(refused.value) == {"limit": "2", "remaining": "0", "reset": str(reset)}
    assert str(refused.value) == (
        f"Exceeded burst rate limit: Limit: 2, remaining: 0, reset: {reset}"
    )
    assert isinstance(published, PublishResponse)
    assert queues == []


# --- faults --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "error", "fields"),
    [
        (
            "daily",
            DailyMessageLimitExceededError,
            {"limit": "1000", "remaining": "0", "reset": str(NEXT_DAY)},
        ),
        (
            "burst",
            RateLimitExceededError,
            {"limit": "100", "remaining": "0", "reset": str(START // 1000 + 1)},
        ),
        # This version of the client has no class for the language model, which is gone.
        ("chat", RateLimitExceededError, {"limit": None, "remaining": None, "reset": None}),
    ],
)
def test_each_limit_has_its_class_whenever_it_is_wanted(
    qstash: FakeQStash,
    client: QStash,
    fault: str,
    error: type[QStashError],
    fields: dict[str, str | None],
) -> None:
    with qstash.faults.add(fault), pytest.raises(error) as refused:
        client.message.publish(url=HOOK)

    assert type(refused.value) is error
    assert vars(refused.value) == fields
    assert qstash.messages == []


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("error", 'status: 500, body: {"error":"internal server error"}'),
        ("quota", 'status: 412, body: {"error":"quota maxQueues exceeded, current limit: 100"}'),
    ],
)
def test_other_refusals_are_plain_errors_and_not_tried_again(
    qstash: FakeQStash, client: QStash, fault: str, text: str
) -> None:
    struck = qstash.faults.add(fault)

    with pytest.raises(QStashError) as refused:
        client.message.publish(url=HOOK)

    assert (type(refused.value), str(refused.value)) == (
        QStashError,
        f"Request failed with {text}",
    )
    assert struck.struck == 1


def test_a_lost_answer_has_the_client_publish_twice(
    qstash: FakeQStash, kind: Kind, clients: Clients, calls: set[str]
) -> None:
    at_once: RetryConfig = {"retries": 2, "backoff": lambda _: 0}
    client = clients.new(kind, calls, qstash.token, base_url=qstash.url, retry=at_once)
    qstash.faults.add("dropped", takes_effect=True, times=1)

    answer = client.message.publish(url=HOOK)

    assert isinstance(answer, PublishResponse)
    assert [message.id for message in qstash.messages][1:] == [answer.message_id]


def test_a_connection_that_is_always_lost_is_an_error_of_the_transport(
    qstash: FakeQStash, client: QStash
) -> None:
    with qstash.faults.add("dropped") as fault, pytest.raises(httpx.RemoteProtocolError):
        client.message.publish(url=HOOK)

    assert fault.struck == 1  # this client does not try again
