"""Starting the development server as its users do."""

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.cli.dev_server import DevServer


@pytest.fixture
def start() -> Iterator[Callable[..., DevServer]]:
    """Start a server with more options; it ends with the test."""
    processes: list[subprocess.Popen[str]] = []

    def start_one(*options: str) -> DevServer:
        process = subprocess.Popen(
            (sys.executable, "-m", "fakestash", "dev", "--port", "0", *options),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return DevServer(process)

    yield start_one
    for process in processes:
        process.kill()
        process.communicate()
