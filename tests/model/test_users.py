"""Users: the predefined ones are public constants of the vendor's development server."""

import base64

import pytest

from fakestash.model.users import DEFAULT_USER, PREDEFINED_USERS


@pytest.mark.fidelity(
    "token: users, tokens and signing keys of the vendor's development server", "docs"
)
def test_the_predefined_users_are_those_of_the_development_server() -> None:
    assert [(user.id, user.token, *user.keys) for user in PREDEFINED_USERS] == [
        (
            "defaultUser",
            "eyJVc2VySUQiOiJkZWZhdWx0VXNlciIsIlBhc3N3b3JkIjoiZGVmYXVsdFBhc3N3b3JkIn0=",
            "sig_7kYjw48mhY7kAjqNGcy6cr29RJ6r",
            "sig_5ZB6DVzB1wjE8S6rZ7eenA8Pdnhs",
        ),
        (
            "testUser1",
            "eyJVc2VySUQiOiJ0ZXN0VXNlcjEiLCJQYXNzd29yZCI6InRlc3RQYXNzd29yZCJ9",
            "sig_7GVPjvuwsfqF65iC8fSrs1dfYruM",
            "sig_5NoELc3EFnZn4DVS5bDs2Nk4b7Ua",
        ),
        (
            "testUser2",
            "eyJVc2VySUQiOiJ0ZXN0VXNlcjIiLCJQYXNzd29yZCI6InRlc3RQYXNzd29yZCJ9",
            "sig_6jWGaWRxHsw4vMSPJprXadyvrybF",
            "sig_7qHbvhmahe5GwfePDiS5Lg3pi6Qx",
        ),
        (
            "testUser3",
            "eyJVc2VySUQiOiJ0ZXN0VXNlcjMiLCJQYXNzd29yZCI6InRlc3RQYXNzd29yZCJ9",
            "sig_5T8FcSsynBjn9mMLBsXhpacRovJf",
            "sig_7GFR4YaDshFcqsxWRZpRB161jguD",
        ),
    ]


def test_the_default_user_is_the_first() -> None:
    assert PREDEFINED_USERS[0] == DEFAULT_USER


@pytest.mark.fidelity(
    "token: the form of read-only ones",
    "docs",
    verdict="approximate",
    here="as the user's token, with `ReadOnly` at the end of the password",
)
def test_a_read_only_token_has_a_word_more_in_its_password() -> None:
    credentials = b'{"UserID":"testUser1","Password":"testPasswordReadOnly"}'

    assert base64.b64decode(PREDEFINED_USERS[1].read_only_token) == credentials


def test_no_two_tokens_are_the_same() -> None:
    tokens = [token for user in PREDEFINED_USERS for token in (user.token, user.read_only_token)]

    assert len(set(tokens)) == len(tokens) == 8
