"""How long people wait: for the development server, and for a plugin that they do not use."""

import json
import socket
import subprocess
from time import perf_counter
from typing import Final

from tests.benchmarks.processes import running
from tests.benchmarks.rows import Row, at_most
from tests.benchmarks.slices import MILLISECONDS, ROOT, alternate, environment, python

SLICES: Final = 12

TIME_IMPORTS: Final = """
from time import perf_counter
start = perf_counter()
import pytest
between = perf_counter()
import pytest_fakestash.plugin
print([perf_counter() - between, between - start])
"""


def measure(quick: bool) -> list[Row]:
    """Milliseconds, each in fresh processes."""
    slices = 1 if quick else SLICES
    ready, nothing = alternate(slices, _server_is_ready, _python_does_nothing)
    imports = [_imports() for _ in range(slices)]
    return [
        Row(
            "fakestash dev, from start to the first answer",
            "ms",
            ready,
            nothing,
            "python -c pass",
            at_most(600),
        ),
        Row(
            "import of the plugin",
            "ms",
            [plugin for plugin, _ in imports],
            [pytest for _, pytest in imports],
            "import of pytest",
            at_most(15),
        ),
    ]


def _server_is_ready() -> float:
    start = perf_counter()
    with running(("fakestash", "dev", "--port", "0")) as (server,):
        with socket.create_connection(("127.0.0.1", server.port())) as connection:
            connection.sendall(b"GET /v2/readiness HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            answer = connection.recv(4096)
        elapsed = perf_counter() - start
    if not answer.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"the development server is not ready: {answer!r}")
    return elapsed * MILLISECONDS


def _python_does_nothing() -> float:
    start = perf_counter()
    subprocess.run(python("-c", "pass"), env=environment(), check=True)
    return (perf_counter() - start) * MILLISECONDS


def _imports() -> tuple[float, float]:
    """Of the plugin, and of pytest before it."""
    run = subprocess.run(
        python("-c", TIME_IMPORTS),
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    plugin, pytest = json.loads(run.stdout)
    return plugin * MILLISECONDS, pytest * MILLISECONDS
