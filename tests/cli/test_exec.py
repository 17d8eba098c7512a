"""``fakestash exec``: a command with a server of its own, from its start to its exit code."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from fakestash.dev.wrapping import environment
from fakestash.model.users import DEFAULT_USER
from tests.npm_client import PROJECT, node_with_client

PYTHON_SUITE = Path(__file__).parents[1] / "examples" / "wrapped" / "orders_suite.py"
NOTHING = "fakestash: 0 delivered, 0 failed, 0 pending\n"
ENDED_WELL = (sys.executable, "-c", "")


def started(*args: str, **options: object) -> "subprocess.Popen[str]":
    """``fakestash exec`` with these words behind it."""
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]  # options of any kind
        (sys.executable, "-m", "fakestash", "exec", *args),
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options},
    )


def ran(*args: str, **options: object) -> tuple[int, str, str]:
    """How it ends: exit code, and all that is printed."""
    with started(*args, **options) as process:
        out, err = process.communicate(timeout=50)
    return process.returncode, out, err


def python(code: str) -> tuple[str, ...]:
    return ("--", sys.executable, "-c", code)


# --- what the command gets -----------------------------------------------------------------


def test_the_command_finds_a_server_of_its_own_by_its_environment() -> None:
    code = (
        "import json, os, urllib.request as r; e = os.environ; "
        "q = r.Request(e['QSTASH_URL'] + '/v2/keys', "
        "headers={'Authorization': 'Bearer ' + e['QSTASH_TOKEN']}); "
        "print(json.dumps([json.load(r.urlopen(q)), e['QSTASH_CURRENT_SIGNING_KEY'], "
        "e['QSTASH_NEXT_SIGNING_KEY'], e['QSTASH_DEV_PORT'] in e['QSTASH_URL'], "
        "e.get('QSTASH_DEV'), e.get('QSTASH_REGION'), e['MINE']]))"
    )
    outer = {
        **os.environ,
        "QSTASH_DEV": "true",
        "QSTASH_REGION": "eu-central-1",
        "QSTASH_URL": "https://qstash.upstash.io",
        "QSTASH_TOKEN": "the real one",
        "MINE": "kept",
    }

    exit_code, out, err = ran(*python(code), env=outer)

    current, following = DEFAULT_USER.keys
    keys = {"current": current, "next": following}
    assert (exit_code, err) == (0, NOTHING)
    assert json.loads(out) == [keys, current, following, True, None, None, "kept"]


def test_variables_that_lead_elsewhere_are_left_out() -> None:
    ours = {"QSTASH_URL": "http://127.0.0.1:8123", "QSTASH_TOKEN": "t"}

    assert environment({"QSTASH_DEV": "1", "QSTASH_REGION": "x", "QSTASH_TOKEN": "y"}, ours) == {
        **ours,
        "QSTASH_DEV_PORT": "8123",
    }


def test_input_output_and_arguments_are_the_commands_own() -> None:
    code = "import sys; print(sys.argv[1:], sys.stdin.read()); print('oh', file=sys.stderr)"

    exit_code, out, err = ran(
        "-q", "--", sys.executable, "-c", code, "--json", "-q", "--", stdin=subprocess.DEVNULL
    )

    assert (exit_code, out, err) == (0, "['--json', '-q', '--'] \n", "oh\n")


def test_a_command_without_options_of_ours_needs_no_dashes() -> None:
    assert ran(*python("import sys; print(sys.argv[1])")[1:], "-q") == (0, "-q\n", NOTHING)


@pytest.mark.parametrize(
    ("options", "pace"),
    [
        ((), ["real", 1]),
        (("--manual",), ["manual", 0]),
        (("--auto",), ["auto", 0]),
        (("--rate", "60"), ["rate", 60]),
        (("--mode", "rate", "--rate", "2"), ["rate", 2]),
        (("--mode", "auto"), ["auto", 0]),
    ],
)
def test_its_clock_goes_as_asked_for(options: tuple[str, ...], pace: list[object]) -> None:
    code, out, _ = ran(*options, "--", sys.executable, "-m", "fakestash", "clock", "--json")

    clock = json.loads(out)
    assert code == 0
    assert [clock["mode"], clock["rate"]] == pace


# --- how it ends ---------------------------------------------------------------------------


@pytest.mark.parametrize("code", [0, 1, 90, 255])
def test_its_exit_code_is_that_of_the_command(code: int) -> None:
    assert ran("--audit", *python(f"raise SystemExit({code})")) == (code, "", NOTHING)


def test_a_command_that_a_signal_ended_has_the_exit_code_of_shells() -> None:
    assert ran(*python("import os; os.kill(os.getpid(), 9)"))[0] == 128 + 9


def test_a_command_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    not_executable = tmp_path / "suite"
    not_executable.write_text("")

    assert ran("--", "no-such-command", "-q") == (
        127,
        "",
        "fakestash: command not found: no-such-command\n",
    )
    assert ran("--", str(not_executable)) == (
        126,
        "",
        f"fakestash: cannot run {not_executable}: Permission denied\n",
    )


def test_there_has_to_be_a_command() -> None:
    assert ran("--manual") == (
        2,
        "",
        "fakestash: Missing argument 'COMMAND...' (see fakestash exec --help)\n",
    )


def test_an_option_that_is_misspelled_is_no_command() -> None:
    code, out, err = ran("--manul", "--", *ENDED_WELL)

    assert (code, out) == (2, "")
    assert err.startswith("fakestash: No such option '--manul'")
    assert "'--manual'" in err


def test_modes_exclude_each_other() -> None:
    assert ran("--manual", "--auto", "--", *ENDED_WELL) == (
        2,
        "",
        "fakestash: --manual and --auto exclude each other: give one of them\n",
    )


def test_a_config_file_with_a_mistake_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "fakestash.toml").write_text("prot = 8080", encoding="utf-8")

    code, out, err = ran("--", *ENDED_WELL, cwd=tmp_path)

    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "prot" in err


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT", "SIGUSR1"])
def test_a_signal_is_passed_on(name: str) -> None:
    code = (
        "import signal, sys; number = signal." + name + "; "
        "signal.signal(number, lambda *_: sys.exit(7)); "
        "signal.pthread_sigmask(signal.SIG_BLOCK, []); "
        "print('ready', flush=True); [signal.pause() for _ in range(2)]"
    )
    # In a session of its own there is no terminal that would send it to the command as well.
    with started(*python(code), start_new_session=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.Signals[name])
        process.communicate(timeout=20)

    assert process.returncode == 7


@pytest.mark.skipif(sys.platform != "linux", reason="it takes a terminal as Linux has them")
def test_what_is_typed_reaches_the_command_once() -> None:
    code = (
        "import signal, sys\n"
        "seen = []\n"
        "def note(*_):\n"
        "    seen.append(1)\n"
        "    len(seen) == 1 and print('noted', flush=True)\n"
        "signal.signal(signal.SIGINT, note)\n"
        "signal.signal(signal.SIGUSR1, lambda *_: sys.exit(print(len(seen))))\n"
        "print('ready', flush=True)\n"
        "while True:\n"
        "    signal.pause()"
    )
    import fcntl
    import termios

    ours, its = os.openpty()

    def take_terminal() -> None:
        fcntl.ioctl(its, termios.TIOCSCTTY, 0)

    with (
        open(ours, "wb", buffering=0) as keyboard,  # noqa: PTH123 - there is no path
        started(
            *("-q", *python(code)),
            stdin=its,
            start_new_session=True,
            preexec_fn=take_terminal,
        ) as process,
    ):
        os.close(its)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        keyboard.write(b"\x03")
        assert process.stdout.readline() == "noted\n"
        process.send_signal(signal.SIGUSR1)
        out, err = process.communicate(timeout=20)

    assert (process.returncode, out, err) == (0, "1\n", "")


# --- the summary and the audit -------------------------------------------------------------


def published(url: str, *options: str) -> tuple[str, ...]:
    return ("--", sys.executable, "-m", "fakestash", "publish", url, *options)


def test_what_happened_is_told_when_the_command_has_ended() -> None:
    assert ran("--manual", *published("http://127.0.0.1:1/a"))[2] == (
        "fakestash: 0 delivered, 0 failed, 1 pending\n"
    )


CONTROL = (
    "import json, os, sys, urllib.request as r; e = os.environ\n"
    "def call(method, path, body=None, token=e['QSTASH_TOKEN'], **headers):\n"
    "    sent = json.dumps(body).encode() if body is not None else None\n"
    "    headers = {'Authorization': 'Bearer ' + token, **headers}\n"
    "    q = r.Request(e['QSTASH_URL'] + path, sent, headers, method=method)\n"
    "    return json.loads(r.urlopen(q).read() or b'{}')\n"
    "def publish(**more):\n"
    "    return call('POST', '/v2/publish/http://127.0.0.1:1/a', {}, **more)['messageId']\n"
)


def test_a_message_that_is_to_be_canceled_is_not_pending() -> None:
    code = CONTROL + "call('DELETE', '/v2/messages/' + publish(**{'Upstash-Delay': '1h'}))"

    assert ran("--audit", "--manual", *python(code)) == (
        0,
        "",
        "fakestash: 0 delivered, 0 failed, 0 pending, 1 canceled\n",
    )


def test_what_there_was_before_a_reset_and_in_worlds_that_ended_counts() -> None:
    code = CONTROL + (
        "publish()\n"
        "call('POST', '/_fakestash/reset')\n"
        "made = call('POST', '/_fakestash/worlds', {'name': 'mine'})\n"
        "publish(token=made['environment']['QSTASH_TOKEN'])\n"
        "call('DELETE', '/_fakestash/worlds/mine')"
    )

    exit_code, _, err = ran("--audit", "--manual", *python(code))

    assert exit_code == 90
    assert err.splitlines() == [
        "fakestash: 0 delivered, 0 failed, 2 pending",
        "fakestash: 2 things were left behind:",
        "  undelivered: #1 POST http://127.0.0.1:1/a: it is due now",
        "  undelivered: #1 POST http://127.0.0.1:1/a: it is due now (in mine)",
    ]


def test_scripts_of_the_config_file_need_not_be_used(tmp_path: Path) -> None:
    script = '[[destinations]]\nurl = "https://mail.test"\n'
    (tmp_path / "fakestash.toml").write_text(script, encoding="utf-8")

    assert ran("--audit", "--", *ENDED_WELL, cwd=tmp_path) == (0, "", NOTHING)


def test_what_chaos_did_is_told_for_each_beginning() -> None:
    code = CONTROL + (
        "call('POST', '/_fakestash/destinations', {'url': 'http://127.0.0.1:1/a'})\n"
        "for turn in ('reset', 'clock/run-until-idle'):\n"
        "    publish()\n"
        "    call('POST', '/_fakestash/clock/run-until-idle')\n"
        "    call('POST', '/_fakestash/' + turn)\n"
        "    call('POST', '/_fakestash/destinations', {'url': 'http://127.0.0.1:1/a'})\n"
    )

    assert ran("--manual", "--chaos", "1", *python(code))[2] == (
        "fakestash: 2 delivered, 0 failed, 0 pending\n"
        "fakestash: disturbed: deliver #1 twice\n"
        "fakestash: disturbed: deliver #1 twice\n"
    )


def test_chaos_that_is_none_is_refused() -> None:
    exit_code, _, err = ran("--chaos", "often", "--", *ENDED_WELL)

    assert exit_code == 2
    assert "fakestash: 'often' is no disturbance: write 'deliver #3 twice'" in err


def test_what_is_in_flight_then_has_a_moment_to_come_back() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        code = (
            "import os, urllib.request as r; e = os.environ\n"
            f"r.urlopen(r.Request(e['QSTASH_URL'] + '/v2/publish/{url}', b'', "
            "{'Authorization': 'Bearer ' + e['QSTASH_TOKEN']}))\n"
            "print(os.getpid(), flush=True)\n"
            "import sys; sys.stdin.read()"
        )
        with started(*python(code), stdin=subprocess.PIPE) as process:
            assert process.stdin is not None
            delivery, _ = listener.accept()
            with delivery:
                delivery.recv(65_536)
                process.stdin.close()
                process.stdin = None  # communicate() would flush it
                assert process.stdout is not None
                pid = int(process.stdout.readline())
                while is_there(pid):
                    pass
                delivery.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                _, err = process.communicate(timeout=20)

    assert err.splitlines()[-1] == "fakestash: 1 delivered, 0 failed, 0 pending"


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_an_audit_finds_what_is_left_behind() -> None:
    code, _, err = ran("--audit", "--manual", *published("http://127.0.0.1:1/a", "--delay", "1d"))

    assert code == 90
    assert err.splitlines()[0] == "fakestash: 0 delivered, 0 failed, 1 pending"
    assert err.splitlines()[1] == "fakestash: 1 thing was left behind:"
    assert err.splitlines()[2].startswith("  undelivered: #1 POST http://127.0.0.1:1/a: ")


def test_of_many_things_left_behind_the_first_are_told() -> None:
    code = (
        "import os, urllib.request as r; e = os.environ\n"
        "for _ in range(23): r.urlopen(r.Request(e['QSTASH_URL'] + "
        "'/v2/publish/http://127.0.0.1:1/a', b'', "
        "{'Authorization': 'Bearer ' + e['QSTASH_TOKEN']}))"
    )

    exit_code, _, err = ran("--audit", "--manual", *python(code))

    assert exit_code == 90
    assert err.splitlines()[1] == "fakestash: 23 things were left behind:"
    assert len(err.splitlines()) == 2 + 20 + 1
    assert err.splitlines()[-1] == "  ... and 3 more"


@pytest.mark.parametrize(
    ("name", "code"), [("test_an_order_arrives", 0), ("test_a_reminder_is_accepted", 90)]
)
def test_a_python_suite_is_run_and_audited(name: str, code: int) -> None:
    pytest_alone = (*("-p", "no:fakestash", "-p", "no:cacheprovider"), "-c", os.devnull)
    test = f"{PYTHON_SUITE}::{name}"
    outer = {**os.environ, "PYTEST_ADDOPTS": ""}  # what is asked of this run is not for that one

    exit_code, out, err = ran(
        "--audit", "--", sys.executable, "-m", "pytest", "-q", *pytest_alone, test, env=outer
    )

    assert "1 passed" in out
    assert exit_code == code
    assert f"fakestash: {int(not code)} delivered, 0 failed, {int(bool(code))} pending\n" in err


@pytest.mark.parametrize(("name", "code"), [("an order", 0), ("a reminder", 90)])
def test_a_javascript_suite_is_run_and_audited(name: str, code: int) -> None:
    node = node_with_client()
    command = (node, "--test", f"--test-name-pattern={name}", "orders.test.mjs")

    exit_code, out, err = ran("--audit", "--", *command, cwd=PROJECT)

    assert "pass 1" in out
    assert exit_code == code
    assert f"fakestash: {int(not code)} delivered, 0 failed, {int(bool(code))} pending\n" in err
