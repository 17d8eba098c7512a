"""Message objects and dead letter objects, whole, with the order of their keys."""

import pytest

from fakestash.model.logs import LogState
from fakestash.model.messages import DeadLetter, Message, MessageState, PublishCommand
from fakestash.model.outcomes import Outcome, Responded, TimedOut, Unreachable
from fakestash.model.queries import Page
from fakestash.model.settings import CallbackSettings, Extras, FlowControl, Redaction
from fakestash.wire import encode
from fakestash.wire.encode import dead_letter_list, dead_letter_object, message_object
from fakestash.wire.json_values import JsonObject
from tests.wire.messages import AT, FULL, PLAIN, URL, a_message

# The keys of these two stand in the order in which the service has them.
PLAIN_SHOWN: JsonObject = {
    "messageId": "msg_1",
    "url": "https://shop.test/hook",
    "method": "POST",
    "header": {},
    "maxRetries": 3,
    "notBefore": 1_767_225_600_000,
    "createdAt": 1_767_225_600_000,
    "callerIP": "127.0.0.1",
}
FULL_SHOWN: JsonObject = {
    "messageId": "msg_1",
    "url": "https://shop.test:8443/a%20b?c=d",
    "topicName": "shops",
    "endpointName": "first",
    "queueName": "orders",
    "method": "PUT",
    "header": {"Content-Type": ["text/plain"], "X-B": ["grün", "2"]},
    "body": "grün",
    "maxRetries": 2,
    "notBefore": 1_767_225_605_000,
    "createdAt": 1_767_225_600_000,
    "callback": "https://shop.test/done",
    "callbackHeader": {"X-C": ["1", "2"]},
    "failureCallback": "https://shop.test/failed",
    "failureCallbackHeader": {"X-F": ["3"]},
    "scheduleId": "scd_1",
    "callerIP": "203.0.113.7",
    "retryDelayExpression": "1000 * (1 + retried)",
    "flowControlKey": "tenant",
    "parallelism": 3,
    "rate": 10,
    "period": 60,
    "label": "one",
    "labels": ["one", "two"],
    "timeout": 30_000,
}


def settings_shown(command: PublishCommand) -> JsonObject:
    """What a message says beyond what every message does."""
    shown = message_object(a_message(command))
    return {key: value for key, value in shown.items() if PLAIN_SHOWN.get(key) != value}


def with_extras(extras: Extras) -> PublishCommand:
    return PLAIN._replace(extras=extras)


@pytest.fixture
def without_state_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encode, "D44_STATE_KEYS_IN_MESSAGE", False)


# --- messages ------------------------------------------------------------------------------


def test_a_plain_message() -> None:
    shown = message_object(a_message())

    assert shown == {
        **PLAIN_SHOWN,
        "state": "CREATED",
        "retried": 0,
        "nextDeliveryTime": 1_767_225_600_000,
    }
    assert list(shown) == [*PLAIN_SHOWN, "state", "retried", "nextDeliveryTime"]


@pytest.mark.fidelity("messages: keys, types and their order", "measured")
def test_a_message_with_everything() -> None:
    message = a_message(
        FULL,
        logged=LogState.RETRY,
        attempts=2,
        outcome=Responded(500, (("X", "1"),), b"oops"),
        dlq_id="1-0",
    )

    shown = message_object(message)

    assert shown == {
        **FULL_SHOWN,
        "state": "RETRY",
        "retried": 1,
        "nextDeliveryTime": 1_767_225_605_000,
        "responseStatus": 500,
        "responseBody": "oops",
        "dlqId": "1-0",
    }
    assert list(shown) == [
        *FULL_SHOWN,
        "state",
        "retried",
        "nextDeliveryTime",
        "responseStatus",
        "responseBody",
        "dlqId",
    ]


def test_a_url_is_shown_as_published() -> None:
    command = PublishCommand("http://Example.com")

    assert message_object(a_message(command))["url"] == "http://Example.com"


