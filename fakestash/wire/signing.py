"""The token in ``Upstash-Signature``: a JWT whose every claim is as measured on the service."""

import base64
import hashlib
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
def _prepared(key: str) -> bytes:
    return _HS256.prepare_key(key)


def sign(key: str, *, url: str, body: bytes, issued_at: int, expires_at: int, token_id: str) -> str:
    """The token for one attempt; ``issued_at`` and ``expires_at`` in unix seconds.

    The claims and their order never vary, so they are written as text and only the signing is
    left to PyJWT's algorithm: a third of the cost of encoding a dict, which every delivery pays.
    """
    digest = base64.urlsafe_b64encode(hashlib.sha256(body).digest()).decode()
    claims = (
        f'{{"aud":"","body":"{digest}","exp":{expires_at},"iat":{issued_at},"iss":"Upstash",'
        f'"jti":"{token_id}","nbf":{NOT_BEFORE},"sub":{_quoted(url)}}}'
    )
    unsigned = _HEADER + b"." + base64url_encode(claims.encode())
    return (unsigned + b"." + base64url_encode(_HS256.sign(unsigned, _prepared(key)))).decode()
