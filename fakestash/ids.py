"""Identifiers in the service's own forms, from one seeded source: the only randomness.

Forms are as measured on the service: an inner id is base58 of ``0x01`` and 20 random
bytes; a message id is base58 of a small protobuf record of shard and inner id (D21).
"""

import random
from typing import Final

from fakestash.decisions import D21_MESSAGE_ID_SHARD

_ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
# Four digits at a time, because an id is made for every message: the divisor fits one digit of
# Python's own big integers, which makes its division quick, and pairs halve the string work.
_PAIRS: Final = tuple(first + second for first in _ALPHABET for second in _ALPHABET)
_PAIR: Final = 58**2
_QUAD: Final = 58**4

_RANDOM_BITS: Final = 160
_INNER_LEAD: Final = 1 << _RANDOM_BITS
_INNER_LENGTH: Final = 28


def base58(number: int) -> str:
    """``number`` in base58, Bitcoin alphabet, without leading zeros (``1``)."""
    parts: list[str] = []
    while number:
        number, quad = divmod(number, _QUAD)
        parts.append(_PAIRS[quad % _PAIR])
        parts.append(_PAIRS[quad // _PAIR])
    parts.reverse()
    return "".join(parts).lstrip("1")


def _record_prefix() -> int:
    """The bytes of a message id's record before its inner id, as a shifted number."""
    shard = D21_MESSAGE_ID_SHARD.encode()
    head = bytes([0x0A, len(shard)]) + shard + bytes([0x12, _INNER_LENGTH])
    return int.from_bytes(head + bytes(_INNER_LENGTH))


_RECORD_PREFIX: Final = _record_prefix()


def inner_id(nonce: int) -> str:
    """The inner id (28 characters) made from 160 random bits."""
    return base58(_INNER_LEAD | nonce)


def jwt_id(nonce: int) -> str:
    """The id of a signature token."""
    return "jwt_" + inner_id(nonce)


class Ids:
    """A seeded source of ids: the same seed and the same calls give the same ids."""

    def __init__(self, seed: int = 0) -> None:
        self._bits = random.Random(seed).getrandbits

    def nonce(self) -> int:
        """160 random bits."""
        return self._bits(_RANDOM_BITS)

    def message_id(self) -> str:
        """A new message id."""
        inner = inner_id(self._bits(_RANDOM_BITS)).encode()
        return "msg_" + base58(_RECORD_PREFIX | int.from_bytes(inner))

    def signing_key(self) -> str:
        """A new signing key."""
        return "sig_" + inner_id(self._bits(_RANDOM_BITS))