@pytest.mark.parametrize(
    ("extras", "shown"),
    [
        (Extras(topic="shops"), {"topicName": "shops"}),
        (Extras(queue="orders"), {"queueName": "orders"}),
        (Extras(schedule_id="mine"), {"scheduleId": "mine"}),
        (
            Extras(callback=CallbackSettings("https://a.test/")),
            {"callback": "https://a.test/"},
        ),
        (
            Extras(failure_callback=CallbackSettings("https://a.test/", retries=9, timeout=5)),
            {"failureCallback": "https://a.test/"},
        ),
        (
            Extras(flow_control=FlowControl("k", parallelism=2)),
            {"flowControlKey": "k", "parallelism": 2, "period": 1},
        ),
        (
            Extras(flow_control=FlowControl("k", rate=5, period=7)),
            {"flowControlKey": "k", "rate": 5, "period": 7},
        ),
    ],
)
@pytest.mark.usefixtures("without_state_keys")
def test_a_setting_that_was_not_made_is_not_shown(extras: Extras, shown: JsonObject) -> None:
    assert settings_shown(with_extras(extras)) == shown


@pytest.mark.fidelity("`Upstash-Label`", "sdk")
@pytest.mark.usefixtures("without_state_keys")
def test_one_label_is_shown_alone_and_in_a_list() -> None:
    command = PLAIN._replace(labels=("one",))

    assert settings_shown(command) == {"label": "one", "labels": ["one"]}


@pytest.mark.fidelity("messages: `body`, or `bodyBase64` if it is no text", "docs")
@pytest.mark.usefixtures("without_state_keys")
def test_a_body_that_is_no_text_is_shown_in_base64() -> None:
    assert settings_shown(PLAIN._replace(body=b"\xff")) == {"bodyBase64": "/w=="}


def test_no_retries_are_shown_as_0() -> None:
    assert message_object(a_message(PLAIN._replace(retries=0)))["maxRetries"] == 0


@pytest.mark.usefixtures("without_state_keys")
def test_what_is_hidden_is_shown_as_a_hash() -> None:
    command = FULL._replace(
        extras=FULL.extras._replace(redaction=Redaction(body=True, headers=frozenset({"X-B"})))
    )

    assert message_object(a_message(command)) == {
        **FULL_SHOWN,
        "header": {
            "Content-Type": ["text/plain"],
            "X-B": [
                "REDACTED:fe263064ba02eaeac482aaf1309553779bdb78e385cb1374654de293e191d785",
                "REDACTED:d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35",
            ],
        },
        "body": "REDACTED:fe263064ba02eaeac482aaf1309553779bdb78e385cb1374654de293e191d785",
    }


# --- how far a message got -----------------------------------------------------------------


def progress(message: Message) -> JsonObject:
    """What is appended about how far a message got."""
    shown = message_object(message)
    return {key: value for key, value in shown.items() if key not in PLAIN_SHOWN}


@pytest.mark.parametrize("state", MessageState)
def test_the_next_delivery_is_told_while_there_is_one_to_come(state: MessageState) -> None:
    is_told = "nextDeliveryTime" in message_object(a_message(state=state))

    assert is_told == (state in (MessageState.PENDING, MessageState.WAITING))


def test_a_message_that_is_held_tells_when_it_was_due() -> None:
    message = a_message(PLAIN._replace(delay=1_000), MessageState.WAITING)

    assert message_object(message)["nextDeliveryTime"] == AT + 1_000


@pytest.mark.parametrize(
    ("outcome", "keys"),
    [
        (None, {}),
        (Unreachable("EOF"), {}),
        (TimedOut(), {}),
        (Responded(204), {"responseStatus": 204}),
        (Responded(500, body=b"oops"), {"responseStatus": 500, "responseBody": "oops"}),
        (Responded(500, body=b"\xff"), {"responseStatus": 500, "responseBodyBase64": "/w=="}),
    ],
)
def test_the_last_answer_is_shown_if_there_was_one(
    outcome: Outcome | None, keys: JsonObject
) -> None:
    message = a_message(state=MessageState.ACTIVE, logged=LogState.ACTIVE, outcome=outcome)

    assert progress(message) == {"state": "ACTIVE", "retried": 0, **keys}


