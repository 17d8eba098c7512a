"""Callbacks: whose a header is, and what it sets."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fakestash.errors import ServiceError
from fakestash.model.settings import NO_EXTRAS, CallbackSettings, Extras, FlowControl
from fakestash.syntax.retry_delay import parse
from fakestash.wire.callbacks import with_changes
from fakestash.wire.publish import read_publish

DONE = "https://shop.test/done"
FAILED = "https://shop.test/failed"


def extras(*header: tuple[str, str], query: str = "") -> Extras:
    return read_publish(
        "https://shop.test",
        query,
        [(name.lower().encode(), value.encode("latin-1")) for name, value in header],
        b"",
        caller_ip="203.0.113.7",
        token_in_header=True,
    ).command.extras


def refusal(*header: tuple[str, str]) -> tuple[int, str]:
    with pytest.raises(ServiceError) as refused:
        extras(*header)
    return refused.value.status, refused.value.text


@pytest.mark.fidelity(
    "`Upstash-Callback-*`, `Upstash-Failure-Callback-*`: method, time-out, retries, headers", "docs"
)
@pytest.mark.parametrize(
    ("suffix", "value", "settings"),
    [
        ("Method", "put", {"method": "PUT"}),
        ("Retries", "0", {"retries": 0}),
        ("Retry-Delay", "1000 * retried", {"retry_delay": parse("1000 * retried")}),
        ("Timeout", "30", {"timeout": 30_000}),
        ("Timeout", "1m", {"timeout": 60_000}),
        ("Label", "a, b", {"labels": ("a", "b")}),
        ("Forward-Authorization", "Bearer x", {"headers": (("Authorization", "Bearer x"),)}),
        ("Forward-Upstash-X", "1", {"headers": (("Upstash-X", "1"),)}),
        ("Forward-Content-Type", "a/b", {"headers": (("Content-Type", "a/b"),)}),
        ("Forward-", "x", {}),
        ("Retries", "", {}),
        ("Forward-X", "", {}),
        # What clients send and nobody reads.
        ("My-Header", "1", {}),
        ("Callback", "https://nested.test", {}),
        ("Failure-Callback", "no url", {}),
        ("Failure-Callback-Retries", "many", {}),
        ("Callback-Forward-X", "1", {}),
        ("Callback-Delay", "1s", {}),
        ("Header-Forward", "maybe", {}),
        ("Queue-Name", "no name", {}),
        ("Cron", "never", {}),
        ("Workflow-RunId", "1", {}),
        ("", "1", {}),
    ],
)
@pytest.mark.parametrize(
    ("prefix", "field"),
    [
        ("Upstash-Callback", "callback"),
        ("Upstash-Failure-Callback", "failure_callback"),
    ],
)
def test_a_setting_of_a_callback(
    prefix: str, field: str, suffix: str, value: str, settings: dict[str, Any]
) -> None:
    callback: dict[str, Any] = {field: CallbackSettings(DONE)._replace(**settings)}
    expected = NO_EXTRAS._replace(**callback)
    quoted = "".join(f"%{byte:02x}" for byte in value.encode())

    assert extras((prefix, DONE), (f"{prefix}-{suffix}", value)) == expected
    assert extras((prefix, f" {DONE} "), query=f"{prefix}-{suffix}={quoted}") == expected


def test_the_two_callbacks_do_not_mix() -> None:
    assert extras(
        ("Upstash-Callback", DONE),
        ("Upstash-Callback-Retries", "1"),
        ("Upstash-Callback-Forward-A", "1"),
        ("Upstash-Failure-Callback", FAILED),
        ("Upstash-Failure-Callback-Retries", "2"),
        ("Upstash-Failure-Callback-Forward-A", "2"),
    ) == Extras(
        callback=CallbackSettings(DONE, retries=1, headers=(("A", "1"),)),
        failure_callback=CallbackSettings(FAILED, retries=2, headers=(("A", "2"),)),
    )


def test_a_callback_may_have_its_own_flow_control() -> None:
    assert extras(
        ("Upstash-Callback", DONE),
        ("Upstash-Callback-Flow-Control-Key", "k"),
        ("Upstash-Callback-Flow-Control-Value", "rate=2"),
        ("Upstash-Flow-Control-Key", "own"),
        ("Upstash-Flow-Control-Value", "parallelism=1"),
    ) == Extras(
        flow_control=FlowControl("own", 1),
        callback=CallbackSettings(DONE, flow_control=FlowControl("k", None, 2)),
    )


def test_nothing_is_taken_over_from_the_message() -> None:
    assert extras(
        ("Upstash-Callback", DONE),
        ("Upstash-Retries", "7"),
        ("Upstash-Method", "PUT"),
        ("Upstash-Retry-Delay", "1"),
        ("Upstash-Timeout", "5"),
        ("Upstash-Label", "a"),
        ("Upstash-Forward-X", "1"),
        ("Content-Type", "text/plain"),
    ) == Extras(callback=CallbackSettings(DONE))


def test_repeated_forwarded_fields_all_go_and_a_header_beats_a_parameter() -> None:
    found = extras(
        ("Upstash-Callback", DONE),
        ("Upstash-Callback-Forward-X", "2"),
        ("Upstash-Callback-Forward-X", "1"),
        query="upstash-callback-forward-x=3&upstash-callback-forward-y=4",
    )

    assert found.callback == CallbackSettings(DONE, headers=(("X", "2"), ("X", "1"), ("Y", "4")))


def test_settings_without_a_url_make_no_callback() -> None:
    assert extras(("Upstash-Callback-Retries", "1")) is NO_EXTRAS
    assert extras(("Upstash-Failure-Callback-Forward-X", "1")) is NO_EXTRAS


@pytest.mark.parametrize("prefix", ["Upstash-Callback", "Upstash-Failure-Callback"])
@pytest.mark.parametrize("with_url", [True, False])
@pytest.mark.parametrize(
    ("suffix", "value", "text"),
    [
        ("Delay", "1s", "delayed callbacks are not supported"),
        ("Delay", "0", "delayed callbacks are not supported"),
        ("Not-Before", "x", "delayed callbacks are not supported"),
        (
            "Method",
            "HEAD",
            'invalid method: expected one of GET, POST, PUT, PATCH, DELETE, got "HEAD"',
        ),
        ("Retries", "-1", 'invalid retries: expected a non-negative integer, got "-1"'),
        ("Timeout", "0", 'invalid timeout: cannot parse duration "0"'),
        ("Retry-Delay", "x", 'invalid retry delay expression: unknown identifier "x"'),
        ("Label", "a\x01", "invalid label: control characters are not allowed"),
        (
            "Flow-Control-Key",
            "k",
            "flow control value is required when flow control key is set",
        ),
        (
            "Flow-Control-Value",
            "rate=1",
            "flow control key is required when flow control value is set",
        ),
        ("Forward-A b", "1", 'invalid header: "a b" cannot be forwarded'),
    ],
)
def test_a_bad_setting_is_refused_like_that_of_a_message(
    prefix: str, with_url: bool, suffix: str, value: str, text: str
) -> None:
    url = [(prefix, DONE)] if with_url else []

    assert refusal(*url, (f"{prefix}-{suffix}", value)) == (400, text)


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("my-group", "endpoint has invalid scheme, add http:// or https://"),
        ("shop.test/done", "endpoint has invalid scheme, add http:// or https://"),
        ("ftp://shop.test", "endpoint has invalid scheme, add http:// or https://"),
        ("https://", 'cannot parse url "https://"'),
        ("https://gr\xc3\xbcn.test", 'cannot parse url "https://grün.test"'),
    ],
)
def test_the_url_of_a_callback_is_checked(url: str, text: str) -> None:
    assert refusal(("Upstash-Callback", url)) == (400, f"invalid callback url: {text}")
    assert refusal(("Upstash-Failure-Callback", url)) == (
        400,
        f"invalid failure callback url: {text}",
    )


# --- whose a name is -------------------------------------------------------------------------

WORDS = ["callback", "failure", "forward", "retries", "x"]


def effect(name: str) -> tuple[str, str] | None:
    """Whose the header of this name is, and what it does there."""
    for owner, prefix in (
        ("failure_callback", "upstash-failure-callback-"),
        ("callback", "upstash-callback-"),
        ("message", "upstash-"),
    ):
        if name.startswith(prefix):
            rest = name.removeprefix(prefix)
            if rest == "retries" or rest.startswith("forward-"):
                return owner, rest
            return None
    return None


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map("-".join))
def test_the_longest_prefix_tells_whose_a_name_is(rest: str) -> None:
    name = f"upstash-{rest}"
    assume(name not in ("upstash-callback", "upstash-failure-callback"))
    header = [
        (b"upstash-callback", DONE.encode()),
        (b"upstash-failure-callback", FAILED.encode()),
        (name.encode(), b"1"),
    ]
    command = read_publish(
        "https://shop.test", "", header, b"", caller_ip="203.0.113.7", token_in_header=True
    ).command
    callback, failure = command.extras.callback, command.extras.failure_callback
    assert callback is not None
    assert failure is not None
    found = {
        (owner, what)
        for owner, retries, headers, default in (
            ("message", command.retries, command.headers, 3),
            ("callback", callback.retries, callback.headers, None),
            ("failure_callback", failure.retries, failure.headers, None),
        )
        for what in (
            *(["retries"] if retries != default else []),
            *(f"forward-{written.lower()}" for written, _ in headers),
        )
    }

    expected = effect(name)
    assert found == ({expected} if expected else set())


# --- changes ---------------------------------------------------------------------------------


def test_changes_leave_the_rest_of_a_callback_alone() -> None:
    callback = CallbackSettings(DONE, "PUT", (("A", "1"), ("B", "1")), retries=2)

    assert with_changes(callback, {}) == callback
    assert with_changes(callback, {"url": FAILED, "retries": 0}) == callback._replace(
        url=FAILED, retries=0
    )
    assert with_changes(callback, {"headers": (("A", "2"), ("C", "2"))}) == callback._replace(
        headers=(("B", "1"), ("A", "2"), ("C", "2"))
    )


def test_changes_make_a_callback_only_with_a_url() -> None:
    assert with_changes(None, {"retries": 1}) is None
    assert with_changes(None, {"url": DONE, "retries": 1}) == CallbackSettings(DONE, retries=1)
