"""Callbacks: when they are sent, what they are, and that they are messages of their own."""

import base64
import json
from dataclasses import replace

import pytest

from fakestash.model.messages import Message, PublishCommand
from fakestash.model.outcomes import HeaderItems, Outcome, Responded, TimedOut
from fakestash.model.settings import CallbackSettings, Extras, FlowControl, Redaction
from fakestash.plans import PAYG
from fakestash.syntax.retry_delay import parse
from tests.builders import (
    ACTIVE,
    BROKEN,
    CREATED,
    DELIVERED,
    ERROR,
    FAILED,
    NOT_RETRYABLE,
    OK,
    REFUSED,
    RETRY,
    START,
    USER,
    Answers,
    Stage,
    happened,
    refused,
    starts,
    story,
    timeline,
)

CALLBACK = CallbackSettings("https://back.test/callback")
FAILURE_CALLBACK = CallbackSettings("https://back.test/failed")


def backed(*answers: Outcome, back: Outcome = OK) -> tuple[Stage, Answers]:
    """A stage, and the destination of its callbacks."""
    stage, destination = Stage(*answers), Answers(back)
    stage.router.add("https://back.test", destination)
    return stage, destination


def sent(stage: Stage, name: str) -> list[Message]:
    """All callbacks to this end of a URL."""
    made = [entry.message for entry in stage.log() if entry.state == CREATED]
    return [message for message in made if message.command.url == f"https://back.test/{name}"]


def told(destination: Answers) -> list[tuple[str, int, int]]:
    """Of every callback that arrived: where, the status and the retries that it tells."""
    bodies = [json.loads(request.body) for request in destination.requests]
    return [
        (request.url.rpartition("/")[2], body["status"], body.get("retried", 0))
        for request, body in zip(destination.requests, bodies, strict=True)
    ]


# --- when ------------------------------------------------------------------------------------


@pytest.mark.fidelity("`Upstash-Callback`", "docs")
def test_a_callback_follows_a_success() -> None:
    stage, back = backed(OK)
    message = stage.send("a", callback=CALLBACK, failure_callback=FAILURE_CALLBACK)

    stage.driver.run_until_idle()

    assert story(stage, CREATED, ACTIVE, DELIVERED) == [
        (0, "a", CREATED),
        (0, "a", ACTIVE),
        (0, "a", DELIVERED),
        (0, "callback", CREATED),
        (0, "callback", ACTIVE),
        (0, "callback", DELIVERED),
    ]
    assert told(back) == [("callback", 200, 0)]
    assert timeline(message)[-1] == (0, DELIVERED)


@pytest.mark.fidelity("callbacks: after every attempt, the failure callback after the last", "docs")
def test_a_callback_follows_every_attempt_and_the_failure_callback_the_last() -> None:
    stage, back = backed(BROKEN, REFUSED, Responded(404))
    stage.send("a", retries=2, callback=CALLBACK, failure_callback=FAILURE_CALLBACK)

    stage.driver.run_until_idle()

    assert told(back) == [
        ("callback", 500, 0),
        ("callback", 0, 1),
        ("callback", 404, 2),
        ("failed", 404, 2),
    ]
    assert [at for at, name, _ in story(stage, CREATED) if name != "a"] == [
        0,
        12_000,
        160_000,
        160_000,
    ]


@pytest.mark.fidelity("`Upstash-Failure-Callback`", "docs")
def test_a_failure_callback_follows_a_failure_that_is_not_retried() -> None:
    stage, back = backed(NOT_RETRYABLE)
    stage.send("a", failure_callback=FAILURE_CALLBACK)

    stage.driver.run_until_idle()

    assert told(back) == [("failed", 489, 0)]


def test_callbacks_are_sent_when_the_answer_is_there() -> None:
    stage, _ = backed(Responded(200, took=40_000))
    stage.send("a", callback=CALLBACK)

    stage.driver.run_until_idle()

    assert starts(stage) == [(0, "a"), (40_000, "callback")]


def test_a_time_out_is_reported_as_no_answer() -> None:
    stage, back = backed(TimedOut(took=0))
    stage.send("a", retries=0, callback=CALLBACK)

    stage.driver.run_until_idle()

    assert told(back) == [("callback", 0, 0)]


