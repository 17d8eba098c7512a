"""Starting the development server as its users do: as a process."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from typing import Any

import pytest

TIMEOUT_S = 20


class DevServer:
    """A ``fakestash dev`` that is ready, and what it printed until then."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.lines: list[str] = []
        assert process.stdout is not None
        for line in process.stdout:
            self.lines.append(line.rstrip("\n"))
            if "Authorization: Bearer" in line:
                break

    @property
    def settings(self) -> dict[str, str]:
        return dict(line.split("=", 1) for line in self.lines if line.startswith("QSTASH_"))

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        """Call its API as the default user: status and JSON of the answer."""
        connection = HTTPConnection(self.settings["QSTASH_URL"].removeprefix("http://"))
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent["Authorization"] = f"Bearer {self.settings['QSTASH_TOKEN']}"
        connection.request(method, path, None if body is None else json.dumps(body), sent)
        answer = connection.getresponse()
        found = answer.read()
        connection.close()
        return answer.status, json.loads(found) if found else None

    def end(self) -> tuple[int, str, str]:
        """Wait for its end: exit code, what else it printed, what it complained about."""
        out, err = self.process.communicate(timeout=TIMEOUT_S)
        return self.process.returncode, out or "", err


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
