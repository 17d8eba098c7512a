"""Log events, whole, with the order of their keys."""

import pytest

from fakestash.model.logs import LogEntry, LogState
from fakestash.model.messages import Message, PublishCommand
from fakestash.model.outcomes import Outcome, Responded, TimedOut, Unreachable
from fakestash.model.queries import MessageLog, Page
from fakestash.model.settings import Extras, Redaction
from fakestash.wire.encode_log import event_list, event_object, grouped_log
from fakestash.wire.json_values import JsonObject
from tests.wire.messages import AT, FULL, PLAIN, URL, a_message

PLAIN_SHOWN: JsonObject = {
    "time": 1_767_225_600_000,
    "messageId": "msg_1",
    "state": "ACTIVE",
    "url": "https://shop.test/hook",
    "header": {},
    "method": "POST",
    "maxRetries": 3,
    "callerIp": "127.0.0.1",
    "host": "shop.test",
    "path": "/hook",
}
ANSWER = Responded(503, (("x-b", "1"), ("content-type", "a/b"), ("X-B", "2")), b"weg")


def an_entry(
    state: LogState = LogState.ACTIVE,
    message: Message | None = None,
    *,
    caller_ip: str = "127.0.0.1",
    next_delivery_at: int | None = None,
    outcome: Outcome | None = None,
    duration: int | None = None,
) -> LogEntry:
    message = message or a_message()
    return LogEntry(AT, 0, state, message, caller_ip, next_delivery_at, outcome, duration)


def shown_of(command: PublishCommand) -> JsonObject:
    return event_object(an_entry(message=a_message(command)))


# --- states --------------------------------------------------------------------------------


def test_an_event_has_these_keys_in_this_order() -> None:
    shown = event_object(an_entry())

    assert shown == PLAIN_SHOWN
    assert list(shown) == list(PLAIN_SHOWN)


@pytest.mark.fidelity("log: keys, types and their order", "measured")
def test_an_event_with_everything() -> None:
    entry = an_entry(
        LogState.ERROR,
        a_message(FULL),
        caller_ip="203.0.113.7",
        next_delivery_at=AT + 1,
        outcome=ANSWER,
        duration=25,
    )
    expected: JsonObject = {
        "time": 1_767_225_600_000,
        "messageId": "msg_1",
        "state": "ERROR",
        "error": "HTTP status 503",
        "nextDeliveryTime": 1_767_225_600_001,
        "url": "https://shop.test:8443/a%20b?c=d",
        "topicName": "shops",
        "endpointName": "first",
        "scheduleId": "scd_1",
        "queueName": "orders",
        "header": {"Content-Type": ["text/plain"], "X-B": ["grün", "2"]},
        "body": "Z3LDvG4=",
        "responseStatus": 503,
        "responseBody": "d2Vn",
        "responseHeaders": {"Content-Type": ["a/b"], "X-B": ["1", "2"]},
        "timeout": 30_000,
        "method": "PUT",
        "callback": "https://shop.test/done",
        "callbackHeaders": {"X-C": ["1", "2"]},
        "failureCallback": "https://shop.test/failed",
        "failureCallbackHeaders": {"X-F": ["3"]},
        "maxRetries": 2,
        "retryDelayExpr": "1000 * (1 + retried)",
        "flowControlKey": "tenant",
        "parallelism": 3,
        "rate": 10,
        "period": 60,
        "label": "one",
        "labels": ["one", "two"],
        "callerIp": "203.0.113.7",
        "host": "shop.test:8443",
        "path": "/a%20b",
        "duration": 25,
    }

    shown = event_object(entry)

    assert shown == expected
    assert list(shown) == list(expected)


@pytest.mark.parametrize("state", [LogState.CREATED, LogState.RETRY])
def test_an_event_before_a_delivery_tells_when_that_is(state: LogState) -> None:
    shown = event_object(an_entry(state, next_delivery_at=AT + 5))

    assert shown == {**PLAIN_SHOWN, "state": state.value, "nextDeliveryTime": AT + 5}


@pytest.mark.parametrize("state", [LogState.ACTIVE, LogState.FAILED, LogState.CANCELED])
def test_some_states_have_no_keys_of_their_own(state: LogState) -> None:
    assert event_object(an_entry(state)) == {**PLAIN_SHOWN, "state": state.value}


def test_a_cancellation_names_the_canceller() -> None:
    shown = event_object(an_entry(LogState.CANCEL_REQUESTED, caller_ip="203.0.113.9"))

    assert shown == {**PLAIN_SHOWN, "state": "CANCEL_REQUESTED", "callerIp": "203.0.113.9"}


def test_a_success_shows_the_status_but_not_the_answer() -> None:
    entry = an_entry(
        LogState.DELIVERED, outcome=Responded(201, (("X", "1"),), b"fine"), duration=25
    )

    assert event_object(entry) == {
        **PLAIN_SHOWN,
        "state": "DELIVERED",
        "responseStatus": 201,
        "duration": 25,
    }


def test_an_empty_answer_to_a_failed_attempt_is_not_shown() -> None:
    entry = an_entry(LogState.ERROR, outcome=Responded(404), duration=0)

    assert event_object(entry) == {
        **PLAIN_SHOWN,
        "state": "ERROR",
        "error": "HTTP status 404",
        "responseStatus": 404,
        "duration": 0,
    }


