"""In the place of the vendor's own development server: its options, users, ports and console."""

import json
import socket
from collections.abc import Callable
from http.client import HTTPConnection, HTTPResponse

import pytest

from fakestash import cli
from fakestash.model.users import PREDEFINED_USERS, User
from tests.cli.dev_server import DevServer

Start = Callable[..., DevServer]

CONSOLE = "https://console.upstash.com"


def port_of(server: DevServer) -> int:
    return int(server.settings["QSTASH_URL"].rpartition(":")[2])


def ask(
    port: int, method: str, path: str, headers: dict[str, str] | None = None
) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection("127.0.0.1", port)
    connection.request(method, path, headers=headers or {})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


def bearer(user: User = PREDEFINED_USERS[0]) -> dict[str, str]:
    return {"Authorization": f"Bearer {user.token}"}


# --- options and variables -----------------------------------------------------------------


@pytest.mark.fidelity("development server: `-port` in all its forms", "sdk")
@pytest.mark.parametrize("form", ["-port {}", "-port={}", "--port {}", "--port={}"])
def test_the_port_may_be_given_in_any_form(form: str, start: Start, two_ports: int) -> None:
    server = start(*form.format(two_ports).split(), alone=True)

    assert port_of(server) == two_ports
    assert ask(two_ports, "GET", "/v2/keys", bearer())[0].status == 200


@pytest.mark.fidelity("development server: `QSTASH_DEV_PORT`, unless `-port` is given", "docs")
def test_an_option_is_stronger_than_a_variable(start: Start, two_ports: int) -> None:
    by_variable = start(alone=True, QSTASH_DEV_PORT=str(two_ports))
    by_option = start(QSTASH_DEV_PORT=str(two_ports))

    assert port_of(by_variable) == two_ports
    assert port_of(by_option) != two_ports


def test_an_empty_variable_is_none(two_ports: int, start: Start) -> None:
    server = start(
        "-port", str(two_ports), QSTASH_DEV_PORT="", QSTASH_DEV_LOG_PORT="", QSTASH_DEV_QUOTA=""
    )

    assert ask(two_ports + 1, "GET", "/v2/logs", bearer())[0].status == 200
    assert port_of(server) == two_ports


