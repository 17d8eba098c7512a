"""Ids: the service's forms, taken apart with a base58 of the test's own, and repeatable."""

import re
from collections.abc import Callable
from copy import deepcopy
from math import gcd

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestash import ids as ids_module
from fakestash.ids import Ids, base58, chance, inner_id, jwt_id

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
NONCES = st.integers(0, 2**160 - 1)


def decoded(text: str) -> bytes:
    """What a base58 text without leading zeros stands for."""
    number = 0
    for digit in text:
        number = number * 58 + ALPHABET.index(digit)
    return number.to_bytes((number.bit_length() + 7) // 8)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, ""),
        (1, "2"),
        (57, "z"),
        (58, "21"),
        (58**4 - 1, "zzzz"),
        (58**4, "21111"),
        (int.from_bytes(b"hello world"), "StV1DL6CwTryKyV"),
    ],
)
def test_base58_is_that_of_bitcoin(number: int, text: str) -> None:
    assert base58(number) == text


@given(st.integers(1, 2**400))
def test_base58_can_be_read_back(number: int) -> None:
    assert int.from_bytes(decoded(base58(number))) == number


@pytest.mark.parametrize("nonce", [0, 1, 2**160 - 1])
def test_an_inner_id_is_a_one_and_twenty_bytes(nonce: int) -> None:
    assert decoded(inner_id(nonce)) == b"\x01" + nonce.to_bytes(20)


@given(NONCES)
def test_an_inner_id_has_28_characters_and_starts_as_those_of_the_service(nonce: int) -> None:
    assert re.fullmatch(f"[45678][{ALPHABET}]{{27}}", inner_id(nonce))
    assert decoded(inner_id(nonce)) == b"\x01" + nonce.to_bytes(20)


@given(NONCES)
def test_the_id_of_a_token_is_an_inner_id_with_its_prefix(nonce: int) -> None:
    assert jwt_id(nonce) == "jwt_" + inner_id(nonce)


@pytest.mark.fidelity("ids: the form of message ids", "measured")
@given(st.integers())
def test_a_message_id_is_a_record_of_shard_and_inner_id(seed: int) -> None:
    ids = Ids(seed)

    for message_id in (ids.message_id() for _ in range(3)):
        assert re.fullmatch(f"msg_7YoJxFpwkEy[{ALPHABET}]{{42}}", message_id)
        record = decoded(message_id.removeprefix("msg_"))
        assert (len(record), record[:11]) == (39, b"\x0a\x07shard-1\x12\x1c")
        inner = decoded(record[11:].decode())
        assert (len(inner), inner[0]) == (21, 1)


class Drawing(Ids):
    """Ids whose first numbers are given."""

    def __init__(self, *nonces: int) -> None:
        self.given = list(nonces)
        super().__init__()

    def bits(self) -> int:
        return self.given.pop(0) if self.given else super().bits()


def test_a_head_that_the_tails_could_spill_over_into_is_drawn_again() -> None:
    spills = 1112147855822249376390140393618928699617583809745

    ids = Drawing(spills, 0)

    assert inner_id(spills)[:24] == "7HGa6MAhLnak8g9Hb6reCDvC"
    assert ids.given == []
    assert decoded(ids.message_id()[4:])[11:35].decode() == inner_id(0)[:24]


@pytest.mark.parametrize(
    ("prefix", "draw"),
    [
        ("sig", Ids.signing_key),
        ("scd", Ids.schedule_id),
        ("tpc", Ids.topic_id),
        ("ept", Ids.endpoint_id),
    ],
)
def test_other_ids_are_an_inner_id_with_their_prefix(
    prefix: str, draw: Callable[[Ids], str]
) -> None:
    ids = Ids()

    made = {draw(ids) for _ in range(100)}

    assert all(re.fullmatch(f"{prefix}_[45678][{ALPHABET}]{{27}}", each) for each in made)
    assert len(made) == 100


def drawn(ids: Ids) -> list[object]:
    return [
        ids.message_id(),
        ids.nonce(),
        ids.signing_key(),
        ids.schedule_id(),
        ids.message_id(),
    ]


@pytest.mark.fidelity(
    "ids: random", "measured", verdict="different", here="the same seed and calls give the same ids"
)
def test_the_same_seed_gives_the_same_ids() -> None:
    assert drawn(Ids(7)) == drawn(Ids(7))
    assert drawn(Ids()) == drawn(Ids(0))


def test_another_seed_gives_other_ids() -> None:
    assert set(drawn(Ids(7))).isdisjoint(drawn(Ids(8)))


def test_no_id_comes_twice() -> None:
    first, second = Ids(1), Ids(2)

    made = {ids.message_id() for _ in range(5_000) for ids in (first, second)}

    assert len(made) == 10_000


@given(st.integers())
def test_the_token_ids_of_one_source_differ_in_their_last_four_characters(seed: int) -> None:
    ids = Ids(seed)

    made = [jwt_id(ids.nonce()) for _ in range(20)]

    assert len({token_id[:-4] for token_id in made}) == 1
    assert len(set(made)) == 20


def test_the_last_characters_run_through_all_their_values() -> None:
    assert gcd(ids_module._TAIL_STEP, len(ALPHABET)) == 1  # noqa: SLF001 - what it rests on


def test_when_they_have_the_rest_is_drawn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids_module, "_TAIL_STEP", 0)  # the first comes again at once
    ids = Ids()

    messages = [ids.message_id() for _ in range(20)]
    tokens = [jwt_id(ids.nonce()) for _ in range(20)]

    assert len(set(messages)) == len(set(tokens)) == 20
    assert len({decoded(each[4:])[-4:] for each in messages}) == 1
    assert len({token[-4:] for token in tokens}) == 1


def test_a_copy_goes_on_alike_and_apart() -> None:
    ids = Ids(7)
    drawn(ids)
    other, third = deepcopy(ids), deepcopy(ids)

    assert drawn(other) == drawn(ids)
    assert drawn(third) != drawn(other)


# --- chance --------------------------------------------------------------------------------


def test_a_draw_is_always_the_same_and_each_is_another() -> None:
    draws = [chance(7, "it", 1), chance(8, "it", 1), chance(7, "other", 1), chance(7, "it", 2)]

    assert draws == [
        chance(7, "it", 1),
        chance(8, "it", 1),
        chance(7, "other", 1),
        chance(7, "it", 2),
    ]
    assert len(set(draws)) == 4
    assert chance(7, "it", 1) == 0.41900800769953017


def test_draws_are_spread_evenly() -> None:
    draws = [chance(0, "it", number) for number in range(4000)]

    assert all(0 <= draw < 1 for draw in draws)
    assert all(900 < sum(draw // 0.25 == part for draw in draws) < 1100 for part in range(4))
