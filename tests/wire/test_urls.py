"""Destination URLs in parts."""

import pytest

from fakestash.wire.urls import Target, host_of, target


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("https://shop.test", ("https", "shop.test", "shop.test", 443, "/", "")),
        ("http://shop.test", ("http", "shop.test", "shop.test", 80, "/", "")),
        ("HTTPS://Shop.Test/A/b", ("https", "Shop.Test", "shop.test", 443, "/A/b", "")),
        ("https://shop.test:8443/", ("https", "shop.test:8443", "shop.test", 8443, "/", "")),
        ("https://shop.test?x=1", ("https", "shop.test", "shop.test", 443, "/", "x=1")),
        (
            "https://shop.test/a%2Fb//c?x=%20&y#top",
            ("https", "shop.test", "shop.test", 443, "/a%2Fb//c", "x=%20&y"),
        ),
        ("http://me:p@w@shop.test:81/x", ("http", "shop.test:81", "shop.test", 81, "/x", "")),
        ("http://[::1]:8000/x", ("http", "[::1]:8000", "::1", 8000, "/x", "")),
    ],
)
def test_a_url_is_taken_apart_without_changing_it(
    url: str, parts: tuple[str, str, str, int, str, str]
) -> None:
    assert target(url) == Target(*parts)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop.test",
        "ftp://shop.test",
        "https:/shop.test",
        "https://",
        "https://:443/x",
        "https://shop.test:port",
        "https://shop.test:99999",
        "http://[::1",
    ],
)
def test_what_is_no_absolute_http_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"^(not an absolute http|Port |Invalid |.*bracket)"):
        target(url)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://shop.test", "https://shop.test"),
        ("https://SHOP.test:443/x", "https://shop.test"),
        ("http://shop.test:80", "http://shop.test"),
        ("https://shop.test:80", "https://shop.test:80"),
        ("http://shop.test:443", "http://shop.test:443"),
        ("http://me@shop.test:81/x", "http://shop.test:81"),
        ("http://[::1]/x", "http://[::1]"),
        ("http://[::1]:8000/x", "http://[::1]:8000"),
    ],
)
def test_an_origin_names_its_port_unless_it_is_the_default(url: str, origin: str) -> None:
    assert target(url).origin == origin


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("LOCALHOST:3000", True),
        ("app.localhost", True),
        ("127.0.0.1:8080", True),
        ("127.9.9.9", True),
        ("[::1]:8080", True),
        ("shop.test", False),
        ("localhost.test", False),
        ("notlocalhost", False),
        ("10.0.0.1", False),
        ("[::2]", False),
    ],
)
def test_loopback_is_this_machine_itself(host: str, loopback: bool) -> None:
    assert target(f"http://{host}/x").is_loopback is loopback


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Shop.Test/x", "Shop.Test"),
        ("https://shop.test:443/x", "shop.test:443"),
        ("https://me:pw@shop.test/x", "shop.test"),
    ],
)
def test_the_host_header_is_as_written_without_credentials(url: str, host: str) -> None:
    assert host_of(url) == host
