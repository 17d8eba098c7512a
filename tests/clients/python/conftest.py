"""The official clients as fixtures, and the check that a test calls what it says it covers."""

from collections.abc import Generator, Iterator
from typing import cast

import pytest
from qstash import AsyncQStash, QStash

from fakestash import FakeQStash
from tests.clients.python.official import Clients, Kind, declared


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "covers(option, ...): what of the official client a test calls"
    )


@pytest.fixture(scope="session")
def clients() -> Iterator[Clients]:
    made = Clients()
    yield made
    made.close()


@pytest.fixture
def calls() -> set[str]:
    """What a test has called so far of the official client."""
    return set()


@pytest.fixture(params=[QStash, AsyncQStash])
def kind(request: pytest.FixtureRequest) -> Kind:
    """Both official clients, one after the other."""
    found: Kind = request.param
    return found


@pytest.fixture
def client(kind: Kind, qstash: FakeQStash, clients: Clients, calls: set[str]) -> QStash:
    """A client of either kind, with the methods of the blocking one."""
    return clients.of(kind, calls, qstash.url, qstash.token)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Have a test fail that passes without the calls that it is marked with."""
    yield
    assert isinstance(item, pytest.Function)
    options = {text for mark in item.iter_markers("covers") for text in mark.args}
    made = cast("set[str]", item.funcargs.get("calls") or set[str]())
    missing = declared(options) - made
    assert sorted(missing) == [], "the test is marked with what it does not call"
