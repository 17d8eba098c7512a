"""Publishes with a queue, a schedule, deduplication, limits or something to hide."""

from collections.abc import Callable
from typing import Any

import pytest

from fakestash.errors import ServiceError
from fakestash.model.messages import PublishCommand, PublishRequest
from fakestash.model.settings import (
    NO_EXTRAS,
    CallbackSettings,
    CronSettings,
    Extras,
    FlowControl,
    Redaction,
)
from fakestash.syntax import cron
from fakestash.wire.publish import read_enqueue, read_publish, read_schedule

URL = "https://shop.test/hook"
PLAIN = PublishCommand(URL, caller_ip="203.0.113.7")

Read = Callable[..., PublishRequest]


def publish(*header: tuple[str, str], destination: str = URL, query: str = "") -> PublishRequest:
    return read_publish(
        destination, query, raw(header), b"", caller_ip="203.0.113.7", token_in_header=True
    )


def enqueue(
    *header: tuple[str, str], destination: str = URL, query: str = "", queue: str = "orders"
) -> PublishRequest:
    return read_enqueue(
        queue, destination, query, raw(header), b"", caller_ip="203.0.113.7", token_in_header=True
    )


def schedule(*header: tuple[str, str], destination: str = URL, query: str = "") -> PublishRequest:
    return read_schedule(
        destination, query, raw(header), b"", caller_ip="203.0.113.7", token_in_header=True
    )


def raw(header: tuple[tuple[str, str], ...]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in header]


def refusal(read: Read, *header: tuple[str, str], **where: str) -> tuple[int, str]:
    with pytest.raises(ServiceError) as refused:
        read(*header, **where)
    return refused.value.status, refused.value.text


NAME_RULE = " can only contain alphanumeric characters, hyphens, periods and underscores"
DAILY = ("Upstash-Cron", "0 9 * * *")


# --- extras ----------------------------------------------------------------------------------


@pytest.mark.fidelity("`Upstash-Queue-Name`", "sdk")
@pytest.mark.parametrize(
    ("header", "extras"),
    [
        ([("Upstash-Queue-Name", "orders")], Extras(queue="orders")),
        ([("Upstash-Redact-Fields", "body")], Extras(redaction=Redaction(body=True))),
        (
            [("Upstash-Flow-Control-Key", "k"), ("Upstash-Flow-Control-Value", "rate=1")],
            Extras(flow_control=FlowControl("k", None, 1)),
        ),
        ([("Upstash-Callback", URL)], Extras(callback=CallbackSettings(URL))),
        ([("Upstash-Failure-Callback", URL)], Extras(failure_callback=CallbackSettings(URL))),
        (
            [("Upstash-Callback", URL), ("Upstash-Queue-Name", "q"), ("Upstash-Retries", "3")],
            Extras(queue="q", callback=CallbackSettings(URL)),
        ),
    ],
)
def test_what_goes_beyond_the_plain_settings(header: list[tuple[str, str]], extras: Extras) -> None:
    assert publish(*header) == PublishRequest(PLAIN._replace(extras=extras))


@pytest.mark.parametrize(
    "header",
    [
        ("Upstash-Telemetry-Sdk", "upstash-qstash-js@2"),
        ("Upstash-Redact-Fields", ","),
        ("Upstash-Content-Based-Deduplication", "false"),
        ("Upstash-Deduplication-Id", "id"),
        ("Upstash-Callback-Retries", "1"),
        ("Upstash-Schedule-Id", "not a name"),
        ("Upstash-Cron", "* * * * *"),
    ],
)
def test_messages_without_extras_share_the_empty_ones(header: tuple[str, str]) -> None:
    assert publish(header).command.extras is NO_EXTRAS


@pytest.mark.parametrize(
    ("header", "text"),
    [
        (("Upstash-Queue-Name", "my queue"), f"queue name{NAME_RULE}"),
        (("Upstash-Redact-Fields", "all"), 'invalid redact fields: unknown field "all"'),
        (
            ("Upstash-Flow-Control-Key", "k"),
            "flow control value is required when flow control key is set",
        ),
        (
            ("Upstash-Flow-Control-Value", "rate=1"),
            "flow control key is required when flow control value is set",
        ),
        (("Upstash-Deduplication-Id", "a:b"), "DeduplicationId cannot contain ':'"),
        (
            ("Upstash-Content-Based-Deduplication", "yes"),
            'invalid content based deduplication: expected a boolean, got "yes"',
        ),
        (("Upstash-Cron", "x"), "Invalid cron expression expected exactly 5 fields, found 1: [x]"),
    ],
)
def test_bad_values_are_refused_before_the_destination(header: tuple[str, str], text: str) -> None:
    assert refusal(publish, header, destination="") == (400, text)


# --- deduplication ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ([("Upstash-Deduplication-Id", " order 1 ")], ("order 1", False)),
        ([("Upstash-Content-Based-Deduplication", "True")], (None, True)),
        (
            [
                ("Upstash-Deduplication-Id", "order-1"),
                ("Upstash-Content-Based-Deduplication", "true"),
            ],
            ("order-1", False),
        ),
    ],
)
def test_deduplication_is_by_id_or_else_by_content(
    header: list[tuple[str, str]], found: tuple[str | None, bool]
) -> None:
    assert publish(*header) == PublishRequest(PLAIN, None, *found)


def test_a_publish_to_a_group_keeps_all_of_its_request() -> None:
    assert publish(
        ("Upstash-Deduplication-Id", "id"), ("Upstash-Queue-Name", "q"), destination="my-group"
    ) == PublishRequest(PLAIN._replace(url="", extras=Extras(queue="q")), "my-group", "id")


# --- queues ----------------------------------------------------------------------------------


