"""Signing keys of the official client, and its receiver."""

from typing import Final

import pytest
from freezegun import freeze_time
from qstash import QStash, Receiver
from qstash.errors import SignatureError
from qstash.signing_key import SigningKey

from fakestash import FakeQStash
from tests.clients.python.arrivals import HOOK
from tests.clients.python.official import noted

SIGNED_AT: Final = "2031-05-01T00:00:00Z"
JUST_GOOD: Final = "2031-05-01T00:04:59Z"
EXPIRED: Final = "2031-05-01T00:05:00Z"


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


# --- the receiver ------------------------------------------------------------------------------


def delivered(client: QStash, qstash: FakeQStash) -> str:
    """The signature of a delivery that is made at the instant above."""
    qstash.destination(HOOK)
    client.message.publish(url=HOOK, body="grün")
    with freeze_time(SIGNED_AT):
        (delivery,) = qstash.advance(0).deliveries
    return delivery.headers["Upstash-Signature"]


@pytest.mark.covers(
    "Receiver(current_signing_key, next_signing_key)",
    "Receiver.verify(signature, body, url, clock_tolerance)",
)
def test_the_receiver_takes_a_delivery_for_five_minutes(
    client: QStash, qstash: FakeQStash, calls: set[str]
) -> None:
    signature = delivered(client, qstash)
    keys = client.signing_key.get()
    receiver = noted("Receiver", Receiver, calls)(
        current_signing_key=keys.current, next_signing_key=keys.next
    )
    verify = noted("Receiver.verify", receiver.verify, calls)

    for instant in (SIGNED_AT, JUST_GOOD):
        with freeze_time(instant):
            verify(signature=signature, body="grün")
            verify(signature=signature, body="grün", url=HOOK, clock_tolerance=1)
    with freeze_time(EXPIRED), pytest.raises(SignatureError):
        verify(signature=signature, body="grün")


@pytest.mark.parametrize(
    ("got", "at", "error"),
    [
        (
            {"body": "grau"},
            SIGNED_AT,
            (
                "Invalid body hash: _iYwZLoC6urEgqrxMJVTd5vbeOOFyxN0ZU3ik-GR14U=, "
                "want: sQ7WZ0JFL_-t8VbQt9I94eOvSOKKfxi9YcEGBYwZkWE"
            ),
        ),
        (
            {"body": "grün", "url": f"{HOOK}/2"},
            SIGNED_AT,
            f"Invalid subject: {HOOK}, want: {HOOK}/2",
        ),
        ({"body": "grün"}, EXPIRED, "Signature has expired"),
    ],
    ids=["body", "url", "time"],
)
def test_the_receiver_says_what_is_wrong(
    client: QStash, qstash: FakeQStash, got: dict[str, str], at: str, error: str
) -> None:
    signature = delivered(client, qstash)
    # With two keys it says what it found with the second.
    receiver = Receiver(qstash.current_signing_key, qstash.current_signing_key)

    with freeze_time(at), pytest.raises(SignatureError) as refused:
        receiver.verify(signature=signature, body=got["body"], url=got.get("url"))

    assert str(refused.value) == error


def test_a_receiver_outlives_one_rotation(client: QStash, qstash: FakeQStash) -> None:
    receiver = Receiver(qstash.current_signing_key, qstash.next_signing_key)
    client.signing_key.rotate()
    once = delivered(client, qstash)
    client.signing_key.rotate()
    twice = delivered(client, qstash)

    with freeze_time(SIGNED_AT):
        receiver.verify(signature=once, body="grün", url=HOOK)
        with pytest.raises(SignatureError) as refused:
            receiver.verify(signature=twice, body="grün", url=HOOK)

    assert str(refused.value) == "Error while decoding signature: Signature verification failed"
