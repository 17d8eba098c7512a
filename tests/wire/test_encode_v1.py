"""The objects of version 1: their keys in order, and which of them are left out when."""

from dataclasses import replace

import pytest

from fakestash.engine.user_log import UserLog
from fakestash.ids import Ids, task_id_of
from fakestash.model.logs import LogEntry, LogState
from fakestash.model.messages import Message, MessageState, Publication, PublishCommand
from fakestash.model.outcomes import Responded, TimedOut, Unreachable
from fakestash.model.queries import Page
from fakestash.model.resources import Endpoint, Schedule, UrlGroup
from fakestash.model.settings import Extras
from fakestash.plans import PAYG
from fakestash.syntax import cron
from fakestash.wire import encode_v1
from fakestash.wire.json_values import json_bytes
from tests.wire.messages import AT, FULL, PLAIN, URL, a_message

ID = Ids().message_id()
TASK = task_id_of(ID)
PART = PLAIN._replace(extras=Extras(publication_id="msg_whole"))


def text(value: object) -> str:
    return json_bytes(value).decode()


def a_task(state: MessageState = MessageState.PENDING, attempts: int = 0) -> Message:
    return a_message(PART, state, message_id=ID, attempts=attempts)


# --- messages ------------------------------------------------------------------------------


def test_a_message_with_every_key() -> None:
    command = FULL._replace(not_before=AT + 60_000)
    publication = Publication("msg_1", AT, command, "shops", "tpc_1", (), "ept_1")

    assert text(encode_v1.message_object(publication)) == (
        '{"messageId":"msg_1","topicId":"tpc_1","topicName":"shops","endpointId":"ept_1",'
        '"url":"https://shop.test:8443/a%20b?c=d","destinationType":"topic","method":"PUT",'
        '"header":{"Content-Type":["text/plain"],"X-B":["grün","2"]},"body":"Z3LDvG4=",'
        f'"createdAt":{AT},"scheduleId":"scd_1",'
        f'"settings":{{"delay":5,"notBefore":{AT + 60_000},"retries":2}}}}'
    )


def test_a_message_with_the_fewest_keys() -> None:
    publication = Publication("msg_1", AT, PLAIN._replace(url=""), "shops", "tpc_1", ())

    assert text(encode_v1.message_object(publication)) == (
        '{"messageId":"msg_1","topicId":"tpc_1","topicName":"shops","destinationType":"topic",'
        f'"method":"POST","header":{{}},"createdAt":{AT},"settings":{{"retries":3}}}}'
    )


@pytest.mark.parametrize(("cursor", "shown"), [(None, ""), (str(AT), f'"cursor":{AT},')])
def test_pages_have_their_cursor_first_as_a_number_if_more_follows(
    cursor: str | None, shown: str
) -> None:
    assert text(encode_v1.message_list(Page((), cursor))) == f'{{{shown}"messages":[]}}'
    assert text(encode_v1.task_list(Page((), cursor), AT)) == f'{{{shown}"tasks":[]}}'
    assert text(encode_v1.task_list(Page((), cursor), AT, "logs")) == f'{{{shown}"logs":[]}}'
    assert text(encode_v1.log_list(Page((), cursor))) == f'{{{shown}"logs":[]}}'


def test_events_always_have_their_cursor_as_a_text() -> None:
    assert text(encode_v1.event_list(Page((), None))) == '{"cursor":"","events":[]}'
    assert text(encode_v1.event_list(Page((), "5-1"))) == '{"cursor":"5-1","events":[]}'


# --- tasks ---------------------------------------------------------------------------------


def test_a_task_with_every_key() -> None:
    task = a_task(MessageState.FAILED, attempts=4)
    task.ended_at = AT + 9
    for at, outcome in ((AT + 3, Responded(404)), (AT + 8, TimedOut())):
        UserLog().add(task, LogState.ERROR, at, "", None, outcome, 1)
    UserLog().add(task, LogState.FAILED, AT + 9, "")

    assert text(encode_v1.task_object(task, AT)) == (
        f'{{"completedAt":{AT + 9},"error":"context deadline exceeded","lastErrorAt":{AT + 8},'
        f'"maxRetry":3,"messageId":"msg_whole","retried":3,"state":"failed","taskId":"{TASK}",'
        f'"url":"{URL}"}}'
    )


