"""Signing keys of the official client, and its receiver."""

from collections.abc import Callable
from typing import Final

import pytest
from freezegun import freeze_time
from qstash import QStash, Receiver
from qstash.errors import QStashError, SignatureError
from qstash.signing_key import SigningKey

from fakestash import Deliveries, Delivery, FakeQStash
from tests.clients.python.arrivals import HOOK
from tests.clients.python.official import noted

Keys = tuple[str, str]


@pytest.fixture
def delivery(qstash: FakeQStash, client: QStash) -> Delivery:
    """A delivery whose signature is made at a frozen time."""
    qstash.destination(HOOK)
    client.message.publish(url=HOOK, body="hi")
    with freeze_time("2031-05-01T00:00:00Z"):
        (found,) = qstash.advance(0).deliveries
    return found


def signature_error(receiver: Receiver, delivery: Delivery, *, body: str, url: str) -> str:
    """Why the receiver does not take a delivery."""
    with pytest.raises(SignatureError) as refused:
        receiver.verify(
            signature=delivery.headers["Upstash-Signature"], body=body, url=url
        )
    assert isinstance(refused.value, QStashError)
    return str(refused.value)


@pytest.mark.covers("signing_key.get()", "signing_key.rotate()")
def test_keys_are_read_and_rotated(client: QStash, qstash: FakeQStash) -> None:
    read = client.signing_key.get()
    rotated = client.signing_key.rotate()

    assert read == SigningKey(
        current="sig_7kYjw48mhY7kAjqNGcy6cr29RJ6r", next="sig_5ZB6DVzB1wjE8S6rZ7eenA8Pdnhs"
    )
    assert rotated == SigningKey(current=read.next, next=qstash.next_signing_key)
    assert rotated.next not in {read.current, read.next}
    assert client.signing_key.get() == rotated
