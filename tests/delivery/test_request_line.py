"""How the URL of a delivery looks to whoever receives it."""

import pytest

from fakestash.delivery.request_line import RequestLine, request_line


def test_a_url_is_taken_apart_without_changing_it() -> None:
    line = request_line("https://user:secret@Shop.test:8443/a%2Fb//;v=1/%c3%BC?x=%31&&y=+#part")

    assert line == RequestLine(
        scheme="https",
        host="shop.test",
        port=8443,
        netloc="Shop.test:8443",
        raw_path="/a%2Fb//;v=1/%c3%BC",
        query="x=%31&&y=+",
        path="/a/b//;v=1/\xfc",
        path_info="/a/b//;v=1/\xc3\xbc",
        raw_path_bytes=b"/a%2Fb//;v=1/%c3%BC",
        query_bytes=b"x=%31&&y=+",
    )


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://shop.test", "/"),
        ("http://shop.test/", "/"),
        ("http://shop.test?a=1", "/?a=1"),
        ("http://shop.test//a/../b/.", "//a/../b/."),
        ("http://shop.test/a?b?c", "/a?b?c"),
        ("http://shop.test/~a!$&'()*+,;=:@-._", "/~a!$&'()*+,;=:@-._"),
        ("http://shop.test/caf\xe9 \u20ac?q=\xe9 b", "/caf%C3%A9%20%E2%82%AC?q=%C3%A9%20b"),
    ],
)
def test_the_target_is_that_of_the_url_unless_it_could_not_be_sent(url: str, target: str) -> None:
    assert request_line(url).request_target == target


def test_bytes_that_are_no_utf8_are_replaced_for_asgi_and_kept_for_wsgi() -> None:
    line = request_line("http://shop.test/%ff")

    assert (line.path, line.path_info) == ("/\ufffd", "/\xff")
