"""``fakestash clock``, the moves of time, ``reset``: what they do, and what they show of it."""

import io
from collections.abc import Callable

import pytest

from fakestash import FakeQStash
from tests.cli.dev_server import DevServer
from tests.cli.running import Answer, CommandLine, answering, as_terminal

ORDERS = "https://shop.test/orders"
STARTED = "2026-01-01T00:00:00Z"
NDJSON = "application/x-ndjson"


def test_a_move_tells_what_was_delivered_and_what_is_next(
    line: CommandLine, fake: FakeQStash
) -> None:
    fake.destination(ORDERS).responds(500, 200)
    message_id = line.done("publish", ORDERS).out.strip()

    assert line.done("advance", "5s").lines == [
        f"AT                    ATTEMPT  MESSAGE{' ' * 50}  ANSWER  WHAT",
        f"{STARTED}  1        {message_id}  500     HTTP status 500: {ORDERS}",
        f"{STARTED} to 2026-01-01T00:00:05Z: the instant was reached",
        "0 delivered, 1 failed",
        f"next at 2026-01-01T00:00:12Z: attempt 2 of 4 of {message_id} to {ORDERS}",
    ]
    assert line.done("next").lines[-3:] == [
        "2026-01-01T00:00:05Z to 2026-01-01T00:00:12Z: the next event was run",
        "1 delivered, 0 failed",
        "nothing is due",
    ]


@pytest.mark.parametrize(
    ("args", "ended"),
    [
        (("advance", "2h"), "2026-01-01T02:00:00Z"),
        (("advance-to", "2026-01-01T03:00:00Z"), "2026-01-01T03:00:00Z"),
        (("next",), "2026-01-01T01:00:00Z"),
        (("run-until-idle",), "2026-01-01T01:00:00Z"),
    ],
)
def test_time_is_moved_in_every_way(
    args: tuple[str, ...], ended: str, line: CommandLine, fake: FakeQStash
) -> None:
    fake.destination(ORDERS).responds(200)
    line.done("publish", ORDERS, "--delay", "1h")

    report = line.done(*args, "--json").json

    assert fake.now.isoformat().replace("+00:00", "Z") == ended
    assert (report["delivered"], len(report["deliveries"]), report["next"]) == (1, 1, None)


def test_an_instant_may_be_in_unix_ms(line: CommandLine, fake: FakeQStash) -> None:
    assert line.done("advance-to", "1767225600500", "--json").json["ended"] == 1_767_225_600_500
    assert line.done("reset", "--start", "0", "--json").json["now"] == 0


@pytest.mark.parametrize(
    ("command", "takes_one"),
    [("advance", True), ("advance-to", True), ("run-until-idle", True), ("next", False)],
)
def test_a_move_of_one_event_takes_no_limit(
    command: str, takes_one: bool, line: CommandLine
) -> None:
    assert ("--limit" in line.done(command, "--help").out) is takes_one


def test_a_move_to_no_purpose_is_refused_in_the_servers_words(
    line: CommandLine, fake: FakeQStash
) -> None:
    line.done("schedule", "* * * * *", ORDERS)
    fake.destination(ORDERS).responds(200)

    assert line.refused("advance", "soon").startswith("duration cannot be read: 'soon'")
    assert "10" in line.refused("advance", "1h", "--limit", "10")


def test_of_many_deliveries_the_last_are_shown(line: CommandLine, fake: FakeQStash) -> None:
    fake.destination(ORDERS).responds(200)
    line.done("schedule", "* * * * *", ORDERS)

    shown = line.done("advance", "30m").lines
    everything = line.done("advance", "30m", "--all").lines

    assert shown[0] == "the last 20 of 30 deliveries (--all shows them all):"
    assert shown[2].startswith("2026-01-01T00:11:00Z  1 ")
    assert len(shown) == 1 + 1 + 20 + 3
    assert len(everything) == 1 + 30 + 3


def test_the_clock_is_shown_and_put_back(line: CommandLine, fake: FakeQStash) -> None:
    fake.advance("1h")
    line.done("publish", ORDERS, "--delay", "1h")

    shown = line.done("clock").lines
    put_back = line.done("reset", "--start", "2026-06-01T00:00:00Z", "--seed", "7").lines

    assert shown[0] == "2026-01-01T01:00:00Z, manual"
    assert shown[1].startswith("next at 2026-01-01T02:00:00Z: attempt 1 of 4 of msg_")
    assert put_back == ["2026-06-01T00:00:00Z, manual", "nothing is due"]
    assert fake.messages == []
    assert line.done("reset", "--json").json["now"] == line.done("clock", "--json").json["now"]


