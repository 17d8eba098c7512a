"""The development server as a process: what it prints, what it delivers, how it ends."""

import re
import signal
import socket
from collections.abc import Callable, Iterator

import pytest

from tests.cli.dev_server import DevServer

Start = Callable[..., DevServer]

SETTINGS = {
    "QSTASH_TOKEN": "eyJVc2VySUQiOiJkZWZhdWx0VXNlciIsIlBhc3N3b3JkIjoiZGVmYXVsdFBhc3N3b3JkIn0=",
    "QSTASH_CURRENT_SIGNING_KEY": "sig_7kYjw48mhY7kAjqNGcy6cr29RJ6r",
    "QSTASH_NEXT_SIGNING_KEY": "sig_5ZB6DVzB1wjE8S6rZ7eenA8Pdnhs",
}
IDLE = "stopped: 0 messages were pending, 0 in the dead letter queue\n"


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a destination that takes requests and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/hook"


@pytest.fixture
def closed() -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}/hook"


def log_states(server: DevServer, message_id: str) -> list[str]:
    _, found = server.ask("GET", f"/v2/logs?messageId={message_id}&order=earliestFirst")
    return [event["state"] for event in found["events"]]


def wait_for(server: DevServer, message_id: str, state: str) -> None:
    while state not in log_states(server, message_id):
        pass


# --- what it prints ------------------------------------------------------------------------


@pytest.mark.fidelity("development server: the lines that clients wait for", "sdk")
def test_the_start_up_lines_have_the_form_that_clients_look_for(start: Start) -> None:
    server = start()

    url = server.settings["QSTASH_URL"]
    assert re.search(r"runn+ing( at|\.)", server.lines[0], re.IGNORECASE)
    assert server.lines == [
        "The fakestash development server for QStash is running.",
        "",
        f"QSTASH_URL={url}",
        *(f"{name}={value}" for name, value in SETTINGS.items()),
        "",
        "Publish a message to an app of yours:",
        f"curl -X POST {url}/v2/publish/http://127.0.0.1:3000/ \\",
        f'  -H "Authorization: Bearer {SETTINGS["QSTASH_TOKEN"]}"',
    ]


def test_when_they_are_printed_the_port_is_open(start: Start) -> None:
    server = start()

    assert server.ask("GET", "/v2/keys") == (
        200,
        {
            "current": SETTINGS["QSTASH_CURRENT_SIGNING_KEY"],
            "next": SETTINGS["QSTASH_NEXT_SIGNING_KEY"],
        },
    )


def test_a_server_that_others_can_reach_warns_in_a_line(start: Start) -> None:
    server = start("--host", "0.0.0.0")  # noqa: S104 - for a moment

    assert server.settings["QSTASH_URL"].startswith("http://127.0.0.1:")
    assert server.ask("GET", "/v2/keys")[0] == 200
    server.process.terminate()
    assert server.end() == (
        0,
        IDLE,
        "warning: 0.0.0.0 can be reached from other machines, and the token is public\n",
    )


# --- what it does --------------------------------------------------------------------------


def test_it_retries_at_its_rate_and_keeps_what_failed(start: Start, closed: str) -> None:
    server = start("--rate", "600")

    status, published = server.ask("POST", f"/v2/publish/{closed}", Upstash_Retries="1")
    message_id = published["messageId"]
    wait_for(server, message_id, "FAILED")

    assert status == 201
    assert log_states(server, message_id) == [
        *("CREATED", "ACTIVE", "ERROR", "RETRY", "ACTIVE", "ERROR", "FAILED"),
    ]
    _, letters = server.ask("GET", "/v2/dlq")
    assert [letter["messageId"] for letter in letters["messages"]] == [message_id]


def test_time_outs_shrink_with_the_rate(start: Start, silent: str) -> None:
    server = start("--rate", "600")

    _, published = server.ask(
        "POST", f"/v2/publish/{silent}", Upstash_Retries="0", Upstash_Timeout="60s"
    )
    wait_for(server, published["messageId"], "FAILED")

    _, found = server.ask("GET", "/v2/logs?state=ERROR")
    assert [event["error"] for event in found["events"]] == ["context deadline exceeded"]


def test_each_start_makes_other_ids(start: Start, closed: str) -> None:
    first, second = (
        start().ask("POST", f"/v2/publish/{closed}", Upstash_Delay="1d") for _ in range(2)
    )

    assert first != second


def test_a_clock_that_runs_tells_how_and_cannot_be_moved(start: Start) -> None:
    server = start("--rate", "60")

    status, clock = server.ask("GET", "/_fakestash/clock")
    assert status == 200
    assert {**clock, "now": 0} == {"now": 0, "mode": "rate", "rate": 60, "next": None}
    for move in ("advance", "advance-to", "next", "run-until-idle"):
        body = {"advance": {"duration": 1}, "advance-to": {"instant": clock["now"] * 2}}.get(move)
        assert server.ask("POST", f"/_fakestash/clock/{move}", body) == (
            409,
            {
                "error": "the clock of this server runs by itself and cannot be moved: to move it "
                'by hand, POST {"mode": "manual"} to /_fakestash/clock/mode, or start it with '
                "`fakestash dev --manual`"
            },
        )


