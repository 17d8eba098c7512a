"""Batches: several publishes in one call, what refuses one of them and what refuses all."""

from dataclasses import replace

import pytest

from fakestash import refusals
from fakestash.errors import ServiceError
from fakestash.model.messages import Accepted, PublishCommand, PublishRequest
from fakestash.model.resources import Endpoint
from fakestash.model.settings import CallbackSettings, CronSettings, Extras
from fakestash.plans import PAYG
from fakestash.syntax.cron import parse
from tests.builders import (
    DAY,
    SHOP,
    START,
    USER,
    Stage,
    name_of,
    refused,
    starts,
)

Answer = tuple[Accepted, ...] | ServiceError
PLAIN = PublishCommand("")
BACK = CallbackSettings("https://back.test")
TOO_OFTEN = PublishCommand("", retries=6)


def to(name: str, command: PublishCommand = PLAIN) -> PublishRequest:
    """A publish to ``https://shop.test/<name>``."""
    return PublishRequest(command._replace(url=SHOP + name))


def batch(stage: Stage, *requests: PublishRequest | ServiceError) -> tuple[Answer, ...]:
    return stage.engine.accept_batch(USER, requests)


def urls(answers: tuple[Answer, ...]) -> list[list[str] | str]:
    """What became of each entry: the URLs of its messages, or why it was refused."""
    return [
        answer.text if isinstance(answer, ServiceError) else [each.url for each in answer]
        for answer in answers
    ]


def test_each_entry_is_answered_in_order() -> None:
    stage = Stage()
    stage.engine.url_groups.add_endpoints(USER, "g", (Endpoint(SHOP + "g1"), Endpoint(SHOP + "g2")))

    answers = batch(
        stage,
        to("a"),
        PublishRequest(PublishCommand(""), "g"),
        to("b", PublishCommand("", extras=Extras(queue="q"))),
        to("c", PublishCommand("", delay=1_000)),
    )
    stage.driver.run_until_idle()

    assert urls(answers) == [
        [SHOP + "a"],
        [SHOP + "g1", SHOP + "g2"],
        [SHOP + "b"],
        [SHOP + "c"],
    ]
    assert starts(stage) == [(0, "a"), (0, "g1"), (0, "g2"), (0, "b"), (1_000, "c")]


def test_the_answers_name_the_messages_that_were_made() -> None:
    stage = Stage()

    answers = batch(stage, to("a"), to("b"))

    ids = [answer[0].message_id for answer in answers if isinstance(answer, tuple)]
    assert [name_of(stage.found(message_id)) for message_id in ids] == ["a", "b"]


def test_an_empty_batch_has_no_answers() -> None:
    assert batch(Stage()) == ()


@pytest.mark.fidelity("batch: a missing group or too large a body refuses its entry alone", "docs")
def test_a_missing_group_and_too_large_a_body_refuse_their_entry_alone() -> None:
    stage = Stage(plan=replace(PAYG, max_message_size=5))

    answers = batch(
        stage,
        to("a", PublishCommand("", body=b"12345")),
        to("b", PublishCommand("", body=b"123456")),
        PublishRequest(PublishCommand(""), "g"),
        to("c"),
    )
    stage.advance(0)

    assert urls(answers) == [
        [SHOP + "a"],
        "quota maxMessageSize exceeded, current limit: 5",
        "topic g not found",
        [SHOP + "c"],
    ]
    assert starts(stage) == [(0, "a"), (0, "c")]


def test_an_entry_that_was_refused_before_keeps_its_refusal() -> None:
    stage = Stage()
    refusal = refusals.topic_not_found("g")

    answers = batch(stage, refusal, to("a"))

    assert (answers[0], urls(answers)[1]) == (refusal, [SHOP + "a"])


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        (to("x", TOO_OFTEN), "quota maxRetries exceeded, current limit: 5"),
        (
            to("x", PublishCommand("", delay=366 * DAY)),
            "quota maxDelay exceeded, current limit: 31536000",
        ),
        (
            to("x", PublishCommand("", not_before=START + 366 * DAY)),
            "quota maxDelay exceeded, current limit: 31536000",
        ),
        (
            to("x", PublishCommand("", timeout=7_200_001)),
            "quota maxTimeout exceeded, current limit: 7200",
        ),
        (
            to("x", PublishCommand("", extras=Extras(callback=BACK._replace(retries=6)))),
            "quota maxRetries exceeded, current limit: 5",
        ),
        (
            PublishRequest(TOO_OFTEN, "g"),
            "quota maxRetries exceeded, current limit: 5",
        ),
        (
            to("x", PublishCommand("", extras=Extras(queue="c"))),
            "quota maxQueues exceeded, current limit: 2",
        ),
    ],
)
def test_any_other_quota_refuses_the_whole_batch_and_nothing_is_made(
    request_: PublishRequest, text: str
) -> None:
    stage = Stage(plan=replace(PAYG, max_queues=2))
    asked = [to(queue, PublishCommand("", extras=Extras(queue=queue))) for queue in "ab"]

    assert refused(lambda: batch(stage, *asked, request_)) == (412, text)
    assert (stage.log(), stage.engine.queues.list(USER)) == ([], ())


def test_a_schedule_cannot_be_made_in_a_batch() -> None:
    stage = Stage()
    hourly = to("b")._replace(cron=CronSettings(parse("@hourly")))

    assert refused(lambda: batch(stage, to("a"), hourly))[0] == 501
    assert (stage.log(), stage.engine.schedules.list(USER)) == ([], ())


def test_a_refused_batch_uses_up_no_ids() -> None:
    refused_before, fresh = Stage(), Stage()
    refused(lambda: batch(refused_before, to("a"), to("b", TOO_OFTEN)))

    assert batch(refused_before, to("a")) == batch(fresh, to("a"))


def test_the_entries_of_a_batch_may_be_more_than_are_left_of_the_day() -> None:
    stage = Stage(plan=replace(PAYG, messages_per_day=2))
    stage.engine.count_call(USER, makes_messages=True)

    batch(stage, to("a"), to("b"), to("c"))

    assert len(stage.log()) == 3
    assert refused(lambda: stage.engine.count_call(USER, makes_messages=True))[0] == 429