@pytest.mark.parametrize(
    ("outcome", "error"),
    [(Unreachable("EOF"), "EOF"), (TimedOut(), "context deadline exceeded")],
)
def test_an_attempt_without_an_answer_has_no_response_keys(outcome: Outcome, error: str) -> None:
    entry = an_entry(LogState.ERROR, outcome=outcome, duration=7)

    assert event_object(entry) == {
        **PLAIN_SHOWN,
        "state": "ERROR",
        "error": error,
        "duration": 7,
    }


# --- settings ------------------------------------------------------------------------------


def test_no_retries_are_not_shown() -> None:
    assert "maxRetries" not in shown_of(PLAIN._replace(retries=0))


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("http://user:pass@Shop.Test", "Shop.Test", "/"),
        ("http://shop.test:80/a?b#c", "shop.test:80", "/a"),
        ("http://[::1]:8000/%2F/", "[::1]:8000", "/%2F/"),
    ],
)
def test_host_and_path_are_cut_from_the_url(url: str, host: str, path: str) -> None:
    shown = shown_of(PublishCommand(url))

    assert (shown["url"], shown["host"], shown["path"]) == (url, host, path)


# --- bodies --------------------------------------------------------------------------------

TRIMMED = [
    (None, {"body": "aGVsbG8=", "responseBody": "d2Vn"}),
    (100, {"body": "aGVsbG8=", "responseBody": "d2Vn"}),
    (4, {"body": "aGVsbA==", "responseBody": "d2Vn"}),
    (1, {"body": "aA==", "responseBody": "dw=="}),
    (0, {}),
]


@pytest.mark.parametrize(("trim_body", "bodies"), TRIMMED)
def test_bodies_are_cut_before_they_are_encoded(trim_body: int | None, bodies: JsonObject) -> None:
    message = a_message(PLAIN._replace(body=b"hello"))

    shown = event_object(an_entry(LogState.ERROR, message, outcome=ANSWER), trim_body)

    assert {key: shown[key] for key in ("body", "responseBody") if key in shown} == bodies


def test_a_body_is_base64_also_when_it_is_no_text() -> None:
    assert shown_of(PLAIN._replace(body=b"\xff"))["body"] == "/w=="


def test_what_is_hidden_is_shown_as_a_hash_but_not_the_answer() -> None:
    command = PublishCommand(
        URL,
        b"hi",
        headers=(("X", "1"),),
        extras=Extras(redaction=Redaction(body=True, all_headers=True)),
    )
    entry = an_entry(
        LogState.ERROR, a_message(command), outcome=Responded(500, (("X", "1"),), b"hi")
    )

    assert event_object(entry) == {
        **PLAIN_SHOWN,
        "state": "ERROR",
        "error": "HTTP status 500",
        "header": {
            "X": ["REDACTED:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"]
        },
        # The base64 of REDACTED:8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4.
        "body": (
            "UkVEQUNURUQ6OGY0MzQzNDY2NDhmNmI5NmRmODlkZGE5MDFjNTE3NmIxMGE2ZDgzOTYxZGQzYzFh"
            "Yzg4YjU5YjJkYzMyN2FhNA=="
        ),
        "responseStatus": 500,
        "responseBody": "aGk=",
        "responseHeaders": {"X": ["1"]},
    }


def test_of_a_hidden_body_the_hash_is_cut() -> None:
    command = PLAIN._replace(body=b"hi", extras=Extras(redaction=Redaction(body=True)))

    shown = event_object(an_entry(message=a_message(command)), 8)

    assert shown["body"] == "UkVEQUNURUQ="


# --- lists ---------------------------------------------------------------------------------


def test_a_list_of_events_starts_with_the_cursor_if_more_follow() -> None:
    entry = an_entry()

    assert list(event_list(Page((entry,), "1-0")).items()) == [
        ("cursor", "1-0"),
        ("events", [PLAIN_SHOWN]),
    ]
    assert event_list(Page((entry,), None)) == {"events": [PLAIN_SHOWN]}
    assert event_list(Page((), None)) == {"events": []}


def test_a_list_of_events_can_have_its_bodies_cut() -> None:
    entry = an_entry(message=a_message(PLAIN._replace(body=b"hello")))

    assert event_list(Page((entry,), None), 1) == {"events": [event_object(entry, 1)]}


def test_a_grouped_log_has_the_events_of_each_message() -> None:
    first, second = a_message(), a_message(message_id="msg_2")
    active = an_entry(LogState.ACTIVE, first)
    created = an_entry(LogState.CREATED, first, next_delivery_at=AT)
    other = an_entry(LogState.FAILED, second)
    groups = (MessageLog(first, (active, created)), MessageLog(second, (other,)))
    messages = [
        {"messageId": "msg_1", "events": [event_object(active), event_object(created)]},
        {"messageId": "msg_2", "events": [event_object(other)]},
    ]

    assert list(grouped_log(Page(groups, "1-0")).items()) == [
        ("cursor", "1-0"),
        ("messages", messages),
    ]
    assert grouped_log(Page(groups, None)) == {"messages": messages}
    assert grouped_log(Page((), None)) == {"messages": []}


def test_a_grouped_log_can_have_its_bodies_cut() -> None:
    message = a_message(PLAIN._replace(body=b"hello"))
    entry = an_entry(message=message)

    assert grouped_log(Page((MessageLog(message, (entry,)),), None), 1) == {
        "messages": [{"messageId": "msg_1", "events": [event_object(entry, 1)]}]
    }