def test_a_failed_message_names_its_dead_letter() -> None:
    message = a_message(
        state=MessageState.FAILED, logged=LogState.FAILED, attempts=4, dlq_id="12-0"
    )

    assert progress(message) == {"state": "FAILED", "retried": 3, "dlqId": "12-0"}


@pytest.mark.fidelity(
    "messages: no keys that tell how far it got",
    "measured",
    verdict="different",
    here="`state`, `retried` and their like are appended; official clients ignore them",
)
@pytest.mark.usefixtures("without_state_keys")
def test_the_keys_about_how_far_it_got_can_be_switched_off() -> None:
    message = a_message(FULL, attempts=1, outcome=Responded(500, body=b"oops"), dlq_id="1-0")

    assert message_object(message) == FULL_SHOWN


# --- dead letters --------------------------------------------------------------------------


def a_letter(
    outcome: Outcome,
    failure_callback: Message | None = None,
    command: PublishCommand = PLAIN,
) -> DeadLetter:
    message = a_message(
        command, MessageState.FAILED, logged=LogState.FAILED, outcome=outcome, dlq_id="12-0"
    )
    return DeadLetter("12-0", 12, 0, message, failure_callback)


def test_a_dead_letter_is_the_message_its_last_answer_and_what_was_reported() -> None:
    answer = Responded(503, (("x-b", "1"), ("content-type", "a/b"), ("X-B", "2")), b"weg")
    callback = a_message(state=MessageState.DELIVERED, outcome=Responded(200))

    shown = dead_letter_object(a_letter(answer, callback, FULL))

    assert shown == {
        **FULL_SHOWN,
        "responseStatus": 503,
        "responseHeader": {"Content-Type": ["a/b"], "X-B": ["1", "2"]},
        "responseBody": "weg",
        "failureCallbackInfo": {"state": "CALLBACK_SUCCESS", "responseStatus": 200},
        "dlqId": "12-0",
    }
    assert list(shown) == [
        *FULL_SHOWN,
        "responseStatus",
        "responseHeader",
        "responseBody",
        "failureCallbackInfo",
        "dlqId",
    ]


@pytest.mark.fidelity("dead letters: keys, types and their order", "measured")
def test_the_keys_of_a_dead_letter_stand_as_the_service_was_seen_to_place_them() -> None:
    extras = Extras(failure_callback=CallbackSettings("https://shop.test/failed"))
    letter = a_letter(
        Responded(404, (("X", "1"),), b"no"),
        a_message(state=MessageState.DELIVERED, outcome=Responded(200)),
        PublishCommand(URL, extras=extras),
    )

    assert list(dead_letter_object(letter)) == [
        "messageId",
        "url",
        "method",
        "header",
        "maxRetries",
        "notBefore",
        "createdAt",
        "failureCallback",
        "callerIP",
        "responseStatus",
        "responseHeader",
        "responseBody",
        "failureCallbackInfo",
        "dlqId",
    ]


@pytest.mark.parametrize(
    ("outcome", "keys"),
    [
        (Responded(500), {"responseStatus": 500}),
        (Responded(500, body=b"\xff"), {"responseStatus": 500, "responseBodyBase64": "/w=="}),
        (Unreachable("EOF"), {"responseStatus": 0}),
        (TimedOut(took=0), {"responseStatus": 0}),
    ],
)
def test_the_status_of_a_dead_letter_is_always_there(outcome: Outcome, keys: JsonObject) -> None:
    assert dead_letter_object(a_letter(outcome)) == {**PLAIN_SHOWN, **keys, "dlqId": "12-0"}


def test_a_dead_letter_hides_what_its_message_hides_but_not_the_answer() -> None:
    hidden = Redaction(body=True, all_headers=True)
    command = PublishCommand(
        URL, b"hi", headers=(("X", "1"),), extras=Extras(redaction=hidden), retries=3
    )

    shown = dead_letter_object(a_letter(Responded(500, (("X", "1"),), b"hi"), command=command))

    assert shown == {
        **PLAIN_SHOWN,
        "header": {
            "X": ["REDACTED:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"]
        },
        "body": "REDACTED:8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4",
        "responseStatus": 500,
        "responseHeader": {"X": ["1"]},
        "responseBody": "hi",
        "dlqId": "12-0",
    }


