"""Publishing: where to, with which settings, and what counts as a duplicate."""

from dataclasses import replace

import pytest

from fakestash.model.messages import PublishCommand
from fakestash.plans import FREE, PAYG, PRO, Plan
from tests.api.client import (
    PEER,
    SOMEBODY_ELSE,
    Api,
    Header,
    Response,
    error_response,
    json_response,
)
from tests.api.v1.client import URL, publish, topic
from tests.builders import DAY, USER

ONE, TWO = "https://one.test/a", "https://two.test/b"
LATER = ("Upstash-Delay", "1h")
BY_CONTENT = ("Upstash-Content-Based-Deduplication", "true")
ID = ("Upstash-Deduplication-Id", "order-7")
CRON = ("Upstash-Cron", "0 0 * * *")


def commands(api: Api) -> list[PublishCommand]:
    return [message.command for message in api.engine.pending()]


def duplicate(key: str, made: str, deduplication_id: str) -> Response:
    """The answer to what has been made before."""
    body = f'{{"{key}":"{made}","deduplicated":true}}'
    return json_response(202, body, ("upstash-deduplication-id", deduplication_id))


# --- where to ------------------------------------------------------------------------------


@pytest.mark.fidelity("POST /v1/publish/{destination}", "docs")
def test_a_publish_to_a_url_is_answered_with_the_id_of_the_message() -> None:
    api = Api()

    response = api.call("POST", f"/v1/publish/{URL}?a=%20b&upstash-method=put", body=b"\xff\x00")

    ((publication,), _) = api.engine.publications.list(USER)
    assert response == json_response(201, f'{{"messageId":"{publication.id}"}}')
    assert [(each.url, each.method, each.body, each.caller_ip) for each in commands(api)] == [
        (f"{URL}?a=%20b", "PUT", b"\xff\x00", PEER[0])
    ]
    assert commands(api)[0].extras.publication_id == publication.id


@pytest.mark.fidelity("version 1: a topic, by name or id, is answered with one message id", "docs")
@pytest.mark.parametrize("by_id", [False, True])
def test_a_publish_to_a_topic_is_answered_with_one_id_too(by_id: bool) -> None:
    api = Api()
    topic_id = topic(api, "orders", ONE, TWO)

    message_id = publish(api, topic_id if by_id else "orders")

    assert [
        (each.url, each.extras.topic, each.extras.publication_id) for each in commands(api)
    ] == [(ONE, "orders", message_id), (TWO, "orders", message_id)]


def test_a_topic_is_meant_by_its_name_before_another_by_its_id() -> None:
    api = Api()
    topic_id = topic(api, "a", ONE)
    topic(api, topic_id, TWO)

    publish(api, topic_id)

    assert [each.url for each in commands(api)] == [TWO]


def test_the_stand_in_for_a_language_model_serves_this_version_too() -> None:
    api = Api(llm_target="https://llm.test/v1")

    publish(api, "api/llm", ("Upstash-Callback", "https://shop.test/done"))

    assert [each.url for each in commands(api)] == ["https://llm.test/v1"]


# --- settings ------------------------------------------------------------------------------


@pytest.mark.fidelity("version 1: 3 retries by default on the free plan, 5 on the others", "docs")
@pytest.mark.parametrize(
    ("plan", "header", "retries"),
    [
        (FREE, (), 3),
        (PAYG, (), 5),
        (PRO, (), 5),
        (replace(PRO, name="own"), (), 5),
        (replace(PAYG, max_retries=2), (), 2),
        (replace(FREE, max_retries=0), (), 0),
        (PAYG, (("Upstash-Retries", "0"),), 0),
        (PAYG, (("Upstash-Retries", ""),), 5),
        (PRO, (("Upstash-Retries", "20"),), 20),
    ],
)
def test_how_often_is_retried_depends_on_the_plan_unless_it_is_said(
    plan: Plan, header: tuple[Header, ...], retries: int
) -> None:
    api = Api(plan=plan)

    publish(api, URL, *header)

    assert [each.retries for each in commands(api)] == [retries]


def test_retries_may_be_said_in_the_query_or_by_the_topic() -> None:
    api = Api()
    topic_id = topic(api, "a", ONE)
    api.has("PATCH", "/v2/topics/a", {"headers": {"Upstash-Retries": "1"}})

    publish(api, f"{URL}?upstash-retries=2")
    publish(api, "a")
    publish(api, topic_id)
    publish(api, topic_id, ("Upstash-Retries", "4"))

    assert [each.retries for each in commands(api)] == [2, 1, 1, 4]


def test_an_instant_beats_a_delay() -> None:
    api = Api()

    publish(api, URL, LATER, ("Upstash-Not-Before", "1767225610"))

    assert [message.due_at for message in api.engine.pending()] == [1_767_225_610_000]


