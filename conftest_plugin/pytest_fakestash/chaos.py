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

    def is_alike(self, other: "Failure") -> bool:
        """Whether another run failed in the same phase with the same class of exception."""
        return (self.when, self.kind) == (other.when, other.kind)


class Run(NamedTuple):
    """One run of a test: its reports, and how it failed, if it did."""

    reports: list[pytest.TestReport]
    failure: Failure | None


_GIVEN: Final = pytest.StashKey[Disturbances]()
"""What a run is disturbed by in place of its seed."""

_FAILURE: Final = pytest.StashKey[Failure]()
_KNOWN: Final = pytest.StashKey[dict[str, tuple[int, Failure]]]()
"""By test: a seed with which it failed in this process, and how, by the least that it took."""


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
    known = item.config.stash.setdefault(_KNOWN, {})
    test = item.nodeid.replace(f"chaos-{seed}", "")
    first, before = known.get(test, (seed, None))
    if not found.failure.disturbances or trials.fails(Disturbances()):
        if before is not None and not before.disturbances and before.is_alike(found.failure):
            return _told_in_short(found, f"fails as with chaos-{first}: without chaos, too")
        known[test] = seed, found.failure._replace(disturbances=Disturbances())
        text = _NOT_TO_BLAME if found.failure.disturbances else _UNDISTURBED
        return _told(found, found.failure, text)
    if before is not None and trials.fails(before.disturbances):
        return _told_in_short(found, f'fails as with chaos-{first}: chaos="{before.disturbances}"')
    found.failure.disturbances.shrunk(trials.fails)
    run, failure = trials.smallest
    known[test] = seed, failure
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
        again = run.failure
        if again is None or not again.is_alike(self.smallest[1]):
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


_UNDISTURBED: Final = "nothing was disturbed in this run"
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
