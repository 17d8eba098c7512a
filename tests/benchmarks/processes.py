"""Helpers in processes of their own: started together, ended together."""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from tests.benchmarks.slices import ROOT, environment, python

URL: Final = re.compile(r"http://127\.0\.0\.1:(\d+)$")


class Process:
    """A Python module that runs beside this process and talks in lines."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._process = subprocess.Popen(
            python("-m", module, *arguments),
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def read(self) -> str:
        """The next line that it prints.

        Raises:
            RuntimeError: if it ended instead.
        """
        if self._process.stdout is None or not (line := self._process.stdout.readline()):
            raise RuntimeError(f"{self._process.args!r} ended with {self._process.wait()}")
        return line.strip()

    def port(self) -> int:
        """The port of the first URL on this machine that it prints, at the end of a line.

        Raises:
            RuntimeError: if it ended instead.
        """
        while (found := URL.search(self.read())) is None:
            pass
        return int(found[1])

    def ask(self, **order: object) -> Any:  # noqa: ANN401 - whatever the JSON holds
        """Send a line of JSON and read one."""
        if self._process.stdin is None:
            raise RuntimeError("the process takes no orders")
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return json.loads(self.read())

    def end(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.communicate()


@contextmanager
def running(*commands: tuple[str, ...]) -> Iterator[list[Process]]:
    """So many processes, each given as a module and its arguments."""
    processes = [Process(*command) for command in commands]
    try:
        yield processes
    finally:
        for process in processes:
            process.end()