def test_a_cancelled_message_sends_no_failure_callback() -> None:
    stage, back = backed(BROKEN)
    message = stage.send("a", callback=CALLBACK, failure_callback=FAILURE_CALLBACK)
    stage.advance(0)

    stage.cancel(message)
    stage.driver.run_until_idle()

    assert told(back) == [("callback", 500, 0)]


def test_a_message_cancelled_during_its_last_attempt_has_failed_and_says_so() -> None:
    stage, back = backed(Responded(500, took=1_000))
    message = stage.send("a", retries=0, failure_callback=FAILURE_CALLBACK)
    stage.advance(500)

    stage.cancel(message)
    stage.driver.run_until_idle()

    assert told(back) == [("failed", 500, 0)]


def test_a_message_without_callbacks_sends_none() -> None:
    stage, back = backed(BROKEN)
    stage.send("a", retries=0, queue="q")

    stage.driver.run_until_idle()

    assert back.requests == []


# --- what a callback is ----------------------------------------------------------------------


@pytest.mark.fidelity(
    "callbacks: a POST of JSON, with the retries of its source unless it has its own", "docs"
)
def test_a_callback_is_a_plain_message_with_the_defaults_of_its_source() -> None:
    stage, _ = backed(OK)
    stage.publish(
        "https://shop.test/a",
        body=b"order",
        headers=(("X-Order", "7"),),
        method="PUT",
        retries=1,
        retry_delay="1000",
        timeout=5_000,
        delay=2_000,
        labels=("shop",),
        caller_ip="10.0.0.1",
        extras=Extras(
            queue="q",
            flow_control=FlowControl("k", parallelism=1),
            callback=CALLBACK,
            failure_callback=FAILURE_CALLBACK,
            redaction=Redaction(body=True),
            topic="group",
            endpoint="first",
            schedule_id="scd_1",
        ),
    )

    stage.advance(2_000)

    (callback,) = sent(stage, "callback")
    assert callback.command == PublishCommand(
        "https://back.test/callback",
        callback.command.body,
        headers=(("Content-Type", "application/json"),),
        retries=1,
        caller_ip="10.0.0.1",
    )
    assert (callback.created_at, callback.not_before) == (START + 2_000, START + 2_000)


def test_a_callback_has_settings_of_its_own() -> None:
    stage, _ = backed(OK)
    delay = parse("1000")
    flow = FlowControl("k", rate=1)
    settings = CallbackSettings(
        "https://back.test/callback",
        method="PATCH",
        headers=(("X-Shop", "7"),),
        retries=0,
        retry_delay=delay,
        timeout=9_000,
        labels=("back",),
        flow_control=flow,
    )
    stage.send("a", retries=5, callback=settings)

    stage.advance(0)

    (callback,) = sent(stage, "callback")
    assert callback.command == PublishCommand(
        "https://back.test/callback",
        callback.command.body,
        "PATCH",
        (("Content-Type", "application/json"), ("X-Shop", "7")),
        retries=0,
        retry_delay=delay,
        timeout=9_000,
        labels=("back",),
        extras=Extras(flow_control=flow),
    )
    assert stage.engine.flow_control.get(USER, "k").rate_max == 1


def test_a_forwarded_content_type_takes_the_place_of_the_usual_one() -> None:
    stage, _ = backed(OK)
    headers: HeaderItems = (("X-Shop", "7"), ("Content-Type", "text/plain"))
    stage.send("a", callback=CALLBACK._replace(headers=headers))

    stage.advance(0)

    assert [each.command.headers for each in sent(stage, "callback")] == [headers]


def test_both_callbacks_tell_of_their_source_and_only_one_of_its_dead_letter() -> None:
    stage, back = backed(Responded(500, (("X-Why", "full"),), b"no room"))
    message = stage.publish(
        "https://shop.test/a",
        body=b"order",
        headers=(("X-Order", "7"),),
        retries=0,
        caller_ip="10.0.0.1",
        extras=Extras(callback=CALLBACK, failure_callback=FAILURE_CALLBACK),
    )

    stage.driver.run_until_idle()

    expected = {
        "status": 500,
        "header": {"X-Why": ["full"]},
        "body": base64.b64encode(b"no room").decode(),
        "sourceMessageId": message.id,
        "url": "https://shop.test/a",
        "method": "POST",
        "sourceHeader": {"X-Order": ["7"]},
        "sourceBody": base64.b64encode(b"order").decode(),
        "maxRetries": 0,
        "notBefore": START,
        "createdAt": START,
        "callerIP": "10.0.0.1",
    }
    (letter,) = stage.engine.all_dead_letters(USER)
    callback, failure = (json.loads(request.body) for request in back.requests)
    assert callback == expected
    assert failure == {**expected, "dlqId": letter.dlq_id}


