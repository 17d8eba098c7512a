"""``Receiver``: what was delivered holds, and nothing else does."""

from tests.clients.npm.expected import Object, published, raised
from tests.clients.npm.player import Player

VERIFIED = ("Receiver.verify", True)


def not_verified(message: str = "signature verification failed") -> tuple[str, Object]:
    return ("Receiver.verify", raised("SignatureError", message))


def test_a_delivery_is_verified_and_a_forgery_is_not(player: Player) -> None:
    play = player.play("receiving.verified")

    tea, coffee = (
        "ejr2R-bhjxR8f5blpi3SOtYbn1kFkGVS11YbUjsB1Ow=",
        "NykNdKxNGG46jleF0lnS7AT6yRrigJLnYg7IvJnoMKo",
    )
    url = "https://shop.test/orders"
    assert play.calls == [
        published(1),
        VERIFIED,
        VERIFIED,
        VERIFIED,
        not_verified(f"body hash does not match, want: {tea}, got: {coffee}"),
        not_verified(f"invalid subject: {url}, want: {url}/"),
        not_verified(),
        published(2),
        VERIFIED,
    ]


def test_the_keys_decide_wherever_they_come_from(player: Player) -> None:
    play = player.play("receiving.keys")

    assert play.calls == [
        published(1),
        VERIFIED,
        not_verified(),
        not_verified(),
        VERIFIED,
        VERIFIED,
        not_verified(),
    ]


def test_after_a_rotation_the_next_key_holds(player: Player) -> None:
    play = player.play("receiving.afterRotation")

    assert play.calls == [published(1), VERIFIED]


def test_an_expired_signature_is_refused_but_for_tolerance(player: Player) -> None:
    play = player.play("receiving.expired")

    assert play.calls == [published(1), not_verified(), VERIFIED]
