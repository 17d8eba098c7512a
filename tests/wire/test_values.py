"""Numbers, booleans and readable text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestash.wire.values import INT64_MAX, boolean, integer, is_name, natural, readable, shown

NOT_NUMBERS = [
    "", " ", "+1", "1.0", "1e3", "0x10", "1_000", " 1", "1 ", "٣", "²", "\uff11", "one", "--1", "-",
    str(INT64_MAX + 1), "9" * 5000,
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("7", 7),
        ("007", 7),
        ("0" * 5000 + "1", 1),
        ("0" * 5000, 0),
        (str(INT64_MAX), INT64_MAX),
    ],
)
def test_digits_are_a_number(text: str, number: int) -> None:
    assert natural(text) == number
    assert integer(text) == number
    assert integer(f"-{text}") == -number


@pytest.mark.parametrize("text", NOT_NUMBERS)
def test_anything_but_ascii_digits_is_no_number(text: str) -> None:
    assert natural(text) is None
    assert integer(text) is None


def test_a_natural_number_has_no_sign() -> None:
    assert natural("-1") is None


@given(st.integers(min_value=0, max_value=INT64_MAX))
def test_every_number_of_64_bits_is_read_back(number: int) -> None:
    assert natural(str(number)) == number


@given(st.text())
def test_no_text_breaks_a_number(text: str) -> None:
    number = natural(text)

    assert number is None or 0 <= number <= INT64_MAX


@pytest.mark.parametrize("text", ["1", "t", "T", "true", "TRUE", "True"])
def test_words_that_mean_yes(text: str) -> None:
    assert boolean(text) is True


@pytest.mark.parametrize("text", ["0", "f", "F", "false", "FALSE", "False"])
def test_words_that_mean_no(text: str) -> None:
    assert boolean(text) is False


@pytest.mark.parametrize("text", ["", "yes", "no", "tRUE", "on", "2", " true"])
def test_other_words_mean_nothing(text: str) -> None:
    assert boolean(text) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b" \tplain\t ", "plain"),
        ("grüß".encode(), "grüß"),
        (b"gr\xfc\xdf", "gr\ufffd\ufffd"),
        ("\u00a0x".encode(), "\u00a0x"),
    ],
)
def test_a_value_is_read_as_utf_8(value: bytes, text: str) -> None:
    assert readable(value) == text


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        ("plain", "plain"),
        ("grüß".encode().decode("latin-1"), "grüß"),
        ("gr\xfc\xdf", "gr\ufffd\ufffd"),
        ("自", "自"),
        ("\ud800", "\ud800"),
    ],
)
def test_a_stored_value_is_shown_as_utf_8_where_it_is(stored: str, text: str) -> None:
    assert shown(stored) == text


@pytest.mark.parametrize("text", ["a", "Z9", "-", "_", ".", "my.queue_1-b"])
def test_names_of_letters_digits_and_three_signs(text: str) -> None:
    assert is_name(text)


@pytest.mark.parametrize("text", ["", " ", "a b", "a/b", "a\n", "ü", "٣", "a:b", "a\x00"])
def test_anything_else_is_no_name(text: str) -> None:
    assert not is_name(text)
