"""The benchmark command works. What it measures is not judged here: machines differ."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.__main__ import SUBJECTS
from tests.benchmarks.rows import (
    Budget,
    Row,
    at_least,
    at_least_times,
    at_most,
    at_most_times,
)
from tests.benchmarks.slices import alternate, environment
from tests.benchmarks.table import lines

ROOT = Path(__file__).parents[1]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", *arguments],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_subject_can_be_measured() -> None:
    finished = run("--quick")

    assert (finished.returncode, finished.stderr.splitlines()) == (
        0,
        [f"measuring {name} ..." for name in SUBJECTS],
    )
    head, rule, *rows, gap, machine = finished.stdout.splitlines()
    assert [cell.strip() for cell in head.split("|")] == [
        "what",
        "figure",
        "spread",
        "baseline of the same run",
        "ratio",
        "budget",
        "met",
    ]
    assert set(rule) <= set("-| ")
    assert len(rows) > len(SUBJECTS)
    assert (gap, machine.startswith("on Python 3.")) == ("", True)


def test_a_subject_that_does_not_exist_is_named() -> None:
    finished = run("publish", "publsh")

    assert finished.returncode == 2
    assert finished.stderr.splitlines()[-1] == (
        "python -m tests.benchmarks: error: unknown: publsh; there are publish, in_process, "
        "store, mounted, schedules, scale, over_http, fixture, startup, soak"
    )


def test_the_settings_of_a_test_run_around_are_not_handed_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("PYTEST_ADDOPTS", "COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG", "COV_X"):
        monkeypatch.setenv(name, "--cov")
    monkeypatch.setenv("MY_COVER", "--cov")

    assert [name for name, value in environment().items() if value == "--cov"] == ["MY_COVER"]


def test_subject_and_baseline_take_turns() -> None:
    calls: list[str] = []

    alternate(3, lambda: calls.append("s"), lambda: calls.append("b"))

    assert "".join(calls) == "bs" + "sb" + "bs" + "sb"


def test_one_slice_has_no_warm_up() -> None:
    assert alternate(1, lambda: "subject", lambda: "baseline") == (["subject"], ["baseline"])


def test_the_ratio_is_that_of_neighbouring_slices() -> None:
    row = Row("x", "us", [2, 40, 9], [1, 10, 3])

    assert (row.figure, row.baseline, row.ratio) == (9, 3, 3)


def test_the_spread_is_the_middle_half() -> None:
    assert Row("x", "us", [1, 2, 3, 4, 5, 6, 7]).spread == 1
    assert Row("x", "us", [1, 2, 3]).spread == 0


@pytest.mark.parametrize(
    ("budget", "is_met"),
    [
        (None, None),
        (at_most(6), True),
        (at_most(5.9), False),
        (at_least(6), True),
        (at_least(6.1), False),
        (at_most_times(3), True),
        (at_most_times(2.9), False),
        (at_least_times(3), True),
        (at_least_times(3.1), False),
    ],
)
def test_a_limit_is_itself_allowed(budget: Budget | None, is_met: bool | None) -> None:
    assert Row("x", "us", [6], [2], budget=budget).is_met is is_met


def test_a_row_shows_everything_in_the_unit_measured() -> None:
    table = lines([Row("publish", "us", [1234], [1000], "by hand", at_most_times(1.2))])

    assert (
        table[2]
        == "publish | 1,234 us | 0%     | 1,000 us (by hand)       | 1.23  | <= 1.2 times | NO"
    )


def test_a_row_without_baseline_or_budget_leaves_them_empty() -> None:
    table = lines([Row("publish", "ms", [1.234])])

    assert table[2] == "publish | 1.23 ms | 0%     |                          |       |        |"
