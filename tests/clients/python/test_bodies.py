"""Bodies of every kind arrive byte for byte, and are read back as text or as base64."""

from dataclasses import replace
from typing import Any, Final, NamedTuple

import pytest
from qstash import QStash

from fakestash import FakeQStash
from tests.clients.python.arrivals import HOOK, arrival, arrivals
from tests.clients.python.ways import FIRES, MESSAGES, SCHEDULES, Way, plain_message, plain_schedule


class Body(NamedTuple):
    """What the client is given, what it sends of it, and how that is read back."""

    given: object
    sent: bytes
    text: str | None
    base64: str | None


RAW: Final = {
    "text": Body("grün\n", "grün\n".encode(), "grün\n", None),
    "bytes of a text": Body(b"gr\xc3\xbcn", b"gr\xc3\xbcn", "grün", None),
    "other bytes": Body(b"\xff\x00", b"\xff\x00", None, "/wA="),
    "nothing": Body(None, b"", None, None),
}
AS_JSON: Final = {
    "an object": Body({"a": [1, "ü"]}, b'{"a": [1, "\\u00fc"]}', '{"a": [1, "\\u00fc"]}', None),
    "nothing": Body(None, b"null", "null", None),
}


def rows(ways: tuple[Way, ...]) -> list[Any]:
    """Each way with each body that it can take."""
    return [
        pytest.param(way, body, id=f"{way.name}: {name}")
        for way in ways
        for name, body in (AS_JSON if way.name.endswith("_json") else RAW).items()
        # The client makes JSON of a whole batch, and can make none of bytes.
        if not (way.name == "message.batch" and isinstance(body.given, bytes))
    ]


@pytest.mark.parametrize(("way", "body"), rows(MESSAGES))
def test_the_body_of_a_message(client: QStash, qstash: FakeQStash, way: Way, body: Body) -> None:
    qstash.destination(HOOK)

    id_ = way.call(client, {"body": body.given}).message_id
    message = client.message.get(id_)
    qstash.advance(0)

    assert message == replace(plain_message(way, id_), body=body.text, body_base64=body.base64)
    assert arrivals(qstash, message=id_) == [arrival(body=body.sent, header=way.header)]


@pytest.mark.parametrize(("way", "body"), rows(SCHEDULES))
def test_the_body_of_a_schedule(client: QStash, qstash: FakeQStash, way: Way, body: Body) -> None:
    qstash.destination(HOOK)

    id_ = way.call(client, {"body": body.given})
    schedule = client.schedule.get(id_)
    qstash.advance("1m")

    assert schedule == replace(plain_schedule(way, id_), body=body.text, body_base64=body.base64)
    (delivery,) = qstash.deliveries
    assert arrivals(qstash, message=delivery.message_id, schedule=id_) == [
        arrival(FIRES, body=body.sent, header={**way.header, "Upstash-Schedule-Id": "schedule"})
    ]
