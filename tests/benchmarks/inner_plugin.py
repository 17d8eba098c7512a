"""A pytest plugin for the inner run: repeats tests in turn and writes down how long each took."""

import json
from collections.abc import Callable, Generator
from pathlib import Path
from time import perf_counter
from typing import Any, TypeAlias

import pytest

Note: TypeAlias = Callable[[str, float], None]

TIMES: pytest.StashKey[dict[str, list[float]]] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """How often, and where to."""
    parser.addoption("--rounds", type=int, default=1)
    parser.addoption("--times-to", type=Path, default=None)


def pytest_configure(config: pytest.Config) -> None:
    """Start with nothing."""
    config.stash[TIMES] = {}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test so many times."""
    metafunc.parametrize("number", range(_rounds(metafunc.config)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Take turns: a round of all tests, then the next."""
    items.sort(key=lambda item: getattr(item, "callspec").params["number"])  # noqa: B009 - untyped


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Time a test with all that pytest does for it."""
    start = perf_counter()
    result = yield
    _note(item.config, getattr(item, "originalname"), perf_counter() - start)  # noqa: B009
    return result


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Note:
    """Lets a test write down a time of its own: what, and how many seconds."""
    return lambda what, seconds: _note(request.config, what, seconds)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand the times over."""
    path: Path | None = session.config.getoption("--times-to")
    if path is not None:
        path.write_text(json.dumps(session.config.stash[TIMES]))


def _rounds(config: pytest.Config) -> int:
    return int(config.getoption("--rounds") or 1)


def _note(config: pytest.Config, what: str, seconds: float) -> None:
    config.stash[TIMES].setdefault(what, []).append(seconds)
