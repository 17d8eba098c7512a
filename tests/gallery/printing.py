"""What pytest prints of the tests of the gallery, all run at once in a process of their own."""

import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

ROOT: Final = Path(__file__).parents[2]
FAILING: Final = Path(__file__).parent / "failing"

_OPTIONS: Final = (
    *("-p", "no:fakestash", "-p", "pytest_fakestash.plugin", "-p", "no:cacheprovider"),
    *("-q", "--no-header", "-o", "asyncio_default_fixture_loop_scope=function"),
)
_TITLE: Final = re.compile(r"^_{2,} .* _{2,}\n", re.MULTILINE)
_SUMMARY: Final = re.compile(r"^(?:FAILED|ERROR) test_(\w+)\.py::.*\n", re.MULTILINE)
_RULE: Final = re.compile(r"^=+ [\w ]+ =+\n", re.MULTILINE)


def names() -> list[str]:
    """The tests of the gallery."""
    return sorted(path.stem for path in FAILING.glob("*.py"))


def expected(name: str) -> Path:
    """The file with what is printed of a test."""
    return FAILING / f"{name}.txt"


def printed() -> dict[str, str]:
    """What is printed of each: how it failed, what the fake tells, and its line of the summary.

    Raises:
        RuntimeError: if one of them does not fail, or fails in no way of its own.
    """
    text = _run()
    body, _, summary = re.split(r"(=+ short test summary info =+\n)", text)
    found: dict[str, list[str]] = defaultdict(list)
    for name in names():
        function = re.search(r"def (test_\w+)", (FAILING / f"{name}.py").read_text("utf-8"))
        assert function is not None
        title = re.compile(rf"{function[1]}(?:\[.*\])? _")
        titles = [each for each in _TITLE.finditer(body) if title.search(each[0])]
        for each in titles:
            end = _TITLE.search(body, each.end())
            shown = body[each.start() : end.start() if end else len(body)]
            found[name].append(_RULE.split(shown)[0])
        found[name] += [line[0] for line in _SUMMARY.finditer(summary) if line[1] == name]
        if len(found[name]) != 2:
            raise RuntimeError(f"{name} should fail once, in one way:\n{text}")
    return {name: "".join(parts) for name, parts in found.items()}


def _run() -> str:
    """The output of the run; the tests are in the folder ``/shop`` there."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "conftest_plugin")])
    environment = {**os.environ, "PYTHONPATH": path, "COLUMNS": "100"}
    for name in ("CI", "BUILD_NUMBER", "PYTEST_ADDOPTS", "FORCE_COLOR"):
        environment.pop(name, None)  # where they are set, pytest tells more, or in colours
    with TemporaryDirectory() as folder:
        place = Path(folder).resolve()
        (place / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        for name in names():
            shutil.copy(FAILING / f"{name}.py", place / f"test_{name}.py")
        run = subprocess.run(
            [sys.executable, "-m", "pytest", *_OPTIONS],
            cwd=place,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return run.stdout.replace(str(place), "/shop")
