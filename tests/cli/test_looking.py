"""``fakestash logs``, ``dlq``, ``upcoming`` and ``explain``: what a terminal and a pipe get."""

import json
from collections.abc import Iterator

import pytest

from fakestash import FakeQStash
from fakestash.cli import log
from fakestash.cli.options import server_at
from tests.cli.running import CommandLine, as_terminal

ORDERS = "https://shop.test/orders"


@pytest.fixture
def failed(line: CommandLine, fake: FakeQStash) -> str:
    """The id of a message that was tried twice in vain; all that there is."""
    fake.destination(ORDERS).responds((500, {}, "no stock\x1b[2J"))
    message_id = line.done("publish", ORDERS, "--retries", "1").out.strip()
    fake.advance("1h")
    return message_id


# --- logs ----------------------------------------------------------------------------------


def test_the_log_for_a_pipe_is_whole(line: CommandLine, failed: str) -> None:
    error = f"HTTP status 500: {ORDERS}"
    started, retried = "2026-01-01T00:00:00Z    ", "2026-01-01T00:00:12Z    "

    assert line.done("logs").lines == [
        f"TIME                      STATE      MESSAGE{' ' * 50}  WHAT",
        f"{started}  CREATED    {failed}  {ORDERS}",
        f"{started}  ACTIVE     {failed}  {ORDERS}",
        f"{started}  ERROR      {failed}  {error}",
        f"{started}  RETRY      {failed}  next at 2026-01-01T00:00:12Z: {ORDERS}",
        f"{retried}  ACTIVE     {failed}  {ORDERS}",
        f"{retried}  ERROR      {failed}  {error}",
        f"{retried}  FAILED     {failed}  {ORDERS}",
    ]


