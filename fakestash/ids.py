"""Identifiers in the service's own forms, from one seeded source; the only randomness.

Forms are as measured on the service: an inner id is base58 of ``0x01`` and 20 random
bytes; a message id is base58 of a small protobuf record of shard and inner id (D21).
"""

import random
from functools import lru_cache
from hashlib import blake2b, sha256
from typing import Final

from fakestash.decisions import D21_MESSAGE_ID_SHARD

_ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
# Four digits at a time: the divisor fits one digit of Python's own big integers, which makes its
# division quick, and pairs halve the string work.
_PAIRS: Final = tuple(first + second for first in _ALPHABET for second in _ALPHABET)
_PAIR: Final = 58**2
_QUAD: Final = 58**4

_RANDOM_BITS: Final = 160
_INNER_LEAD: Final = 1 << _RANDOM_BITS
_INNER_LENGTH: Final = 28
_SHARD: Final = D21_MESSAGE_ID_SHARD.encode()
_LEAD: Final = bytes([0x0A, len(_SHARD)]) + _SHARD + bytes([0x12, _INNER_LENGTH])
"""How the record in a message id begins; the inner id follows."""
_RECORD_LENGTH: Final = len(_LEAD) + _INNER_LENGTH

_MESSAGE: Final = "msg_"
_TASK: Final = "tsk_"

# A message id is made for every message, and 81 digits of base58 are a good part of what a
# message costs. So the messages of one source share their inner id up to its last four digits,
# whose part of the encoding is done once. Those four run through all their values, scattered by
# a step that has no divisor in common with their number; then the rest is drawn anew. So no id
# of one source comes twice.
_TAIL_LENGTH: Final = 4
_TAIL: Final = 58**_TAIL_LENGTH
_TAIL_STEP: Final = 6_993_789
_ENCODED_TAIL: Final = _PAIR**3
_PAIRS_AS_NUMBERS: Final = tuple(int.from_bytes(pair.encode()) for pair in _PAIRS)
_PAIR_BITS: Final = 16


def _digits(number: int, quads: int) -> str:
    """The last ``4 * quads`` base58 digits of ``number``, leading zeros (``1``) included."""
    parts: list[str] = []
    for _ in range(quads):
        number, quad = divmod(number, _QUAD)
        parts.append(_PAIRS[quad % _PAIR])
        parts.append(_PAIRS[quad // _PAIR])
    parts.reverse()
    return "".join(parts)


def base58(number: int) -> str:
    """``number`` in base58, Bitcoin alphabet, without leading zeros."""
    bits_of_a_quad = 23
    return _digits(number, number.bit_length() // bits_of_a_quad + 1).lstrip("1")


@lru_cache(maxsize=64)
def _head(number: int) -> str:
    return base58(number)


def inner_id(nonce: int) -> str:
    """The inner id (28 characters) made from 160 random bits."""
    head, tail = divmod(_INNER_LEAD | nonce, _TAIL)
    return _head(head) + _PAIRS[tail // _PAIR] + _PAIRS[tail % _PAIR]


def jwt_id(nonce: int) -> str:
    """The id of a signature token."""
    return "jwt_" + inner_id(nonce)


def drawn(options: int, *key: object) -> int:
    """A number from 0 on and below ``options``, the same for the same key.

    It depends on nothing that was drawn before, nor on the version of Python.
    """
    digest = sha256("/".join(map(str, key)).encode()).digest()
    return int.from_bytes(digest) % options


def task_id_of(message_id: str) -> str:
    """The id under which version 1 of the API knows one delivery (D22), of that of its message."""
    number = 0
    for character in message_id.removeprefix(_MESSAGE):
        number = number * len(_ALPHABET) + _ALPHABET.index(character)
    return _TASK + number.to_bytes(_RECORD_LENGTH)[-_INNER_LENGTH:].decode("ascii")


def message_id_of(task_id: str) -> str | None:
    """The message that is known by ``task_id`` in version 1; None if no message can be."""
    inner = task_id.removeprefix(_TASK)
    if inner == task_id or len(inner) != _INNER_LENGTH or not set(inner) <= set(_ALPHABET):
        return None
    return _MESSAGE + base58(int.from_bytes(_LEAD + inner.encode("ascii")))


_CHANCE_BITS: Final = 53
"""As many as a float holds."""


def chance(seed: int, what: str, number: int) -> float:
    """A random number in [0, 1): always the same for the ``number``-th draw of ``what``.

    Each ``what`` has draws of its own, so that one more of them changes none of the others.
    """
    drawn = blake2b(f"{seed} {number} {what}".encode(), digest_size=8).digest()
    return (int.from_bytes(drawn) >> (64 - _CHANCE_BITS)) / (1 << _CHANCE_BITS)


class Ids:
    """A seeded source of ids: the same seed and the same calls give the same ids.

    A deep copy goes on like the original, and apart from it.
    """

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)
        self._first_tail = self._tail = self._random.randrange(_TAIL)
        self._draw_head()
        self._first_nonce_tail = self._nonce_tail = self._random.randrange(_TAIL)
        self._nonces_from = self._new_nonces()

    def bits(self) -> int:
        """160 random bits."""
        return self._random.getrandbits(_RANDOM_BITS)

    def nonce(self) -> int:
        """160 bits for the id of a token; those of one source share the id's head, as above."""
        tail = self._nonce_tail = (self._nonce_tail + _TAIL_STEP) % _TAIL
        if tail == self._first_nonce_tail:
            self._nonces_from = self._new_nonces()
        return self._nonces_from + tail

    def message_id(self) -> str:
        """A new message id."""
        tail = self._tail = (self._tail + _TAIL_STEP) % _TAIL
        if tail == self._first_tail:
            self._draw_head()
        first, last = divmod(tail, _PAIR)
        text = (_PAIRS_AS_NUMBERS[first] << _PAIR_BITS) + _PAIRS_AS_NUMBERS[last]
        others, third = divmod(self._rest + text, _PAIR)
        first, second = divmod(others, _PAIR)
        return f"{self._head}{_PAIRS[first]}{_PAIRS[second]}{_PAIRS[third]}"

    def schedule_id(self) -> str:
        """A new schedule id."""
        return "scd_" + inner_id(self.bits())

    def topic_id(self) -> str:
        """A new id of a URL group, for version 1 of the API."""
        return "tpc_" + inner_id(self.bits())

    def endpoint_id(self) -> str:
        """A new id of a URL group's endpoint, for version 1 of the API."""
        return "ept_" + inner_id(self.bits())

    def signing_key(self) -> str:
        """A new signing key."""
        return "sig_" + inner_id(self.bits())

    def _new_nonces(self) -> int:
        """The first of the nonces that share a new head."""
        number = self._random.getrandbits(_RANDOM_BITS - 1) + _TAIL
        return number - (_INNER_LEAD + number) % _TAIL

    def _draw_head(self) -> None:
        """Draw what message ids have in common from now on."""
        encoded_head, self._rest = divmod(self._new_record(), _ENCODED_TAIL)
        self._head = _MESSAGE + base58(encoded_head)

    def _new_record(self) -> int:
        """A message id's record as a number, with the tail of its inner id left empty.

        It is drawn again where adding a tail could carry into the digits that are encoded once.
        """
        while True:
            head = inner_id(self.bits())[:-_TAIL_LENGTH]
            record = int.from_bytes(_LEAD + head.encode() + bytes(_TAIL_LENGTH))
            if record % _ENCODED_TAIL + 256**_TAIL_LENGTH < _ENCODED_TAIL:
                return record
