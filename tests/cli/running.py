"""The command line run in this process, and the servers that it calls."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple

import pytest

from fakestash import cli


class Ran(NamedTuple):
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def json(self) -> Any:  # noqa: ANN401 - as json.loads
        return json.loads(self.out)


class CommandLine:
    """Runs commands: their output is captured."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def run(self, *args: str) -> Ran:
        """Run one, however it ends."""
        with pytest.raises(SystemExit) as ended:
            cli.main(args)
        code = ended.value.code
        assert isinstance(code, int)
        out, err = self._capsys.readouterr()
        return Ran(code, out, err)

    def done(self, *args: str) -> Ran:
        """Run one that must do well and complain of nothing."""
        ran = self.run(*args)
        assert (ran.code, ran.err) == (0, ""), ran
        return ran

    def refused(self, *args: str) -> str:
        """Run one that must fail, in one line: what it says."""
        ran = self.run(*args)
        assert (ran.code, ran.out) == (1, ""), ran
        assert re.fullmatch("fakestash: .+\n", ran.err)
        return ran.err.removeprefix("fakestash: ").rstrip()


def as_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the output of a test taken for a terminal of the usual width, which wants no colours."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")


class Answer(NamedTuple):
    """What a server answers, whatever it is asked."""

    body: bytes
    status: int = 200
    content_type: str = "application/json"


@contextmanager
def answering(answers: Mapping[str, Answer]) -> Iterator[str]:
    """The URL of a server that answers as told for each path, and closes the connection else."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = answers.get(self.path.partition("?")[0])
            if answer is None:
                return
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.end_headers()
            self.wfile.write(answer.body)

        do_POST = do_GET  # noqa: N815 - as the library calls it

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