@pytest.mark.fidelity(
    "version 1: headers without a prefix",
    "assumed",
    verdict="approximate",
    here="passed on only if `Upstash-Header-Forward` asks for it, as in version 2",
)
def test_headers_without_a_prefix_are_passed_on_only_if_that_is_asked_for() -> None:
    api = Api()
    plain = (("X-Plain", "1"), ("Content-Type", "text/plain"), ("Upstash-Forward-X", "2"))

    publish(api, URL, *plain)
    publish(api, URL, *plain, ("Upstash-Header-Forward", "true"))

    assert [dict(each.headers) for each in commands(api)] == [
        {"Content-Type": "text/plain", "X": "2"},
        {"X-Plain": "1", "Content-Type": "text/plain", "X": "2"},
    ]


@pytest.mark.fidelity(
    "version 1: headers that only version 2 documents",
    "assumed",
    verdict="approximate",
    here="they work, `Upstash-Queue-Name` too",
)
def test_settings_that_only_version_2_documents_work_too() -> None:
    api = Api()

    publish(
        api,
        URL,
        ("Upstash-Label", "a,b"),
        ("Upstash-Timeout", "30s"),
        ("Upstash-Failure-Callback", "https://shop.test/failed"),
        ("Upstash-Queue-Name", "q"),
    )

    (command,) = commands(api)
    assert (command.labels, command.timeout, command.extras.queue) == (("a", "b"), 30_000, "q")
    assert command.extras.failure_callback is not None
    assert [(queue.name, queue.lag) for queue in api.engine.queues.list(USER)] == [("q", 1)]


# --- duplicates ----------------------------------------------------------------------------


@pytest.mark.fidelity("version 1: a duplicate is a 202 with `Upstash-Deduplication-Id`", "docs")
def test_a_second_publish_of_an_id_is_answered_with_the_first() -> None:
    api = Api()
    first = publish(api, URL, ID)
    before = api.state()

    assert api.call("POST", f"/v1/publish/{ONE}", ID, body=b"other") == duplicate(
        "messageId", first, "order-7"
    )
    assert api.state() == before
    assert publish(api, URL, ("Upstash-Deduplication-Id", "order-8")) != first


def test_duplicates_are_each_users_own() -> None:
    api = Api()
    publish(api, URL, ID)

    assert api.call("POST", f"/v1/publish/{URL}", ID, token=SOMEBODY_ELSE).status == 201


def test_an_id_counts_for_a_whole_topic() -> None:
    api = Api()
    topic(api, "a", ONE, TWO)
    first = publish(api, "a", ID)

    assert api.call("POST", "/v1/publish/a", ID) == duplicate("messageId", first, "order-7")
    assert len(commands(api)) == 2


@pytest.mark.fidelity("version 1: a duplicate is one for 90 days", "docs")
def test_a_duplicate_is_one_for_90_days() -> None:
    api = Api()
    first = publish(api, URL, ID)

    api.stage.advance(90 * DAY - 1)
    late = api.call("POST", f"/v1/publish/{URL}", ID)
    api.stage.advance(1)

    assert late == duplicate("messageId", first, "order-7")
    assert publish(api, URL, ID) != first


def test_a_duplicate_does_not_begin_the_90_days_anew() -> None:
    api = Api()
    first = publish(api, URL, ID)

    api.stage.advance(89 * DAY)
    assert api.call("POST", f"/v1/publish/{URL}", ID).status == 202
    api.stage.advance(DAY)

    assert publish(api, URL, ID) != first


@pytest.mark.fidelity(
    "version 1: duplicates of what version 2 published",
    "assumed",
    verdict="approximate",
    here="found, within the window of the first publish",
)
def test_both_versions_look_for_duplicates_in_one_place_each_with_its_own_window() -> None:
    api = Api()
    old = publish(api, URL, ID)
    new = api.publish(("Upstash-Deduplication-Id", "new"))

    def again(version: str, header: Header) -> Response:
        return api.call("POST", f"/{version}/publish/{URL}", header)

    assert again("v2", ID) == json_response(202, f'{{"messageId":"{old}","deduplicated":true}}')
    assert again("v1", ("Upstash-Deduplication-Id", "new")) == duplicate("messageId", new, "new")
    api.stage.advance(DAY)
    assert again("v2", ID).status == 202
    assert again("v1", ("Upstash-Deduplication-Id", "new")).status == 201


def test_an_id_in_any_language_is_told_in_the_bytes_it_came_in() -> None:
    api = Api()
    header = ("Upstash-Deduplication-Id", "gr\xc3\xbcn")
    first = publish(api, URL, header)

    assert api.call("POST", f"/v1/publish/{URL}", header) == duplicate(
        "messageId", first, "gr\xc3\xbcn"
    )


