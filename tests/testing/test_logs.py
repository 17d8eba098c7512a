"""The log as a test reads it."""

from datetime import UTC, datetime, timedelta

from fakestash import FakeQStash
from fakestash.testing.logs import Log, Logs
from tests.testing.acts import HOOK, publish

MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_the_log_tells_what_happened_line_by_line() -> None:
    fake = FakeQStash()
    fake.destination(HOOK).responds((503, None, "busy"), 200, took="2s")
    publish(fake)
    fake.advance("20s")

    logs = fake.logs

    assert [(log.at - MIDNIGHT, log.state, log.status, log.took) for log in logs] == [
        (0 * SECOND, "CREATED", None, None),
        (0 * SECOND, "ACTIVE", None, None),
        (2 * SECOND, "ERROR", 503, 2 * SECOND),
        (2 * SECOND, "RETRY", None, None),
        (14 * SECOND, "ACTIVE", None, None),
        (16 * SECOND, "DELIVERED", 200, 2 * SECOND),
    ]
    assert [log.next_delivery_at for log in logs if log.next_delivery_at] == [
        MIDNIGHT,
        MIDNIGHT + 14 * SECOND,
    ]


def test_a_line_tells_all_of_an_attempt_that_failed() -> None:
    fake = FakeQStash()
    fake.destination(HOOK).responds((503, None, "busy"))
    message_id = publish(fake, method="PUT")
    fake.advance(0)

    (log,) = fake.logs.in_state("ERROR")

    assert log == Log(
        at=MIDNIGHT,
        state="ERROR",
        message_id=message_id,
        url=HOOK,
        method="PUT",
        next_delivery_at=None,
        status=503,
        error="HTTP status 503",
        response_body=b"busy",
        took=timedelta(0),
        caller_ip="127.0.0.1",
    )


def test_a_line_is_printed_in_a_line() -> None:
    fake = FakeQStash()
    fake.destination(HOOK).responds(503)
    message_id = publish(fake)
    fake.advance(0)

    assert [repr(log) for log in fake.logs[1:3]] == [
        f"<Log 2026-01-01T00:00:00Z ACTIVE {message_id} POST {HOOK}>",
        f"<Log 2026-01-01T00:00:00Z ERROR {message_id} POST {HOOK}: HTTP status 503>",
    ]


def test_the_log_is_narrowed() -> None:
    fake = FakeQStash()
    fake.destination("https://shop.test").responds(200)
    first = publish(fake)
    second = publish(fake, "https://shop.test/other")
    fake.advance(0)
    logs = fake.logs

    assert isinstance(logs.of(first), Logs)
    assert [log.state for log in logs.of(first)] == ["CREATED", "ACTIVE", "DELIVERED"]
    assert {log.message_id for log in logs.to("https://shop.test/other")} == {second}
    assert [log.message_id for log in logs.in_state("DELIVERED")] == [first, second]
    assert [log.state for log in logs.in_state("CREATED", "ACTIVE").of(first)] == [
        "CREATED",
        "ACTIVE",
    ]


def test_what_was_read_does_not_change_when_time_moves_on() -> None:
    fake = FakeQStash()
    fake.destination(HOOK).responds(200)
    publish(fake)
    logs = fake.logs
    fake.advance(0)

    assert [log.state for log in logs] == ["CREATED"]
    assert fake.logs[:1] == logs
