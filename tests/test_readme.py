"""The README is executed: every code block in it runs here, and its tables are made from code."""

import ast
import os
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import pytest

from fakestash.api.table import V1, V2
from fakestash.dev.config import read_config
from fakestash.dev.run import worlds_of
from fakestash.dev.settings import Settings
from fakestash.model.users import DEFAULT_USER
from tests.fidelity import SOURCES, VERDICTS, claims
from tests.gallery.printing import expected, names
from tests.readme import README, generated

_BLOCK: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MARGIN: Final = re.compile(r"^E {7}", re.MULTILINE)  # of what a test raised, in a report
_FILE: Final = re.compile(r"# (\w+\.py)\n")


class Block(NamedTuple):
    """A fenced block: where it starts, its language, its text."""

    line: int
    language: str
    text: str

    @property
    def file(self) -> str | None:
        """The name that the block gives its file in its first line."""
        named = _FILE.match(self.text)
        return named[1] if named else None


def _blocks() -> Iterator[Block]:
    text = README.read_text(encoding="utf-8")
    for found in _BLOCK.finditer(text):
        yield Block(text.count("\n", 0, found.start()) + 1, found[1], found[2])


BLOCKS: Final = tuple(_blocks())
TESTS: Final = tuple(
    block for block in BLOCKS if block.language == "python" and "def test_" in block.text
)
MODULES: Final = tuple(block for block in BLOCKS if block.file and block not in TESTS)
SCRIPTS: Final = tuple(
    block
    for block in BLOCKS
    if block.language == "python" and block not in TESTS and block not in MODULES
)
COMMANDS: Final = tuple(block for block in BLOCKS if block.language == "sh")
CONFIGS: Final = tuple(block for block in BLOCKS if block.language == "toml")
TEXTS: Final = tuple(block for block in BLOCKS if block.language == "text")


DIFFERENCES_AT_LEAST: Final = 10


def _tests_in(text: str) -> list[str]:
    """The tests of a module, as pytest names them."""
    names: list[str] = []
    for statement in ast.parse(text).body:
        members, before = [statement], ""
        if isinstance(statement, ast.ClassDef):
            members, before = statement.body, f"{statement.name}::"
        names += [
            before + each.name
            for each in members
            if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
            and each.name.startswith("test_")
        ]
    return names


def _line(block: Block) -> str:
    return f"line {block.line}"


def test_every_block_is_of_a_kind_that_is_executed() -> None:
    known = {*TESTS, *MODULES, *SCRIPTS, *COMMANDS, *CONFIGS, *TEXTS}

    assert [block for block in BLOCKS if block not in known] == []
    assert min(len(TESTS), len(MODULES), len(SCRIPTS), len(COMMANDS)) >= 1


def test_the_tests_in_the_readme_pass(pytester: pytest.Pytester) -> None:
    modules = {str(block.file).removesuffix(".py"): block.text for block in MODULES}
    tests = {f"test_line_{block.line}": block.text for block in TESTS}
    pytester.makepyfile(**modules, **tests)
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function")

    # In a process of its own: the official client leaves its connections to the collector, whose
    # warning would be an error here. In one for all: it takes long to start.
    result = pytester.runpytest_subprocess(
        "-p", "no:fakestash", "-p", "pytest_fakestash.plugin", "-p", "no:cacheprovider", "-rp"
    )

    passed = [line for line in result.outlines if line.startswith("PASSED ")]
    assert {line.partition("[")[0] for line in passed} == {
        f"PASSED {file}.py::{name}" for file, text in tests.items() for name in _tests_in(text)
    }
    result.assert_outcomes(passed=len(passed))


