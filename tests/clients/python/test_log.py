"""The log as the official client reads it."""

from base64 import b64encode
from dataclasses import replace
from typing import Final

import pytest
from qstash import QStash
from qstash.log import ListLogsResponse, Log, LogFilter, LogState
from qstash.message import FlowControlProperties, PublishResponse

from fakestash import FakeQStash
from tests.clients.python.arrivals import HOOK, START
from tests.clients.python.ways import Options

BUSY: Final = (503, {"X-Why": "busy"}, "no")


def log(message_id: str, state: LogState, at: int = 0, **more: object) -> Log:
    """An entry about a plain message, ``at`` so many ms after the start.

    The client never has response headers: it looks for them under the name that dead letters use.
    """
    fields: Options = dict.fromkeys(Log.__dataclass_fields__)
    fields |= {
        "time": START + at,
        "message_id": message_id,
        "state": state,
        "url": HOOK,
        "headers": {},
        "body_base64": b64encode(b"hi").decode(),
        "method": "POST",
        "max_retries": 3,
        **more,
    }
    return Log(**fields)


def publish(client: QStash, **options: object) -> str:
    """Publish a message; its id."""
    arguments: Options = {"url": HOOK, "body": "hi", **options}
    response = client.message.publish(**arguments)
    assert isinstance(response, PublishResponse)
    return response.message_id


def test_the_log_of_a_message_that_fails_once(client: QStash, qstash: FakeQStash) -> None:
    qstash.destination(HOOK).responds(BUSY, 200)
    id_ = publish(client)

    qstash.run_until_idle()

    assert client.log.list() == ListLogsResponse(
        cursor=None,
        logs=[
            log(id_, LogState.DELIVERED, 12_000, response_status=200),
            log(id_, LogState.ACTIVE, 12_000),
            log(id_, LogState.RETRY, next_delivery_time=START + 12_000),
            log(
                id_,
                LogState.ERROR,
                error="HTTP status 503",
                response_status=503,
                response_body=b64encode(b"no").decode(),
            ),
            log(id_, LogState.ACTIVE),
            log(id_, LogState.CREATED, next_delivery_time=START),
        ],
    )


def test_the_log_shows_every_setting_of_a_message(client: QStash) -> None:
    client.url_group.upsert_endpoints("shops", [{"url": HOOK, "name": "one"}])
    (response,) = client.message.batch(
        [
            {
                "url_group": "shops",
                "queue": "mail",
                "body": "hi",
                "method": "PUT",
                "headers": {"X-Trace": "1"},
                "retries": 0,
                "retry_delay": "1000",
                "timeout": 30,
                "callback": "https://audit.test",
                "callback_headers": {"Forward-X-Callback": "2"},
                "failure_callback": "https://alarm.test",
                "failure_callback_headers": {"Forward-X-Failure": "3"},
                "flow_control": {"key": "mails", "parallelism": 3, "rate": 2, "period": 60},
                "label": "urgent",
            }
        ]
    )

    assert isinstance(response, list)
    assert client.log.list().logs == [
        log(
            response[0].message_id,
            LogState.CREATED,
            next_delivery_time=START,
            url_group="shops",
            endpoint="one",
            queue="mail",
            method="PUT",
            headers={"X-Trace": ["1"]},
            max_retries=None,  # left out when 0
            retry_delay_expression="1000",
            timeout=30_000,
            callback="https://audit.test",
            callback_headers={"X-Callback": ["2"]},
            failure_callback="https://alarm.test",
            failure_callback_headers={"X-Failure": ["3"]},
            flow_control=FlowControlProperties("mails", 3, 2, 60),
            label="urgent",
        )
    ]


# --- lists -------------------------------------------------------------------------------------


