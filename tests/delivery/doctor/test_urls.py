"""In which parts the URL that was checked differs from the one that was signed."""

import pytest

from fakestash.delivery.doctor.urls import differing_parts, likely_view, url_problem

URL = "https://shop.test/orders?a=b"


@pytest.mark.parametrize(
    ("checked", "parts"),
    [
        ("http://shop.test/orders?a=b", ["scheme"]),
        ("https://me:secret@shop.test/orders?a=b", ["user"]),
        ("https://127.0.0.1/orders?a=b", ["host"]),
        ("https://shop.test:8000/orders?a=b", ["port"]),
        ("https://shop.test/api/orders?a=b", ["path"]),
        ("https://shop.test/orders/?a=b", ["trailing slash"]),
        ("https://shop.test/orders", ["query"]),
        ("https://shop.test/orders?a=b#c", ["fragment"]),
        ("https://shop.test:443/orders?a=b", ["spelling"]),
        ("https://SHOP.test/orders?a=b", ["spelling"]),
        ("https://shop.test/%6frders?a=b", ["spelling"]),
        ("https://shop.test:x/orders?a=b", ["spelling"]),
        ("http://localhost:8000/", ["scheme", "host", "port", "path", "query"]),
        ("/orders?a=b", ["scheme", "host"]),
    ],
)
def test_the_parts_that_differ_are_named(checked: str, parts: list[str]) -> None:
    problem = url_problem(URL, checked)

    assert differing_parts(URL, checked) == parts
    assert problem is not None
    assert (problem.part, problem.sent, problem.checked) == (parts[0], repr(URL), repr(checked))
    assert problem.advice


def test_several_parts_are_listed() -> None:
    problem = url_problem(URL, "http://localhost/orders?a=b")

    assert problem is not None
    assert problem.what.endswith("signed: its scheme and its host differ")


@pytest.mark.parametrize("checked", [None, URL])
def test_the_url_that_was_signed_and_none_are_right(checked: str | None) -> None:
    assert url_problem(URL, checked) is None


def test_a_url_that_is_no_text_never_equals_it() -> None:
    problem = url_problem(URL, ["https://shop.test"])

    assert problem is not None
    assert problem.what == "the URL that was verified is no text but of the class list"


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        (URL, URL),
        ("https://shop.test", "https://shop.test/"),
        ("https://me@shop.test:8000/a%20b#c", "https://shop.test:8000/a b"),
    ],
)
def test_a_url_as_frameworks_rebuild_it(url: str, seen: str) -> None:
    assert likely_view(url) == seen
