"""What lists of version 1 are asked, and the JSON of its calls."""

import pytest

from fakestash.model.queries import LogQuery, Paging, RowId
from fakestash.wire.lists_v1 import (
    EndpointBody,
    read_cursor,
    read_endpoint,
    read_event_query,
    read_topic_name,
    read_url,
)
from tests.builders import refused


@pytest.mark.parametrize(
    ("query", "cursor"),
    [
        ("", None),
        ("cursor=", None),
        ("cursor=0", None),
        ("cursor=1767225600000", 1_767_225_600_000),
        ("qstash_token=x&cursor=7&cursor=8", 7),
    ],
)
def test_a_list_is_asked_for_what_is_older(query: str, cursor: int | None) -> None:
    assert read_cursor(query) == cursor


@pytest.mark.parametrize("value", ["x", "-1", "1.0", "9223372036854775808"])
def test_another_cursor_is_refused(value: str) -> None:
    assert refused(lambda: read_cursor(f"cursor={value}")) == (400, f"invalid cursor: {value}")


def test_events_are_asked_for_by_the_id_of_the_last() -> None:
    assert read_event_query("") == LogQuery(paging=Paging(count=100))
    assert read_event_query("cursor=5-2") == LogQuery(paging=Paging(count=100, after=RowId(5, 2)))


@pytest.mark.parametrize("read", [read_cursor, read_event_query])
@pytest.mark.parametrize("key", ["count", "order", "state", "messageId", "CURSOR"])
def test_another_parameter_is_refused(read: object, key: str) -> None:
    assert callable(read)
    assert refused(lambda: read(f"{key}=1")) == (400, f"unknown query parameter: {key}")


@pytest.mark.parametrize(
    ("more", "topic_id", "name"),
    [
        ('"topicId":"tpc_1"', "tpc_1", None),
        ('"topicName":"a"', None, "a"),
        ('"topicId":"tpc_1","topicName":"a","x":1', "tpc_1", "a"),
        ('"topicId":"","topicName":"a"', None, "a"),
        ('"topicId":null,"topicName":"a"', None, "a"),
    ],
)
def test_an_endpoint_names_its_topic(more: str, topic_id: str | None, name: str | None) -> None:
    body = f'{{"url":"https://a.test/x?y",{more}}}'.encode()

    assert read_endpoint(body) == EndpointBody("https://a.test/x?y", topic_id, name)


def test_an_endpoint_without_a_topic_is_refused() -> None:
    assert refused(lambda: read_endpoint(b'{"url":"https://a.test"}')) == (
        400,
        'invalid body: field "topicId" is required',
    )


def test_a_url_and_a_name() -> None:
    assert read_url(b'{"url":"http://localhost:3000"}') == "http://localhost:3000"
    assert read_topic_name(b'{"name":"a-Z_0.9"}') == "a-Z_0.9"
