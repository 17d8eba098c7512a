"""The token in ``Upstash-Signature``: a JWT whose every claim is as measured on the service."""

import base64
import hashlib
import json
from binascii import b2a_base64
from functools import lru_cache
from typing import Any, Final

from jwt.algorithms import HMACAlgorithm
from jwt.utils import base64url_encode

LIFETIME_S: Final = 300
"""Seconds from ``iat`` to ``exp``."""

NOT_BEFORE: Final = -62_135_596_800
"""``nbf``: the service sends a zero time; a receiver insists on the claim."""

_HEADER: Final = base64url_encode(b'{"alg":"HS256","typ":"JWT"}')
_HS256: Final = HMACAlgorithm(HMACAlgorithm.SHA256)
_BLOCK: Final = 64
"""The bytes that SHA-256 takes at once."""
_INNER: Final = bytes(byte ^ 0x36 for byte in range(256))
_OUTER: Final = bytes(byte ^ 0x5C for byte in range(256))
_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")
_quoted: Final = lru_cache(maxsize=4096)(json.JSONEncoder(ensure_ascii=False).encode)


@lru_cache(maxsize=64)
def _states(key: str) -> tuple[Any, Any]:
    """The two hashes that HMAC consists of (RFC 2104), each with the key in it."""
    secret = _HS256.prepare_key(key)
    if len(secret) > _BLOCK:
        secret = hashlib.sha256(secret).digest()
    padded = secret.ljust(_BLOCK, b"\0")
    inner, outer = padded.translate(_INNER), padded.translate(_OUTER)
    return hashlib.sha256(inner), hashlib.sha256(outer)


def _hmac(unsigned: bytes, key: str) -> bytes:
    """What PyJWT's ``_HS256.sign`` gives, which begins anew with the key each time."""
    inner, outer = _states(key)
    inner, outer = inner.copy(), outer.copy()
    inner.update(unsigned)
    outer.update(inner.digest())
    digest: bytes = outer.digest()
    return digest


def _base64url(data: bytes) -> bytes:
    """What PyJWT's ``base64url_encode`` gives, in one go."""
    return b2a_base64(data, newline=False).translate(_URL_SAFE, b"=")


def sign(key: str, *, url: str, body: bytes, issued_at: int, expires_at: int, token_id: str) -> str:
    """The token for one attempt; ``issued_at`` and ``expires_at`` in unix seconds.

    It is that of PyJWT, byte by byte. The claims and their order never vary, so they are written
    as text, and what HMAC makes of the key is kept: a fifth of the cost of encoding a dict, which
    every delivery pays.
    """
    digest = base64.urlsafe_b64encode(hashlib.sha256(body).digest()).decode()
    claims = (
        f'{{"aud":"","body":"{digest}","exp":{expires_at},"iat":{issued_at},"iss":"Upstash",'
        f'"jti":"{token_id}","nbf":{NOT_BEFORE},"sub":{_quoted(url)}}}'
    )
    unsigned = _HEADER + b"." + _base64url(claims.encode())
    return (unsigned + b"." + _base64url(_hmac(unsigned, key))).decode()
