"""The development server as its users see it: a process that prints, answers and ends."""

import json
import subprocess
from http.client import HTTPConnection
from typing import Any

TIMEOUT_S = 20


class DevServer:
    """A ``fakestash dev`` that is ready, and what it printed until then."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
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
