"""Values of settings that are checked as they are read; ``test_publish`` has the others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestash import refusals
from fakestash.errors import ServiceError
from fakestash.wire.settings import deduplication_id, flag, name


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (b"order-1", "order-1"),
        (b" order 1\t", "order 1"),
        (b"gr\xc3\xbcn", "grün"),
        (b"x" * 512, "x" * 512),
        (b"\xc3\xbc" * 512, "ü" * 512),
    ],
)
def test_a_deduplication_id_is_text(value: bytes, found: str) -> None:
    assert deduplication_id(value) == found


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"order:1", "DeduplicationId cannot contain ':'"),
        (b":", "DeduplicationId cannot contain ':'"),
        (b"x" * 600 + b":", "DeduplicationId cannot contain ':'"),
        (b"x" * 513, "invalid deduplication id"),
        (b"a\x00b", "invalid deduplication id"),
        (b"a\tb", "invalid deduplication id"),
        (b"a\xc2\x85b", "invalid deduplication id"),
    ],
)
def test_a_deduplication_id_has_limits(value: bytes, text: str) -> None:
    with pytest.raises(ServiceError) as refused:
        deduplication_id(value)

    assert (refused.value.status, refused.value.text) == (400, text)


@pytest.mark.parametrize("text", ["q", "Queue_1.a-b", "-", "...", "0"])
def test_names_are_of_letters_digits_and_three_signs(text: str) -> None:
    assert name(text, "queue name") == text


@pytest.mark.parametrize("text", ["", "a b", "a/b", "grün", "a\n", "a:b", "٣", "\x00"])
@pytest.mark.parametrize("what", ["queue name", "schedule id"])
def test_other_names_are_refused(text: str, what: str) -> None:
    with pytest.raises(ServiceError) as refused:
        name(text, what)

    assert (refused.value.status, refused.value.text) == (
        400,
        f"{what} can only contain alphanumeric characters, hyphens, periods and underscores",
    )


@given(st.sampled_from(["1", "t", "T", "true", "TRUE", "True"]))
def test_a_flag_is_set_by_any_word_for_yes(word: str) -> None:
    assert flag(f" {word} ".encode(), refusals.invalid_header_forward)


@given(st.sampled_from(["0", "f", "F", "false", "FALSE", "False"]))
def test_a_flag_is_not_set_by_any_word_for_no_nor_by_nothing(word: str) -> None:
    assert not flag(f" {word} ".encode(), refusals.invalid_header_forward)
    assert not flag(None, refusals.invalid_header_forward)
