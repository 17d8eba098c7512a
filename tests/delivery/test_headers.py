"""Header fields as a mapping: in any case, the first of repeated ones, and all of them."""

import pytest

from fakestash.delivery.headers import Headers

ITEMS = (("X-B", "1"), ("Accept", "a"), ("x-b", "2"), ("X-C", ""))


def test_names_match_in_any_case() -> None:
    headers = Headers(ITEMS)

    assert [headers["accept"], headers["ACCEPT"], headers.get("Accept")] == ["a", "a", "a"]
    assert "aCCept" in headers
    assert "X-D" not in headers


def test_of_a_repeated_header_the_first_counts_and_all_are_kept() -> None:
    headers = Headers(ITEMS)

    assert (headers["X-B"], headers.get_all("x-B"), headers.get_all("X-D")) == ("1", ("1", "2"), ())


def test_each_name_is_there_once_in_order_as_first_written() -> None:
    headers = Headers(ITEMS)

    assert (list(headers), len(headers)) == (["X-B", "Accept", "X-C"], 3)
    assert dict(headers) == {"X-B": "1", "Accept": "a", "X-C": ""}
    assert repr(headers) == "Headers({'X-B': '1', 'Accept': 'a', 'X-C': ''})"


def test_all_fields_are_kept_exactly_as_they_are() -> None:
    assert Headers(ITEMS).items_in_order == ITEMS


def test_a_missing_header_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        Headers(())["Accept"]


def test_headers_are_compared_like_mappings() -> None:
    assert Headers((("A", "1"),)) == {"A": "1"}
