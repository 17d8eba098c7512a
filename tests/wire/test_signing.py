"""The token: every byte as PyJWT would have made it from the same claims."""

import base64
import hashlib
import json

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jwt.utils import base64url_decode

from fakestash.wire.signing import LIFETIME_S, sign

KEY = "sig_7kYjw48mhY7kAjqNGcy6cr29RJ6r"
EMPTY_BODY = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU="
HELLO_BODY = "LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="


def signed(
    key: str = KEY,
    *,
    url: str = "https://shop.test/hook",
    body: bytes = b"",
    issued_at: int = 1_000,
    jti: str = "jwt_1",
) -> str:
    expires_at = issued_at + LIFETIME_S
    return sign(key, url=url, body=body, issued_at=issued_at, expires_at=expires_at, token_id=jti)


def parts(token: str) -> tuple[str, str]:
    """Header and claims as the text that was encoded."""
    header, claims, _ = token.split(".")
    return base64url_decode(header).decode(), base64url_decode(claims).decode()


@pytest.mark.fidelity("signature: header and claims, byte for byte", "measured")
def test_the_text_of_header_and_claims_is_that_of_the_service() -> None:
    assert parts(signed(body=b"hello")) == (
        '{"alg":"HS256","typ":"JWT"}',
        (
            f'{{"aud":"","body":"{HELLO_BODY}","exp":1300,"iat":1000,"iss":"Upstash",'
            '"jti":"jwt_1","nbf":-62135596800,"sub":"https://shop.test/hook"}'
        ),
    )


def test_the_hash_of_an_empty_body_is_the_documented_one() -> None:
    assert json.loads(parts(signed())[1])["body"] == EMPTY_BODY


def test_no_part_is_padded() -> None:
    assert all("=" not in signed(jti="x" * length) for length in range(1, 4))


@given(
    url=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=50),
    body=st.binary(max_size=50),
    issued_at=st.integers(-(2**40), 2**40),
    token_id=st.from_regex(r"jwt_[1-9A-Za-z]{28}", fullmatch=True),
    key=st.from_regex(r"sig_[1-9A-Za-z]{28,80}", fullmatch=True),
)
def test_a_token_is_the_one_that_pyjwt_makes(
    url: str, body: bytes, issued_at: int, token_id: str, key: str
) -> None:
    claims = {
        "aud": "",
        "body": base64.urlsafe_b64encode(hashlib.sha256(body).digest()).decode(),
        "exp": issued_at + 300,
        "iat": issued_at,
        "iss": "Upstash",
        "jti": token_id,
        "nbf": -62_135_596_800,
        "sub": url,
    }

    token = signed(key, url=url, body=body, issued_at=issued_at, jti=token_id)

    assert token == jwt.encode(claims, key, algorithm="HS256")


def test_characters_beyond_ascii_are_written_as_they_are() -> None:
    assert parts(signed(url="https://shop.test/ä"))[1].endswith('"sub":"https://shop.test/ä"}')


def test_another_key_signs_otherwise() -> None:
    token, other = signed(), signed("sig_5ZB6DVzB1wjE8S6rZ7eenA8Pdnhs")

    assert parts(token) == parts(other)
    assert token != other
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(other, KEY, algorithms=["HS256"], options={"verify_exp": False})
