"""Which parts of a message are asked to be hidden."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestash.errors import ServiceError
from fakestash.model.settings import Redaction
from fakestash.wire.names import canonical
from fakestash.wire.redact_fields import redaction


@pytest.mark.fidelity("`Upstash-Redact-Fields`", "docs")
@pytest.mark.parametrize(
    ("value", "found"),
    [
        (b"body", Redaction(body=True)),
        (b"header", Redaction(all_headers=True)),
        (b"headers", Redaction(all_headers=True)),
        (b"header[Authorization]", Redaction(headers=frozenset({"Authorization"}))),
        (b"headers[x-api-key]", Redaction(headers=frozenset({"X-Api-Key"}))),
        (
            b"body,header[a],headers[B],header[A]",
            Redaction(body=True, headers=frozenset({"A", "B"})),
        ),
        (b" BODY ,\theaders , Header[ a\t]", Redaction(True, True, frozenset({"A"}))),
        (b"body,,", Redaction(body=True)),
        (b",", None),
        (b"body,body", Redaction(body=True)),
    ],
)
def test_fields_are_the_body_all_headers_or_some(value: bytes, found: Redaction | None) -> None:
    assert redaction(value) == found


@pytest.mark.parametrize(
    ("value", "field"),
    [
        (b"url", "url"),
        (b"body,query", "query"),
        (b"body header", "body header"),
        (b"header[]", "header[]"),
        (b"header[a b]", "header[a b]"),
        (b"header[a", "header[a"),
        (b"header [a]", "header [a]"),
        (b"header[a][b]", "header[a][b]"),
        (b"header[a]b", "header[a]b"),
        (b"header[a,b]", "header[a"),
        (b"headerss[a]", "headerss[a]"),
        (b"body[a]", "body[a]"),
        (b"header[gr\xc3\xbcn]", "header[grün]"),
        (b"header[\xe2\x84\xaa]", "header[\u212a]"),
        (b"\xff", "\ufffd"),
    ],
)
def test_anything_else_is_refused_by_name(value: bytes, field: str) -> None:
    with pytest.raises(ServiceError) as refused:
        redaction(value)

    assert (refused.value.status, refused.value.text) == (
        400,
        f'invalid redact fields: unknown field "{field}"',
    )


NAMES = st.text("abcXYZ019-_.!~", min_size=1, max_size=12)


@given(
    st.lists(st.sampled_from(["body", "header", "headers"]) | NAMES.map("header[{}]".format)),
    st.sampled_from([",", ", ", " ,,\t"]),
)
def test_the_order_and_the_number_of_fields_mean_nothing(fields: list[str], comma: str) -> None:
    names = {canonical(field[7:-1]) for field in fields if field.startswith("header[")}
    expected = Redaction(
        "body" in fields, not {"header", "headers"}.isdisjoint(fields), frozenset(names)
    )

    assert redaction(comma.join(fields).encode()) == (expected if fields else None)
    assert redaction(comma.join(reversed(fields)).encode()) == (expected if fields else None)


def redaction_or_status(value: bytes) -> Redaction | int | None:
    try:
        return redaction(value)
    except ServiceError as refused:
        return refused.status


@given(st.binary(max_size=30) | st.text("bodyhers[], AZ").map(str.encode))
def test_any_bytes_are_fields_or_refused(value: bytes) -> None:
    found = redaction_or_status(value)

    assert found in (None, 400) or (isinstance(found, Redaction) and found != Redaction())
