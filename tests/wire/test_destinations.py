"""Destinations: sorts, and URLs that can be delivered to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestash.errors import ServiceError
from fakestash.wire.destinations import Kind, checked_url, kind_of, named, published_url, refusal_of
from fakestash.wire.urls import host_of
from fakestash.wire.values import shown

INVALID_SCHEME = "invalid destination url: endpoint has invalid scheme, add http:// or https://"


@pytest.mark.parametrize(
    ("destination", "kind"),
    [
        ("https://shop.test", Kind.URL),
        ("http://shop.test/a//b/", Kind.URL),
        ("HTTPS://shop.test", Kind.URL),
        ("hTTp://shop.test", Kind.URL),
        ("https://", Kind.URL),
        ("my-group", Kind.GROUP),
        ("my.group_2/", Kind.GROUP),
        ("https", Kind.GROUP),
        ("api", Kind.GROUP),
        ("api/llm", Kind.LANGUAGE_MODEL),
        ("api/llm/", Kind.LANGUAGE_MODEL),
        ("", Kind.EMPTY),
        ("/", Kind.EMPTY),
    ],
)
def test_sorts_of_destination(destination: str, kind: Kind) -> None:
    assert kind_of(destination) is kind


@pytest.mark.parametrize(
    "destination",
    [
        "https%3A%2F%2Fshop.test",
        "https:/shop.test",
        "https:shop.test",
        "//shop.test",
        "ftp://shop.test",
        "shop.test/hook",
        "shop.test:8080",
        "my group",
        "my%20group",
        "grün",
        "v2/publish/https://shop.test",
        "api/llm/chat",
        "api/email",
        "API/llm",
        "group//",
    ],
)
def test_anything_else_is_no_destination(destination: str) -> None:
    assert kind_of(destination) is Kind.OTHER


@pytest.mark.parametrize("kind", [Kind.GROUP, Kind.LANGUAGE_MODEL, Kind.OTHER])
def test_what_is_no_url_has_an_invalid_scheme(kind: Kind) -> None:
    refusal = refusal_of(kind)

    assert (refusal.status, refusal.text) == (400, INVALID_SCHEME)


def test_nothing_is_no_destination() -> None:
    refusal = refusal_of(Kind.EMPTY)

    assert (refusal.status, refusal.text) == (400, "a non-empty destination must be provided")


def test_a_slash_behind_a_name_means_nothing() -> None:
    assert named("my-group/") == named("my-group") == "my-group"


@pytest.mark.parametrize(
    ("destination", "query", "url"),
    [
        ("https://shop.test", "", "https://shop.test"),
        ("https://shop.test/", "", "https://shop.test/"),
        ("https://shop.test", "a=b", "https://shop.test?a=b"),
        ("HTTP://Shop.Test/A//b/../c", "", "HTTP://Shop.Test/A//b/../c"),
        ("https://shop.test/a%2Fb%zz", "q=%20+", "https://shop.test/a%2Fb%zz?q=%20+"),
        ("http://user:pass@shop.test:8080/x", "", "http://user:pass@shop.test:8080/x"),
        ("http://[::1]:8080/x", "", "http://[::1]:8080/x"),
        ("http://127.0.0.1", "", "http://127.0.0.1"),
        ("http://shop.test:", "", "http://shop.test:"),
        ("http://my_shop.test", "", "http://my_shop.test"),
    ],
)
def test_a_url_is_kept_exactly_as_published(destination: str, query: str, url: str) -> None:
    assert published_url(destination, query) == url


@pytest.mark.parametrize(
    "url",
    [
        "https://",
        "https:///path",
        "https://:80",
        "https://user@",
        "https://shop.test:port",
        "https://shop.test:65536",
        "https://shop.test:-1",
        "https://shop.test:+80",
        "https://shop.test:8_0",
        "https://[::1",
        "https://[::1]x",
        "https://[zz]",
        "https://[1:2]",
        "https://a b",
        "https://a%20b",
        "https://shop.test/a b",
        "https://shop.test/\x00",
        "https://shop.test/\r\nX: y",
        "https://sh\top.test",
        "https://sh\xc3\xb6p.test",
        "https://shop.test/\xff",
        "https://a|b",
        "https://a\\b",
        "https://<a>",
    ],
)
def test_a_url_that_no_request_can_go_to_is_refused(url: str) -> None:
    with pytest.raises(ServiceError) as refused:
        published_url(url, "")

    assert (refused.value.status, refused.value.text) == (
        400,
        f'invalid destination url: cannot parse url "{shown(url)}"',
    )


# --- URLs in headers and bodies ------------------------------------------------------------


@pytest.mark.parametrize("url", ["https://shop.test", "HTTP://Shop.test:80/a?upstash-b=c#d"])
def test_a_url_elsewhere_is_kept_exactly_as_given(url: str) -> None:
    assert checked_url(url) == url


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("", "a non-empty destination must be provided"),
        ("my-group", "invalid {}: endpoint has invalid scheme, add http:// or https://"),
        ("ftp://shop.test", "invalid {}: endpoint has invalid scheme, add http:// or https://"),
        ("api/llm", "invalid {}: endpoint has invalid scheme, add http:// or https://"),
        ("https://", 'invalid {}: cannot parse url "https://"'),
        ("https://shöp.test", 'invalid {}: cannot parse url "https://shöp.test"'),
    ],
)
@pytest.mark.parametrize("what", ["destination url", "callback url"])
def test_a_bad_url_elsewhere_is_refused_by_its_place(url: str, text: str, what: str) -> None:
    with pytest.raises(ServiceError) as refused:
        checked_url(url, what)

    assert (refused.value.status, refused.value.text) == (400, text.format(what))


def url_or_status(destination: str, query: str) -> str | int:
    try:
        return published_url(destination, query)
    except ServiceError as refused:
        return refused.status


@given(st.text(st.characters(max_codepoint=255)), st.text(st.characters(max_codepoint=255)))
def test_every_url_that_is_taken_has_a_host_header(rest: str, query: str) -> None:
    found = url_or_status(f"https://{rest}", query)

    assert found == 400 or (isinstance(found, str) and host_of(found).isascii())
