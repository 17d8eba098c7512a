"""Places: which URLs belong to one."""

import pytest

from fakestash.wire.places import covers, place


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://Shop.test", "https://shop.test"),
        ("https://shop.test/", "https://shop.test"),
        ("https://shop.test:443/Hook/", "https://shop.test/Hook/"),
        ("https://shop.test:444/hook?", "https://shop.test:444/hook"),
        ("https://shop.test/hook?b=2&a=1#x", "https://shop.test/hook?b=2&a=1"),
        ("https://shop.test?x=1", "https://shop.test/?x=1"),
    ],
)
def test_a_place_is_an_origin_a_path_or_a_path_with_a_query(url: str, expected: str) -> None:
    assert place(url) == expected


@pytest.mark.parametrize(
    ("wanted", "url", "covered"),
    [
        ("https://shop.test", "https://shop.test/hook?x=1", True),
        ("https://shop.test/hook", "https://SHOP.test/hook?x=1", True),
        ("https://shop.test/hook?x=1", "https://shop.test/hook?x=1", True),
        ("https://shop.test/hook?x=1", "https://shop.test/hook?x=2", False),
        ("https://shop.test/hook?x=1", "https://shop.test/hook", False),
        ("https://shop.test/hook", "https://shop.test/hook/more", False),
        ("https://shop.test", "http://shop.test/hook", False),
        ("https://shop.test", "https://shop.test.evil/hook", False),
    ],
)
def test_a_place_covers_what_lies_in_it(wanted: str, url: str, covered: bool) -> None:
    assert covers(place(wanted), url) is covered
