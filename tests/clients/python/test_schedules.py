"""Schedules of the official client: their life, and what they publish."""

from dataclasses import replace
from typing import Final

import pytest
from qstash import QStash
from qstash.errors import QStashError
from qstash.schedule import ScheduleState

from fakestash import FakeQStash
from tests.clients.python.arrivals import HOOK, START, arrival, arrivals
from tests.clients.python.ways import (
    CRON,
    FIRES,
    SCHEDULES,
    Way,
    each,
    plain_message,
    plain_schedule,
)

DAY: Final = 86_400_000
PLAIN: Final = SCHEDULES[0]


@pytest.mark.covers("schedule.get(schedule_id)", "schedule.list()")
@pytest.mark.parametrize("way", each(SCHEDULES, {"schedule_id": "daily.mail"}))
def test_a_schedule_has_an_id_of_its_own_or_the_given_one(
    client: QStash, qstash: FakeQStash, way: Way
) -> None:
    drawn = way.call(client, {})
    given = way.call(client, {"schedule_id": "daily.mail"})

    assert (drawn[:4], len(drawn), given) == ("scd_", 32, "daily.mail")
    schedules = [plain_schedule(way, drawn), plain_schedule(way, given)]
    assert client.schedule.list() == schedules
    assert [client.schedule.get(drawn), client.schedule.get(given)] == schedules


def test_a_schedule_is_overwritten_as_a_whole(client: QStash, qstash: FakeQStash) -> None:
    client.schedule.create(
        destination=HOOK, cron=CRON, body="hi", schedule_id="mine", retries=1, label="a"
    )
    client.schedule.pause("mine")
    qstash.advance(1)

    client.schedule.create(destination=f"{HOOK}/2", cron="30 9 * * 1", schedule_id="mine")

    assert client.schedule.list() == [
        replace(
            plain_schedule(PLAIN, "mine"),
            destination=f"{HOOK}/2",
            cron="30 9 * * 1",
            body=None,
            paused=True,
            next_schedule_time=START + 4 * DAY + 34_200_000,
        )
    ]


@pytest.mark.parametrize(
    ("status", "state"), [(200, ScheduleState.SUCCESS), (503, ScheduleState.FAIL)]
)
def test_a_schedule_tells_of_its_last_firing(
    client: QStash, qstash: FakeQStash, status: int, state: ScheduleState
) -> None:
    qstash.destination(HOOK).responds(status)
    id_ = PLAIN.call(client, {"delay": "10s", "retries": 0})
    plain = replace(plain_schedule(PLAIN, id_), delay=10, retries=0)

    qstash.advance("1m")
    under_way = client.schedule.get(id_)
    qstash.advance("1d")
    ended = client.schedule.get(id_)
    qstash.advance("10s")
    again = client.schedule.get(id_)

    first, second = (delivery.message_id for delivery in qstash.deliveries)
    assert under_way == replace(
        plain,
        last_schedule_time=START + FIRES,
        next_schedule_time=START + FIRES + DAY,
        last_schedule_states={first: ScheduleState.IN_PROGRESS},
    )
    assert ended == replace(
        plain,
        last_schedule_time=START + FIRES + DAY,
        next_schedule_time=START + FIRES + 2 * DAY,
        last_schedule_states={second: ScheduleState.IN_PROGRESS},
    )
    assert again == replace(ended, last_schedule_states={second: state})
    header = {"Upstash-Schedule-Id": "schedule"}
    assert arrivals(qstash, first=first, second=second, schedule=id_) == [
        arrival(FIRES + 10_000, message="first", header=header, came_back=status),
        arrival(FIRES + 10_000 + DAY, message="second", header=header, came_back=status),
    ]


