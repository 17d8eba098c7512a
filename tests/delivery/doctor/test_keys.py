"""Signing keys by name."""

import pytest

from fakestash.delivery.doctor.keys import key_text
from fakestash.model.users import DEFAULT_USER, PREDEFINED_USERS

CURRENT, NEXT = DEFAULT_USER.keys
OTHER = PREDEFINED_USERS[2]
VARIABLES = (("MY_SIGNING_KEY", "sig_strange_0"), ("QSTASH_NEXT_SIGNING_KEY", NEXT))


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (None, "None"),
        (b"sig", "no text but bytes"),
        ("", "'', which is empty"),
        (' "" ', "' \"\" ', which is blank"),
        (CURRENT, "'sig_7kYj...6r', the key that signed"),
        (NEXT, "'sig_5ZB6...hs', the fake's next key (QSTASH_NEXT_SIGNING_KEY)"),
        (f"{NEXT}\n", "'sig_5ZB6...s\\n', the fake's next key, with blanks or quotes around it"),
        (OTHER.keys.current, "'sig_6jWG...bF', testUser2's current key"),
        (DEFAULT_USER.token, "'eyJVc2Vy...0=', the token of defaultUser"),
        ("sig_strange_0", "'sig_stra..._0', a key that this fake does not know (MY_SIGNING_KEY)"),
        ("short", "'short', a key that this fake does not know"),
    ],
)
def test_a_key_is_named(key: object, text: str) -> None:
    assert key_text(key, CURRENT, VARIABLES) == text


def test_another_users_key_may_be_the_one_that_signed() -> None:
    keys = OTHER.keys

    assert key_text(keys.current, keys.current, ()).endswith("', the key that signed")
    assert key_text(CURRENT, keys.current, ()).endswith("', the fake's current key")


@pytest.mark.parametrize("signing_key", [NEXT, "sig_made_by_a_rotation"])
def test_a_key_may_have_been_rotated_away(signing_key: str) -> None:
    assert key_text(CURRENT, signing_key, ()).endswith("as it was before it was rotated")
