"""Fixtures, marker, option and report section of the pytest plugin.

pytest imports this in every run of every project that has fakestash installed, so nothing
of the fake is imported before a test asks for it.
"""

import traceback
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from fakestash import FakeQStash, LiveServer

SECTION: Final = "fakestash timeline"
"""Title of the section that the report of a failed test gets."""

LEADS_ELSEWHERE: Final = ("QSTASH_DEV", "QSTASH_REGION")
"""Variables that have official clients look past ``QSTASH_URL``."""

MARKER_KEYWORDS: Final = (
    "start",
    "seed",
    "region",
    "plan",
    "strict_hosts",
    "llm_target",
    "sign_with_virtual_time",
)

_SHOWN_FRAMES: Final = 3
"""How many of the user's own frames of a traceback are shown."""

_FAKE: Final = pytest.StashKey["FakeQStash"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the option."""
    parser.addini(
        "fakestash_start",
        "where the clock of the qstash fixture starts: ISO 8601 text with a zone, or 'now'",
        default="",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line(
        "markers",
        f"qstash({', '.join(f'{name}=...' for name in MARKER_KEYWORDS)}): "
        "how the qstash fixture of this test is set up",
    )


@pytest.fixture(scope="session")
def _fakestash_server() -> Iterator["LiveServer"]:
    """The server of all fakes of this process, one after the other."""
    from fakestash import LiveServer

    with LiveServer() as server:
        yield server


@pytest.fixture
def qstash(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    _fakestash_server: "LiveServer",
) -> Iterator["FakeQStash"]:
    """A QStash of this test's own, served over loopback HTTP, on a clock that the test moves.

    The variables that official clients and receivers read are set for the test. At its end the
    fake is closed, which raises what went wrong in the shutdown of mounted apps, and defects of
    the fake itself.
    """
    from fakestash import FakeQStash

    server = _fakestash_server
    server.start()  # does nothing, but in a process that a test runner forked for this test
    fake = FakeQStash(url=server.url, **_settings(request))
    node: pytest.Item = request.node
    node.stash[_FAKE] = fake
    for name in LEADS_ELSEWHERE:
        monkeypatch.delenv(name, raising=False)
    for name, value in fake.environment.items():
        monkeypatch.setenv(name, value)
    server.app = fake.app
    yield fake
    try:
        fake.close()
    finally:
        server.app = None


def _settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What option and markers say; of several markers the closest to the test wins.

    Raises:
        UsageError: if a marker says something else.
    """
    start: str = request.config.getini("fakestash_start")
    settings: dict[str, Any] = {"start": start} if start else {}
    node: pytest.Item = request.node
    for marker in reversed(list(node.iter_markers("qstash"))):
        _check(marker)
        settings |= marker.kwargs
    return settings


def _check(marker: pytest.Mark) -> None:
    from fakestash import UsageError

    known = ", ".join(MARKER_KEYWORDS)
    if marker.args:
        raise UsageError(f"@pytest.mark.qstash takes keywords only, such as start=...: {known}")
    for name in marker.kwargs:
        if name not in MARKER_KEYWORDS:
            raise UsageError(f"@pytest.mark.qstash has no keyword {name!r}; it has {known}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the fake's story to the report of a test that used it and failed."""
    report = yield
    fake = item.stash.get(_FAKE, None)
    if fake is not None:
        if report.failed:
            report.sections.append((SECTION, _story(fake)))
        if call.when == "teardown":
            del item.stash[_FAKE]
    return report


def _story(fake: "FakeQStash") -> str:
    try:
        return "\n".join([fake.timeline(), *_exceptions(fake)])
    except Exception as error:  # noqa: BLE001 - the report of the test itself must come through
        return f"  cannot be shown: {error!r}"


def _exceptions(fake: "FakeQStash") -> Iterator[str]:
    """What apps raised, with its traceback in short; what was raised again is shown once."""
    attempts: dict[tuple[str, str], list[str]] = {}
    for delivery in fake.deliveries:
        if delivery.exception is not None:
            key = (f"{delivery.method} {delivery.url}", _traceback(delivery.exception))
            attempts.setdefault(key, []).append(str(delivery.retried + 1))
    for (name, text), numbers in attempts.items():
        yield f"\nraised by {name}, attempt {', '.join(numbers)}:\n{text}"


def _traceback(raised: BaseException) -> str:
    """The frames of a traceback that help: the user's last ones, and the one that raised."""
    told = traceback.TracebackException.from_exception(raised, lookup_lines=False)
    _shorten(told)
    return "".join(told.format()).rstrip()


def _shorten(told: traceback.TracebackException) -> None:
    frames = [frame for frame in told.stack if _is_users(frame.filename)] or list(told.stack)
    raising = told.stack[-1:]
    shown = frames[-_SHOWN_FRAMES:]
    told.stack[:] = shown if shown[-1:] == raising else shown + raising
    for other in (told.__cause__, told.__context__, *(told.exceptions or ())):
        if other is not None:
            _shorten(other)


def _is_users(filename: str) -> bool:
    """Whether a file belongs to neither Python, nor an installed package, nor fakestash."""
    import fakestash

    path = Path(filename)
    libraries = (Path(traceback.__file__).parent, Path(fakestash.__file__).parent)
    return (
        not filename.startswith("<")
        and not {"site-packages", "dist-packages"}.intersection(path.parts)
        and not any(path.is_relative_to(library) for library in libraries)
    )
