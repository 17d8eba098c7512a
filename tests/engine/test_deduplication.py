"""Duplicates: of the same id or of the same content, for ten minutes from the first publish."""

import pytest

from fakestash.errors import ServiceError
from fakestash.model.messages import Accepted, PublishCommand, PublishRequest
from fakestash.model.outcomes import HeaderItems, Responded
from fakestash.model.resources import Endpoint
from fakestash.model.settings import CallbackSettings, Extras, FlowControl
from fakestash.syntax.retry_delay import parse
from tests.builders import (
    BROKEN,
    CREATED,
    MINUTE,
    OK,
    SHOP,
    URL,
    USER,
    Stage,
    refused,
    story,
)

BY_ID = PublishRequest(PublishCommand(URL), deduplication_id="once")
BY_CONTENT = PublishRequest(PublishCommand(URL, b"order"), is_content_deduplicated=True)


def is_duplicate(stage: Stage, request: PublishRequest, user: str = USER) -> bool:
    """Whether a publish to one URL is a duplicate."""
    (accepted,) = stage.accept(request, user)
    return accepted.deduplicated


def made(stage: Stage) -> int:
    return len(story(stage, CREATED))


def group(stage: Stage, name: str, *endpoints: Endpoint) -> None:
    stage.engine.url_groups.add_endpoints(USER, name, endpoints)


# --- the window ------------------------------------------------------------------------------


@pytest.mark.fidelity("`Upstash-Deduplication-Id`", "docs")
@pytest.mark.parametrize("request_", [BY_ID, BY_CONTENT])
def test_a_duplicate_is_answered_with_the_first_message_and_nothing_else_happens(
    request_: PublishRequest,
) -> None:
    stage = Stage()
    (first,) = stage.accept(request_)

    (second,) = stage.accept(request_)

    assert first == Accepted(first.message_id, URL)
    assert second == Accepted(first.message_id, URL, deduplicated=True)
    assert made(stage) == 1


@pytest.mark.fidelity("deduplication: within ten minutes", "docs")
@pytest.mark.parametrize("request_", [BY_ID, BY_CONTENT])
@pytest.mark.parametrize(("later", "duplicate"), [(599_999, True), (600_000, False)])
def test_the_window_is_ten_minutes_without_its_end(
    request_: PublishRequest, later: int, duplicate: bool
) -> None:
    stage = Stage()
    stage.accept(request_)

    stage.advance(later)

    assert is_duplicate(stage, request_) is duplicate


def test_a_duplicate_does_not_extend_the_window() -> None:
    stage = Stage()
    seen: list[bool] = []
    for _ in range(5):
        seen.append(is_duplicate(stage, BY_ID))
        stage.advance(5 * MINUTE)

    assert seen == [False, True, False, True, False]


def test_windows_of_different_ids_end_by_themselves() -> None:
    stage = Stage()
    other = BY_ID._replace(deduplication_id="other")
    stage.accept(BY_ID)
    stage.advance(5 * MINUTE)
    stage.accept(other)

    stage.advance(5 * MINUTE)

    assert [is_duplicate(stage, BY_ID), is_duplicate(stage, other)] == [False, True]


@pytest.mark.parametrize("answer", [OK, BROKEN])
def test_what_became_of_the_first_message_plays_no_part(answer: Responded) -> None:
    stage = Stage(answer)
    stage.accept(BY_ID._replace(command=PublishCommand(URL, retries=0)))
    stage.advance(MINUTE)

    assert is_duplicate(stage, BY_ID)


def test_a_cancelled_message_has_duplicates_too() -> None:
    stage = Stage()
    (first,) = stage.accept(BY_ID)
    stage.engine.cancel(USER, first.message_id, "127.0.0.1")

    assert is_duplicate(stage, BY_ID)


def test_publishes_without_an_id_are_never_duplicates() -> None:
    stage = Stage()
    plain = PublishRequest(PublishCommand(URL, b"order"))

    assert [is_duplicate(stage, plain), is_duplicate(stage, plain)] == [False, False]