def test_a_task_that_is_still_to_come() -> None:
    assert text(encode_v1.task_object(a_task(), AT)) == (
        f'{{"error":"","lastErrorAt":0,"maxRetry":3,"messageId":"msg_whole","nextProcessAt":{AT},'
        f'"retried":0,"state":"created","taskId":"{TASK}","url":"{URL}"}}'
    )


@pytest.mark.parametrize(
    ("state", "attempts", "now", "shown"),
    [
        (MessageState.PENDING, 0, AT - 1, "planned"),
        (MessageState.PENDING, 0, AT, "created"),
        (MessageState.PENDING, 0, AT + 1, "created"),
        (MessageState.PENDING, 1, AT - 1, "error"),
        (MessageState.PENDING, 1, AT, "error"),
        (MessageState.WAITING, 0, AT, "created"),
        (MessageState.WAITING, 2, AT + 1, "error"),
        (MessageState.ACTIVE, 1, AT, "active"),
        (MessageState.CANCELING_ACTIVE, 1, AT, "active"),
        (MessageState.CANCELING, 0, AT - 1, "canceled"),
        (MessageState.CANCELING, 1, AT, "canceled"),
        (MessageState.CANCELED, 0, AT, "canceled"),
        (MessageState.DELIVERED, 1, AT, "delivered"),
        (MessageState.FAILED, 1, AT, "failed"),
    ],
)
def test_the_state_of_a_task(state: MessageState, attempts: int, now: int, shown: str) -> None:
    task = a_task(state, attempts=attempts)

    assert encode_v1.task_state(task, now) == shown
    assert encode_v1.task_object(task, now)["state"] == shown


@pytest.mark.parametrize(
    ("state", "attempts", "retried"),
    [
        (MessageState.PENDING, 0, 0),
        (MessageState.ACTIVE, 1, 0),
        (MessageState.PENDING, 1, 0),
        (MessageState.ACTIVE, 2, 0),
        (MessageState.CANCELING_ACTIVE, 2, 0),
        (MessageState.PENDING, 2, 1),
        (MessageState.ACTIVE, 3, 1),
        (MessageState.DELIVERED, 3, 2),
    ],
)
def test_retries_count_when_they_are_done(state: MessageState, attempts: int, retried: int) -> None:
    assert encode_v1.task_object(a_task(state, attempts=attempts), AT)["retried"] == retried


@pytest.mark.parametrize("state", MessageState)
def test_a_task_comes_next_only_if_it_waits(state: MessageState) -> None:
    waits = state in {MessageState.PENDING, MessageState.WAITING}

    assert ("nextProcessAt" in encode_v1.task_object(a_task(state), AT)) is waits


# --- the log -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        (LogState.CREATED, "created"),
        (LogState.ACTIVE, "active"),
        (LogState.RETRY, "planned"),
        (LogState.ERROR, "error"),
        (LogState.DELIVERED, "delivered"),
        (LogState.FAILED, "failed"),
        (LogState.CANCEL_REQUESTED, "canceled"),
        (LogState.CANCELED, "canceled"),
    ],
)
def test_every_state_has_a_name(state: LogState, shown: str) -> None:
    entry = LogEntry(AT, 3, state, a_task(), "")

    assert text(encode_v1.log_object(entry)) == (
        f'{{"time":{AT},"state":"{shown}","messageId":"msg_whole","taskId":"{TASK}"}}'
    )
    assert text(encode_v1.event_object(entry)) == (
        f'{{"id":"{AT}-3","time":{AT},"messageId":"msg_whole","state":"{shown}",'
        f'"taskId":"{TASK}","url":"{URL}"}}'
    )


