"""Header names in the form that Go gives them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestash.wire.names import canonical


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("content-type", "Content-Type"),
        ("CONTENT-TYPE", "Content-Type"),
        ("x", "X"),
        ("eTag", "Etag"),
        ("x-3d-model", "X-3d-Model"),
        ("a--b-", "A--B-"),
        ("-a", "-A"),
        ("x_trace_id", "X_trace_id"),
        ("dots.and~tildes", "Dots.and~tildes"),
        ("", ""),
        ("not a name", "not a name"),
        ("käse", "käse"),
        ("colon:", "colon:"),
        ("trailing\n", "trailing\n"),
    ],
)
def test_a_name_is_written_as_go_does(name: str, expected: str) -> None:
    assert canonical(name) == expected


@given(st.text(st.sampled_from("abXY-_.9 :"), max_size=12))
def test_a_canonical_name_stays_as_it_is(name: str) -> None:
    assert canonical(canonical(name)) == canonical(name)


@given(st.from_regex(r"[a-zA-Z0-9-]{1,12}", fullmatch=True))
def test_names_that_differ_in_case_alone_become_one(name: str) -> None:
    assert canonical(name.upper()) == canonical(name.lower()) == canonical(name)
