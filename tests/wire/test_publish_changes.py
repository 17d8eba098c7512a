"""What a retry out of the dead letter queue changes, by the headers of the call."""

from typing import Any

import pytest

from fakestash.errors import ServiceError
from fakestash.model.messages import PublishCommand
from fakestash.model.settings import CallbackSettings, Extras, FlowControl, Redaction
from fakestash.syntax.retry_delay import parse
from fakestash.wire.publish import read_changes

DONE = "https://shop.test/done"

BARE = PublishCommand("https://shop.test/hook", b"body")
FULL = BARE._replace(
    method="PUT",
    headers=(("A", "1"), ("Content-Type", "text/plain"), ("A", "2"), ("B", "1")),
    retries=5,
    retry_delay=parse("1000"),
    timeout=1000,
    labels=("old",),
    extras=Extras(
        queue="orders",
        flow_control=FlowControl("k", 1),
        callback=CallbackSettings(DONE, "PUT", (("A", "1"),), retries=1),
        redaction=Redaction(body=True),
        topic="my-group",
        endpoint="first",
        schedule_id="scd_1",
    ),
)


def changed(
    command: PublishCommand,
    *header: tuple[str, str],
    query: str = "",
    token_in_header: bool = True,
) -> PublishCommand:
    raw = [(name.lower().encode(), value.encode()) for name, value in header]
    return read_changes(query, raw, token_in_header=token_in_header)(command)


@pytest.mark.parametrize("command", [BARE, FULL])
def test_nothing_sent_changes_nothing(command: PublishCommand) -> None:
    assert changed(command) == command
    assert changed(command, ("Content-Type", "application/json"), ("X", "1")) == command
    assert changed(command, query="dlqIds=1-0&upstash-retries=&a=b") == command


def test_a_delay_is_never_kept() -> None:
    delayed = FULL._replace(delay=1000, not_before=2000)

    assert changed(delayed) == FULL
    assert changed(delayed, ("Upstash-Delay", "5s")) == FULL._replace(delay=5000)
    assert changed(delayed, ("Upstash-Not-Before", "7")) == FULL._replace(not_before=7000)


@pytest.mark.parametrize(
    ("name", "value", "settings"),
    [
        ("Upstash-Method", "get", {"method": "GET"}),
        ("Upstash-Retries", "0", {"retries": 0}),
        ("Upstash-Retry-Delay", "1", {"retry_delay": parse("1")}),
        ("Upstash-Timeout", "1m", {"timeout": 60_000}),
        ("Upstash-Label", "a,b", {"labels": ("a", "b")}),
        ("Upstash-Header-Forward", "false", {}),
        # Not for a message that exists already.
        ("Upstash-Cron", "never", {}),
        ("Upstash-Schedule-Id", "no name", {}),
        ("Upstash-Deduplication-Id", "a:b", {}),
        ("Upstash-Content-Based-Deduplication", "perhaps", {}),
        ("Upstash-Unknown", "1", {}),
    ],
)
def test_a_setting_replaces_the_old_one(name: str, value: str, settings: dict[str, Any]) -> None:
    for command in (BARE, FULL):
        assert changed(command, (name, value)) == command._replace(**settings)
        assert changed(command, query=f"{name.lower()}={value}") == command._replace(**settings)


@pytest.mark.parametrize(
    ("header", "extras"),
    [
        ({"Upstash-Queue-Name": "q"}, {"queue": "q"}),
        ({"Upstash-Redact-Fields": "header"}, {"redaction": Redaction(all_headers=True)}),
        (
            {"Upstash-Flow-Control-Key": "n", "Upstash-Flow-Control-Value": "rate=2"},
            {"flow_control": FlowControl("n", None, 2)},
        ),
        (
            {"Upstash-Failure-Callback": DONE, "Upstash-Failure-Callback-Retries": "0"},
            {"failure_callback": CallbackSettings(DONE, retries=0)},
        ),
        ({"Upstash-Failure-Callback-Retries": "0"}, {}),
    ],
)
def test_so_does_what_is_beyond_the_plain_settings(
    header: dict[str, str], extras: dict[str, Any]
) -> None:
    for command in (BARE, FULL):
        assert changed(command, *header.items()) == command._replace(
            extras=command.extras._replace(**extras)
        )


def test_an_existing_callback_is_changed_in_part() -> None:
    assert changed(
        FULL, ("Upstash-Callback-Retries", "0"), ("Upstash-Callback-Forward-B", "2")
    ) == FULL._replace(
        extras=FULL.extras._replace(
            callback=CallbackSettings(DONE, "PUT", (("A", "1"), ("B", "2")), retries=0)
        )
    )


def test_forwarded_fields_replace_those_of_their_name() -> None:
    assert changed(
        FULL, ("Upstash-Forward-A", "9"), ("Upstash-Forward-Content-Type", "a/b")
    ) == FULL._replace(headers=(("B", "1"), ("A", "9"), ("Content-Type", "a/b")))


def test_everything_is_forwarded_on_demand() -> None:
    header = [("Upstash-Header-Forward", "true"), ("B", "9"), ("Authorization", "Bearer x")]

    assert changed(FULL, *header) == FULL._replace(headers=(*FULL.headers[:3], ("B", "9")))
    assert changed(BARE, *header, token_in_header=False) == BARE._replace(
        headers=(("B", "9"), ("Authorization", "Bearer x"))
    )


@pytest.mark.parametrize(
    ("header", "text"),
    [
        (
            {"Upstash-Retries": "x"},
            'invalid retries: expected a non-negative integer, got "x"',
        ),
        (
            {"Upstash-Callback": "x"},
            "invalid callback url: endpoint has invalid scheme, add http:// or https://",
        ),
        ({"Upstash-Callback-Delay": "1"}, "delayed callbacks are not supported"),
        (
            {"Upstash-Queue-Name": "q", "Upstash-Delay": "1"},
            "delay is not supported for queues",
        ),
        ({"Upstash-Forward-A b": "1"}, 'invalid header: "a b" cannot be forwarded'),
        (
            {"Upstash-Header-Forward": "x"},
            'invalid header forward: expected a boolean, got "x"',
        ),
    ],
)
def test_bad_values_are_refused_before_anything_is_changed(
    header: dict[str, str], text: str
) -> None:
    raw = [(name.lower().encode(), value.encode()) for name, value in header.items()]
    with pytest.raises(ServiceError) as refused:
        read_changes("", raw, token_in_header=True)

    assert (refused.value.status, refused.value.text) == (400, text)
