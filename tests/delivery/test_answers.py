"""From what a destination gave back to an outcome."""

import gzip
from collections.abc import Callable
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestash.delivery.answers import answered, canonical_items
from fakestash.model.outcomes import Responded, Unreachable

GZIPPED: Final = (("Content-Encoding", "gzip"),)


def test_header_names_become_canonical_and_values_stay() -> None:
    sent = [(b"x-REQUEST-id", b" a "), (b"ETag", b"\xe9"), (b"x-request-id", b"")]

    assert canonical_items(sent) == (
        ("X-Request-Id", " a "),
        ("Etag", "\xe9"),
        ("X-Request-Id", ""),
    )


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_apps_may_send_lists_and_other_buffers(kind: Callable[[bytes], Any]) -> None:
    fields: list[Any] = [[kind(b"etag"), kind(b"1")], (kind(b"a"), kind(b"2"))]

    assert canonical_items(fields) == (("Etag", "1"), ("A", "2"))


def test_an_answer_that_is_not_coded_stays_as_it_is() -> None:
    headers = (("Content-Length", "3"), ("Content-Encoding", "br"))

    assert answered(200, headers, b"abc") == Responded(200, headers, b"abc")


def test_a_gzipped_body_is_decoded_and_the_headers_about_its_coded_form_go() -> None:
    headers = (("X-A", "1"), ("Content-Encoding", "GZIP"), ("Content-Length", "9"), ("X-B", "2"))

    assert answered(200, headers, gzip.compress(b"hello", mtime=0)) == Responded(
        200, (("X-A", "1"), ("X-B", "2")), b"hello"
    )


@given(parts=st.lists(st.binary(max_size=50), max_size=3))
def test_gzip_members_in_a_row_are_one_body(parts: list[bytes]) -> None:
    body = b"".join(gzip.compress(part) for part in parts)

    assert answered(200, GZIPPED, body) == Responded(200, (), b"".join(parts))


def test_an_empty_body_may_call_itself_gzipped() -> None:
    assert answered(304, GZIPPED, b"") == Responded(304)


@pytest.mark.parametrize("limit", [None, 10_000])
@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"hello", "gzip: invalid header"),
        (gzip.compress(b"hello", mtime=0) + b"more", "gzip: invalid header"),
        (gzip.compress(b"hello", mtime=0)[:-8] + b"\0" * 8, "gzip: invalid header"),
        (gzip.compress(b"hello", mtime=0)[:-1], "unexpected EOF"),
    ],
)
def test_a_damaged_body_is_a_broken_answer(body: bytes, error: str, limit: int | None) -> None:
    raised = KeyError()

    assert answered(200, GZIPPED, body, exception=raised, limit=limit) == Unreachable(
        error, exception=raised
    )


@given(body=st.binary(max_size=30), limit=st.integers(0, 40))
def test_a_plain_body_is_cut_to_the_limit(body: bytes, limit: int) -> None:
    assert answered(200, (), body, limit=limit) == Responded(200, (), body[:limit])


@given(parts=st.lists(st.binary(max_size=30), max_size=3), limit=st.integers(1, 80))
def test_a_gzipped_body_is_cut_to_the_limit_after_decoding(parts: list[bytes], limit: int) -> None:
    body = b"".join(gzip.compress(part) for part in parts)

    outcome = answered(200, GZIPPED, body, limit=limit)

    assert outcome == Responded(200, (), b"".join(parts)[:limit])


def test_a_gzipped_body_that_was_cut_itself_is_decoded_as_far_as_it_goes() -> None:
    noise = bytes(range(256)) * 4
    coded = gzip.compress(noise, compresslevel=0)

    outcome = answered(200, GZIPPED, coded[:500], limit=500)

    assert isinstance(outcome, Responded)
    assert noise.startswith(outcome.body)
    assert len(outcome.body) > 400


def test_a_small_body_that_decodes_to_a_huge_one_is_not_decoded_beyond_the_limit() -> None:
    bomb = gzip.compress(bytes(10_000_000))[:-8] + bytes(8)  # to decode it all would be an error

    assert answered(200, GZIPPED, bomb, limit=20_000) == Responded(200, (), bytes(20_000))
