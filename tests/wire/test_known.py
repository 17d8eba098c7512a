"""Which ``Upstash-`` names mean something, and which was probably meant."""

import ast
from pathlib import Path

import pytest

import fakestash.wire
from fakestash.api.openapi_parameters import PUBLISH_HEADERS
from fakestash.wire.known import KNOWN, meant_by, unknown_names

WIRE = Path(fakestash.wire.__path__[0])


def unknown(*names: str, value: bytes = b"1") -> list[str]:
    return [name.decode() for name in unknown_names([(name.encode(), value) for name in names])]


def test_every_name_that_is_read_is_known() -> None:
    read = {
        node.value
        for file in WIRE.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, bytes)
        if node.value.startswith(b"upstash-") and not node.value.endswith(b"-")
    }

    assert len(read) > 15
    assert read <= KNOWN


def test_what_is_known_is_what_the_description_names() -> None:
    described = {name.lower() for name in PUBLISH_HEADERS if not name.endswith("*")}
    refused = {
        f"upstash-{kind}-{name}"
        for kind in ("callback", "failure-callback")
        for name in ("delay", "not-before")
    }

    assert {name.decode() for name in KNOWN} == described | refused


@pytest.mark.parametrize(
    "name",
    [
        "upstash-retries", "upstash-schedule-id", "upstash-forward-anything", "upstash-forward-",
        "upstash-callback", "upstash-callback-forward-anything", "upstash-callback-delay",
        "upstash-failure-callback-forward-x", "upstash-failure-callback-label",
        "content-type", "upstash", "x-upstash-retires",
    ],
)  # fmt: skip
def test_what_means_something_is_not_unknown(name: str) -> None:
    assert unknown(name) == []


@pytest.mark.parametrize(
    "name",
    [
        "upstash-telemetry-sdk", "upstash-telemetry-runtime", "upstash-workflow-init",
        "upstash-feature-set", "upstash-callback-workflow-runid", "upstash-callback-callback",
        "upstash-callback-failure-callback-retries", "upstash-failure-callback-feature-set",
        "upstash-failure-callback-callback",
    ],
)  # fmt: skip
def test_what_official_clients_send_is_not_unknown(name: str) -> None:
    assert unknown(name) == []


@pytest.mark.parametrize(
    "name",
    [
        "upstash-signature", "upstash-message-id", "upstash-retried", "upstash-caller-ip",
        "upstash-region", "upstash-topic-name", "upstash-schedule-id",
    ],
)  # fmt: skip
def test_what_a_delivery_carries_is_not_unknown(name: str) -> None:
    assert unknown(name) == []


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("upstash-retires", "Upstash-Retries"),
        ("upstash-notbefore", "Upstash-Not-Before"),
        ("upstash-dedup-id", "Upstash-Deduplication-Id"),
        ("upstash-queue", "Upstash-Queue-Name"),
        ("upstash-flow-control", "Upstash-Flow-Control-Key"),
        ("upstash-failurecallback", "Upstash-Failure-Callback"),
        ("upstash-calback-retries", "Upstash-Callback-Retries"),
        ("upstash-foward-x-trace", "Upstash-Forward-X-Trace"),
        ("upstash-callback-retires", "Upstash-Callback-Retries"),
        ("upstash-callback-my-header", "Upstash-Callback-Forward-My-Header"),
        ("upstash-failure-callback-foward-x", "Upstash-Failure-Callback-Forward-X"),
        ("upstash-failure-callback-tea", "Upstash-Failure-Callback-Forward-Tea"),
        ("upstash-foo", None),
        ("upstash-forwarded", None),
        ("upstash-", None),
        ("upstash-\xff", None),
    ],
)
def test_an_unknown_name_has_one_that_was_probably_meant(name: str, meant: str | None) -> None:
    assert unknown_names([(name.encode("latin-1"), b"1")]) == [name.encode("latin-1")]
    assert meant_by(name.encode("latin-1")) == meant


def test_an_empty_value_counts_as_not_sent() -> None:
    assert unknown("upstash-foo", value=b"") == []
