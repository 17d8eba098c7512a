"""URL groups of the official client, and messages to them."""

from dataclasses import replace
from typing import Final

import pytest
from qstash import QStash
from qstash.errors import QStashError
from qstash.url_group import Endpoint, UrlGroup

from fakestash import FakeQStash
from tests.clients.python.arrivals import START, Arrival, arrival, arrivals
from tests.clients.python.ways import MESSAGES, Options, Way, each, plain_message

FIRST: Final = "https://first.test/hook"
SECOND: Final = "https://second.test/hook"
TO_GROUP: Final[Options] = {"url": None, "url_group": "shops"}


@pytest.fixture
def group(client: QStash) -> UrlGroup:
    """A group of two endpoints, of which one has a name."""
    client.url_group.upsert_endpoints("shops", [{"url": FIRST, "name": "one"}, {"url": SECOND}])
    return UrlGroup("shops", START, START, [Endpoint(FIRST, "one"), Endpoint(SECOND, None)])


@pytest.mark.covers(
    "url_group.upsert_endpoints(url_group, endpoints, endpoints.url, endpoints.name)",
    "url_group.get(url_group)",
    "url_group.list()",
)
def test_a_group_is_made_with_its_endpoints(client: QStash, group: UrlGroup) -> None:
    client.url_group.upsert_endpoints("alone", [{"url": FIRST}])
    alone = UrlGroup("alone", START, START, [Endpoint(FIRST, None)])

    assert client.url_group.get("shops") == group
    assert client.url_group.list() == [group, alone]


def test_an_endpoint_of_the_same_name_or_url_is_updated_in_its_place(
    client: QStash, group: UrlGroup, qstash: FakeQStash
) -> None:
    qstash.advance(5)

    client.url_group.upsert_endpoints(
        "shops", [{"url": SECOND, "name": "two"}, {"url": "https://new.test", "name": "one"}]
    )

    assert client.url_group.get("shops") == replace(
        group,
        updated_at=START + 5_000,
        endpoints=[Endpoint("https://new.test", "one"), Endpoint(SECOND, "two")],
    )


@pytest.mark.covers(
    "url_group.remove_endpoints(url_group, endpoints, endpoints.url, endpoints.name)"
)
def test_endpoints_are_removed_by_name_and_by_url(
    client: QStash, group: UrlGroup, qstash: FakeQStash
) -> None:
    client.url_group.upsert_endpoints("shops", [{"url": "https://third.test"}])
    qstash.advance(5)

    client.url_group.remove_endpoints("shops", [{"name": "one"}, {"url": "https://third.test"}])

    assert client.url_group.get("shops") == replace(
        group, updated_at=START + 5_000, endpoints=[Endpoint(SECOND, None)]
    )


def test_a_group_goes_with_its_last_endpoint(client: QStash, group: UrlGroup) -> None:
    client.url_group.remove_endpoints("shops", [{"name": "one"}, {"url": SECOND}])

    assert client.url_group.list() == []


@pytest.mark.covers("url_group.delete(url_group)")
def test_a_group_is_deleted(client: QStash, group: UrlGroup) -> None:
    client.url_group.delete("shops")
    client.url_group.delete("shops")

    assert client.url_group.list() == []
    with pytest.raises(QStashError) as refused:
        client.url_group.get("shops")
    assert str(refused.value) == (
        'Request failed with status: 404, body: {"error":"topic shops not found"}'
    )


# --- messages to a group ---------------------------------------------------------------------


def arrival_from_group(way: Way, url: str, message: str) -> Arrival:
    return arrival(
        url=url,
        body=way.sent,
        message=message,
        header={**way.header, "Upstash-Topic-Name": "shops"},
    )


@pytest.mark.parametrize("way", each(MESSAGES, TO_GROUP))
def test_a_message_to_a_group_goes_to_each_endpoint(
    client: QStash, group: UrlGroup, qstash: FakeQStash, way: Way
) -> None:
    qstash.destination(FIRST)
    qstash.destination(SECOND)
    client.queue.upsert("mail", parallelism=2)

    responses = way.call(client, TO_GROUP)
    first, second = (response.message_id for response in responses)
    messages = [client.message.get(first), client.message.get(second)]
    qstash.advance(0)

    assert responses == [
        way.group_response(first, FIRST, deduplicated=False),
        way.group_response(second, SECOND, deduplicated=False),
    ]
    assert messages == [
        replace(plain_message(way, first), url=FIRST, url_group="shops", endpoint="one"),
        replace(plain_message(way, second), url=SECOND, url_group="shops"),
    ]
    assert arrivals(qstash, first=first, second=second) == [
        arrival_from_group(way, FIRST, "first"),
        arrival_from_group(way, SECOND, "second"),
    ]


@pytest.mark.parametrize("way", MESSAGES, ids=lambda way: way.name)
def test_each_message_to_a_group_may_be_a_duplicate_by_itself(
    client: QStash, group: UrlGroup, way: Way
) -> None:
    to_group = {**TO_GROUP, "deduplication_id": "a"}
    first, second = way.call(client, to_group)
    client.url_group.upsert_endpoints("shops", [{"url": "https://third.test"}])

    again = way.call(client, to_group)

    assert again == [
        way.group_response(first.message_id, FIRST, deduplicated=True),
        way.group_response(second.message_id, SECOND, deduplicated=True),
        way.group_response(again[2].message_id, "https://third.test", deduplicated=False),
    ]
