"""Taking turns: subject and baseline are measured in short slices, one beside the other."""

import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Final, TypeVar

T = TypeVar("T")
U = TypeVar("U")

ROOT: Final = Path(__file__).parents[2]

_AROUND: Final = ("COV", "PYTEST")
"""How the names of the variables begin that pytest, its plugins and coverage read."""

MICROSECONDS: Final = 1e6
MILLISECONDS: Final = 1e3


def alternate(
    slices: int, subject: Callable[[], T], baseline: Callable[[], U]
) -> tuple[list[T], list[U]]:
    """So many slices of each, in turn; who goes first changes each time.

    One more of each is thrown away beforehand, unless one slice is all that is wanted.
    """
    if slices > 1:
        baseline()
        subject()
    subjects: list[T] = []
    baselines: list[U] = []
    for number in range(slices):
        if number % 2:
            baselines.append(baseline())
            subjects.append(subject())
        else:
            subjects.append(subject())
            baselines.append(baseline())
    return subjects, baselines


def seconds(work: Callable[[], object]) -> float:
    """The processor time of ``work``, which does nothing but compute: others may use the machine.

    What is left over from earlier slices is cleared away first.
    """
    gc.collect()
    start = process_time()
    work()
    return process_time() - start


def environment() -> dict[str, str]:
    """The environment of a process that is to import what this one does.

    Settings of a test run around it are not handed down: coverage would be what is measured.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_AROUND)}
    paths = [str(ROOT), str(ROOT / "conftest_plugin")]
    return {**kept, "PYTHONPATH": os.pathsep.join(paths)}


def python(*arguments: str) -> list[str]:
    """A command that runs this same Python."""
    return [sys.executable, *arguments]
