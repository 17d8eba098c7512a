"""Filters: OR inside a field, AND between fields, and nothing is tested that was not asked."""

import pytest

from fakestash.model.messages import Message, PublishCommand
from fakestash.model.queries import MessageFilter

URL = "https://me:pw@Shop.test:8443/a/hook?x=1"
CALLER = "10.0.0.1"


def matches(wanted: MessageFilter, url: str = URL) -> bool:
    command = PublishCommand(url, labels=("red", "big"))
    return wanted.matches(Message("msg_1", "user", command, 10, 20, 20), CALLER)


def some(*values: str) -> frozenset[str]:
    return frozenset(values)


@pytest.mark.parametrize(
    ("wanted", "matched"),
    [
        (MessageFilter(), True),
        (MessageFilter(message_ids=some("msg_1")), True),
        (MessageFilter(message_ids=some("msg_2", "msg_1")), True),
        (MessageFilter(message_ids=some("msg_2")), False),
        (MessageFilter(message_ids=some()), False),
        (MessageFilter(urls=some(URL)), True),
        (MessageFilter(urls=some(URL.lower())), False),
        (MessageFilter(urls=some("https://other.test", URL)), True),
        (MessageFilter(labels=some("big")), True),
        (MessageFilter(labels=some("small", "red")), True),
        (MessageFilter(labels=some("small")), False),
        (MessageFilter(caller_ips=some(CALLER)), True),
        (MessageFilter(caller_ips=some("10.0.0.2")), False),
        (MessageFilter(paths=some("/a/hook")), True),
        (MessageFilter(paths=some("/a")), False),
        (MessageFilter(paths=some("/a/hook?x=1")), False),
        (MessageFilter(labels=some("big"), urls=some(URL)), True),
        (MessageFilter(labels=some("big"), urls=some("https://other.test")), False),
        (MessageFilter(hosts=some("shop.test"), paths=some("/a")), False),
        (MessageFilter(hosts=some("other.test"), paths=some("/a/hook")), False),
        (MessageFilter(hosts=some("shop.test"), paths=some("/a/hook", "/b")), True),
    ],
)
def test_a_filter_tests_what_it_names(wanted: MessageFilter, matched: bool) -> None:
    assert matches(wanted) is matched


@pytest.mark.parametrize(
    ("host", "matched"),
    [
        ("shop.test", True),
        ("shop.test:8443", True),
        ("shop.test:443", False),
        ("me:pw@shop.test", False),
        ("test", False),
    ],
)
def test_a_host_without_port_matches_any_port(host: str, matched: bool) -> None:
    assert matches(MessageFilter(hosts=some(host))) is matched


def test_a_host_with_port_does_not_match_a_url_that_names_none() -> None:
    assert not matches(MessageFilter(hosts=some("shop.test:443")), url="https://shop.test/")
    assert matches(MessageFilter(hosts=some("shop.test")), url="https://shop.test/")


def test_no_path_is_the_path_of_the_root() -> None:
    assert matches(MessageFilter(paths=some("/")), url="https://shop.test?x=1")