def test_a_manual_clock_delivers_when_it_is_moved(start: Start, closed: str) -> None:
    server = start("--manual")

    _, published = server.ask("POST", f"/v2/publish/{closed}", Upstash_Retries="1")
    message_id = published["messageId"]
    _, clock = server.ask("GET", "/_fakestash/clock")
    now = clock["now"]
    event = f"attempt {{}} of 2 of {message_id} to {closed}"
    assert clock == {
        "now": now,
        "mode": "manual",
        "rate": 0,
        "next": {"at": now, "event": event.format(1)},
    }

    port = closed.rpartition(":")[2].partition("/")[0]
    refused = {
        "at": now,
        "messageId": message_id,
        "url": closed,
        "retried": 0,
        "status": None,
        "error": f"dial tcp 127.0.0.1:{port}: connect: connection refused",
    }
    assert server.ask("POST", "/_fakestash/clock/next") == (
        200,
        {
            "started": now,
            "ended": now,
            "reason": "the next event was run",
            "delivered": 0,
            "failed": 1,
            "deliveries": [refused],
            "next": {"at": now + 12_000, "event": event.format(2)},
        },
    )
    assert server.ask("POST", "/_fakestash/clock/advance", {"duration": "1m"}) == (
        200,
        {
            "started": now,
            "ended": now + 60_000,
            "reason": "the instant was reached",
            "delivered": 0,
            "failed": 1,
            "deliveries": [{**refused, "at": now + 12_000, "retried": 1}],
            "next": None,
        },
    )


# --- how it ends ---------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_well_and_says_so(number: signal.Signals, start: Start) -> None:
    server = start()

    server.process.send_signal(number)

    assert server.end() == (0, IDLE, "")


def test_it_tells_what_was_pending(start: Start, closed: str) -> None:
    server = start()
    for delay in ("1h", "2h"):
        server.ask("POST", f"/v2/publish/{closed}", Upstash_Delay=delay)
    _, published = server.ask("POST", f"/v2/publish/{closed}", Upstash_Retries="0")
    wait_for(server, published["messageId"], "FAILED")

    server.process.terminate()

    code, out, err = server.end()
    assert (code, err) == (0, "")
    assert re.fullmatch(
        r"stopped: 2 messages were pending \(next due in (1 h|59 m \d+ s|59 m)\), "
        r"1 in the dead letter queue\n",
        out,
    )


def test_deliveries_under_way_are_cut_off_and_counted(start: Start, silent: str) -> None:
    server = start()
    _, published = server.ask("POST", f"/v2/publish/{silent}", Upstash_Retries="0")
    wait_for(server, published["messageId"], "ACTIVE")

    server.process.terminate()

    assert server.end() == (
        0,
        "stopped: 1 message was pending (1 cut off in delivery), 0 in the dead letter queue\n",
        "",
    )


def test_a_move_under_way_is_cut_off(start: Start, silent: str) -> None:
    server = start("--manual")
    server.ask("POST", f"/v2/publish/{silent}")
    address = server.settings["QSTASH_URL"].removeprefix("http://").split(":")
    with socket.create_connection((address[0], int(address[1]))) as client:
        client.sendall(b"POST /_fakestash/clock/next HTTP/1.1\r\nHost: a\r\n\r\n")
        while server.ask("GET", "/_fakestash/clock")[1]["next"] is not None:
            pass

        server.process.terminate()

        assert server.end() == (
            0,
            "stopped: 1 message was pending (1 cut off in delivery), 0 in the dead letter queue\n",
            "",
        )
        assert client.recv(1) == b""


def test_more_signals_while_it_ends_change_nothing(start: Start, silent: str) -> None:
    server = start()
    server.ask("POST", f"/v2/publish/{silent}")

    for number in (signal.SIGINT, signal.SIGINT, signal.SIGTERM, signal.SIGINT):
        server.process.send_signal(number)

    code, _, err = server.end()
    assert (code, err) == (0, "")


def test_it_outlives_whoever_read_its_output(start: Start) -> None:
    server = start()
    assert server.process.stdout is not None
    server.process.stdout.close()
    server.process.stdout = None

    assert server.ask("GET", "/v2/keys")[0] == 200
    server.process.terminate()

    assert server.end() == (0, "", "")


def test_a_port_is_free_again_at_once(start: Start) -> None:
    server = start()
    port = server.settings["QSTASH_URL"].rpartition(":")[2]
    server.process.terminate()
    server.end()

    assert start("--port", port).settings["QSTASH_URL"].endswith(f":{port}")