@pytest.mark.parametrize("way", each(SCHEDULES, {"queue": "mail"}))
def test_what_a_schedule_makes_is_enqueued(client: QStash, qstash: FakeQStash, way: Way) -> None:
    client.queue.upsert("mail", parallelism=3, paused=True)
    id_ = way.call(client, {"queue": "mail"})
    schedule = client.schedule.get(id_)

    qstash.advance("1m")

    assert schedule == replace(plain_schedule(way, id_), queue="mail")
    (message,) = qstash.engine.pending()
    assert client.message.get(message.id) == replace(
        plain_message(way, message.id),
        queue="mail",
        schedule_id=id_,
        not_before=START + FIRES,
        created_at=START + FIRES,
    )
    assert [(queue.parallelism, queue.lag) for queue in client.queue.list()] == [(3, 1)]


@pytest.mark.covers("schedule.pause(schedule_id)", "schedule.resume(schedule_id)")
def test_a_paused_schedule_skips_its_firings(client: QStash, qstash: FakeQStash) -> None:
    qstash.destination(HOOK)
    id_ = PLAIN.call(client, {})
    plain = plain_schedule(PLAIN, id_)

    client.schedule.pause(id_)
    qstash.advance("1d")
    paused = client.schedule.get(id_)
    client.schedule.resume(id_)
    resumed = client.schedule.get(id_)
    qstash.advance("1d")

    assert paused == replace(plain, paused=True, next_schedule_time=START + FIRES + DAY)
    assert resumed == replace(paused, paused=False)
    (delivery,) = qstash.deliveries
    assert arrivals(qstash, message=delivery.message_id, schedule=id_) == [
        arrival(FIRES + DAY, header={"Upstash-Schedule-Id": "schedule"})
    ]


@pytest.mark.covers("schedule.delete(schedule_id)")
def test_a_deleted_schedule_fires_no_more(client: QStash, qstash: FakeQStash) -> None:
    id_ = PLAIN.call(client, {})

    client.schedule.delete(id_)
    client.schedule.delete(id_)
    qstash.advance("1d")

    assert client.schedule.list() == []
    assert len(qstash.deliveries) == 0


@pytest.mark.parametrize("way", SCHEDULES, ids=lambda way: way.name)
def test_a_schedule_publishes_to_a_url_group(client: QStash, qstash: FakeQStash, way: Way) -> None:
    qstash.destination("https://shop.test")
    client.url_group.upsert_endpoints("shops", [{"url": f"{HOOK}/1"}, {"url": f"{HOOK}/2"}])
    id_ = way.call(client, {"url": "shops"})
    made = client.schedule.get(id_)

    qstash.advance("1m")

    assert made == replace(plain_schedule(way, id_), destination="shops")
    header = way.header | {
        "Upstash-Schedule-Id": "schedule",
        "Upstash-Topic-Name": "shops",
    }
    first, second = (delivery.message_id for delivery in qstash.deliveries)
    assert arrivals(qstash, first=first, second=second, schedule=id_) == [
        arrival(FIRES, url=f"{HOOK}/1", body=way.sent, message="first", header=header),
        arrival(FIRES, url=f"{HOOK}/2", body=way.sent, message="second", header=header),
    ]


def test_a_schedule_whose_group_is_gone_says_so(client: QStash, qstash: FakeQStash) -> None:
    client.url_group.upsert_endpoints("shops", [{"url": HOOK}])
    id_ = PLAIN.call(client, {"url": "shops"})
    client.url_group.delete("shops")

    qstash.advance("1m")

    assert client.schedule.get(id_) == replace(
        plain_schedule(PLAIN, id_),
        destination="shops",
        next_schedule_time=START + FIRES + DAY,
        error="topic shops not found",
    )


@pytest.mark.parametrize("method", ["get", "pause", "resume"])
def test_a_schedule_that_is_not_there_is_an_error(client: QStash, method: str) -> None:
    with pytest.raises(QStashError) as refused:
        getattr(client.schedule, method)("mine")

    assert str(refused.value) == (
        'Request failed with status: 404, body: {"error":"schedule mine not found"}'
    )
