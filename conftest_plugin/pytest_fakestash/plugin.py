"""Fixture, marker, options, audit and report section of the pytest plugin.

pytest imports this module in every run of every project that has fakestash installed, so nothing
else, neither of the plugin nor of the fake, is imported before a test asks for the fixture.
"""

import warnings
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

if TYPE_CHECKING:
    from fakestash import FakeQStash, LiveServer
    from pytest_fakestash.settings import Settings

SECTION: Final = "fakestash timeline"
"""Title of the section that the report of a failed test gets."""

LEADS_ELSEWHERE: Final = ("QSTASH_DEV", "QSTASH_REGION")
"""Variables that have official clients look past ``QSTASH_URL``."""


class Seed(NamedTuple):
    """What the fixture of a test is given that runs under chaos: the seed, or 0 for none."""

    number: int


_FAKE: Final = pytest.StashKey["FakeQStash"]()
_HAS_PASSED: Final = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    parser.addini(
        "fakestash_start",
        "where the clock of the qstash fixture starts: ISO 8601 text with a zone, or 'now'",
        default="",
    )
    parser.addini(
        "fakestash_audit",
        "what becomes of a test that passed and left something behind: off, warn, or error",
        default="off",
    )
    parser.addini(
        "fakestash_freeze",
        "have the clock of the process show the time of the qstash fixture (needs freezegun)",
        type="bool",
        default=False,
    )
    parser.addini(
        "fakestash_strict",
        "raise what mounted apps raise at the move of time, and not only keep it",
        type="bool",
        default=False,
    )
    parser.addini(
        "fakestash_strict_api",
        "refuse what the service does not know, such as a header that is misspelled",
        type="bool",
        default=False,
    )
    parser.addini(
        "fakestash_chaos",
        "with how many seeds of chaos to run each test of the qstash fixture, beside undisturbed",
        default="",
    )


@pytest.hookimpl(trylast=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Have a test run under chaos as often as its markers or the option say."""
    if "qstash" not in metafunc.fixturenames:
        return
    if metafunc.config.getini("fakestash_chaos") or any(
        "chaos" in marker.kwargs for marker in metafunc.definition.iter_markers("qstash")
    ):
        from fakestash import UsageError
        from pytest_fakestash.settings import seeds_of

        try:
            seeds = seeds_of(metafunc.definition)
        except UsageError:
            return  # the fixture raises it, for this test alone
        if seeds:
            ids = ["undisturbed", *(f"chaos-{seed}" for seed in range(1, seeds + 1))]
            values = [Seed(seed) for seed in range(seeds + 1)]
            metafunc.parametrize("qstash", values, ids=ids, indirect=True)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Run a test that is under chaos; if it fails, find the least of it that makes it fail."""
    seed = _seed_of(item)
    if not seed:
        return None
    from pytest_fakestash.chaos import run

    run(item, nextitem, seed)
    return True


def _seed_of(item: pytest.Item) -> int:
    """The seed of chaos that a test runs with; 0 if it runs undisturbed."""
    callspec: Any = getattr(item, "callspec", None)
    value = None if callspec is None else callspec.params.get("qstash")
    return value.number if isinstance(value, Seed) else 0


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line(
        "markers",
        "qstash(start=..., seed=..., region=..., plan=..., strict_hosts=..., llm_target=..., "
        "sign_with_virtual_time=..., strict=..., strict_api=..., freeze=..., audit=..., "
        "chaos=...): how the qstash fixture of this test is set up",
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
    the fake itself; before that it is audited, if the test passed and an option or marker says so.
    """
    from fakestash import UsageError
    from pytest_fakestash.settings import OFF, settings_of

    server = _fakestash_server
    server.start()  # does nothing, but in a process that a test runner forked for this test
    node: pytest.Item = request.node
    try:
        settings = settings_of(node)
        seed = _seed_of(node)
        if seed:
            from pytest_fakestash.chaos import settings_under

            settings.fake.update(settings_under(node, seed))
        fake, frozen = _made(server.url, settings)
    except UsageError as error:  # of a marker or an option: no line of Python is to blame
        text = f"the fixture qstash cannot be set up: {error}"
        raise pytest.fail.Exception(text, pytrace=False) from None
    node.stash[_FAKE] = fake
    with frozen:
        for name in LEADS_ELSEWHERE:
            monkeypatch.delenv(name, raising=False)
        for name, value in fake.environment.items():
            monkeypatch.setenv(name, value)
        server.app = fake.app
        yield fake
        try:
            if settings.audit != OFF and node.stash.get(_HAS_PASSED, False):
                _audit(fake, settings.audit)
        finally:
            try:
                fake.close()
            finally:
                server.app = None


def _made(url: str, settings: "Settings") -> tuple["FakeQStash", AbstractContextManager[None]]:
    """The fake, and the time during which the process shows its instant, if it is to do so."""
    from fakestash import FakeQStash

    if not settings.freeze:
        return FakeQStash(url=url, **settings.fake), nullcontext()
    from pytest_fakestash.freezing import ProcessClock, frozen_instant

    clock = ProcessClock()
    begun = frozen_instant()
    if begun is not None:
        settings.fake.setdefault("start", begun)
    fake = FakeQStash(url=url, follow=clock.follow, **settings.fake)
    return fake, clock.held_at(fake.now)


def _audit(fake: "FakeQStash", consequence: str) -> None:
    from fakestash import AuditWarning
    from pytest_fakestash.settings import ERROR

    found = fake.audit()
    if not found:
        return
    text = f'{found}\n(without this audit: @pytest.mark.qstash(audit="off"))'
    if consequence == ERROR:
        pytest.fail(text, pytrace=False)
    warnings.warn(AuditWarning(text), stacklevel=2)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the fake's story to the report of a test that used it and failed."""
    report = yield
    fake = item.stash.get(_FAKE, None)
    if fake is not None:
        if report.failed:
            from pytest_fakestash.story import story

            raised = None if call.excinfo is None else call.excinfo.value
            text = story(fake, told=report.longreprtext, raised=raised)
            report.sections.append((SECTION, text))
            if _seed_of(item):
                from pytest_fakestash.chaos import note_failure

                note_failure(item, fake, call)
        if call.when == "call":
            item.stash[_HAS_PASSED] = report.passed
        if call.when == "teardown":
            del item.stash[_FAKE]
    return report
