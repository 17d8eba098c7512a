"""Query strings: what is ours, what is the destination's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestash.wire.query import pairs, split, token


@pytest.mark.parametrize(
    ("query", "settings", "others"),
    [
        ("a=b", (), "a=b"),
        ("a=b&c", (), "a=b&c"),
        ("upstash-retries=2", ((b"upstash-retries", b"2"),), ""),
        ("a=b&upstash-retries=2&c=d", ((b"upstash-retries", b"2"),), "a=b&c=d"),
        ("Upstash-Retries=2&a=%20+b", ((b"upstash-retries", b"2"),), "a=%20+b"),
        ("upstash%2Dretries=2", ((b"upstash-retries", b"2"),), ""),
        ("upstash-delay=1%30s+x", ((b"upstash-delay", b"10s x"),), ""),
        ("upstash-forward-x=gr%C3%BC%FF", ((b"upstash-forward-x", b"gr\xc3\xbc\xff"),), ""),
        ("upstash-label", ((b"upstash-label", b""),), ""),
        ("qstash_token=abc&a=b", (), "a=b"),
        ("QSTASH_Token=abc", (), ""),
        ("x=upstash-retries", (), "x=upstash-retries"),
        ("upstash_retries=2&upstashretries=3", (), "upstash_retries=2&upstashretries=3"),
        ("a=1;upstash-retries=2", (), "a=1;upstash-retries=2"),
        ("a&&b", (), "a&&b"),
        ("a=b?c=d", (), "a=b?c=d"),
    ],
)
def test_settings_and_the_token_are_taken_out(
    query: str, settings: tuple[tuple[bytes, bytes], ...], others: str
) -> None:
    assert split(query) == (settings, others)


@given(st.text(st.characters(max_codepoint=255)))
def test_a_query_without_settings_stays_as_it_is(query: str) -> None:
    has_settings = "stash" in query.lower() or "%" in query

    assert has_settings or split(query) == ((), query)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("qstash_token=abc", "abc"),
        ("a=b&qstash_token=ab%3D%3D", "ab=="),
        ("Qstash_Token=abc", "abc"),
        ("qstash_token=a+b", "a+b"),
        ("qstash_token=&qstash_token=second", "second"),
        ("qstash_token=first&qstash_token=second", "first"),
        ("qstash_token", ""),
        ("a=qstash_token", ""),
        ("", ""),
    ],
)
def test_the_token_in_a_query(query: str, found: str) -> None:
    assert token(query) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", []),
        ("a=b&a=c", [("a", "b"), ("a", "c")]),
        ("a", [("a", "")]),
        ("a=&=b", [("a", ""), ("", "b")]),
        ("a=b=c", [("a", "b=c")]),
        ("a%20b=c+d", [("a b", "c d")]),
        ("l=%C3%BC", [("l", "ü")]),
        ("l=\xc3\xbc", [("l", "ü")]),
        ("l=%FF", [("l", "\ufffd")]),
        ("l=%zz%4", [("l", "%zz%4")]),
        ("&&a=b&", [("a", "b")]),
    ],
)
def test_keys_and_values_are_decoded_as_utf_8(query: str, found: list[tuple[str, str]]) -> None:
    assert pairs(query) == found