def test_the_log_fits_a_terminal(
    line: CommandLine, failed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_terminal(monkeypatch)

    lines = line.done("logs").lines

    assert max(map(len, lines)) <= 80
    assert lines[3].split("  ")[-1] == "HTTP status 500: https://..."
    assert f"...{failed[-10:]}" in lines[3]


def test_the_latest_events_come_last_and_may_be_chosen(line: CommandLine, failed: str) -> None:
    everything = line.done("logs", "--json").json["events"]

    assert [event["state"] for event in everything] == [
        *("CREATED", "ACTIVE", "ERROR", "RETRY", "ACTIVE", "ERROR", "FAILED")
    ]
    assert line.done("logs", "-n", "2", "--json").json["events"] == everything[-2:]
    assert line.done("logs", "--state", "error", "--json").json["events"] == [
        everything[2],
        everything[5],
    ]
    by_ending = line.done("logs", "--message", failed[-8:], "--json").json["events"]
    assert by_ending == everything
    assert line.done("logs", "--to", "https://other.test", "--json").json == {"events": []}


def test_more_events_than_an_answer_has_are_read_page_by_page(
    line: CommandLine, failed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "_PAGE", 2)

    found = line.done("logs", "-n", "5", "--json").json["events"]

    assert [event["state"] for event in found] == ["ERROR", "RETRY", "ACTIVE", "ERROR", "FAILED"]


@pytest.mark.parametrize("count", ["0", "-1", "many", ""])
def test_a_count_is_at_least_one(count: str, line: CommandLine) -> None:
    ran = line.run("logs", f"--count={count}")

    assert ran == (2, "", f"fakestash: --count must be a whole number from 1, got {count!r}\n")


# --- following -----------------------------------------------------------------------------


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have whoever follows a log look again without a pause."""
    monkeypatch.setattr(log, "_PAUSE_S", 0)


def followed(known: int) -> Iterator[list[str]]:
    """The states of what comes after the latest events, so many of which are known."""
    read = log.Log(server_at(None, None, None), {})
    latest = read.latest(known) if known else []
    return ([event["state"] for event in new] for new in log.followed(read, latest))


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("known", [0, 1, 2])
def test_what_is_followed_comes_once_also_where_time_stands_still(
    known: int, line: CommandLine, fake: FakeQStash
) -> None:
    fake.destination(ORDERS).responds(200)
    for _ in range(2):
        line.done("publish", ORDERS)
    following = followed(known)

    if known == 0:
        assert next(following) == ["CREATED", "CREATED"]
    line.done("publish", ORDERS)
    assert next(following) == ["CREATED"]
    fake.advance(0)
    assert next(following) == ["ACTIVE", "DELIVERED"] * 3
    fake.advance("1s")
    line.done("publish", ORDERS)
    assert next(following) == ["CREATED"]


@pytest.mark.usefixtures("at_once")
def test_a_log_that_begins_anew_is_followed_from_its_beginning(
    line: CommandLine, fake: FakeQStash
) -> None:
    line.done("publish", ORDERS, "--delay", "1d")
    following = followed(1)
    line.done("publish", ORDERS, "--delay", "1d")
    assert next(following) == ["CREATED"]

    fake.reset()
    line.done("publish", ORDERS, "--delay", "1d")

    assert next(following) == ["CREATED"]


def test_a_followed_log_in_json_is_a_line_for_each_event(
    line: CommandLine, failed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def two_more(_: object, known: list[dict[str, str]]) -> Iterator[list[dict[str, str]]]:
        yield known[-2:]

    monkeypatch.setattr(log, "followed", two_more)

    lines = line.done("logs", "--follow", "--json", "-n", "3").lines
    rows = line.done("logs", "--follow", "-n", "3").lines

    assert [json.loads(each)["state"] for each in lines] == [
        *("ACTIVE", "ERROR", "FAILED", "ERROR", "FAILED")
    ]
    assert [row[:4] for row in rows] == ["TIME", *["2026"] * 5]


# --- the dead letter queue -----------------------------------------------------------------


def test_dead_letters_are_listed_with_what_came_back(line: CommandLine, failed: str) -> None:
    (letter,) = line.done("dlq", "list", "--json").json["messages"]

    assert letter["messageId"] == failed
    assert line.done("dlq", "list").lines == [
        f"DLQ ID           MESSAGE{' ' * 50}  STATUS  WHAT",
        f"{letter['dlqId']}  {failed}  500     POST {ORDERS}: no stock\\x1b[2J",
    ]


def test_an_empty_queue_is_told_so(line: CommandLine, fake: FakeQStash) -> None:
    assert line.done("dlq", "list").out == "the dead letter queue is empty\n"


def test_an_empty_log_is_told_so(line: CommandLine, fake: FakeQStash) -> None:
    assert line.done("logs", "--state", "ERROR").out == "there is nothing in the log\n"
    assert line.done("logs", "--json").json == {"events": []}
    assert line.done("dlq", "list", "--json").json == {"messages": []}
    assert line.done("dlq", "retry", "--all").out == ""
    assert line.done("dlq", "delete", "--all").out == "0 deleted\n"


def test_dead_letters_are_retried(line: CommandLine, failed: str, fake: FakeQStash) -> None:
    (letter,) = fake.dead_letters

    ran = line.done("dlq", "retry", letter.dlq_id)

    assert ran.lines == [fake.messages[-1].id] != [failed]
    assert fake.dead_letters == []


def test_all_dead_letters_are_retried_or_deleted_however_many_they_are(
    line: CommandLine, fake: FakeQStash
) -> None:
    fake.destination(ORDERS).responds(500)
    for _ in range(101):
        server_at(None, None, None).ask(
            "POST", f"/v2/publish/{ORDERS}", headers={"Upstash-Retries": "0"}
        )
    fake.advance(0)
    assert len(line.done("dlq", "list", "-n", "101", "--json").json["messages"]) == 101

    retried = line.done("dlq", "retry", "--all", "--json").json["responses"]
    assert len(retried) == 101
    fake.advance(0)
    assert line.done("dlq", "delete", "--all", "--json").json == {"deleted": 101}
    assert fake.dead_letters == []


def test_a_dead_letter_that_is_gone_is_no_success(line: CommandLine, failed: str) -> None:
    (letter,) = line.done("dlq", "list", "--json").json["messages"]

    assert line.run("dlq", "delete", letter["dlqId"], "1-0") == (
        1,
        "1 deleted\n",
        "fakestash: 1 not found: `fakestash dlq list` shows the DLQ ids that there are\n",
    )
    assert line.refused("dlq", "retry", "1-0") == "some messages were not found in the dlq"


@pytest.mark.parametrize("args", [(), ("1-0", "--all")])
@pytest.mark.parametrize("command", ["retry", "delete"])
def test_dead_letters_are_named_or_all_meant(
    command: str, args: tuple[str, ...], line: CommandLine
) -> None:
    ran = line.run("dlq", command, *args)

    assert ran == (
        2,
        "",
        "fakestash: name the entries by their DLQ ids, or all of them with --all\n",
    )


# --- what is going to happen, and why ------------------------------------------------------


def test_what_is_due_is_listed_without_moving_time(line: CommandLine, fake: FakeQStash) -> None:
    assert line.done("upcoming").out == "nothing is due\n"
    message_id = line.done("publish", ORDERS, "--delay", "90s").out.strip()
    line.done("schedule", "0 */8 * * *", ORDERS, "--id", "often")

    lines = line.done("upcoming", "--within", "8h").lines

    assert lines == [
        "AT                    IN        WHAT",
        f"2026-01-01T00:01:30Z  1 m 30 s  attempt 1 of 4 of {message_id} to {ORDERS}",
        f"2026-01-01T08:00:00Z  8 h       firing of schedule often for {ORDERS}",
    ]
    assert len(line.done("upcoming", "--json").json["upcoming"]) == 1 + 3 * 7
    assert len(line.done("upcoming", "-n", "2", "--json").json["upcoming"]) == 2


def test_a_message_is_explained_by_its_id_or_the_end_of_it(
    line: CommandLine, failed: str, fake: FakeQStash
) -> None:
    text = f"{fake.explain(failed)}\n"

    for named in (failed, failed[-10:], f"...{failed[-10:]}"):
        assert line.done("explain", named).out == text
    assert line.done("explain", failed, "--json").json["text"] == text.rstrip()
    assert "no message" in line.refused("explain", "xyz")


def test_an_ending_that_several_ids_have_is_refused(line: CommandLine, fake: FakeQStash) -> None:
    ids = [line.done("publish", ORDERS).out.strip() for _ in range(60)]
    ending = next(each[-1] for each in ids if sum(other[-1] == each[-1] for other in ids) > 1)

    ran = line.run("logs", "--message", f"...{ending}")

    assert ran.code == 2
    assert ran.err.endswith(f"messages have ids that end in {ending}: give more of it\n")