@pytest.mark.parametrize(
    ("variable", "value", "complaint"),
    [
        (
            *("QSTASH_DEV_PORT", "http"),
            "QSTASH_DEV_PORT must be a number from 0 to 65535, got 'http'",
        ),
        (
            *("QSTASH_DEV_LOG_PORT", "70000"),
            "QSTASH_DEV_LOG_PORT must be a number from 0 to 65535, got '70000'",
        ),
        ("QSTASH_DEV_QUOTA", "much", "QSTASH_DEV_QUOTA must be one of free, payg, pro, got 'much'"),
    ],
)
def test_a_variable_that_cannot_be_right_is_told_in_one_line(
    variable: str,
    value: str,
    complaint: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(variable, value)

    with pytest.raises(SystemExit) as ended:
        cli.main(["dev", "--port", "0"] if variable != "QSTASH_DEV_PORT" else ["dev"])

    assert ended.value.code == 2
    assert capsys.readouterr() == ("", f"fakestash: {complaint}\n")


@pytest.mark.fidelity("development server: `-quota` and `QSTASH_DEV_QUOTA`", "docs")
@pytest.mark.parametrize(
    ("options", "variable", "refused"),
    [
        ((), "", False),
        (("-quota", "free"), "", True),
        (("-quota=free",), "payg", True),
        ((), "free", True),
        (("--quota", "payg"), "free", False),
    ],
)
def test_the_quota_says_whose_limits_hold(
    options: tuple[str, ...], variable: str, refused: bool, start: Start
) -> None:
    server = start(*options, QSTASH_DEV_QUOTA=variable)

    status, answer = server.ask("POST", "/v2/publish/http://127.0.0.1:1/hook", Upstash_Delay="30d")

    assert status == (412 if refused else 201)
    assert ("quota maxDelay exceeded" in answer.get("error", "")) is refused


# --- users -----------------------------------------------------------------------------------


@pytest.mark.fidelity("development server: four users with tokens and keys of their own", "docs")
def test_each_of_the_four_users_has_its_token_and_its_keys(start: Start) -> None:
    port = port_of(start())

    for user in PREDEFINED_USERS:
        answer, body = ask(port, "GET", "/v2/keys", bearer(user))
        assert answer.status == 200
        assert json.loads(body) == {"current": user.keys.current, "next": user.keys.next}


# --- the port of the log ---------------------------------------------------------------------


@pytest.mark.fidelity("development server: the log on a second port, the next one", "docs")
@pytest.mark.parametrize("path", ["/v2/logs", "/v2/events", "/v2/LOGS/"])
def test_the_next_port_answers_for_the_log_as_the_first_one_does(
    path: str, start: Start, two_ports: int
) -> None:
    server = start("-port", str(two_ports))
    server.ask("POST", "/v2/publish/http://127.0.0.1:1/hook", Upstash_Delay="1d")

    first, second = (ask(port, "GET", path, bearer()) for port in (two_ports, two_ports + 1))

    assert first[0].status == second[0].status == 200
    assert first[1] == second[1]
    assert [event["state"] for event in json.loads(second[1])["events"]] == ["CREATED"]


@pytest.mark.parametrize("path", ["/v2/keys", "/v2/logs/x", "/_fakestash/clock", "/"])
def test_it_answers_for_nothing_else(path: str, start: Start, two_ports: int) -> None:
    start("-port", str(two_ports))

    answer, body = ask(two_ports + 1, "GET", path, bearer())

    assert answer.status == 404
    assert json.loads(body) == {"error": f"route not found: GET {path}"}


@pytest.mark.parametrize("by_variable", [False, True])
def test_it_may_be_another_port(by_variable: bool, start: Start, two_ports: int) -> None:
    options = () if by_variable else ("-log-port", str(two_ports))
    start(*options, **({"QSTASH_DEV_LOG_PORT": str(two_ports)} if by_variable else {}))

    assert ask(two_ports, "GET", "/v2/logs", bearer())[0].status == 200


def test_the_next_port_may_be_taken(start: Start, two_ports: int) -> None:
    with socket.create_server(("127.0.0.1", two_ports + 1)):
        server = start("-port", str(two_ports))

        assert server.ask("GET", "/v2/logs") == (200, {"events": []})
        server.process.terminate()
        code, _, complaint = server.end()

    assert code == 0
    assert complaint == (
        f"warning: port {two_ports + 1} is taken, so the log is served on {two_ports} alone: "
        "--log-port gives it another\n"
    )


def test_a_port_for_the_log_that_was_asked_for_must_be_free(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with pytest.raises(SystemExit) as ended:
            cli.main(["dev", "--port", "0", "-log-port", str(port)])

    assert ended.value.code == 2
    assert capsys.readouterr() == (
        "",
        f"fakestash: choose another --log-port, address already in use: 127.0.0.1:{port}\n",
    )


# --- the vendor's console ----------------------------------------------------------------------


@pytest.mark.fidelity("development server: the vendor's web console may call it", "docs")
def test_a_browser_lets_the_console_call_both_ports(start: Start, two_ports: int) -> None:
    start("-port", str(two_ports))
    preflight = {
        "Origin": CONSOLE,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization,content-type",
        "Access-Control-Request-Private-Network": "true",
        "Sec-Fetch-Mode": "cors",
        "Sec-Fetch-Site": "cross-site",
    }

    for port in (two_ports, two_ports + 1):
        allowed, _ = ask(port, "OPTIONS", "/v2/logs?count=10", preflight)
        answer, _ = ask(port, "GET", "/v2/logs?count=10", {**bearer(), "Origin": CONSOLE})

        assert (allowed.status, answer.status) == (204, 200)
        assert allowed.headers["Access-Control-Allow-Origin"] == CONSOLE
        assert allowed.headers["Access-Control-Allow-Headers"] == "authorization,content-type"
        assert "GET" in allowed.headers["Access-Control-Allow-Methods"]
        assert allowed.headers["Access-Control-Allow-Private-Network"] == "true"
        assert answer.headers["Access-Control-Allow-Origin"] == CONSOLE