def test_an_enqueue_is_a_publish_into_a_queue() -> None:
    header = ("Upstash-Retries", "1")

    assert enqueue(header) == publish(header, ("Upstash-Queue-Name", "orders"))
    assert enqueue(header, destination="my-group") == publish(
        header, ("Upstash-Queue-Name", "orders"), destination="my-group"
    )


def test_the_queue_of_the_path_beats_every_other() -> None:
    request = enqueue(("Upstash-Queue-Name", "header"), query="upstash-queue-name=parameter")

    assert request.command.extras == Extras(queue="orders")


@pytest.mark.parametrize("queue", ["", "my queue", "a/b", "grün", " orders", "a\n"])
def test_a_queue_has_a_plain_name(queue: str) -> None:
    assert refusal(enqueue, queue=queue) == (400, f"queue name{NAME_RULE}")


def test_the_queue_is_not_passed_on_with_everything() -> None:
    request = enqueue(("Upstash-Header-Forward", "true"), ("X", "1"))

    assert request.command.headers == (("X", "1"),)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Upstash-Delay", "10s"),
        ("Upstash-Delay", "0"),
        ("Upstash-Not-Before", "1767225600"),
    ],
)
def test_what_is_enqueued_cannot_be_delayed(name: str, value: str) -> None:
    expected = (400, "delay is not supported for queues")

    assert refusal(enqueue, (name, value)) == expected
    assert refusal(publish, (name, value), ("Upstash-Queue-Name", "q")) == expected
    assert refusal(publish, query=f"{name}={value}&upstash-queue-name=q") == expected


# --- schedules -------------------------------------------------------------------------------


@pytest.mark.parametrize("read", [publish, schedule])
def test_a_cron_expression_makes_a_schedule(read: Read) -> None:
    assert read(DAILY, ("Upstash-Retries", "1")) == PublishRequest(
        PLAIN._replace(retries=1), cron=CronSettings(cron.parse("0 9 * * *"))
    )
    assert read(query="upstash-cron=0+9+*+*+*&a=b") == PublishRequest(
        PLAIN._replace(url=f"{URL}?a=b"), cron=CronSettings(cron.parse("0 9 * * *"))
    )


@pytest.mark.fidelity("`Upstash-Schedule-Id`", "docs")
@pytest.mark.parametrize("read", [publish, schedule])
def test_a_schedule_may_have_its_own_id_and_go_to_a_group(read: Read) -> None:
    assert read(DAILY, ("Upstash-Schedule-Id", "my.id_1-2"), destination="my-group") == (
        PublishRequest(
            PLAIN._replace(url=""),
            group="my-group",
            cron=CronSettings(cron.parse("0 9 * * *"), "my.id_1-2"),
        )
    )


@pytest.mark.fidelity("schedules: no deduplication, no `Upstash-Not-Before`", "docs")
@pytest.mark.parametrize("read", [publish, schedule])
def test_a_schedule_ignores_deduplication_and_not_before(read: Read) -> None:
    assert read(
        DAILY,
        ("Upstash-Deduplication-Id", "a:b"),
        ("Upstash-Content-Based-Deduplication", "perhaps"),
        ("Upstash-Not-Before", "tomorrow"),
    ) == read(DAILY)


@pytest.mark.parametrize("read", [publish, schedule, enqueue])
def test_what_a_schedule_enqueues_may_be_delayed(read: Read) -> None:
    request = read(DAILY, ("Upstash-Queue-Name", "orders"), ("Upstash-Delay", "10s"))

    assert request.command == PLAIN._replace(delay=10_000, extras=Extras(queue="orders"))


def test_the_expression_is_kept_without_blanks_at_its_ends() -> None:
    request = schedule(("Upstash-Cron", " */10 * * * * \u2003"))

    assert request.cron is not None
    assert request.cron.cron.text == "*/10 * * * *"


@pytest.mark.parametrize(
    "header", [[], [("Upstash-Cron", "")], [("Upstash-Cron", " ")], [("Upstash-Schedule-Id", "x")]]
)
def test_a_schedule_needs_an_expression(header: list[tuple[str, str]]) -> None:
    expected = (400, "Invalid cron expression empty spec string")

    assert refusal(schedule, *header) == expected
    assert refusal(schedule, *header, destination="") == expected


@pytest.mark.parametrize("read", [publish, schedule])
@pytest.mark.parametrize(
    ("header", "text"),
    [
        (
            {"Upstash-Cron": "a b c"},
            "Invalid cron expression expected exactly 5 fields, found 3: [a b c]",
        ),
        (
            {"Upstash-Cron": "61 * * * *"},
            "Invalid cron expression end of range (61) above maximum (59): 61",
        ),
        ({"Upstash-Cron": "\u2003"}, "Invalid cron expression empty spec string"),
        ({"Upstash-Cron": "* * * * *", "Upstash-Schedule-Id": "my id"}, f"schedule id{NAME_RULE}"),
        (
            {"Upstash-Cron": "* * * * *", "Upstash-Delay": "soon"},
            'invalid delay: cannot parse duration "soon"',
        ),
    ],
)
def test_a_bad_schedule_is_refused(read: Read, header: dict[str, Any], text: str) -> None:
    assert refusal(read, *header.items(), destination="") == (400, text)


def test_the_expression_may_be_a_default_of_the_group() -> None:
    request = read_schedule(
        "my-group",
        "",
        (),
        b"",
        caller_ip="203.0.113.7",
        token_in_header=True,
        defaults_of={"my-group": (("Upstash-Cron", ("0 9 * * *",)),)}.__getitem__,
    )

    assert request.cron == CronSettings(cron.parse("0 9 * * *"))
