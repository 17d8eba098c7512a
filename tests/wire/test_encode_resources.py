"""Queues, URL groups, schedules and limits, whole, with the order of their keys."""

import pytest

from fakestash.model.messages import MessageState, PublishCommand
from fakestash.model.resources import (
    Endpoint,
    FlowControlStatus,
    GlobalParallelism,
    QueueStatus,
    Schedule,
    UrlGroup,
)
from fakestash.model.settings import Extras, FlowControl, Redaction
from fakestash.syntax import cron
from fakestash.wire.encode_resources import (
    flow_control_object,
    global_parallelism_object,
    queue_object,
    schedule_object,
    url_group_object,
)
from fakestash.wire.json_values import JsonObject
from tests.wire.messages import AT, FULL, PLAIN, URL, a_message

# --- queues --------------------------------------------------------------------------------


def test_a_queue_has_all_its_keys_in_this_order() -> None:
    assert list(queue_object(QueueStatus(1, 2, "orders", 3, 0, paused=False)).items()) == [
        ("createdAt", 1),
        ("updatedAt", 2),
        ("name", "orders"),
        ("parallelism", 3),
        ("lag", 0),
        ("paused", False),
    ]


# --- URL groups ----------------------------------------------------------------------------


def test_a_url_group_shows_its_endpoints_in_order() -> None:
    group = UrlGroup(1, 2, "shops", (Endpoint("https://b.test/", "b"), Endpoint("https://a.test/")))

    shown = url_group_object(group)

    assert list(shown.items()) == [
        ("createdAt", 1),
        ("updatedAt", 2),
        ("name", "shops"),
        ("endpoints", [{"name": "b", "url": "https://b.test/"}, {"url": "https://a.test/"}]),
    ]


def test_the_default_headers_of_a_url_group_come_last() -> None:
    headers = (("Upstash-Retries", ("3",)), ("upstash-forward-x", ("ü", "2")))

    shown = url_group_object(UrlGroup(1, 2, "shops", (), headers))

    assert list(shown.items()) == [
        ("createdAt", 1),
        ("updatedAt", 2),
        ("name", "shops"),
        ("endpoints", []),
        ("headers", {"Upstash-Retries": ["3"], "upstash-forward-x": ["ü", "2"]}),
    ]


# --- schedules -----------------------------------------------------------------------------


def a_schedule(command: PublishCommand = PLAIN) -> Schedule:
    return Schedule(
        id="scd_1",
        created_at=AT,
        destination="https://shop.test/hook",
        command=command,
        cron=cron.parse("*/10 * * * *"),
        is_paused=False,
        last_at=None,
        next_at=AT + 600_000,
        last_messages=(),
        error=None,
    )


PLAIN_SHOWN: JsonObject = {
    "createdAt": 1_767_225_600_000,
    "scheduleId": "scd_1",
    "cron": "*/10 * * * *",
    "destination": "https://shop.test/hook",
    "method": "POST",
    "header": {},
    "retries": 3,
    "nextScheduleTime": 1_767_226_200_000,
    "callerIP": "127.0.0.1",
    "isPaused": False,
    "parallelism": 0,
}


def test_a_plain_schedule() -> None:
    shown = schedule_object(a_schedule())

    assert shown == PLAIN_SHOWN
    assert list(shown) == list(PLAIN_SHOWN)


@pytest.mark.fidelity("schedules: keys, types and their order", "docs")
def test_a_schedule_with_everything() -> None:
    schedule = a_schedule(FULL)._replace(
        destination="shops",
        is_paused=True,
        last_at=AT,
        last_messages=(a_message(state=MessageState.DELIVERED),),
        error="topic shops not found",
    )
    expected: JsonObject = {
        "createdAt": 1_767_225_600_000,
        "scheduleId": "scd_1",
        "cron": "*/10 * * * *",
        "destination": "shops",
        "method": "PUT",
        "header": {"Content-Type": ["text/plain"], "X-B": ["grün", "2"]},
        "body": "grün",
        "retries": 2,
        "delay": 5,
        "callback": "https://shop.test/done",
        "callbackHeader": {"X-C": ["1", "2"]},
        "failureCallback": "https://shop.test/failed",
        "failureCallbackHeader": {"X-F": ["3"]},
        "timeout": 30_000,
        "queueName": "orders",
        "lastScheduleTime": 1_767_225_600_000,
        "nextScheduleTime": 1_767_226_200_000,
        "lastScheduleStates": {"msg_1": "SUCCESS"},
        "callerIP": "203.0.113.7",
        "isPaused": True,
        "flowControlKey": "tenant",
        "parallelism": 3,
        "rate": 10,
        "period": 60,
        "retryDelayExpression": "1000 * (1 + retried)",
        "label": "one",
        "labels": ["one", "two"],
        "error": "topic shops not found",
    }

    shown = schedule_object(schedule)

    assert shown == expected
    assert list(shown) == list(expected)