@pytest.fixture
def written(client: QStash, qstash: FakeQStash) -> dict[str, Log]:
    """Entries by a name, newest first; messages are made a second after each other."""
    client.url_group.upsert_endpoints("shops", [{"url": HOOK}])
    qstash.destination(HOOK)
    plain = log(publish(client), LogState.CREATED, next_delivery_time=START)
    qstash.advance(1)
    label = log(
        publish(client, label="urgent", delay="1h"),
        LogState.CREATED,
        1_000,
        next_delivery_time=START + 3_601_000,
        label="urgent",
    )
    qstash.advance(1)
    (response,) = client.message.batch(
        [{"url_group": "shops", "queue": "mail", "body": "hi", "retries": 1}]
    )
    assert isinstance(response, list)
    group = log(
        response[0].message_id,
        LogState.CREATED,
        2_000,
        next_delivery_time=START + 2_000,
        url_group="shops",
        queue="mail",
        max_retries=1,
    )
    client.message.cancel(group.message_id)
    id_ = client.schedule.create(destination=f"{HOOK}/2", cron="1 0 * * *", delay="1h")
    qstash.advance("1m")
    (message,) = (found for found in qstash.engine.pending() if found.command.url == f"{HOOK}/2")
    return {
        "schedule": log(
            message.id,
            LogState.CREATED,
            60_000,
            next_delivery_time=START + 3_660_000,
            url=f"{HOOK}/2",
            schedule_id=id_,
            body_base64=None,
        ),
        "canceled": replace(
            group, time=START + 2_000, state=LogState.CANCELED, next_delivery_time=None
        ),
        "cancel": replace(group, state=LogState.CANCEL_REQUESTED, next_delivery_time=None),
        "group": group,
        "label": label,
        "delivered": replace(
            plain, state=LogState.DELIVERED, next_delivery_time=None, response_status=200
        ),
        "active": replace(plain, state=LogState.ACTIVE, next_delivery_time=None),
        "plain": plain,
    }


@pytest.mark.covers(
    "log.list(filter, filter.message_id, filter.message_ids, filter.state, filter.url)",
    "log.list(filter.url_group, filter.queue, filter.schedule_id, filter.from_time)",
    "log.list(filter.to_time, filter.label)",
)
def test_every_filter_of_the_log(client: QStash, written: dict[str, Log]) -> None:
    plain, label, schedule = written["plain"], written["label"], written["schedule"]
    assert schedule.schedule_id is not None
    of_plain, of_group = ["delivered", "active", "plain"], ["canceled", "cancel", "group"]
    filters: dict[str, tuple[LogFilter, list[str]]] = {
        "nothing": ({}, list(written)),
        "message_id": ({"message_id": plain.message_id}, of_plain),
        "message_ids": (
            {"message_ids": [plain.message_id, label.message_id]},
            ["label", *of_plain],
        ),
        "state": ({"state": LogState.CREATED}, ["schedule", "group", "label", "plain"]),
        "state of many": ({"state": LogState.IN_PROGRESS}, ["active"]),
        "url": ({"url": f"{HOOK}/2"}, ["schedule"]),
        "url_group": ({"url_group": "shops"}, of_group),
        "queue": ({"queue": "mail"}, of_group),
        "schedule_id": ({"schedule_id": schedule.schedule_id}, ["schedule"]),
        "from_time": ({"from_time": START + 60_000}, ["schedule"]),
        "to_time": ({"to_time": START + 1_000}, ["label", *of_plain]),
        "label": ({"label": "urgent"}, ["label"]),
        "several": ({"state": LogState.CREATED, "to_time": START}, ["plain"]),
    }

    assert {name: client.log.list(filter=asked) for name, (asked, _) in filters.items()} == {
        name: ListLogsResponse(None, [written[found] for found in expected])
        for name, (_, expected) in filters.items()
    }


@pytest.mark.parametrize("state", [state for state in LogState if state.name != "IN_PROGRESS"])
def test_the_log_can_be_asked_for_every_state(
    client: QStash, written: dict[str, Log], state: LogState
) -> None:
    assert client.log.list(filter={"state": state}).logs == [
        entry for entry in written.values() if entry.state is state
    ]


@pytest.mark.covers("log.list(cursor, count)")
def test_the_log_comes_in_pages(client: QStash, written: dict[str, Log]) -> None:
    first = client.log.list(count=5)
    last = client.log.list(count=5, cursor=first.cursor)

    every = list(written.values())
    assert first.cursor is not None
    assert first == ListLogsResponse(first.cursor, every[:5])
    assert last == ListLogsResponse(None, every[5:])
