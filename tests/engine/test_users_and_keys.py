"""Users on one timeline but apart, and their signing keys."""

import re

import pytest

from fakestash.clock import VirtualClock
from fakestash.engine import FAR_FUTURE, Caller, Engine
from fakestash.ids import Ids
from fakestash.model.messages import Attempt
from fakestash.model.users import DEFAULT_USER, PREDEFINED_USERS, SigningKeys, User
from fakestash.wire.callback_body import callback_body
from tests.builders import (
    ACTIVE,
    BROKEN,
    CREATED,
    DELIVERED,
    OK,
    START,
    USER,
    Stage,
    happened,
)


def claimed(stage: Stage) -> Attempt:
    firing = stage.engine.claim(FAR_FUTURE)
    assert firing is not None
    assert firing.attempt is not None
    return firing.attempt


def test_a_token_names_its_user() -> None:
    engine = Stage().engine

    assert [engine.authenticate(user.token) for user in PREDEFINED_USERS] == [
        Caller("defaultUser", read_only=False),
        Caller("testUser1", read_only=False),
        Caller("testUser2", read_only=False),
        Caller("testUser3", read_only=False),
    ]


def test_a_read_only_token_says_so() -> None:
    engine = Stage().engine

    assert engine.authenticate(DEFAULT_USER.read_only_token) == Caller(
        "defaultUser", read_only=True
    )


def test_another_token_names_nobody() -> None:
    token = DEFAULT_USER.token

    assert [Stage().engine.authenticate(text) for text in ("", token[:-1], f"{token} ")] == [
        None,
        None,
        None,
    ]


def test_users_can_be_given() -> None:
    user = User("me", "secret", SigningKeys("sig_1", "sig_2"))
    engine = Engine(
        clock=VirtualClock(START), callback_body=callback_body, ids=Ids(), users=(user,)
    )

    assert engine.authenticate(user.token) == Caller("me", read_only=False)
    assert engine.authenticate(DEFAULT_USER.token) is None
    assert engine.signing_keys("me") == ("sig_1", "sig_2")


def test_users_share_the_timeline_and_nothing_else() -> None:
    stage = Stage(OK)
    stage.publish(delay=20)
    stage.publish(user="testUser1", delay=10)
    stage.publish(user="testUser1", delay=30)

    stage.driver.run_until_idle()

    assert [request.attempt.message.user_id for request in stage.destination.requests] == [
        "testUser1",
        USER,
        "testUser1",
    ]
    assert happened(stage.log()) == [(0, CREATED), (20, ACTIVE), (20, DELIVERED)]
    assert happened(stage.log("testUser1")) == [
        (0, CREATED),
        (0, CREATED),
        (10, ACTIVE),
        (10, DELIVERED),
        (30, ACTIVE),
        (30, DELIVERED),
    ]
    assert stage.log("testUser2") == []


def test_the_entries_of_each_user_are_numbered_apart() -> None:
    stage = Stage()
    for user in (USER, "testUser1", USER):
        stage.publish(user=user)

    assert [entry.sequence for entry in stage.log()] == [0, 1]
    assert [entry.sequence for entry in stage.log("testUser1")] == [0]


def test_every_user_signs_with_a_key_of_its_own() -> None:
    stage = Stage()
    for user in PREDEFINED_USERS:
        stage.publish(user=user.id)

    assert [claimed(stage).signing_key for _ in PREDEFINED_USERS] == [
        user.keys.current for user in PREDEFINED_USERS
    ]


@pytest.mark.fidelity("signature: a rotation makes the next key the current one", "docs")
def test_a_rotation_moves_the_next_key_up_and_makes_a_new_one() -> None:
    stage = Stage()
    before = stage.engine.signing_keys(USER)

    rotated = stage.engine.rotate_signing_keys(USER)

    assert rotated == stage.engine.signing_keys(USER)
    assert rotated.current == before.next
    assert rotated.next not in before
    assert re.fullmatch("sig_[1-9A-Za-z]{28}", rotated.next)


def test_a_rotation_is_that_of_one_user() -> None:
    stage = Stage()

    stage.engine.rotate_signing_keys("testUser1")

    assert stage.engine.signing_keys(USER) == DEFAULT_USER.keys


@pytest.mark.fidelity("signature: made with the key that is current at the attempt", "docs")
def test_waiting_messages_are_signed_with_the_key_that_is_current_when_they_leave() -> None:
    stage = Stage(BROKEN)
    stage.publish(retries=1)
    keys = stage.engine.signing_keys(USER)

    stage.advance(0)
    rotated = stage.engine.rotate_signing_keys(USER)
    stage.driver.run_until_idle()

    assert [request.attempt.signing_key for request in stage.destination.requests] == [
        keys.current,
        rotated.current,
    ]


def test_an_attempt_under_way_keeps_its_key() -> None:
    stage = Stage()
    stage.publish()
    attempt = claimed(stage)

    stage.engine.rotate_signing_keys(USER)

    assert attempt.signing_key == DEFAULT_USER.keys.current


def test_every_attempt_has_a_number_of_its_own_to_make_a_token_id_from() -> None:
    stage = Stage(BROKEN)
    stage.publish(retries=3)
    stage.publish(retries=3)

    stage.driver.run_until_idle()

    nonces = [request.attempt.nonce for request in stage.destination.requests]
    assert (len(nonces), len(set(nonces))) == (8, 8)