def test_the_limits_of_a_schedule_always_name_parallelism() -> None:
    control = FlowControl("k", rate=5)

    shown = schedule_object(a_schedule(PLAIN._replace(extras=Extras(flow_control=control))))

    assert list(shown.items())[-4:] == [
        ("flowControlKey", "k"),
        ("parallelism", 0),
        ("rate", 5),
        ("period", 1),
    ]


def test_a_schedule_limited_in_parallelism_alone_has_no_rate() -> None:
    control = FlowControl("k", parallelism=2)

    shown = schedule_object(a_schedule(PLAIN._replace(extras=Extras(flow_control=control))))

    assert list(shown.items())[-3:] == [("flowControlKey", "k"), ("parallelism", 2), ("period", 1)]


def test_a_schedule_without_retries_says_so() -> None:
    shown = schedule_object(a_schedule(PLAIN._replace(retries=0)))

    assert shown == {**PLAIN_SHOWN, "retries": 0}


def test_a_schedule_that_never_fires_has_no_next_time() -> None:
    shown = schedule_object(a_schedule()._replace(next_at=None))

    assert shown == {key: value for key, value in PLAIN_SHOWN.items() if key != "nextScheduleTime"}


def test_a_body_of_a_schedule_that_is_no_text_is_shown_in_base64() -> None:
    shown = schedule_object(a_schedule(PLAIN._replace(body=b"\xff")))

    assert shown == {**PLAIN_SHOWN, "bodyBase64": "/w=="}


def test_a_schedule_hides_what_its_messages_hide() -> None:
    hidden = Redaction(body=True, all_headers=True)
    command = PublishCommand(
        URL, b"hi", headers=(("X", "1"),), extras=Extras(redaction=hidden), retries=3
    )

    assert schedule_object(a_schedule(command)) == {
        **PLAIN_SHOWN,
        "header": {
            "X": ["REDACTED:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"]
        },
        "body": "REDACTED:8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4",
    }


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (MessageState.NEW, "IN_PROGRESS"),
        (MessageState.PENDING, "IN_PROGRESS"),
        (MessageState.WAITING, "IN_PROGRESS"),
        (MessageState.ACTIVE, "IN_PROGRESS"),
        (MessageState.CANCELING, "IN_PROGRESS"),
        (MessageState.CANCELING_ACTIVE, "IN_PROGRESS"),
        (MessageState.DELIVERED, "SUCCESS"),
        (MessageState.FAILED, "FAIL"),
        (MessageState.CANCELED, "FAIL"),
    ],
)
def test_a_fired_message_is_in_progress_until_it_has_ended(state: MessageState, word: str) -> None:
    schedule = a_schedule()._replace(last_messages=(a_message(state=state),))

    assert schedule_object(schedule)["lastScheduleStates"] == {"msg_1": word}


def test_each_message_of_the_last_firing_has_a_state() -> None:
    messages = (
        a_message(state=MessageState.DELIVERED),
        a_message(state=MessageState.FAILED, message_id="msg_2"),
    )

    shown = schedule_object(a_schedule()._replace(last_messages=messages))

    assert shown["lastScheduleStates"] == {"msg_1": "SUCCESS", "msg_2": "FAIL"}


def test_a_firing_that_made_no_message_has_no_states() -> None:
    shown = schedule_object(a_schedule()._replace(last_at=AT, error="topic x not found"))

    assert shown == {**PLAIN_SHOWN, "lastScheduleTime": AT, "error": "topic x not found"}


# --- limits --------------------------------------------------------------------------------


def test_a_flow_control_key_has_all_its_keys_in_this_order() -> None:
    status = FlowControlStatus(
        key="k",
        wait_list_size=1,
        parallelism_max=2,
        parallelism_count=3,
        rate_max=4,
        rate_count=5,
        rate_period=6,
        rate_period_start=7,
        is_paused=True,
        is_pinned_parallelism=False,
        is_pinned_rate=True,
    )

    assert list(flow_control_object(status).items()) == [
        ("flowControlKey", "k"),
        ("waitListSize", 1),
        ("parallelismMax", 2),
        ("parallelismCount", 3),
        ("rateMax", 4),
        ("rateCount", 5),
        ("ratePeriod", 6),
        ("ratePeriodStart", 7),
        ("isPaused", True),
        ("isPinnedParallelism", False),
        ("isPinnedRate", True),
    ]


def test_global_parallelism_is_told_also_when_unused() -> None:
    assert list(global_parallelism_object(GlobalParallelism(100, 0)).items()) == [
        ("parallelismMax", 100),
        ("parallelismCount", 0),
    ]
