"""Tests under chaos: one that fails is run again with less and less of what disturbed it.

Each run is the whole of the test as pytest runs it, with its setup and its teardown, so fixtures of
function scope are made anew. Those of a wider scope may not be: what a test leaves behind in them,
or in its modules, is there in its next run. So the first thing to be tried is no disturbance at
all, and if that fails too, chaos is not blamed.
"""

from typing import Any, Final, NamedTuple

import pytest
from _pytest.runner import runtestprotocol

from fakestash import Disturbances, FakeQStash

SECTION: Final = "fakestash chaos"
"""Title of the section that the report of a test gets that failed under chaos."""


class Failure(NamedTuple):
    """How a run failed: in which phase, with what class of exception, and what was disturbed."""

    when: str
    kind: type[BaseException]
    disturbances: Disturbances
    told: str


class Run(NamedTuple):
    """One run of a test: its reports, and how it failed, if it did."""

    reports: list[pytest.TestReport]
    failure: Failure | None


_GIVEN: Final = pytest.StashKey[Disturbances]()
"""What a run is disturbed by in place of its seed."""

_FAILURE: Final = pytest.StashKey[Failure]()
_KNOWN: Final = pytest.StashKey[dict[str, tuple[int, Disturbances]]]()
"""By test: a seed that broke it in this process, and what was left of that."""


def settings_under(item: pytest.Item, seed: int) -> dict[str, Any]:
    """How the fake is made for a run."""
    given = item.stash.get(_GIVEN, None)
    return {"chaos_seed": seed} if given is None else {"chaos": given}


def note_failure(item: pytest.Item, fake: FakeQStash, call: pytest.CallInfo[None]) -> None:
    """A run has failed."""
    if call.excinfo is not None and _FAILURE not in item.stash:
        told = fake.explain_chaos()
        item.stash[_FAILURE] = Failure(call.when, call.excinfo.type, fake.disturbances, told)


def run(item: pytest.Item, nextitem: pytest.Item | None, seed: int) -> None:
    """Run a test with a seed; if that breaks it, report the least of it that does."""
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for report in _reports(item, nextitem, seed):
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)


def _reports(item: pytest.Item, nextitem: pytest.Item | None, seed: int) -> list[pytest.TestReport]:
    """The reports of the run that tells most."""
    found = _run(item, nextitem)
    if found.failure is None or item.config.getoption("usepdb"):
        return found.reports
    trials = _Trials(item, nextitem, found, found.failure)
    if not found.failure.disturbances:
        return _told(found, found.failure, "nothing was disturbed in this run")
    if trials.fails(Disturbances()):
        return _told(found, found.failure, _NOT_TO_BLAME)
    known = item.config.stash.setdefault(_KNOWN, {})
    test = item.nodeid.replace(f"chaos-{seed}", "")
    if test in known and trials.fails(known[test][1]):
        first, disturbances = known[test]
        return _told_in_short(found, f'fails as with chaos-{first}: chaos="{disturbances}"')
    found.failure.disturbances.shrunk(trials.fails)
    run, failure = trials.smallest
    known[test] = seed, failure.disturbances
    return _told(run, failure, _account(seed, failure))


class _Trials:
    """Runs of a test with less than what broke it."""

    def __init__(
        self, item: pytest.Item, nextitem: pytest.Item | None, found: Run, failure: Failure
    ) -> None:
        self._item = item
        self._nextitem = nextitem
        self.smallest = found, failure
        """The latest run that failed alike, and how."""

    def fails(self, disturbances: Disturbances) -> bool:
        """Whether it fails alike with these."""
        self._item.stash[_GIVEN] = disturbances
        try:
            run = _run(self._item, self._nextitem)
        finally:
            del self._item.stash[_GIVEN]
        first, again = self.smallest[1], run.failure
        if again is None or (again.when, again.kind) != (first.when, first.kind):
            return False
        self.smallest = run, again
        return True


def _run(item: pytest.Item, nextitem: pytest.Item | None) -> Run:
    """One run of a test, from its setup to its teardown."""
    if _FAILURE in item.stash:
        del item.stash[_FAILURE]
    # What an earlier run has printed, which pytest keeps.
    item._report_sections.clear()  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    reports = runtestprotocol(item, nextitem=nextitem, log=False)
    return Run(reports, item.stash.get(_FAILURE, None))


def _account(seed: int, failure: Failure) -> str:
    return (
        f"chaos seed {seed} breaks this test, which passes undisturbed; what is left of it:\n"
        f"{failure.told}\n"
        f'to reproduce: @pytest.mark.qstash(chaos="{failure.disturbances}")'
    )


_NOT_TO_BLAME: Final = (
    "run again without chaos it fails as well: either it fails anyhow (the run named undisturbed\n"
    "shows it), or a run has left something behind in a module or in a fixture of wider scope"
)


def _told(run: Run, failure: Failure, text: str) -> list[pytest.TestReport]:
    """The reports of a run, with a section of their own in the one that failed."""
    for report in run.reports:
        if report.when == failure.when:
            report.sections.insert(0, (SECTION, text))
    return run.reports


def _told_in_short(run: Run, text: str) -> list[pytest.TestReport]:
    """The reports of a run whose failure is told in full elsewhere."""
    for report in run.reports:
        if report.failed:
            report.longrepr = text
            report.sections.clear()
    return run.reports
