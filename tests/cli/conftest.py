"""Starting the development server as its users do."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from fakestash import FakeQStash
from fakestash.server import LiveServer
from tests.cli.dev_server import DevServer
from tests.cli.running import CommandLine
from tests.control.remote import controlled


@pytest.fixture
def start() -> Iterator[Callable[..., DevServer]]:
    """Start a server with more options, or with options and variables alone; it ends with the test.

    Without either it takes a free port.
    """
    processes: list[subprocess.Popen[str]] = []

    def start_one(*options: str, alone: bool = False, **variables: str) -> DevServer:
        port = () if alone else ("--port", "0")
        process = subprocess.Popen(
            (sys.executable, "-m", "fakestash", "dev", *port, *options),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **variables},
        )
        processes.append(process)
        return DevServer(process)

    yield start_one
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def two_ports() -> int:
    """A port that is free, like the one after it."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as first:
            port: int = first.getsockname()[1]
            try:
                socket.create_server(("127.0.0.1", port + 1)).close()
            except OSError:
                continue
            return port


@pytest.fixture
def line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line, with nothing in the environment that says where a server is."""
    for name in ("URL", "TOKEN", "DEV_PORT", "DEV_LOG_PORT", "DEV_QUOTA"):
        monkeypatch.delenv(f"QSTASH_{name}", raising=False)
    monkeypatch.delenv("FAKESTASH_CONTROL_TOKEN", raising=False)
    return CommandLine(capsys)


@pytest.fixture
def fake(line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeQStash]:
    """A fake on its own clock, which the command line finds by the environment."""
    with FakeQStash() as fake, LiveServer(controlled(fake)) as server:
        monkeypatch.setenv("QSTASH_URL", server.url)
        monkeypatch.setenv("QSTASH_TOKEN", fake.token)
        yield fake
