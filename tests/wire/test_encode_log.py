"""Log events, whole, as JSON text."""

import pytest

from fakestash.model.logs import LogEntry
from fakestash.model.outcomes import Responded, TimedOut
from fakestash.model.queries import Page
from fakestash.wire.encode_log import event_list, event_object
from fakestash.wire.json_values import json_bytes
from tests.builders import BROKEN, MINUTE, REFUSED, SECOND, Stage


def shown(entry: LogEntry) -> str:
    return json_bytes(event_object(entry)).decode()


def test_the_events_of_a_success() -> None:
    stage = Stage(Responded(200, (("X", "1"),), b"fine", took=25))
    message = stage.publish("https://shop.test:8080/a%20b?c=d", body=b"hi")
    stage.advance(SECOND)

    created, active, delivered = message.entries
    head = f'"messageId":"{message.id}","state":'
    url = '"url":"https://shop.test:8080/a%20b?c=d","header":{},"body":"aGk="'
    tail = (
        '"method":"POST","maxRetries":3,"callerIp":"127.0.0.1","host":"shop.test:8080",'
        '"path":"/a%20b"'
    )
    assert [shown(created), shown(active), shown(delivered)] == [
        f'{{"time":1767225600000,{head}"CREATED","nextDeliveryTime":1767225600000,{url},{tail}}}',
        f'{{"time":1767225600000,{head}"ACTIVE",{url},{tail}}}',
        f'{{"time":1767225600025,{head}"DELIVERED",{url},"responseStatus":200,{tail},"duration":25}}',
    ]


def test_the_events_of_a_failure() -> None:
    header = (("x-b", "1"), ("content-type", "text/plain"))
    stage = Stage(Responded(404, header, b"no"), BROKEN)
    message = stage.publish(retries=1)
    stage.advance(MINUTE)

    _, _, error, retry, _, last_error, failed = message.entries
    head = f'"messageId":"{message.id}","state":'
    url = '"url":"https://shop.test/hook","header":{}'
    tail = '"method":"POST","maxRetries":1,"callerIp":"127.0.0.1","host":"shop.test","path":"/hook"'
    assert [shown(error), shown(retry), shown(last_error), shown(failed)] == [
        (
            f'{{"time":1767225600000,{head}"ERROR","error":"HTTP status 404",{url},'
            '"responseStatus":404,"responseBody":"bm8=",'
            f'"responseHeaders":{{"Content-Type":["text/plain"],"X-B":["1"]}},{tail},"duration":0}}'
        ),
        f'{{"time":1767225600000,{head}"RETRY","nextDeliveryTime":1767225612000,{url},{tail}}}',
        (
            f'{{"time":1767225612000,{head}"ERROR","error":"HTTP status 500",{url},'
            f'"responseStatus":500,{tail},"duration":0}}'
        ),
        f'{{"time":1767225612000,{head}"FAILED",{url},{tail}}}',
    ]


def test_the_events_of_a_cancellation_name_the_canceller_once() -> None:
    stage = Stage()
    message = stage.publish(delay=SECOND, retries=0)
    stage.cancel(message, "203.0.113.7")
    stage.advance(SECOND)

    _, requested, canceled = message.entries
    head = f'"messageId":"{message.id}","state":'
    url = '"url":"https://shop.test/hook","header":{},"method":"POST"'
    tail = '"host":"shop.test","path":"/hook"'
    assert [shown(requested), shown(canceled)] == [
        f'{{"time":1767225600000,{head}"CANCEL_REQUESTED",{url},"callerIp":"203.0.113.7",{tail}}}',
        f'{{"time":1767225601000,{head}"CANCELED",{url},"callerIp":"127.0.0.1",{tail}}}',
    ]


@pytest.mark.parametrize(
    ("answer", "error", "duration"),
    [
        (REFUSED, "dial tcp 127.0.0.1:80: connect: connection refused", 0),
        (TimedOut(), "context deadline exceeded", 30_000),
    ],
)
def test_an_attempt_without_an_answer_has_no_response_keys(
    answer: TimedOut, error: str, duration: int
) -> None:
    stage = Stage(answer)
    message = stage.publish(retries=0, timeout=30_000)
    stage.advance(MINUTE)

    event = event_object(message.entries[2])
    assert event["error"] == error
    assert event["duration"] == duration
    assert [key for key in event if key.startswith("response")] == []


def test_settings_stand_in_their_places() -> None:
    stage = Stage()
    message = stage.publish(
        "http://user:pass@Shop.Test",
        method="GET",
        headers=(("X", "1"),),
        retries=2,
        retry_delay="1000",
        timeout=30_000,
        labels=("one", "two"),
    )

    assert shown(message.entries[0]) == (
        f'{{"time":1767225600000,"messageId":"{message.id}","state":"CREATED",'
        '"nextDeliveryTime":1767225600000,"url":"http://user:pass@Shop.Test","header":{"X":["1"]},'
        '"timeout":30000,"method":"GET","maxRetries":2,"retryDelayExpr":"1000","label":"one",'
        '"labels":["one","two"],"callerIp":"127.0.0.1","host":"Shop.Test","path":"/"}'
    )


def test_a_list_of_events_starts_with_the_cursor_if_more_follow() -> None:
    stage = Stage()
    entry = stage.publish().entries[0]
    events = [event_object(entry)]

    assert list(event_list(Page((entry,), "1-0")).items()) == [
        ("cursor", "1-0"),
        ("events", events),
    ]
    assert event_list(Page((entry,), None)) == {"events": events}
    assert json_bytes(event_list(Page((), None))) == b'{"events":[]}'
