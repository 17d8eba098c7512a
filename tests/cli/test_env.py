"""``fakestash env``: what it prints is what a shell, or a reader of files, understands."""

import os
import subprocess

import pytest

from fakestash.model.users import DEFAULT_USER, PREDEFINED_USERS
from tests.cli.running import CommandLine

URL = "http://127.0.0.1:8080"
VARIABLES = {
    "QSTASH_URL": URL,
    "QSTASH_TOKEN": DEFAULT_USER.token,
    "QSTASH_CURRENT_SIGNING_KEY": DEFAULT_USER.keys.current,
    "QSTASH_NEXT_SIGNING_KEY": DEFAULT_USER.keys.next,
}
ODD_URL = "http://a'b\\c$d:1"


def test_a_shell_sets_the_variables(line: CommandLine) -> None:
    text = line.done("env").out

    env = {"PATH": os.environ["PATH"]}
    ran = subprocess.run(
        ["/bin/sh", "-c", f"{text}\nenv"], env=env, capture_output=True, text=True, check=True
    )

    found = dict(each.split("=", 1) for each in ran.stdout.splitlines())
    assert {name: found[name] for name in VARIABLES} == VARIABLES


@pytest.mark.parametrize(
    ("shell", "url"),
    [
        ("sh", "export QSTASH_URL='http://a'\"'\"'b\\c$d:1'"),
        ("fish", r"set -gx QSTASH_URL 'http://a\'b\\c$d:1'"),
        ("powershell", r"$env:QSTASH_URL = 'http://a''b\c$d:1'"),
        ("dotenv", r"QSTASH_URL=http://a'b\c$d:1"),
    ],
)
def test_each_reader_gets_its_own_quotes(shell: str, url: str, line: CommandLine) -> None:
    lines = line.done("env", "--shell", shell, "--url", ODD_URL).lines

    assert lines[0] == url
    assert len(lines) == 4


def test_json_is_an_object(line: CommandLine) -> None:
    assert line.done("env", "--json").json == VARIABLES
    assert line.done("env", "--shell", "json").json == VARIABLES


def test_the_port_is_that_of_the_development_server(
    line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QSTASH_DEV_PORT", "8090")
    monkeypatch.setenv("QSTASH_URL", "https://qstash.upstash.io")

    assert line.done("env", "--json").json["QSTASH_URL"] == "http://127.0.0.1:8090"


def test_another_user_may_be_asked_for(line: CommandLine) -> None:
    assert line.done("env", "--user", "testUser2", "--json").json == {
        "QSTASH_URL": URL,
        "QSTASH_TOKEN": PREDEFINED_USERS[2].token,
        "QSTASH_CURRENT_SIGNING_KEY": PREDEFINED_USERS[2].keys.current,
        "QSTASH_NEXT_SIGNING_KEY": PREDEFINED_USERS[2].keys.next,
    }
    assert line.run("env", "--user", "me") == (
        2,
        "",
        "fakestash: --user must be one of defaultUser, testUser1, testUser2, testUser3, got 'me'\n",
    )


def test_what_is_no_url_is_refused(line: CommandLine) -> None:
    assert line.run("env", "--url", "localhost:8080") == (
        2,
        "",
        "fakestash: 'localhost:8080' is no URL of a server, such as http://127.0.0.1:8080\n",
    )
