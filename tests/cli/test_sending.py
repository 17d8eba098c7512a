"""``fakestash publish`` and ``fakestash schedule``."""

import io
from pathlib import Path
from types import SimpleNamespace

import pytest

from fakestash import FakeQStash
from fakestash.cli.options import server_at
from tests.cli.running import CommandLine

ORDERS = "https://shop.test/orders"


def test_a_message_is_delivered_with_all_that_was_asked_for(
    line: CommandLine, fake: FakeQStash
) -> None:
    fake.destination(ORDERS).responds(200)

    ran = line.done(
        *("publish", ORDERS, "--body", "tea", "--method", "PUT", "--delay", "1m", "--label", "x"),
        *("-H", "X-Till: 7", "-H", "content-type: text/tea", "-H", "Upstash-Timeout: 5s"),
    )

    (message,) = fake.messages
    assert ran.out == f"{message.id}\n"
    assert (message.url, message.retries, message.labels) == (ORDERS, 3, ("x",))
    fake.advance("1m")
    (delivery,) = fake.deliveries
    assert (delivery.method, delivery.body) == ("PUT", b"tea")
    assert delivery.headers["X-Till"] == "7"
    assert delivery.headers["Content-Type"] == "text/tea"


@pytest.mark.parametrize(
    ("option", "value", "header"),
    [
        ("--retries", "1", "Upstash-Retries"),
        ("--timeout", "soon", "Upstash-Timeout"),
        ("--callback", "here", "Upstash-Callback"),
        ("--failure-callback", "there", "Upstash-Failure-Callback"),
        ("--deduplication-id", "a:b", "Upstash-Deduplication-Id"),
        ("--flow-control-key", "till", "Upstash-Flow-Control-Key"),
        ("--flow-control-value", "rate=1", "Upstash-Flow-Control-Value"),
    ],
)
def test_each_option_is_a_header(
    option: str, value: str, header: str, line: CommandLine, fake: FakeQStash
) -> None:
    by_option = line.run("publish", ORDERS, option, value)
    by_header = line.run("publish", ORDERS, "-H", f"{header}: {value}")

    assert by_option.err == by_header.err
    assert by_option.code == by_header.code == (0 if option == "--retries" else 1)
    assert [message.retries for message in fake.messages] == [1] * 2 * (option == "--retries")


def test_a_body_may_come_from_a_file_or_a_pipe(
    line: CommandLine, fake: FakeQStash, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "order"
    file.write_bytes(b"\x00\xff")
    line.done("publish", ORDERS, "--body-file", str(file))
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"piped")))
    line.done("publish", ORDERS, "-f", "-")

    assert [message.body for message in fake.messages] == [b"\x00\xff", b"piped"]


def test_a_url_arrives_as_it_was_written(line: CommandLine, fake: FakeQStash) -> None:
    line.done("publish", "https://shop.test/a%2Fb?x=1&y=%20#caf\u00e9")

    assert [message.url for message in fake.messages] == [
        "https://shop.test/a%2Fb?x=1&y=%20%23caf%C3%A9"
    ]


def test_a_group_is_answered_with_an_id_for_each_endpoint(
    line: CommandLine, fake: FakeQStash
) -> None:
    endpoints = {"endpoints": [{"url": "https://a.test"}, {"url": ORDERS}]}
    server_at(None, None, None).ask("POST", "/v2/topics/shops/endpoints", endpoints)

    ran = line.done("publish", "shops")

    assert ran.lines == [message.id for message in fake.messages]
    assert len(ran.lines) == 2


def test_a_queue_takes_it(line: CommandLine, fake: FakeQStash) -> None:
    line.done("publish", ORDERS, "--queue", "till.1")

    assert [message.queue for message in fake.messages] == ["till.1"]


def test_a_duplicate_is_told_beside_the_id_of_the_first(
    line: CommandLine, fake: FakeQStash
) -> None:
    first = line.done("publish", ORDERS, "--deduplication-id", "7")
    second = line.run("publish", ORDERS, "--deduplication-id", "7")

    assert (second.code, second.out) == (0, first.out)
    assert second.err == "a duplicate: this message was there already, no other was made\n"


def test_json_is_what_the_server_answered(line: CommandLine, fake: FakeQStash) -> None:
    published = line.done("publish", ORDERS, "--json").json
    scheduled = line.done("schedule", "@daily", ORDERS, "--json").json

    assert published == {"messageId": fake.messages[0].id}
    assert scheduled == {"scheduleId": fake.schedules[0].id}


def test_a_schedule_is_made_and_replaced(line: CommandLine, fake: FakeQStash) -> None:
    first = line.done("schedule", "*/5 * * * *", ORDERS, "--id", "often", "--queue", "till")
    line.done("schedule", "CRON_TZ=Europe/Paris 0 9 * * *", ORDERS, "--id", "often", "-d", "tea")

    assert first.out == "often\n"
    (schedule,) = fake.schedules
    assert (schedule.cron, schedule.body) == ("CRON_TZ=Europe/Paris 0 9 * * *", b"tea")


def test_a_publish_with_a_cron_header_tells_the_schedule(
    line: CommandLine, fake: FakeQStash
) -> None:
    ran = line.done("publish", ORDERS, "-H", "Upstash-Cron: @daily")

    assert ran.lines == [schedule.id for schedule in fake.schedules]


@pytest.mark.parametrize(
    ("args", "complaint"),
    [
        (("-H", "X-Till"), "--header must be 'NAME: VALUE', got 'X-Till'"),
        (("-H", "X Till: 7"), "--header must be 'NAME: VALUE', got 'X Till: 7'"),
        (
            ("--label", "a\r\nUpstash-Delay: 1d"),
            r"Upstash-Label cannot have control characters, got 'a\r\nUpstash-Delay: 1d'",
        ),
        (
            ("-d", "x", "-f", "-"),
            "--body and --body-file exclude each other: give one of them",
        ),
        (("-f", "/nowhere/at/all"), "cannot read /nowhere/at/all: No such file or directory"),
    ],
)
def test_a_mistake_is_told_before_anything_is_sent(
    args: tuple[str, ...], complaint: str, line: CommandLine, fake: FakeQStash
) -> None:
    ran = line.run("publish", ORDERS, *args)

    assert ran == (2, "", f"fakestash: {complaint}\n")
    assert fake.messages == []


def test_what_the_server_refuses_is_told_in_its_words(line: CommandLine, fake: FakeQStash) -> None:
    assert line.refused("publish", "shop.test/orders") == (
        "invalid destination url: endpoint has invalid scheme, add http:// or https://"
    )
    assert line.refused("schedule", "never", ORDERS).startswith("Invalid cron expression")
