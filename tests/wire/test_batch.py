"""A batch: every entry is a publish of its own."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestash.errors import ServiceError
from fakestash.model.messages import PublishCommand, PublishRequest
from fakestash.model.settings import CallbackSettings, Extras
from fakestash.wire.batch import read_batch

URL = "https://shop.test/hook"
PLAIN = PublishCommand(URL, caller_ip="203.0.113.7")


def read(*entries: object) -> tuple[PublishRequest | ServiceError, ...]:
    return read_batch(json.dumps(entries).encode(), caller_ip="203.0.113.7")


def refusal(*entries: object) -> tuple[int, str]:
    with pytest.raises(ServiceError) as refused:
        read(*entries)
    return refused.value.status, refused.value.text


def test_an_empty_batch_asks_for_nothing() -> None:
    assert read() == ()


def test_entries_are_read_in_order_and_alone() -> None:
    assert read(
        {"destination": URL, "headers": {"Upstash-Retries": "1"}, "body": "a"},
        {"destination": "my-group", "headers": {"Upstash-Deduplication-Id": "x"}},
        {"destination": URL, "queue": "orders", "body": "b"},
        {"destination": URL},
    ) == (
        PublishRequest(PLAIN._replace(retries=1, body=b"a")),
        PublishRequest(PLAIN._replace(url=""), "my-group", "x"),
        PublishRequest(PLAIN._replace(body=b"b", extras=Extras(queue="orders"))),
        PublishRequest(PLAIN),
    )


@pytest.mark.parametrize(
    ("entry", "command"),
    [
        ({"body": None, "queue": None, "headers": None}, PLAIN),
        ({"body": "", "queue": "", "headers": {}}, PLAIN),
        ({"body": "grün\u0000", "other": 1}, PLAIN._replace(body=b"gr\xc3\xbcn\x00")),
        ({"body": "\ud800"}, PLAIN._replace(body=b"\xef\xbf\xbd")),
        ({"headers": {"UPSTASH-retries": "1"}}, PLAIN._replace(retries=1)),
        ({"headers": {"upstash-retries": ["", "1", "2"]}}, PLAIN._replace(retries=1)),
        (
            {"headers": {"Upstash-Retries": "", "upstash-retries": " 2 "}},
            PLAIN._replace(retries=2),
        ),
        (
            {"headers": {"Upstash-Forward-X": ["a", "", "ü "], "content-type": "a/b"}},
            PLAIN._replace(headers=(("X", "a"), ("X", "\xc3\xbc"), ("Content-Type", "a/b"))),
        ),
        ({"headers": {"X": "1", "Authorization": "Bearer x"}}, PLAIN),
        (
            {
                "headers": {
                    "Upstash-Header-Forward": "true",
                    "Authorization": "Bearer x",
                    "X": ["1", "2"],
                    "Host": "other",
                }
            },
            PLAIN._replace(headers=(("Authorization", "Bearer x"), ("X", "1"), ("X", "2"))),
        ),
    ],
)
def test_headers_and_body_of_an_entry(entry: dict[str, object], command: PublishCommand) -> None:
    assert read({"destination": URL, **entry}) == (PublishRequest(command),)


@pytest.mark.parametrize(
    ("destination", "url"),
    [
        (f"{URL}?a=b&c=%20+", f"{URL}?a=b&c=%20+"),
        (f"{URL}?", URL),
        (f"{URL}?qstash_token=x&Upstash-Unknown=1&a=b?c", f"{URL}?a=b?c"),
    ],
)
def test_the_query_of_an_entry_belongs_to_its_destination(destination: str, url: str) -> None:
    assert read({"destination": destination}) == (PublishRequest(PLAIN._replace(url=url)),)


def test_what_is_ours_in_the_query_of_an_entry_counts_for_it() -> None:
    assert read({"destination": f"{URL}?upstash-retries=1"}) == (
        PublishRequest(PLAIN._replace(retries=1)),
    )


def test_an_entry_to_a_group_takes_its_defaults() -> None:
    entries = [{"destination": "my-group"}, {"destination": "my-group", "queue": "q"}]

    assert read_batch(
        json.dumps(entries).encode(),
        caller_ip="203.0.113.7",
        defaults_of={"my-group": (("Upstash-Retries", ("1",)),)}.__getitem__,
    ) == (
        PublishRequest(PLAIN._replace(url="", retries=1), "my-group"),
        PublishRequest(PLAIN._replace(url="", retries=1, extras=Extras(queue="q")), "my-group"),
    )


@pytest.mark.parametrize("queue", [{}, {"queue": "q"}])
def test_an_entry_may_go_to_the_language_model(queue: dict[str, str]) -> None:
    entry = {"destination": "api/llm", "headers": {"Upstash-Callback": URL}, **queue}

    (request,) = read_batch(
        json.dumps([entry]).encode(), caller_ip="203.0.113.7", llm_target="https://model.test"
    )

    assert request == PublishRequest(
        PLAIN._replace(
            url="https://model.test",
            extras=Extras(queue=queue.get("queue"), callback=CallbackSettings(URL)),
        )
    )


INVALID_SCHEME = "invalid destination url: endpoint has invalid scheme, add http:// or https://"


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        (1, "invalid body: expected a json object"),
        (None, "invalid body: expected a json object"),
        ({}, 'invalid body: field "destination" is required'),
        ({"destination": None}, 'invalid body: field "destination" is required'),
        ({"destination": 1}, 'invalid body: field "destination" must be a string'),
        ({"destination": ""}, "a non-empty destination must be provided"),
        ({"destination": "?a=b"}, "a non-empty destination must be provided"),
        ({"destination": "ftp://shop.test"}, INVALID_SCHEME),
        ({"destination": "grün"}, INVALID_SCHEME),
        (
            {"destination": "https://grün.test"},
            'invalid destination url: cannot parse url "https://grün.test"',
        ),
        ({"destination": "api/llm"}, "invalid destination url: api/llm is not supported"),
        ({"destination": URL, "body": 1}, 'invalid body: field "body" must be a string'),
        ({"destination": URL, "body": {}}, 'invalid body: field "body" must be a string'),
        ({"destination": URL, "queue": 1}, 'invalid body: field "queue" must be a string'),
        (
            {"destination": URL, "queue": "my queue"},
            "queue name can only contain alphanumeric characters, hyphens, periods and underscores",
        ),
        ({"destination": URL, "headers": []}, 'invalid body: field "headers" must be an object'),
        (
            {"destination": URL, "headers": {"Upstash-Retries": 3}},
            'invalid body: field "Upstash-Retries" must be a string',
        ),
        (
            {"destination": URL, "headers": {"Upstash-Retries": ["1", 3]}},
            'invalid body: field "Upstash-Retries" must be a string',
        ),
        (
            {"destination": URL, "headers": {"upstash-retries": "x"}},
            'invalid retries: expected a non-negative integer, got "x"',
        ),
        (
            {"destination": URL, "queue": "q", "headers": {"Upstash-Delay": "1s"}},
            "delay is not supported for queues",
        ),
        (
            {"destination": URL, "headers": {"Upstash-Forward-X": "a\r\nb"}},
            'invalid header: "x" cannot be forwarded',
        ),
    ],
)
def test_one_mistake_refuses_the_whole_batch(entry: object, text: str) -> None:
    assert refusal({"destination": URL}, entry) == (400, text)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", "invalid json body"),
        (b"[", "invalid json body"),
        (b"{}", "invalid body: expected a json array"),
        (b"null", "invalid body: expected a json array"),
    ],
)
def test_a_batch_is_an_array(body: bytes, text: str) -> None:
    with pytest.raises(ServiceError) as refused:
        read_batch(body, caller_ip="203.0.113.7")

    assert (refused.value.status, refused.value.text) == (400, text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=3,
)
ENTRIES = st.fixed_dictionaries(
    {"destination": st.sampled_from([URL, f"{URL}?upstash-x", "my-group", ""]) | JSON},
    optional={
        "headers": st.dictionaries(
            st.sampled_from(["Upstash-Retries", "Upstash-Forward-ü", "X", "Upstash-Cron"]),
            st.lists(st.text(max_size=5), max_size=2) | JSON,
        )
        | JSON,
        "body": st.text() | JSON,
        "queue": st.sampled_from(["q", ""]) | JSON,
    },
)


@given(st.lists(ENTRIES | JSON, max_size=3))
def test_any_entries_are_requests_or_refused(entries: list[object]) -> None:
    try:
        found: int = len(read(*entries))
    except ServiceError as refused:
        found = refused.status

    assert found in (len(entries), 400)
