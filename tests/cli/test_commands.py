"""The command line: what it refuses, in exactly one line, and how it exits."""

import errno
import os
import socket
import subprocess
import sys
from importlib.metadata import PackageNotFoundError

import pytest

from fakestash import cli
from fakestash.cli import serving


def run(*args: str) -> int:
    with pytest.raises(SystemExit) as exited:
        cli.main(args)
    assert isinstance(exited.value.code, int)
    return exited.value.code


@pytest.mark.parametrize(
    ("args", "complaint"),
    [
        (("dev", "--port", "abc"), "--port must be a number from 0 to 65535, got 'abc'"),
        (("dev", "--port", "99999"), "--port must be a number from 0 to 65535, got '99999'"),
        (("dev", "--port", "65536"), "--port must be a number from 0 to 65535, got '65536'"),
        (("dev", "--port", "-1"), "--port must be a number from 0 to 65535, got '-1'"),
        (("dev", "--port", ""), "--port must be a number from 0 to 65535, got ''"),
        (("dev", "--port", "8\n1"), r"--port must be a number from 0 to 65535, got '8\n1'"),
        (
            ("dev", "--rate", "0"),
            "--rate must be a number from 0.001 to 1000000, such as 60, got '0'",
        ),
        (
            ("dev", "--rate", "nan"),
            "--rate must be a number from 0.001 to 1000000, such as 60, got 'nan'",
        ),
        (
            ("dev", "--rate", "inf"),
            "--rate must be a number from 0.001 to 1000000, such as 60, got 'inf'",
        ),
        (
            ("dev", "--rate", "fast"),
            "--rate must be a number from 0.001 to 1000000, such as 60, got 'fast'",
        ),
        (
            ("dev", "--rate", "2", "--manual"),
            "--rate and --manual exclude each other: give one of them",
        ),
        (("nonsense",), "No such command 'nonsense'."),
        *(
            (
                (command, "nonsense"),
                f"Got unexpected extra argument (nonsense) (see fakestash {command} --help)",
            )
            for command in ("dev", "demo")
        ),
        (
            ("dev", "--port", "0", "--mode", "rate"),
            'the mode "rate" needs a rate beside it: a number from 0.001 to 1000000, such as 60',
        ),
        (
            ("dev", "--port", "0", "--watch"),
            "there is no file to watch: make a fakestash.toml, or name it by --config",
        ),
        (
            ("dev", "--port", "0", "--host", "192.0.2.1"),  # an address that no machine has
            f"cannot listen on 192.0.2.1:0: {os.strerror(errno.EADDRNOTAVAIL)}",
        ),
        (("dev", "--host", "a..b"), "cannot listen on 'a..b': that is no host"),
    ],
)
def test_a_mistake_is_told_in_one_line(
    args: tuple[str, ...], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*args) == 2
    assert capsys.readouterr() == ("", f"fakestash: {complaint}\n")


def test_a_host_that_nobody_knows_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    assert run("dev", "--host", "shop.test") == 2
    assert capsys.readouterr() == (
        "",
        "fakestash: cannot listen on shop.test:8080: Name or service not known\n",
    )


def test_an_unknown_option_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("dev", "--prot", "80") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("fakestash: No such option")
    assert "--prot" in err
    assert err.count("\n") == 1


@pytest.mark.fidelity("development server: a port in use", "sdk")
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_port_in_use_is_told_in_the_words_that_clients_look_for(
    host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]

        assert run("dev", "--host", host, "--port", str(port)) == 2
    assert capsys.readouterr() == (
        "",
        f"fakestash: choose another --port, address already in use: {host}:{port}\n",
    )


def test_a_port_in_use_ends_the_process() -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        ran = subprocess.run(
            (sys.executable, "-m", "fakestash", "dev", "--port", str(port)),
            capture_output=True,
            text=True,
            check=False,
        )

    assert (ran.returncode, ran.stdout, ran.stderr) == (
        2,
        "",
        f"fakestash: choose another --port, address already in use: 127.0.0.1:{port}\n",
    )


def test_the_version_is_that_of_the_installed_package(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "version", {"fakestash": "1.2.3"}.__getitem__)

    assert run("--version") == 0
    assert capsys.readouterr() == ("fakestash 1.2.3\n", "")


def test_a_source_tree_has_no_version(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def not_found(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(cli, "version", not_found)

    assert run("--version") == 0
    assert capsys.readouterr() == ("fakestash (run from its source, not installed)\n", "")


@pytest.mark.parametrize("args", [(), ("--help",), ("-h",)])
def test_help_lists_the_commands(args: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*args) == 0
    out, err = capsys.readouterr()
    assert "\n  demo  " in out
    assert "\n  dev   " in out
    assert err == ""


def test_the_help_of_dev_explains_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("dev", "--help") == 0
    out, _ = capsys.readouterr()
    assert [option for option in ("--port", "--host", "--rate", "--manual") if option in out] == [
        "--port",
        "--host",
        "--rate",
        "--manual",
    ]


def test_ctrl_c_breaks_a_command_off_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(text: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(serving, "show", interrupted)

    assert run("demo") == 130
    assert capsys.readouterr().err.strip() == ""


def test_a_command_whose_output_nobody_reads_ends_quietly() -> None:
    reader, writer = os.pipe()
    os.close(reader)

    ran = subprocess.run(
        (sys.executable, "-m", "fakestash", "env"),
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )

    os.close(writer)
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize("name", ["dev", "exec", "publish", "advance", "dlq", "snapshot"])
def test_each_command_has_a_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(name, "--help") == 0
    assert capsys.readouterr().out.startswith(f"Usage: fakestash {name}")


def test_help_loads_no_server_and_no_client() -> None:
    code = (
        "import sys; sys.argv = ['fakestash', '--help']; from fakestash.cli import main\n"
        "try: main()\n"
        "except SystemExit: print(sorted({'asyncio', 'http.client', 'starlette', 'uvicorn', "
        "'fakestash.engine', 'fakestash.model'} & set(sys.modules)), file=sys.stderr)"
    )

    ran = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=False)

    assert ran.stderr == "[]\n"


def test_nobody_reading_the_output_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)

    ran = subprocess.run(
        (sys.executable, "-m", "fakestash", "demo"),
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )

    os.close(writer)
    assert (ran.returncode, ran.stderr) == (0, "")
