"""The command: ``python -m tests.benchmarks [names...] [--quick] [--strict]``."""

import argparse
import os
import platform
import sys
from collections.abc import Callable
from typing import Final

from tests.benchmarks import (
    fixture,
    in_process,
    mounted,
    over_http,
    publish,
    scale,
    schedules,
    soak,
    startup,
    store,
)
from tests.benchmarks.rows import Row
from tests.benchmarks.table import lines

SUBJECTS: Final[dict[str, Callable[[bool], list[Row]]]] = {
    "publish": publish.measure,
    "in_process": in_process.measure,
    "store": store.measure,
    "mounted": mounted.measure,
    "schedules": schedules.measure,
    "scale": scale.measure,
    "over_http": over_http.measure,
    "fixture": fixture.measure,
    "startup": startup.measure,
    "soak": soak.measure,
}

LONG: Final = frozenset({"soak"})
"""Takes minutes, and is only run if it is named."""


def main() -> int:
    """Measure what is asked for and print the table."""
    arguments = _arguments()
    rows: list[Row] = []
    usual = [name for name in SUBJECTS if arguments.quick or name not in LONG]
    for name in arguments.names or usual:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        rows += SUBJECTS[name](arguments.quick)
    print("\n".join(lines(rows)))
    print(f"\non {_machine()}")
    missed = [row for row in rows if row.is_met is False]
    return 1 if missed and arguments.strict else 0


def _machine() -> str:
    """What the figures depend on beside the code."""
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"Python {platform.python_version()}, {os.cpu_count()} cores{load}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "names",
        nargs="*",
        metavar="name",
        help=f"some of: {', '.join(SUBJECTS)} (default: all but soak)",
    )
    parser.add_argument("--quick", action="store_true", help="only see whether everything runs")
    parser.add_argument("--strict", action="store_true", help="exit with 1 if a budget is missed")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in SUBJECTS]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(SUBJECTS)}")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
