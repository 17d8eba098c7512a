"""Where destinations are really found."""

import pytest

from fakestash.dev.config.hosts import Rewrites, rewrites_of
from fakestash.errors import UsageError

TABLE = {
    "host.docker.internal": "127.0.0.1",
    "shop.test": "127.0.0.1:3000",
    "https://tls.test": "http://tls.test",
    "https://moved.test:8443": "http://[::1]:9000",
    "http://moved.test:80": "https://other.test",
}


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("http://host.docker.internal:3000/hook?a=b", "http://127.0.0.1:3000/hook?a=b"),
        ("https://host.docker.internal/hook", "https://127.0.0.1/hook"),
        ("http://HOST.docker.internal:3000", "http://127.0.0.1:3000"),
        ("https://shop.test/a%2Fb?", "https://127.0.0.1:3000/a%2Fb?"),
        ("https://shop.test:444/", "https://127.0.0.1:3000/"),
        ("https://tls.test/a", "http://tls.test/a"),
        ("https://tls.test:443/a", "http://tls.test/a"),
        ("http://tls.test/a", "http://tls.test/a"),
        ("https://moved.test:8443?x", "http://[::1]:9000?x"),
        ("http://moved.test/", "https://other.test/"),
        ("https://moved.test/", "https://moved.test/"),
        ("http://user:word@shop.test/a@b", "http://127.0.0.1:3000/a@b"),
        ("https://else.test/", "https://else.test/"),
    ],
)
def test_a_destination_is_found_where_the_table_says(url: str, found: str) -> None:
    assert rewrites_of(TABLE).connect_to(url) == found


def test_without_a_table_everything_is_where_it_says() -> None:
    assert Rewrites().connect_to("https://shop.test/a") == "https://shop.test/a"


WANTED = (
    "hosts.'shop.test' must be a host such as '127.0.0.1', or an origin such as "
    "'http://127.0.0.1:3000', got "
)


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ([], "hosts must be a table, got []"),
        ({"shop.test": 1}, f"{WANTED}1"),
        ({"shop.test": "http://a/b"}, f"{WANTED}'http://a/b'"),
        ({"shop.test": "ftp://a"}, f"{WANTED}'ftp://a'"),
        ({"a/b": "c"}, "hosts.'a/b' is no host and no origin such as 'https://shop.test'"),
    ],
)
def test_a_bad_table_is_refused_by_name(table: object, complaint: str) -> None:
    with pytest.raises(UsageError) as raised:
        rewrites_of(table)

    assert str(raised.value) == complaint
