"""The failures that the README shows, brought about for real."""

from collections.abc import Callable
from typing import Final

import httpx

from fakestash import FakeQStash

ORDERS: Final = "https://shop.test/orders"


def _publish(fake: FakeQStash, url: str, body: bytes = b"", **headers: str) -> str:
    """Publish without a socket; the id of the message."""
    bearer = {"Authorization": f"Bearer {fake.token}"}
    with httpx.Client(transport=fake.transport, base_url=fake.url, headers=bearer) as client:
        answer = client.post(f"/v2/publish/{url}", content=body, headers=headers)
    message_id: str = answer.json()["messageId"]
    return message_id


def _failure_of(insist: Callable[[], object]) -> str:
    try:
        insist()
    except AssertionError as failure:
        return f"AssertionError: {failure}"
    raise RuntimeError("it should have failed")


def not_yet() -> str:
    """An attempt that is still to come."""
    with FakeQStash() as fake:
        fake.destination("https://shop.test").responds(503)
        _publish(fake, ORDERS)
        fake.advance("64s")
        return _failure_of(lambda: fake.assert_delivered(ORDERS, times=3))


def nearly() -> str:
    """A delivery with another quantity."""
    with FakeQStash() as fake:
        fake.destination("https://shop.test").responds(200)
        _publish(fake, ORDERS, b'{"id": 7, "items": [{"sku": "tea", "count": 2}]}')
        fake.advance(0)
        wanted = {"id": 7, "items": [{"count": 3}]}
        return _failure_of(lambda: fake.assert_delivered(ORDERS, json=wanted, method="PUT"))


OUTPUTS: Final = (not_yet, nearly)