def test_a_refused_publish_is_not_the_first() -> None:
    stage = Stage()
    too_many = BY_ID._replace(command=PublishCommand(URL, retries=6))

    assert refused(lambda: stage.accept(too_many))[0] == 412
    assert not is_duplicate(stage, BY_ID)


def test_a_dead_letter_that_is_tried_again_is_no_duplicate() -> None:
    stage = Stage(BROKEN)
    stage.accept(BY_ID._replace(command=PublishCommand(URL, retries=0)))
    stage.advance(0)

    stage.engine.retry_dead_letter(
        USER, stage.engine.all_dead_letters(USER)[0].dlq_id, lambda command: command
    )

    assert made(stage) == 2


def test_a_duplicate_brings_no_limits_and_makes_no_queue() -> None:
    stage = Stage()
    stage.accept(BY_ID)
    extras = Extras(queue="q", flow_control=FlowControl("k", rate=1))

    stage.accept(BY_ID._replace(command=PublishCommand(URL, extras=extras)))

    assert (stage.engine.queues.list(USER), stage.engine.flow_control.list(USER)) == ((), ())


# --- by id -----------------------------------------------------------------------------------


def test_an_id_counts_whatever_else_is_published_with_it() -> None:
    stage = Stage()
    stage.accept(BY_ID)

    other = BY_ID._replace(command=PublishCommand(SHOP + "other", b"else", "PUT", delay=1_000))

    assert is_duplicate(stage, other)


def test_the_answer_to_a_duplicate_names_the_url_that_was_asked_for() -> None:
    stage = Stage()
    (first,) = stage.accept(BY_ID)

    other = stage.accept(BY_ID._replace(command=PublishCommand(SHOP + "other")))

    assert other == (Accepted(first.message_id, SHOP + "other", deduplicated=True),)


def test_ids_belong_to_their_user() -> None:
    stage = Stage()
    stage.accept(BY_ID)

    assert not is_duplicate(stage, BY_ID, "testUser1")


def test_an_id_beats_the_content() -> None:
    stage = Stage()
    both = BY_CONTENT._replace(deduplication_id="once")
    stage.accept(both)

    assert is_duplicate(stage, BY_ID)
    assert not is_duplicate(stage, BY_CONTENT)
    assert not is_duplicate(stage, both._replace(deduplication_id="again"))


# --- by content ------------------------------------------------------------------------------


def with_headers(headers: HeaderItems) -> PublishRequest:
    return BY_CONTENT._replace(command=PublishCommand(URL, b"order", headers=headers))


@pytest.mark.fidelity("`Upstash-Content-Based-Deduplication`", "docs")
@pytest.mark.parametrize(
    "command",
    [
        PublishCommand(URL + "/", b"order"),
        PublishCommand(URL, b"order "),
        PublishCommand(URL),
        PublishCommand(URL, b"order", headers=(("Content-Type", "text/plain"),)),
        PublishCommand(URL, b"order", headers=(("X-Order", "7"),)),
    ],
)
def test_another_destination_body_or_header_is_other_content(command: PublishCommand) -> None:
    stage = Stage()
    stage.accept(BY_CONTENT)

    assert not is_duplicate(stage, BY_CONTENT._replace(command=command))


def test_no_other_setting_is_part_of_the_content() -> None:
    stage = Stage()
    stage.accept(BY_CONTENT)

    command = PublishCommand(
        URL,
        b"order",
        "PUT",
        retries=1,
        retry_delay=parse("1000"),
        timeout=5_000,
        delay=1_000,
        labels=("shop",),
        caller_ip="10.0.0.1",
        extras=Extras(
            queue="q",
            flow_control=FlowControl("k", rate=1),
            callback=CallbackSettings("https://back.test"),
        ),
    )

    assert is_duplicate(stage, BY_CONTENT._replace(command=command))


