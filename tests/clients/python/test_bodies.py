"""Bodies of every kind arrive byte for byte, and are read back as text or as base64."""

from dataclasses import replace
from typing import Any, Final

import pytest
from qstash import QStash

from fakestash import FakeQStash
from tests.clients.python.arrivals import HOOK, arrival, arrivals
from tests.clients.python.ways import MESSAGES, SCHEDULES, Way, plain_message, plain_schedule

RAW: Final = {
    "text": ("grün\n", "grün\n".encode(), "grün\n", None),
    "bytes of a text": (b"gr\xc3\xbcn", b"gr\xc3\xbcn", "grün", None),
    "other bytes": (b"\xff\x00", b"\xff\x00", None, "/wA="),
    "nothing": (None, b"", None, None),
}
AS_JSON: Final = {
    "an object": ({"a": [1, "ü"]}, b'{"a": [1, "\\u00fc"]}', '{"a": [1, "\\u00fc"]}', None),
    "nothing": (None, b"null", "null", None),
}


def rows(ways: tuple[Way, ...]) -> list[Any]:
    return [
        pytest.param(way, *body, id=f"{way.name}: {name}")
        for way in ways
        for name, body in (AS_JSON if way.name.endswith("_json") else RAW).items()
        # The client makes JSON of a whole batch, and can make none of bytes.
        if not (way.name == "message.batch" and isinstance(body[0], bytes))
    ]


@pytest.mark.parametrize(("way", "given", "sent", "text", "base64"), rows(MESSAGES))
def test_the_body_of_a_message(
    client: QStash,
    qstash: FakeQStash,
    way: Way,
    given: object,
    sent: bytes,
    text: str | None,
    base64: str | None,
) -> None:
    qstash.destination(HOOK)

    id_ = way.call(client, {"body": given}).message_id
    message = client.message.get(id_)
    qstash.advance(0)

    assert message == replace(plain_message(way, id_), body=text, body_base64=base64)
    header = {name: value for name, (value,) in way.headers.items()}
    assert arrivals(qstash, message=id_) == [arrival(body=sent, header=header)]


@pytest.mark.parametrize(("way", "given", "sent", "text", "base64"), rows(SCHEDULES))
def test_the_body_of_a_schedule(
    client: QStash,
    qstash: FakeQStash,
    way: Way,
    given: object,
    sent: bytes,
    text: str | None,
    base64: str | None,
) -> None:
    qstash.destination(HOOK)

    id_ = way.call(client, {"body": given})
    schedule = client.schedule.get(id_)
    qstash.advance("1m")

    assert schedule == replace(plain_schedule(way, id_), body=text, body_base64=base64)
    (delivery,) = qstash.deliveries
    header = {name: value for name, (value,) in way.headers.items()}
    assert arrivals(qstash, message=delivery.message_id, schedule=id_) == [
        arrival(60_000, body=sent, header={**header, "Upstash-Schedule-Id": "schedule"})
    ]
