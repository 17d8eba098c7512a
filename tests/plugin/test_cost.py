"""What the plugin costs a run that does not use it: nothing but its own import."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

NEW_MODULES = """
import sys, pytest
sys.path[:0] = ["conftest_plugin", "."]
before = set(sys.modules)
import pytest_fakestash.plugin
print(sorted(set(sys.modules) - before))
"""


def test_importing_it_imports_nothing_else() -> None:
    run = subprocess.run(
        [sys.executable, "-c", NEW_MODULES], cwd=ROOT, check=True, capture_output=True, text=True
    )

    assert run.stdout == "['pytest_fakestash', 'pytest_fakestash.plugin']\n"


LOADED_BY_A_RUN = """
import sys

def pytest_unconfigure():
    print("loaded:", sorted(sys.modules))
"""


def loaded_by_a_run(project: pytest.Pytester, *options: str) -> set[str]:
    run = project.runpytest_subprocess(*options)
    assert run.ret == 0
    (line,) = (line for line in run.outlines if line.startswith("loaded: "))
    return {name.strip("'") for name in line.removeprefix("loaded: [").rstrip("]").split(", ")}


def test_a_run_that_does_not_use_it_loads_nothing_more(bare_project: pytest.Pytester) -> None:
    bare_project.makeconftest(LOADED_BY_A_RUN)
    bare_project.makepyfile("def test_it(): pass")

    without = loaded_by_a_run(bare_project)
    added = loaded_by_a_run(bare_project, "-p", "pytest_fakestash.plugin") - without

    assert added == {"pytest_fakestash", "pytest_fakestash.plugin"}