def test_an_answer_beyond_the_plan_is_cut_in_callbacks_too() -> None:
    stage = Stage(Responded(200, body=b"x" * 11), plan=replace(PAYG, max_message_size=10))
    stage.send("a", callback=CALLBACK)

    stage.advance(0)

    (callback,) = sent(stage, "callback")
    assert json.loads(callback.command.body)["body"] == base64.b64encode(b"x" * 10).decode()


# --- what becomes of it ----------------------------------------------------------------------


@pytest.mark.fidelity("callbacks: messages with retries, log and dead letter of their own", "docs")
def test_a_callback_is_retried_and_fails_on_its_own_account() -> None:
    stage, back = backed(OK, back=Responded(503))
    message = stage.send("a", retries=1, callback=CALLBACK, failure_callback=FAILURE_CALLBACK)

    stage.driver.run_until_idle()

    (callback,) = sent(stage, "callback")
    assert timeline(callback) == [
        (0, CREATED),
        (0, ACTIVE),
        (0, ERROR),
        (0, RETRY),
        (12_000, ACTIVE),
        (12_000, ERROR),
        (12_000, FAILED),
    ]
    assert [letter.message for letter in stage.engine.all_dead_letters(USER)] == [callback]
    assert timeline(message)[-1] == (0, DELIVERED)
    assert len(back.requests) == 2


def test_callbacks_have_no_callbacks() -> None:
    stage, back = backed(BROKEN, back=BROKEN)
    stage.send("a", retries=0, callback=CALLBACK, failure_callback=FAILURE_CALLBACK)

    stage.driver.run_until_idle()

    assert told(back) == [("callback", 500, 0), ("failed", 500, 0)]
    assert len(stage.engine.all_dead_letters(USER)) == 3


def test_the_dead_letter_leads_to_its_failure_callback() -> None:
    stage, _ = backed(BROKEN, back=Responded(200, took=1_000))
    stage.send("a", retries=0, callback=CALLBACK, failure_callback=FAILURE_CALLBACK)
    stage.send("b", retries=0, callback=CALLBACK)
    stage.advance(0)

    first, second = stage.engine.all_dead_letters(USER)
    (callback,) = sent(stage, "failed")

    assert (first.failure_callback, second.failure_callback) == (callback, None)
    assert happened(callback.entries) == [(0, CREATED), (0, ACTIVE)]


def test_a_callback_counts_as_a_message_of_the_day() -> None:
    stage = Stage(OK, plan=replace(PAYG, messages_per_day=2))
    stage.send("a", callback=CALLBACK)
    stage.engine.count_call(USER, makes_messages=True)
    stage.advance(0)

    assert refused(lambda: stage.engine.count_call(USER, makes_messages=True))[0] == 429


TOO_OFTEN = CALLBACK._replace(retries=6)
TOO_LONG = CALLBACK._replace(timeout=7_200_001)


@pytest.mark.parametrize(
    ("extras", "text"),
    [
        (Extras(callback=TOO_OFTEN), "quota maxRetries exceeded, current limit: 5"),
        (Extras(failure_callback=TOO_OFTEN), "quota maxRetries exceeded, current limit: 5"),
        (Extras(callback=TOO_LONG), "quota maxTimeout exceeded, current limit: 7200"),
        (Extras(failure_callback=TOO_LONG), "quota maxTimeout exceeded, current limit: 7200"),
    ],
)
def test_settings_of_callbacks_beyond_the_plan_are_refused(extras: Extras, text: str) -> None:
    stage = Stage()

    refusal = refused(lambda: stage.publish(extras=extras))

    assert (refusal, stage.log()) == ((412, text), [])


def test_settings_of_callbacks_up_to_the_plan_are_taken() -> None:
    stage = Stage()

    stage.send("a", callback=CALLBACK._replace(retries=5, timeout=7_200_000))

    assert len(stage.log()) == 1