def test_an_entry_tells_what_comes_next_and_why_something_failed() -> None:
    outcome = Unreachable("EOF")
    entry = LogEntry(AT, 0, LogState.ERROR, a_task(), "", AT + 1, outcome, 1)

    assert text(encode_v1.log_object(entry)).endswith(
        f',"nextScheduledAt":{AT + 1},"error":"EOF"}}'
    )
    assert text(encode_v1.event_object(entry)) == (
        f'{{"id":"{AT}-0","time":{AT},"messageId":"msg_whole","nextDeliveryTime":{AT + 1},'
        f'"state":"error","taskId":"{TASK}","url":"{URL}","error":"EOF"}}'
    )


def test_a_success_has_no_error() -> None:
    entry = LogEntry(AT, 0, LogState.DELIVERED, a_task(), "", None, Responded(200), 1)

    assert "error" not in encode_v1.log_object(entry)
    assert "error" not in encode_v1.event_object(entry)


def test_a_message_that_is_part_of_nothing_goes_by_its_own_id() -> None:
    entry = LogEntry(AT, 0, LogState.ACTIVE, a_message(message_id=ID), "")

    assert encode_v1.log_object(entry)["messageId"] == ID
    assert encode_v1.event_object(entry)["messageId"] == ID
    assert encode_v1.task_object(entry.message, AT)["messageId"] == ID


# --- topics, schedules, quota --------------------------------------------------------------

GROUP = UrlGroup(1, 2, "shops", (Endpoint(URL, "first", "ept_1"),), id="tpc_1")
TOPIC = (
    '{"topicId":"tpc_1","name":"shops","endpoints":'
    f'[{{"endpointId":"ept_1","url":"{URL}","topicId":"tpc_1"}}]}}'
)


def a_schedule(destination: str, command: PublishCommand = PLAIN) -> Schedule:
    return Schedule(
        "scd_1",
        AT,
        destination,
        command,
        cron.parse("*/5 * * * *"),
        False,
        AT,
        AT,
        (),
        None,
    )


def test_a_topic() -> None:
    assert text(encode_v1.topic_object(GROUP)) == TOPIC


def test_a_schedule_with_every_key() -> None:
    command = FULL._replace(not_before=AT)

    assert text(encode_v1.schedule_object(a_schedule(command.url, command), None)) == (
        f'{{"scheduleId":"scd_1","cron":"*/5 * * * *","createdAt":{AT},'
        '"content":{"header":{"Content-Type":["text/plain"],"X-B":["grün","2"]},'
        '"body":"Z3LDvG4="},"destination":{"type":"url",'
        '"url":"https://shop.test:8443/a%20b?c=d"},'
        f'"settings":{{"retries":2,"delay":5,"notBefore":{AT},'
        '"callback":"https://shop.test/done"}}'
    )


@pytest.mark.parametrize(
    ("destination", "group", "shown"),
    [
        ("shops", GROUP, TOPIC),
        ("shops", None, '{"name":"shops","endpoints":[]}'),
        ("tpc_1", None, '{"topicId":"tpc_1","endpoints":[]}'),
    ],
)
def test_a_schedule_for_a_topic(destination: str, group: UrlGroup | None, shown: str) -> None:
    schedule = a_schedule(destination, PLAIN._replace(url=""))

    assert text(encode_v1.schedule_object(schedule, group)) == (
        f'{{"scheduleId":"scd_1","cron":"*/5 * * * *","createdAt":{AT},'
        '"content":{"header":{},"body":""},'
        f'"destination":{{"type":"topic","topic":{shown}}},"settings":{{"retries":3}}}}'
    )


def test_a_limit_that_is_not_there_is_0() -> None:
    plan = replace(PAYG, max_delay=None, max_schedules=7, messages_per_day=9)

    assert encode_v1.quota_object(plan) == {
        "maxTopics": 100,
        "maxEndpointsPerTopic": 100,
        "maxMessageSize": 10_485_760,
        "maxRetries": 5,
        "maxSchedules": 7,
        "maxRequestsPerDay": 9,
        "retention": 604_800,
        "timeout": 7200,
        "maxDelay": 0,
    }
