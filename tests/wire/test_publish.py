"""From the headers and query of a publish to the request, setting by setting."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestash.errors import ServiceError
from fakestash.model.messages import PublishCommand, PublishRequest
from fakestash.model.settings import CallbackSettings, Extras
from fakestash.syntax.retry_delay import parse
from fakestash.wire.publish import read_publish
from fakestash.wire.values import INT64_MAX

URL = "https://shop.test/hook"


def read(
    *header: tuple[str, str],
    destination: str = URL,
    query: str = "",
    body: bytes = b"",
    token_in_header: bool = True,
    llm_target: str | None = None,
) -> PublishRequest:
    return read_publish(
        destination,
        query,
        [(name.lower().encode(), value.encode("latin-1")) for name, value in header],
        body,
        caller_ip="203.0.113.7",
        token_in_header=token_in_header,
        llm_target=llm_target,
    )


DEFAULTS = PublishCommand(URL, caller_ip="203.0.113.7")


def asked(**changes: Any) -> PublishRequest:  # noqa: ANN401 - as `_replace` takes them
    return PublishRequest(DEFAULTS._replace(**changes))


def refusal(*header: tuple[str, str], destination: str = URL, query: str = "") -> tuple[int, str]:
    with pytest.raises(ServiceError) as refused:
        read(*header, destination=destination, query=query)
    return refused.value.status, refused.value.text


# --- settings ------------------------------------------------------------------------------


def test_nothing_but_a_destination_takes_every_default() -> None:
    assert read() == asked()


@pytest.mark.fidelity("publish: the body is any bytes", "docs")
def test_the_body_is_taken_as_it_is() -> None:
    assert read(body=b"\x00\xff") == asked(body=b"\x00\xff")


@pytest.mark.fidelity("settings: any header may be a query parameter", "docs")
@pytest.mark.parametrize(
    ("name", "value", "settings"),
    [
        ("Upstash-Method", "GET", {"method": "GET"}),
        ("Upstash-Method", "patch", {"method": "PATCH"}),
        ("Upstash-Method", "Delete", {"method": "DELETE"}),
        ("Upstash-Retries", "0", {"retries": 0}),
        ("Upstash-Retries", "007", {"retries": 7}),
        ("Upstash-Retries", str(INT64_MAX), {"retries": INT64_MAX}),
        ("Upstash-Retry-Delay", "1000 * retried", {"retry_delay": parse("1000 * retried")}),
        ("Upstash-Timeout", "30", {"timeout": 30_000}),
        ("Upstash-Timeout", "1m30s", {"timeout": 90_000}),
        ("Upstash-Delay", "10s", {"delay": 10_000}),
        ("Upstash-Delay", "0", {"delay": 0}),
        ("Upstash-Delay", "1d10h30m", {"delay": 124_200_000}),
        ("Upstash-Not-Before", "1767225600", {"not_before": 1_767_225_600_000}),
        ("Upstash-Not-Before", "0", {"not_before": 0}),
        ("Upstash-Not-Before", "9223372036854775", {"not_before": 9_223_372_036_854_775_000}),
        ("Upstash-Label", "one", {"labels": ("one",)}),
        ("Upstash-Label", " one,two , ,three four,", {"labels": ("one", "two", "three four")}),
        ("Upstash-Label", ",", {"labels": ()}),
        ("Upstash-Label", "gr\xc3\xbcn", {"labels": ("grün",)}),
        ("Upstash-Label", ",".join("x" * 32), {"labels": ("x",) * 32}),
        ("Upstash-Label", "x" * 256, {"labels": ("x" * 256,)}),
        ("Upstash-Header-Forward", "false", {}),
        ("Upstash-Content-Based-Deduplication", "False", {}),
    ],
)
def test_a_setting_is_read_from_its_header_or_parameter(
    name: str, value: str, settings: dict[str, Any]
) -> None:
    quoted = "".join(f"%{byte:02x}" for byte in value.encode("latin-1"))

    assert read((name, value)) == asked(**settings)
    assert read((name.upper(), f" {value} ")) == asked(**settings)
    assert read(query=f"{name.lower()}={quoted}") == asked(**settings)
    assert read(query=f"{name}={quoted}") == asked(**settings)


METHOD = "invalid method: expected one of GET, POST, PUT, PATCH, DELETE, got "
RETRIES = "invalid retries: expected a non-negative integer, got "
TIMEOUT = "invalid timeout: cannot parse duration "
DELAY = "invalid delay: cannot parse duration "
NOT_BEFORE = "invalid not before: expected a unix timestamp in seconds, got "
RETRY_DELAY = "invalid retry delay expression: "

BAD_WORDS = {
    "Upstash-Method": (METHOD, ["HEAD", "OPTIONS", "po st", "POST,GET", "\x00"]),
    "Upstash-Retries": (
        RETRIES,
        ["-1", "+1", "1.0", "1_0", "0x1", "one", "9" * 5000, str(INT64_MAX + 1), "1 0"],
    ),
    "Upstash-Timeout": (
        TIMEOUT,
        ["0", "0s", "0d0h", "1.5s", "-1s", "1x", "s", "1s1s", "9" * 30, "10 s"],
    ),
    "Upstash-Delay": (
        DELAY,
        ["1.5h", "-5s", "+5s", "500ms", "1S", "soon", "9" * 5000, "1_0s"],
    ),
    "Upstash-Not-Before": (
        NOT_BEFORE,
        ["-1", "+1", "1.5", "2026-01-01", "now", "9223372036854776", "9" * 30, "1_0"],
    ),
    "Upstash-Header-Forward": (
        "invalid header forward: expected a boolean, got ",
        ["yes", "tRUE", "2"],
    ),
    "Upstash-Content-Based-Deduplication": (
        "invalid content based deduplication: expected a boolean, got ",
        ["yes", "-"],
    ),
}
BAD_VALUES = [
    *(
        (name, value, f'{text}"{value}"')
        for name, (text, values) in BAD_WORDS.items()
        for value in values
    ),
    ("Upstash-Retry-Delay", "1 +", f'{RETRY_DELAY}unexpected token "EOF" at position 4'),
    ("Upstash-Retry-Delay", "attempts", f'{RETRY_DELAY}unknown identifier "attempts"'),
    ("Upstash-Retry-Delay", "sin(1)", f'{RETRY_DELAY}unknown function "sin"'),
    ("Upstash-Retry-Delay", "pow(1)", f"{RETRY_DELAY}wrong number of arguments for pow"),
    ("Upstash-Retry-Delay", "1+" * 500 + "1", f"{RETRY_DELAY}expression is too long"),
    ("Upstash-Label", "a\x01b", "invalid label: control characters are not allowed"),
    ("Upstash-Label", "a\xc2\x85b", "invalid label: control characters are not allowed"),
    ("Upstash-Label", ",".join("x" * 33), "invalid label: at most 32 labels are allowed"),
    ("Upstash-Label", "x" * 257, "invalid label: a label can have at most 256 characters"),
]


@pytest.mark.parametrize(("name", "value", "text"), BAD_VALUES)
def test_a_bad_value_is_refused_by_name(name: str, value: str, text: str) -> None:
    assert refusal((name, value)) == (400, text)


@pytest.mark.parametrize(
    ("value", "shown"),
    [("\xd9\xa3", "٣"), ("\xef\xbc\x93", "\uff13"), ("\xc2\xb2", "²"), ("\xff", "\ufffd")],
)
def test_digits_of_other_scripts_are_none_and_are_shown_as_they_are(value: str, shown: str) -> None:
    assert refusal(("Upstash-Retries", value)) == (
        400,
        f'invalid retries: expected a non-negative integer, got "{shown}"',
    )
    assert refusal(("Upstash-Delay", value)) == (
        400,
        f'invalid delay: cannot parse duration "{shown}"',
    )


def test_values_are_checked_before_the_destination() -> None:
    assert refusal(("Upstash-Retries", "x"), destination="") == (
        400,
        'invalid retries: expected a non-negative integer, got "x"',
    )


# --- strength ------------------------------------------------------------------------------


@pytest.mark.fidelity("settings: a header beats a query parameter", "assumed")
def test_a_header_is_stronger_than_a_parameter() -> None:
    assert read(("Upstash-Retries", "1"), query="upstash-retries=2") == asked(retries=1)


def test_an_empty_header_lets_the_parameter_count() -> None:
    assert read(("Upstash-Retries", ""), query="upstash-retries=2") == asked(retries=2)
    assert read(("Upstash-Retries", " "), query="upstash-retries=2") == asked(retries=2)


def test_the_first_value_that_is_not_empty_counts() -> None:
    header = [("Upstash-Retries", value) for value in ("", "1", "2")]

    assert read(*header) == asked(retries=1)
    assert read(query="upstash-retries=&upstash-retries=+&upstash-retries=1&upstash-retries=2") == (
        asked(retries=1)
    )


def test_not_before_and_delay_are_both_kept() -> None:
    assert read(("Upstash-Not-Before", "10"), ("Upstash-Delay", "5")) == asked(
        not_before=10_000, delay=5_000
    )


@pytest.mark.parametrize(
    "name",
    [
        "Upstash-Telemetry-Sdk",
        "Upstash-Workflow-RunId",
        "Upstash-Feature-Set",
        "Upstash-Retriess",
        "Upstash-",
        "Upstash",
        "X-Upstash-Retries",
    ],
)
def test_unknown_headers_mean_nothing(name: str) -> None:
    assert read((name, "x")) == asked()


@pytest.mark.parametrize(
    "name",
    [
        "Upstash-Retries",
        "Upstash-Method",
        "Upstash-Timeout",
        "Upstash-Delay",
        "Upstash-Not-Before",
        "Upstash-Label",
        "Upstash-Retry-Delay",
        "Upstash-Header-Forward",
        "Upstash-Forward-X",
        "Upstash-Callback",
        "Upstash-Queue-Name",
        "Upstash-Content-Based-Deduplication",
    ],
)
def test_an_empty_value_is_none(name: str) -> None:
    assert read((name, "")) == asked()
    assert read(query=f"{name.lower()}=") == asked()
    assert read(query=name.lower()) == asked()


# --- destination ---------------------------------------------------------------------------


@pytest.mark.fidelity(
    "destinations: the query of the call goes along, without settings and token", "assumed"
)
@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("a=b&c=d", "?a=b&c=d"),
        ("a=b&Upstash-Retries=0&c=%20+", "?a=b&c=%20+"),
        ("upstash-retries=0&qstash_token=secret", ""),
        ("upstash-unknown=1", ""),
        ("?", "??"),
    ],
)
def test_the_query_belongs_to_the_destination_but_for_what_is_ours(query: str, kept: str) -> None:
    assert read(query=query).command.url == URL + kept


@pytest.mark.parametrize("destination", ["my-group", "my-group/"])
def test_a_name_is_a_group_whether_there_is_one_or_not(destination: str) -> None:
    assert read(("Upstash-Retries", "1"), destination=destination, query="a=b") == PublishRequest(
        DEFAULTS._replace(url="", retries=1), group="my-group"
    )


@pytest.mark.parametrize(
    ("destination", "text"),
    [
        ("", "a non-empty destination must be provided"),
        (
            "ftp://shop.test",
            "invalid destination url: endpoint has invalid scheme, add http:// or https://",
        ),
        ("https://a b", 'invalid destination url: cannot parse url "https://a b"'),
        (
            "https://gr\xc3\xbcn.test",
            'invalid destination url: cannot parse url "https://grün.test"',
        ),
        ("api/llm", "invalid destination url: api/llm is not supported"),
    ],
)
def test_a_bad_destination_is_refused(destination: str, text: str) -> None:
    assert refusal(destination=destination) == (400, text)


def test_a_url_can_stand_in_for_the_language_model() -> None:
    callback = ("Upstash-Callback", "https://shop.test/answer")

    assert read(
        callback, destination="api/llm", query="a=b", llm_target="https://model.test/chat"
    ) == asked(
        url="https://model.test/chat?a=b",
        extras=Extras(callback=CallbackSettings("https://shop.test/answer")),
    )


@pytest.mark.parametrize(
    "header",
    [
        [],
        [("Upstash-Callback-Retries", "1")],
        [("Upstash-Failure-Callback", "https://shop.test/answer")],
    ],
)
def test_the_language_model_answers_to_a_callback_alone(header: list[tuple[str, str]]) -> None:
    with pytest.raises(ServiceError) as refused:
        read(*header, destination="api/llm", llm_target="https://model.test/chat")

    assert (refused.value.status, refused.value.text) == (
        400,
        "callback is required for api/llm",
    )


# --- fuzz ----------------------------------------------------------------------------------

NAMES = st.sampled_from(
    [
        "upstash-method", "upstash-retries", "upstash-retry-delay", "upstash-timeout",
        "upstash-delay", "upstash-not-before", "upstash-label", "upstash-header-forward",
        "upstash-forward-a", "upstash-forward-", "content-type", "authorization", "x-a",
        "upstash-content-based-deduplication", "upstash-callback", "upstash-callback-timeout",
        "upstash-failure-callback-forward-a", "upstash-flow-control-key", "upstash-cron",
        "upstash-flow-control-value", "upstash-redact-fields", "upstash-queue-name",
        "upstash-deduplication-id", "upstash-schedule-id",
    ]
)  # fmt: skip
VALUES = st.one_of(
    st.binary(max_size=40),
    st.text(max_size=40).map(str.encode),
    st.from_regex(rb"[0-9]{0,30}[smhd+\-_.]?[0-9]{0,30}", fullmatch=True),
)


def command_or_status(header: list[tuple[bytes, bytes]], query: str) -> PublishCommand | int:
    try:
        return read_publish(
            URL, query, header, b"", caller_ip="203.0.113.7", token_in_header=True
        ).command
    except ServiceError as refused:
        return refused.status


@given(
    st.lists(st.tuples(NAMES.map(str.encode), VALUES), max_size=6),
    st.text(st.characters(max_codepoint=255), max_size=40),
)
def test_any_headers_and_query_give_a_command_or_a_refusal(
    header: list[tuple[bytes, bytes]], query: str
) -> None:
    found = command_or_status(header, query)

    assert found == 400 or (
        isinstance(found, PublishCommand)
        and found.url.startswith(URL)
        and found.method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        and found.retries >= 0
        and found.delay >= 0
        and (found.timeout is None or found.timeout > 0)
    )