@pytest.mark.parametrize("block", SCRIPTS, ids=_line)
def test_a_script_in_the_readme_runs(block: Block, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(block.text, encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-W", "error", script], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("block", TEXTS, ids=_line)
def test_a_failure_in_the_readme_is_from_the_gallery(block: Block) -> None:
    texts = [_MARGIN.sub("", expected(name).read_text(encoding="utf-8")) for name in names()]

    assert [text for text in texts if block.text in text] != []


SETUP: Final = "python3 -m venv .venv && .venv/bin/pip install -q "


def test_the_commands_are_those_that_are_run_here_and_by_the_checks() -> None:
    assert [block.text.strip() for block in COMMANDS] == [
        SETUP + ". && .venv/bin/fakestash demo",
        SETUP + "-e '.[test]' && .venv/bin/pytest",  # .ci/run reads and runs this line
        "fakestash dev",
        'curl -X POST http://127.0.0.1:8080/_fakestash/clock/advance -d \'{"duration": "1h"}\'',
        DRIVING.text.strip(),
        WORK.text.strip(),
        "fakestash exec --auto --audit -- pytest -q",
    ]


def test_the_demonstration_runs() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fakestash", "demo"], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "in the dead letter queue" in done.stdout


@pytest.mark.parametrize(
    ("options", "answer"), [((), 409), (("--manual",), 200)], ids=["in real time", "by hand"]
)
def test_the_development_server_runs_and_takes_the_call(
    options: tuple[str, ...], answer: int
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    words = shlex.split(COMMANDS[3].text.replace("8080", port))
    command = [sys.executable, "-m", "fakestash", "dev", "--port", port, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert "is running." in server.stdout.readline()
        method, url, body = words[2], urlsplit(words[3]), words[5]
        connection = HTTPConnection(url.netloc)
        connection.request(method, url.path, body)
        status = connection.getresponse().status
        connection.close()
        server.terminate()
        server.communicate()

    assert status == answer


DRIVING: Final = COMMANDS[4]
WORK: Final = COMMANDS[5]


def test_the_server_is_driven_as_it_says(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    command = [sys.executable, "-m", "fakestash", "dev", "--port", port, "--manual"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert "is running." in server.stdout.readline()
        text = DRIVING.text.replace("8080", port)
        ran = _in_shell(text, tmp_path, QSTASH_TOKEN=DEFAULT_USER.token)
        server.terminate()
        server.communicate()

    assert (ran.returncode, ran.stderr) == (0, "")
    assert '"ok":true' in ran.stdout


@pytest.mark.parametrize("block", CONFIGS, ids=_line)
def test_a_config_file_in_the_readme_can_be_read(block: Block, tmp_path: Path) -> None:
    (tmp_path / "fakestash.toml").write_text(block.text, encoding="utf-8")
    config = read_config(None, tmp_path)

    fake = worlds_of(config.under(Settings()), "http://127.0.0.1", print, config).default.fake

    assert (len(fake.queues), len(fake.schedules), len(fake.destinations)) == (1, 1, 1)


def test_the_work_at_a_terminal_does_what_it_says(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    with socket.create_server(("127.0.0.1", 0)) as closed:
        app = str(closed.getsockname()[1])
    command = [sys.executable, "-m", "fakestash", "dev", "--port", port, "--manual"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert "is running." in server.stdout.readline()
        ran = _in_shell(WORK.text.replace("3000", app), tmp_path, QSTASH_DEV_PORT=port)
        server.terminate()
        server.communicate()

    assert (ran.returncode, ran.stderr) == (0, "")
    wanted = ("attempt 1 of 2", "CREATED", "RETRY", "DLQ ID")
    assert [text for text in wanted if text not in ran.stdout] == []


def test_a_wrapped_test_command_passes(tmp_path: Path) -> None:
    test = "import os\n\ndef test_it():\n    assert os.environ['QSTASH_URL'].startswith('http://127')\n"
    (tmp_path / "test_it.py").write_text(test, encoding="utf-8")

    ran = _in_shell(COMMANDS[6].text, tmp_path, PYTEST_ADDOPTS="-p no:fakestash")

    assert (ran.returncode, "1 passed" in ran.stdout) == (0, True)
    assert ran.stderr.endswith("fakestash: 0 delivered, 0 failed, 0 pending\n")


def _in_shell(text: str, folder: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run commands as they stand, where the programs of this environment are found."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        ["/bin/sh", "-euc", text],
        cwd=folder,
        env={"PATH": path, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_parts_made_from_the_code_are_up_to_date() -> None:
    text = README.read_text(encoding="utf-8")

    assert text == generated(text), "run `python -m tests.readme` to make them anew"


def test_every_operation_is_claimed_by_a_test_and_no_other() -> None:
    operations = [
        f"{method} {template}"
        for template, methods in {**V2, **V1}.items()
        for method, endpoint in methods.items()
        if endpoint.handler is not None or endpoint.public is not None
    ]

    assert sorted(claim.rule for claim in claims() if claim.is_operation) == sorted(operations)


def test_claims_are_of_every_source_and_verdict() -> None:
    assert {claim.source for claim in claims()} == set(SOURCES)
    assert {claim.verdict for claim in claims()} == set(VERDICTS)


def test_every_test_named_in_the_table_of_differences_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", README.read_text(encoding="utf-8"))
    missing = [
        f"{file}::{name}"
        for file, name in named
        if not (path := README.parent / file).is_file()
        or f"def {name}(" not in path.read_text(encoding="utf-8")
    ]

    assert missing == []
    assert len(named) >= DIFFERENCES_AT_LEAST