# --- the report of a failure ---------------------------------------------------------------


def failure_callback_info(callback: Message) -> object:
    return dead_letter_object(a_letter(Responded(500), callback))["failureCallbackInfo"]


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (MessageState.NEW, "CALLBACK_INPROGRESS"),
        (MessageState.PENDING, "CALLBACK_INPROGRESS"),
        (MessageState.WAITING, "CALLBACK_INPROGRESS"),
        (MessageState.ACTIVE, "CALLBACK_INPROGRESS"),
        (MessageState.CANCELING, "CALLBACK_INPROGRESS"),
        (MessageState.CANCELING_ACTIVE, "CALLBACK_INPROGRESS"),
        (MessageState.DELIVERED, "CALLBACK_SUCCESS"),
        (MessageState.FAILED, "CALLBACK_FAIL"),
        (MessageState.CANCELED, "CALLBACK_FAIL"),
    ],
)
def test_the_report_is_in_progress_until_it_has_ended(state: MessageState, word: str) -> None:
    assert failure_callback_info(a_message(state=state)) == {"state": word}


@pytest.mark.parametrize(
    ("state", "word"),
    [(MessageState.DELIVERED, "CALLBACK_SUCCESS"), (MessageState.FAILED, "CALLBACK_FAIL")],
)
def test_the_answer_to_the_report_is_shown_once_it_has_ended(
    state: MessageState, word: str
) -> None:
    answer = Responded(299, (("x-a", "1"), ("x-a", "2")), b"seen")

    assert failure_callback_info(a_message(state=state, outcome=answer)) == {
        "state": word,
        "responseStatus": 299,
        "responseBody": "seen",
        "responseHeaders": {"X-A": ["1", "2"]},
    }


@pytest.mark.fidelity("dead letters: `failureCallbackInfo`", "measured")
def test_the_keys_of_the_report_stand_as_the_service_was_seen_to_place_them() -> None:
    callback = a_message(
        state=MessageState.DELIVERED, outcome=Responded(200, (("X", "1"),), b"seen")
    )

    info = failure_callback_info(callback)

    assert isinstance(info, dict)
    assert list(info) == ["state", "responseStatus", "responseBody", "responseHeaders"]


def test_a_failed_attempt_at_the_report_is_not_shown_while_retries_are_left() -> None:
    callback = a_message(state=MessageState.PENDING, attempts=1, outcome=Responded(500))

    assert failure_callback_info(callback) == {"state": "CALLBACK_INPROGRESS"}


def test_a_report_that_nobody_answered_has_no_response() -> None:
    callback = a_message(state=MessageState.FAILED, outcome=TimedOut())

    assert failure_callback_info(callback) == {"state": "CALLBACK_FAIL"}


def test_an_answer_to_the_report_that_is_no_text_is_shown_in_base64() -> None:
    callback = a_message(state=MessageState.DELIVERED, outcome=Responded(200, body=b"\xff"))

    assert failure_callback_info(callback) == {
        "state": "CALLBACK_SUCCESS",
        "responseStatus": 200,
        "responseBodyBase64": "/w==",
    }


# --- lists ---------------------------------------------------------------------------------


def test_a_list_of_dead_letters_has_a_cursor_if_more_follow() -> None:
    letter = a_letter(Responded(500))
    messages = [dead_letter_object(letter)]

    assert list(dead_letter_list(Page((letter,), "12-0")).items()) == [
        ("messages", messages),
        ("cursor", "12-0"),
    ]
    assert dead_letter_list(Page((letter,), None)) == {"messages": messages}


def test_an_empty_list_of_dead_letters_has_its_key() -> None:
    assert dead_letter_list(Page((), None)) == {"messages": []}