def test_time_goes_on_in_another_way(line: CommandLine, start: Callable[..., DevServer]) -> None:
    url = start().settings["QSTASH_URL"]

    assert line.refused("advance", "1h", "--url", url).startswith(
        "the clock of this server runs by itself"
    )
    modes = [
        line.done("clock", "--url", url, *args).lines[0].partition(", ")[2]
        for args in (
            (),
            ("--rate", "60"),
            ("--mode", "rate", "--rate", "0.5"),
            ("--mode", "auto"),
            ("--mode", "manual"),
        )
    ]

    assert modes == ["real", "60 times as fast", "0.5 times as fast", "auto", "manual"]
    assert line.done("advance", "1h", "--url", url).lines[1] == "0 delivered, 0 failed"
    assert line.run("clock", "--mode", "auto", "--rate", "2") == (
        2,
        "",
        "fakestash: --rate goes with --mode rate, not with --mode auto\n",
    )


def test_a_control_token_opens_a_guarded_server(
    line: CommandLine, start: Callable[..., DevServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = start("--manual", "--control-token", "s3cret").settings["QSTASH_URL"]

    assert line.refused("next", "--url", url) == (
        "this server wants its control token here: give --control-token, or set "
        "FAKESTASH_CONTROL_TOKEN"
    )
    assert line.refused("next", "--url", url, "--control-token", "no").startswith(
        "this is not the control token that the server was started with: give --control-token"
    )
    line.done("next", "--url", url, "--control-token", "s3cret")
    monkeypatch.setenv("FAKESTASH_CONTROL_TOKEN", "s3cret")
    line.done("next", "--url", url)


# --- progress ------------------------------------------------------------------------------

REPORT = (
    b'{"started":1767225600000,"ended":1767229200000,"reason":"the instant was reached",'
    b'"delivered":0,"failed":0,"deliveries":[],"next":null}'
)
PROGRESS = (
    b'{"progress":{"now":1767225600000,"delivered":0,"failed":0,"pending":2000,'
    b'"until":1767229200000}}\n'
    b'{"progress":{"now":1767227400000,"delivered":1000,"failed":20,"pending":980,'
    b'"until":1767229200000}}\n'
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_long_move_tells_how_far_it_has_come_and_takes_that_away(
    line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = Terminal()
    as_terminal(monkeypatch)
    body = PROGRESS + b'{"report":' + REPORT + b"}\n"
    with answering({"/_fakestash/clock/advance": Answer(body, content_type=NDJSON)}) as url:
        monkeypatch.setattr("sys.stderr", seen)
        ran = line.run("advance", "1h", "--url", url)

    assert ran.lines[0] == f"{STARTED} to 2026-01-01T01:00:00Z: the instant was reached"
    assert seen.getvalue().split("\r\x1b[2K") == [
        "",
        f"{STARTED} (0 %): 0 delivered, 0 failed, 2,000 pending",
        "2026-01-01T00:30:00Z (50 %): 1,000 delivered, 20 failed, 980 pending",
        "",
    ]


def test_a_pipe_gets_no_progress(line: CommandLine) -> None:
    body = PROGRESS + b'{"report":' + REPORT + b"}\n"
    with answering({"/_fakestash/clock/next": Answer(body, content_type=NDJSON)}) as url:
        line.done("next", "--url", url)


@pytest.mark.parametrize(
    ("end", "complaint"),
    [(b'{"error":"too many events"}\n', "too many events"), (b"", "{} broke the move off")],
)
def test_a_move_may_go_wrong_on_its_way(end: bytes, complaint: str, line: CommandLine) -> None:
    answer = Answer(PROGRESS + end, content_type=NDJSON)
    with answering({"/_fakestash/clock/next": answer}) as url:
        assert line.refused("next", "--url", url).startswith(complaint.format(url))


def test_a_server_that_tells_no_progress_will_do(line: CommandLine) -> None:
    with answering({"/_fakestash/clock/next": Answer(REPORT)}) as url:
        assert line.done("next", "--url", url, "--json").json["reason"] == "the instant was reached"
