"""The token in ``Upstash-Signature``: a JWT whose every claim is as measured on the service."""

import base64
import hashlib
import hmac
import json
from functools import lru_cache
from typing import Final

from jwt.algorithms import HMACAlgorithm
from jwt.utils import base64url_encode

LIFETIME_S: Final = 300
"""Seconds from ``iat`` to ``exp``."""

NOT_BEFORE: Final = -62_135_596_800
"""``nbf``: the service sends a zero time; a receiver insists on the claim."""

_HEADER: Final = base64url_encode(b'{"alg":"HS256","typ":"JWT"}')
_HS256: Final = HMACAlgorithm(HMACAlgorithm.SHA256)
_quoted: Final = lru_cache(maxsize=4096)(json.JSONEncoder(ensure_ascii=False).encode)


@lru_cache(maxsize=64)
def _prepared(key: str) -> hmac.HMAC:
    return hmac.new(_HS256.prepare_key(key), digestmod=_HS256.hash_alg)


def _signed(unsigned: bytes, key: str) -> bytes:
    """What PyJWT's ``_HS256.sign`` gives, which begins anew with the key each time."""
    signing = _prepared(key).copy()
    signing.update(unsigned)
    return signing.digest()


def sign(key: str, *, url: str, body: bytes, issued_at: int, expires_at: int, token_id: str) -> str:
    """The token for one attempt; ``issued_at`` and ``expires_at`` in unix seconds.

    It is that of PyJWT, byte by byte. The claims and their order never vary, so they are written
    as text, and what HMAC makes of the key is kept: a quarter of the cost of encoding a dict,
    which every delivery pays.
    """
    digest = base64.urlsafe_b64encode(hashlib.sha256(body).digest()).decode()
    claims = (
        f'{{"aud":"","body":"{digest}","exp":{expires_at},"iat":{issued_at},"iss":"Upstash",'
        f'"jti":"{token_id}","nbf":{NOT_BEFORE},"sub":{_quoted(url)}}}'
    )
    unsigned = _HEADER + b"." + base64url_encode(claims.encode())
    return (unsigned + b"." + base64url_encode(_signed(unsigned, key))).decode()
