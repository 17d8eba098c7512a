"""Which destination serves a URL: the narrowest route, and among equals the latest."""

from typing import cast

import pytest

from fakestash.delivery import router as router_module
from fakestash.delivery.router import Router, served_origin
from fakestash.errors import UsageError
from fakestash.wire.urls import Target
from tests.builders import Answers


def routed(*urls: str) -> tuple[Router, dict[str, Answers]]:
    """A router with a destination for each of these."""
    router, destinations = Router(), {url: Answers() for url in urls}
    for url, destination in destinations.items():
        router.add(url, destination)
    return router, destinations


@pytest.mark.parametrize(
    ("url", "served_by"),
    [
        ("https://shop.test/hook?x=1", "https://shop.test/hook?x=1"),
        ("https://shop.test/hook?x=2", "https://shop.test/hook"),
        ("https://shop.test/hook", "https://shop.test/hook"),
        ("https://shop.test/hook?", "https://shop.test/hook"),
        ("https://shop.test/hook#top", "https://shop.test/hook"),
        ("https://SHOP.test:443/hook", "https://shop.test/hook"),
        ("https://me:pw@shop.test/hook", "https://shop.test/hook"),
        ("https://shop.test/Hook", "https://shop.test"),
        ("https://shop.test/hook/", "https://shop.test"),
        ("https://shop.test//hook", "https://shop.test"),
        ("https://shop.test", "https://shop.test"),
        ("https://shop.test/", "https://shop.test"),
        ("https://shop.test/?x=1", "https://shop.test"),
        ("https://shop.test:444/hook", "*"),
        ("http://shop.test/hook", "*"),
        ("https://other.test", "*"),
    ],
)
def test_the_narrowest_route_serves_a_url(url: str, served_by: str) -> None:
    router, destinations = routed(
        "*", "https://shop.test", "https://shop.test/hook", "https://shop.test/hook?x=1"
    )

    assert router.find(url) is destinations[served_by]


def test_the_order_of_routes_does_not_matter() -> None:
    router, destinations = routed("https://shop.test/hook", "https://shop.test", "*")

    assert router.find("https://shop.test/hook") is destinations["https://shop.test/hook"]


def test_of_two_routes_for_one_place_the_latest_serves() -> None:
    router, _ = routed("https://shop.test/")
    latest = Answers()

    router.add("https://SHOP.test:443", latest)

    assert router.find("https://shop.test/x") is latest


def test_a_url_without_a_route_is_served_by_nothing() -> None:
    router, _ = routed("https://shop.test/hook")

    assert router.find("https://shop.test/other") is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop.test",
        "ftp://shop.test",
        "/hook",
        "**",
        "https://",
        "https://a.test:port",
        5,
        None,
        b"https://shop.test",
        ["https://shop.test"],
    ],
)
def test_a_route_for_no_destination_is_refused(url: object) -> None:
    with pytest.raises(UsageError) as raised:
        Router().add(cast("str", url), Answers())

    assert str(raised.value) == (
        f"{url!r} is not a destination: give an origin such as 'https://shop.test' "
        "or a URL such as 'https://shop.test/hook'"
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://*.shop.test",
        "https://a b",
        "http://münchen.test",
        "https://shop.test/grün",
        "https://shop.test/a b",
        "https://shop.test\t",
    ],
)
def test_a_route_that_nothing_can_be_published_to_is_refused(url: str) -> None:
    with pytest.raises(UsageError) as raised:
        Router().add(url, Answers())

    assert str(raised.value) == (
        f"{url!r} is not a destination, since nothing can be published to it: write the host in "
        "letters, digits and '-._~' (others in punycode: 'xn--...') or as an IPv6 address in "
        "brackets, and the rest in printable ASCII; there are no patterns"
    )


@pytest.mark.parametrize(
    ("url", "instead"),
    [
        ("https://shop.test/hook#top", "https://shop.test/hook"),
        ("https://shop.test/#", "https://shop.test"),
        ("https://me:pw@shop.test:8080/hook?to=a@b", "https://shop.test:8080/hook?to=a@b"),
        ("https://@shop.test", "https://shop.test"),
    ],
)
def test_a_route_that_says_more_than_it_can_tell_apart_is_refused(url: str, instead: str) -> None:
    with pytest.raises(UsageError) as raised:
        Router().add(url, Answers())

    assert str(raised.value) == (
        f"{url!r} has a user or a fragment, by which no two destinations are told apart: "
        f"give {instead!r}"
    )
    Router().add(instead, Answers())


# --- what no route serves --------------------------------------------------------------------


def test_somebody_else_may_be_asked_for_what_no_route_serves() -> None:
    fallback, asked = Answers(), list[Target]()

    def otherwise(parts: Target) -> Answers | None:
        asked.append(parts)
        return fallback if parts.is_loopback else None

    router = Router(otherwise)
    router.add("https://shop.test", Answers())
    found = [
        router.find(url)
        for url in ("http://localhost:3000/x", "https://other.test/y", "https://shop.test/z")
    ]

    assert found[:2] == [fallback, None]
    assert [parts.origin for parts in asked] == ["http://localhost:3000", "https://other.test"]


def test_a_url_is_looked_up_once() -> None:
    asked: list[str] = []
    router = Router(lambda parts: asked.append(parts.origin))

    for _ in range(3):
        assert router.find("https://shop.test/x") is None

    assert asked == ["https://shop.test"]


def test_a_new_route_is_seen_by_urls_that_were_looked_up_before() -> None:
    router, destinations = routed("https://shop.test")
    first = router.find("https://shop.test/hook")
    narrower = Answers()

    router.add("https://shop.test/hook", narrower)

    assert (first, router.find("https://shop.test/hook")) == (
        destinations["https://shop.test"],
        narrower,
    )


def test_what_was_looked_up_is_not_remembered_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(router_module, "_CACHED_URLS", 2)
    asked: list[str] = []
    router = Router(lambda parts: asked.append(parts.path))

    for path in ("/1", "/2", "/1", "/3", "/3", "/1"):
        router.find(f"https://shop.test{path}")

    assert asked == ["/1", "/2", "/3", "/1"]


# --- places ----------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["https://Shop.test", "https://shop.test:443/"])
def test_an_origin_is_a_place_without_a_path(url: str) -> None:
    assert served_origin(url) == "https://shop.test"


@pytest.mark.parametrize("rest", ["/x", "//", "?x=1", "/?x=1"])
def test_one_url_is_not_an_origin(rest: str) -> None:
    url = f"https://shop.test{rest}"

    with pytest.raises(UsageError) as raised:
        served_origin(url)

    assert str(raised.value) == f"{url!r} is not an origin: give 'https://shop.test'"


def test_routes_can_be_read_and_replaced() -> None:
    router = Router()
    first, second = Answers(), Answers()
    router.add("https://shop.test", first)
    before = router.routes
    router.add("https://shop.test/hook", second)
    assert router.find("https://shop.test/hook") is second

    router.routes = before

    assert router.find("https://shop.test/hook") is first
    assert router.routes == before == {"https://shop.test": first}
    router.add("https://other.test", second)
    assert "https://other.test" not in before
