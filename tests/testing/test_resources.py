"""Schedules, queues and flow control keys as a test reads them."""

from datetime import UTC, datetime, timedelta

from fakestash import FakeQStash
from fakestash.delivery.headers import Headers
from fakestash.model.queries import Pin
from fakestash.model.resources import Endpoint
from fakestash.model.settings import Extras, FlowControl
from fakestash.model.users import DEFAULT_USER
from fakestash.testing.resources import FlowControlKey, Queue, Queues, Schedule, Schedules
from tests.testing.acts import HOOK, publish, schedule

USER = DEFAULT_USER.id
MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)
NINE = datetime(2026, 1, 1, 9, tzinfo=UTC)


def test_a_schedule_tells_what_it_publishes_and_when() -> None:
    fake = FakeQStash()
    schedule(fake, body=b"[1]", extras=Extras(queue="orders"))

    (found,) = fake.schedules

    assert found == Schedule(
        id="morning",
        destination=HOOK,
        cron="0 9 * * *",
        method="POST",
        headers=Headers(()),
        body=b"[1]",
        created_at=MIDNIGHT,
        is_paused=False,
        last_at=None,
        next_at=NINE,
        delay=timedelta(0),
        retries=3,
        labels=(),
        queue="orders",
        flow_control_key=None,
        error=None,
    )
    assert found.json() == [1]


def test_a_schedule_that_was_read_does_not_change_when_it_fires() -> None:
    fake = FakeQStash()
    fake.destination(HOOK).responds(200)
    schedule(fake)
    before = fake.schedules
    fake.advance_to(NINE)
    (after,) = fake.schedules

    assert (before[0].last_at, before[0].next_at) == (None, NINE)
    assert (after.last_at, after.next_at) == (NINE, NINE + timedelta(days=1))


def test_schedules_are_printed_in_a_line() -> None:
    fake = FakeQStash()
    schedule(fake)
    schedule(fake, cron="0 0 31 2 *", name="never")
    schedule(fake, name="paused")
    fake.engine.schedules.pause(USER, "paused")

    assert [repr(each) for each in fake.schedules] == [
        f"<Schedule morning '0 9 * * *' POST {HOOK}: next 2026-01-01T09:00:00Z>",
        f"<Schedule never '0 0 31 2 *' POST {HOOK}: next never>",
        f"<Schedule paused '0 9 * * *' POST {HOOK}: paused>",
    ]


def test_schedules_are_found_by_place_or_group() -> None:
    fake = FakeQStash()
    fake.engine.url_groups.add_endpoints(USER, "news", (Endpoint(HOOK),))
    schedule(fake, name="one")
    schedule(fake, name="many", group="news")
    schedules = fake.schedules

    assert isinstance(schedules.to(HOOK), Schedules)
    assert [each.id for each in schedules.to("https://shop.test")] == ["one"]
    assert [each.id for each in schedules.to("news")] == ["many"]
    assert schedules.to("https://shop.test/other") == []
    assert schedules.to("new") == []


def test_a_queue_tells_how_it_stands() -> None:
    fake = FakeQStash()
    fake.destination(HOOK).responds(200)
    publish(fake, extras=Extras(queue="orders"))
    before = fake.queues
    fake.advance_to(NINE)
    fake.engine.queues.upsert(USER, "orders", 3, paused=True)

    assert isinstance(before, Queues)
    assert before == [
        Queue(
            name="orders",
            parallelism=1,
            lag=1,
            is_paused=False,
            created_at=MIDNIGHT,
            updated_at=MIDNIGHT,
        )
    ]
    (after,) = fake.queues
    assert (after.parallelism, after.is_paused, after.updated_at) == (3, True, NINE)


def test_queues_are_printed_in_a_line() -> None:
    fake = FakeQStash()
    fake.engine.queues.upsert(USER, "orders", 3, paused=False)
    fake.engine.queues.upsert(USER, "mails", 1, paused=True)

    assert [repr(each) for each in fake.queues] == [
        "<Queue orders: lag 0, parallelism 3>",
        "<Queue mails: lag 0, parallelism 1, paused>",
    ]


def test_a_flow_control_key_tells_its_limits_and_their_use() -> None:
    fake = FakeQStash()
    fake.destination(HOOK).responds(200, took="5s")
    limits = FlowControl("shop", parallelism=3, rate=2, period=60)
    for _ in range(3):
        publish(fake, extras=Extras(flow_control=limits))
    before = fake.flow_control
    fake.advance(0)

    (key,) = fake.flow_control
    assert key == FlowControlKey(
        key="shop",
        waiting=1,
        parallelism=3,
        in_flight=2,
        rate=2,
        started=2,
        period=timedelta(minutes=1),
        is_paused=False,
        is_parallelism_pinned=False,
        is_rate_pinned=False,
    )
    assert (before[0].waiting, before[0].in_flight) == (0, 0)


def test_flow_control_keys_are_printed_in_a_line() -> None:
    fake = FakeQStash()
    flow_control = fake.engine.flow_control
    flow_control.pin(USER, "a", Pin(parallelism=2))
    flow_control.pin(USER, "b", Pin(rate=5, period=90))
    flow_control.pause(USER, "c")

    assert [repr(each) for each in fake.flow_control] == [
        "<FlowControlKey a: 0 of 2, 0 waiting>",
        "<FlowControlKey b: 0 of 5 in 90 s, 0 waiting>",
        "<FlowControlKey c: no limits, 0 waiting, paused>",
    ]


def test_what_there_is_none_of_is_empty() -> None:
    fake = FakeQStash()

    assert fake.schedules == []
    assert fake.queues == []
    assert fake.flow_control == []
    assert fake.messages == []
    assert fake.logs == []