@pytest.mark.fidelity(
    "version 1: content is the destination, the body and all `Upstash-*` headers", "docs"
)
@pytest.mark.parametrize(
    ("same", "headers", "target", "body"),
    [
        (True, (), URL, b"hi"),
        (True, (("Content-Type", "text/plain"), ("X-Plain", "1")), URL, b"hi"),
        (False, (), URL, b"ho"),
        (False, (), ONE, b"hi"),
        (False, (("Upstash-Retries", "1"),), URL, b"hi"),
        (False, (("Upstash-Forward-X", "1"),), URL, b"hi"),
        (False, (("Upstash-Callback", "https://shop.test/done"),), URL, b"hi"),
        (False, (("Upstash-Telemetry-Sdk", "x"),), URL, b"hi"),
        (False, (), f"{URL}?upstash-label=x", b"hi"),
        (False, (), f"{URL}?x", b"hi"),
        (True, (("Upstash-Retries", ""),), URL, b"hi"),
    ],
)
def test_the_content_is_destination_body_and_all_headers_of_the_service(
    same: bool, headers: tuple[Header, ...], target: str, body: bytes
) -> None:
    api = Api()
    publish(api, URL, BY_CONTENT)

    response = api.call("POST", f"/v1/publish/{target}", BY_CONTENT, *headers, body=body)

    assert response.status == (202 if same else 201)


def test_the_content_is_the_same_in_any_order_and_whoever_asks() -> None:
    api = Api()
    settings = (BY_CONTENT, ("Upstash-Retries", "1"), ("Upstash-Forward-B", "2"))
    first = publish(api, URL, *settings)

    response = api.call(
        "POST",
        f"/v1/publish/{URL}?qstash_token={api.engine.signing_keys(USER).current}",
        *reversed(settings),
        body=b"hi",
    )

    name, content_hash = response.header[-1]
    assert (name, len(content_hash)) == ("upstash-deduplication-id", 64)
    assert response == duplicate("messageId", first, content_hash)


def test_an_id_beats_the_content() -> None:
    api = Api()
    publish(api, URL, BY_CONTENT, ID)

    assert publish(api, URL, BY_CONTENT)
    assert api.call("POST", f"/v1/publish/{ONE}", BY_CONTENT, ID).header[-1] == (
        "upstash-deduplication-id",
        "order-7",
    )


# --- duplicates of schedules ---------------------------------------------------------------


@pytest.mark.fidelity("version 1: a schedule may be a duplicate, what it fires is none", "docs")
def test_a_schedule_is_made_once_for_an_id_in_90_days_and_what_it_fires_is_no_duplicate() -> None:
    api = Api()
    first = publish(api, URL, ID, CRON)

    assert api.call("POST", f"/v1/publish/{URL}", ID, CRON) == duplicate(
        "scheduleId", first, "order-7"
    )
    api.stage.advance(90 * DAY - 1)
    assert api.call("POST", f"/v1/publish/{URL}", ID, CRON).status == 202
    assert len(api.stage.destination.requests) == 89
    api.stage.advance(1)
    assert publish(api, URL, ID, CRON) != first
    assert len(api.read("/v1/schedules")) == 2


def test_a_schedule_is_made_once_for_a_content() -> None:
    api = Api()
    first = publish(api, URL, BY_CONTENT, CRON)

    response = api.call("POST", f"/v1/publish/{URL}", BY_CONTENT, CRON, body=b"hi")

    assert response == duplicate("scheduleId", first, response.header[-1][1])
    assert publish(api, URL, BY_CONTENT, ("Upstash-Cron", "1 0 * * *")) != first


def test_a_schedule_is_no_duplicate_of_a_message_nor_a_message_of_a_schedule() -> None:
    api = Api()

    assert publish(api, URL, ID).startswith("msg_")
    assert publish(api, URL, ID, CRON).startswith("scd_")
    assert api.call("POST", f"/v1/publish/{URL}", ID).body.startswith('{"messageId":"msg_')
    assert api.call("POST", f"/v1/publish/{URL}", ID, CRON).body.startswith('{"scheduleId":"scd_')


def test_schedules_of_version_2_are_never_duplicates() -> None:
    api = Api()
    publish(api, URL, ID, CRON)

    api.has("POST", f"/v2/schedules/{URL}", None, ID, CRON)

    assert len(api.read("/v1/schedules")) == 2


@pytest.mark.fidelity("version 1: a blank in a deduplication id is refused", "docs")
@pytest.mark.parametrize("more", [(), (CRON,)])
@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a b", "DeduplicationId cannot contain whitespace"),
        ("a\tb", "DeduplicationId cannot contain whitespace"),
        ("a\xc2\xa0b", "DeduplicationId cannot contain whitespace"),
        ("a:b", "DeduplicationId cannot contain ':'"),
        ("a" * 513, "invalid deduplication id"),
    ],
)
def test_an_id_that_cannot_be_one_is_refused_with_a_schedule_too(
    value: str, text: str, more: tuple[Header, ...]
) -> None:
    api = Api()
    before = api.state()

    response = api.call("POST", f"/v1/publish/{URL}", ("Upstash-Deduplication-Id", value), *more)

    assert response == error_response(400, text)
    assert api.state() == before


def test_blanks_around_an_id_are_no_part_of_it() -> None:
    api = Api()
    first = publish(api, f"{URL}?upstash-deduplication-id=%20order-7+")

    assert api.call("POST", f"/v1/publish/{URL}", ID) == duplicate("messageId", first, "order-7")
