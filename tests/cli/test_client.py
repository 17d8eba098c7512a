"""How commands find a server, and what they say when there is none, or another."""

import os
import socket

import pytest

from fakestash import FakeQStash
from fakestash.model.users import PREDEFINED_USERS
from tests.cli.running import Answer, CommandLine, answering

ORDERS = "https://shop.test/orders"


@pytest.fixture
def nobody() -> str:
    """The URL of a port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_an_option_is_stronger_than_the_environment(
    line: CommandLine, fake: FakeQStash, nobody: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = os.environ["QSTASH_URL"]
    monkeypatch.setenv("QSTASH_URL", nobody)
    monkeypatch.setenv("QSTASH_TOKEN", "nobody's")

    line.done("publish", ORDERS, "--url", f"{url}/", "--token", fake.token)

    assert len(fake.messages) == 1


def test_without_a_token_it_is_the_default_user(
    line: CommandLine, fake: FakeQStash, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.done("publish", ORDERS, "--token", PREDEFINED_USERS[1].token)
    monkeypatch.delenv("QSTASH_TOKEN")
    line.done("publish", ORDERS)

    assert len(fake.messages) == 1


def test_a_token_of_nobody_is_told_with_what_to_do(line: CommandLine, fake: FakeQStash) -> None:
    assert line.refused("publish", ORDERS, "--token", "nobody's") == (
        "unable to authenticate: invalid token; give --token or set QSTASH_TOKEN, or unset it for "
        "the default user"
    )


def test_a_proxy_is_not_asked(
    line: CommandLine, fake: FakeQStash, nobody: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, nobody)

    line.done("publish", ORDERS)

    assert len(fake.messages) == 1


@pytest.mark.parametrize(
    "command",
    [
        ("publish", ORDERS),
        ("schedule", "@daily", ORDERS),
        ("logs",),
        ("dlq", "list"),
        ("explain", "msg_1"),
        ("upcoming",),
        ("clock",),
        ("advance", "1h"),
        ("advance-to", "2026-01-01T00:00:00Z"),
        ("next",),
        ("run-until-idle",),
        ("reset",),
        ("snapshot", "save"),
    ],
)
def test_that_nobody_listens_is_told_in_one_line(
    command: tuple[str, ...], line: CommandLine, nobody: str
) -> None:
    assert line.refused(*command, "--url", nobody) == (
        f"nothing listens at {nobody}: start a server with `fakestash dev`, "
        "or say where one is with --url"
    )


def test_the_usual_place_is_that_of_the_development_server(
    line: CommandLine, nobody: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QSTASH_DEV_PORT", nobody.rpartition(":")[2])

    assert line.refused("logs").startswith(f"nothing listens at {nobody}: ")


def test_a_host_that_nobody_knows_is_told(
    line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    assert line.refused("logs", "--url", "http://shop.test") == (
        f"cannot connect to http://shop.test: [Errno {socket.EAI_NONAME}] Name or service not known"
    )


@pytest.mark.parametrize(
    "url",
    ["https://qstash.upstash.io", "https://qstash-us-east-1.upstash.io/", "http://UPSTASH.IO"],
)
def test_the_service_itself_is_left_alone(
    url: str, line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QSTASH_URL", url)

    assert line.run("dlq", "delete", "--all") == (
        2,
        "",
        (
            f"fakestash: {url} is the service itself, which these commands leave alone: "
            "name a server of your own with --url, or unset QSTASH_URL\n"
        ),
    )


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "ftp://a", "http://", "http://a:b", "http://[a"])
def test_what_is_no_url_is_told(url: str, line: CommandLine) -> None:
    assert line.run("logs", "--url", url) == (
        2,
        "",
        f"fakestash: {url!r} is no URL of a server, such as http://127.0.0.1:8080\n",
    )


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (
            None,
            (
                "gave no answer that can be read (RemoteDisconnected): is it a fakestash server, "
                "and still there?"
            ),
        ),
        (Answer(b"<html>"), "answered no JSON: is it a fakestash server?"),
        (Answer(b"<html>", 404), "answered 404: is it a fakestash server?"),
        (Answer(b'["error"]', 500), "answered 500: is it a fakestash server?"),
    ],
)
def test_a_server_of_another_kind_is_told(
    answer: Answer | None, complaint: str, line: CommandLine
) -> None:
    with answering({} if answer is None else {"/v2/dlq": answer}) as url:
        assert line.refused("dlq", "list", "--url", url) == f"{url} {complaint}"


def test_a_server_without_the_control_api_is_told(line: CommandLine) -> None:
    text = "route not found: GET /_fakestash/clock"
    with answering({"/_fakestash/clock": Answer(b'{"error":"%s"}' % text.encode(), 404)}) as url:
        assert line.refused("clock", "--url", url) == (
            f"{text}: {url} is no fakestash server, or one of another version"
        )