def test_case_and_order_of_header_names_do_not_count() -> None:
    stage = Stage()
    stage.accept(with_headers((("X-A", "1"), ("X-B", "2"))))

    assert is_duplicate(stage, with_headers((("x-b", "2"), ("x-a", "1"))))


@pytest.mark.parametrize(
    "headers",
    [
        (("X-A", "1"), ("X-B", "3")),
        (("X-A", "1"),),
        (("X-A", "1"), ("X-B", "2"), ("X-B", "2")),
        (("X-A", "1X-B"), ("", "2")),
        (("X-A1", ""), ("X-B", "2")),
        (("X-B", "1"), ("X-A", "2")),
    ],
)
def test_headers_count_as_they_are_and_not_as_one_text(headers: HeaderItems) -> None:
    stage = Stage()
    stage.accept(with_headers((("X-A", "1"), ("X-B", "2"))))

    assert not is_duplicate(stage, with_headers(headers))


def test_any_body_and_header_value_can_be_compared() -> None:
    stage = Stage()
    raw = b"\xff\x00".decode("utf-8", "surrogateescape")
    request = BY_CONTENT._replace(
        command=PublishCommand(URL, b"\xff\x00", headers=(("X-Raw", raw),))
    )

    assert [is_duplicate(stage, request), is_duplicate(stage, request)] == [False, True]


# --- groups and batches ----------------------------------------------------------------------


@pytest.mark.parametrize("request_", [BY_ID, BY_CONTENT])
def test_each_endpoint_of_a_group_has_its_own_duplicates(request_: PublishRequest) -> None:
    stage = Stage()
    group(stage, "g", Endpoint(SHOP + "a"))
    to_group = request_._replace(command=request_.command._replace(url=""), group="g")
    (first,) = stage.accept(to_group)
    group(stage, "g", Endpoint(SHOP + "b"))

    again = stage.accept(to_group)

    assert again == (
        Accepted(first.message_id, SHOP + "a", deduplicated=True),
        Accepted(again[1].message_id, SHOP + "b"),
    )
    assert made(stage) == 2


def test_two_endpoints_of_one_url_are_no_duplicates_of_each_other() -> None:
    stage = Stage()
    group(stage, "g", Endpoint(SHOP + "a", "first"), Endpoint(SHOP + "a", "second"))
    to_group = BY_ID._replace(command=PublishCommand(""), group="g")

    flags = [[each.deduplicated for each in stage.accept(to_group)] for _ in range(2)]

    assert flags == [[False, False], [True, True]]


def test_the_content_for_a_group_is_not_that_for_a_url_of_it() -> None:
    stage = Stage()
    group(stage, "g", Endpoint(URL))
    group(stage, "h", Endpoint(URL))
    to_group = BY_CONTENT._replace(command=PublishCommand("", b"order"), group="g")
    stage.accept(BY_CONTENT)

    assert not is_duplicate(stage, to_group)
    assert not is_duplicate(stage, to_group._replace(group="h"))
    assert is_duplicate(stage, to_group)


def test_an_id_for_a_url_is_not_one_for_a_group() -> None:
    stage = Stage()
    group(stage, "g", Endpoint(URL))
    stage.accept(BY_ID)

    assert not is_duplicate(stage, BY_ID._replace(command=PublishCommand(""), group="g"))


def test_each_entry_of_a_batch_counts_for_itself_and_in_order() -> None:
    stage = Stage()
    requests: list[PublishRequest | ServiceError] = [
        BY_ID,
        BY_CONTENT,
        BY_ID,
        PublishRequest(PublishCommand(URL)),
        BY_CONTENT,
    ]

    answers = stage.engine.accept_batch(USER, requests)

    flags = [
        each.deduplicated for answer in answers if isinstance(answer, tuple) for each in answer
    ]
    assert flags == [False, False, True, False, True]
    assert is_duplicate(stage, BY_ID)
