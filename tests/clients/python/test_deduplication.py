"""What the official client is told of a duplicate, by every method that can make one."""

from typing import Any, Final

import pytest
from qstash import QStash

from fakestash import FakeQStash
from tests.clients.python.arrivals import HOOK, arrival, arrivals
from tests.clients.python.ways import MESSAGES, Options, Way

WAYS_TO_SAY_SO: Final[tuple[Options, ...]] = (
    {"deduplication_id": "order-7"},
    {"content_based_deduplication": True},
)


def rows() -> list[Any]:
    return [
        pytest.param(
            way, options, id=f"{way.name}: {name}", marks=pytest.mark.covers(*way.covers(options))
        )
        for way in MESSAGES
        for options in WAYS_TO_SAY_SO
        for name in options
    ]


@pytest.mark.parametrize(("way", "options"), rows())
def test_a_duplicate_has_the_id_of_the_first_and_is_not_delivered(
    client: QStash, qstash: FakeQStash, way: Way, options: Options
) -> None:
    qstash.destination(HOOK)

    first = way.call(client, options)
    second = way.call(client, options)
    qstash.advance("9m59s")
    late = way.call(client, options)
    qstash.advance("1s")
    another = way.call(client, options)
    qstash.advance(0)

    assert [first, second, late, another] == [
        way.response(first.message_id, deduplicated=False),
        way.response(first.message_id, deduplicated=True),
        way.response(first.message_id, deduplicated=True),
        way.response(another.message_id, deduplicated=False),
    ]
    assert arrivals(qstash, first=first.message_id, another=another.message_id) == [
        arrival(message="first", body=way.sent, header=way.header),
        arrival(600_000, message="another", body=way.sent, header=way.header),
    ]


@pytest.mark.parametrize("way", MESSAGES, ids=lambda way: way.name)
def test_content_is_not_compared_unless_asked_for(
    client: QStash, qstash: FakeQStash, way: Way
) -> None:
    options = {"content_based_deduplication": False}

    first, second = way.call(client, options), way.call(client, options)

    assert second == way.response(second.message_id, deduplicated=False)
    assert first.message_id != second.message_id
