"""What the fixture adds to a test, and how long a whole story of retries takes with it.

Measured in a pytest run of its own, in which tests with and without the fixture take turns.
"""

import json
import os
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.benchmarks.rows import Row, at_most
from tests.benchmarks.slices import MILLISECONDS, ROOT, environment, python

ROUNDS: Final = 300
COMMAND: Final = (
    "-m",
    "pytest",
    "--quiet",
    "--noconftest",
    f"--config-file={os.devnull}",
    f"--rootdir={ROOT}",
    "--import-mode=importlib",
    "-pno:cacheprovider",
    "-pno:fakestash",
    "-ppytest_fakestash.plugin",
    "-ptests.benchmarks.inner_plugin",
)
"""The settings of this repository stay out of it: the run is that of any user of the plugin."""


def measure(quick: bool) -> list[Row]:
    """Milliseconds per test and per story; the first round, which starts the server, is left out.

    Raises:
        RuntimeError: if the inner run failed.
    """
    times = _inner_run(4 if quick else ROUNDS)
    plain, wearing = times["test_without"], times["test_with"]
    own = [longer - shorter for longer, shorter in zip(wearing, plain, strict=True)]
    return [
        Row(
            "fixture, own cost per test",
            "ms",
            own,
            plain,
            "pytest's own, without it",
            at_most(2),
        ),
        Row(
            "publish, three retries, dead letter and log read over the API",
            "ms",
            times["story"],
            times["requests"],
            "three empty requests",
            at_most(20),
        ),
    ]


def _inner_run(rounds: int) -> dict[str, list[float]]:
    """Milliseconds by what was timed."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "times.json"
        options = (f"--rounds={rounds}", f"--times-to={path}")
        run = subprocess.run(
            python(*COMMAND, *options, str(ROOT / "tests" / "benchmarks" / "inner_tests.py")),
            cwd=ROOT,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode:
            raise RuntimeError(f"the inner pytest run failed:\n{run.stdout}\n{run.stderr}")
        times: dict[str, list[float]] = json.loads(path.read_text())
    return {what: [took * MILLISECONDS for took in all_of[1:]] for what, all_of in times.items()}
