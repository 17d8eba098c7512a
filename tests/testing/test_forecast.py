"""What is going to happen: everything that is settled, at its instant, and nothing else."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakestash import FakeQStash, Upcoming, UpcomingEvent, UpcomingKind, UsageError
from fakestash.model.messages import PublishCommand, PublishRequest
from fakestash.model.queries import Pin
from fakestash.model.resources import Endpoint
from fakestash.model.settings import CronSettings, Extras, FlowControl
from tests.builders import HOUR, MINUTE, SECOND, USER
from tests.testing.acts import HOOK, publish, schedule

START = datetime(2026, 1, 1, tzinfo=UTC)


def told(upcoming: Upcoming) -> list[tuple[str, str]]:
    """What is to come: when, and in words."""
    return [(str(event.at - START), event.what) for event in upcoming]


@pytest.fixture
def fake() -> FakeQStash:
    fake = FakeQStash()
    fake.destination("https://shop.test").responds(200)
    fake.destination("https://slow.test").responds(200, took="40s")
    return fake


# --- what is listed ------------------------------------------------------------------------


def test_where_nothing_was_published_nothing_is_going_to_happen(fake: FakeQStash) -> None:
    upcoming = fake.upcoming("7d")

    assert list(upcoming) == []
    assert not upcoming
    assert (str(upcoming), repr(upcoming)) == ("nothing is going to happen", "Upcoming([])")


def test_an_attempt_is_listed_with_everything_that_is_known_of_it(fake: FakeQStash) -> None:
    message = publish(fake, delay=MINUTE)

    assert list(fake.upcoming("1m")) == [
        UpcomingEvent(
            at=START + timedelta(minutes=1),
            kind=UpcomingKind.ATTEMPT,
            what=f"attempt 1 of 4 of {message} to {HOOK}",
            message_id=message,
            url=HOOK,
            urls=(HOOK,),
        )
    ]


def test_the_end_is_included_and_what_is_later_is_not(fake: FakeQStash) -> None:
    publish(fake, delay=MINUTE)

    assert [len(fake.upcoming(f"{ms}ms")) for ms in (59_999, 60_000)] == [0, 1]


def test_a_retry_is_listed_and_what_follows_it_is_not(fake: FakeQStash) -> None:
    fake.destination(HOOK).responds(500)
    message = publish(fake)
    fake.advance(0)

    assert told(fake.upcoming("1d")) == [("0:00:12", f"attempt 2 of 4 of {message} to {HOOK}")]


def test_an_answer_on_its_way_is_listed_and_not_what_it_says(fake: FakeQStash) -> None:
    message = publish(fake, "https://slow.test/report")
    fake.advance(0)
    (event,) = fake.upcoming("1d")

    assert event == UpcomingEvent(
        at=START + timedelta(seconds=40),
        kind=UpcomingKind.ANSWER,
        what=f"end of attempt 1 of {message}",
        message_id=message,
        url="https://slow.test/report",
        urls=("https://slow.test/report",),
    )
    fake.hold(message)
    assert told(fake.upcoming("1d")) == [
        ("2:00:00", f"end of attempt 1 of {message}, whose answer is held back")
    ]


def test_a_cancellation_is_listed_for_when_it_takes_effect(fake: FakeQStash) -> None:
    message = publish(fake, delay=HOUR)
    fake.engine.cancel(USER, message, "127.0.0.1")
    (event,) = fake.upcoming("1d")

    assert (event.kind, event.at) == (UpcomingKind.CANCELLATION, START + timedelta(hours=1))
    assert event.what == f"cancellation of {message} for {HOOK}"


def test_every_firing_of_a_schedule_is_listed(fake: FakeQStash) -> None:
    schedule(fake, cron="*/20 * * * *", name="often")
    (first, *others) = fake.upcoming("1h")

    assert first == UpcomingEvent(
        at=START + timedelta(minutes=20),
        kind=UpcomingKind.FIRING,
        what=f"firing of schedule often for {HOOK}",
        schedule_id="often",
        url=HOOK,
        urls=(HOOK,),
    )
    assert [str(event.at - START) for event in others] == ["0:40:00", "1:00:00"]


def test_a_schedule_that_is_paused_is_not_listed(fake: FakeQStash) -> None:
    schedule(fake, cron="* * * * *", name="often")
    fake.engine.schedules.pause(USER, "often")

    assert not fake.upcoming("1h")


def test_a_schedule_for_a_url_group_leads_to_all_its_endpoints(fake: FakeQStash) -> None:
    urls = ("https://mail.test/hook", "https://stock.test/hook")
    fake.engine.url_groups.add_endpoints(USER, "orders", tuple(map(Endpoint, urls)))
    schedule(fake, "orders", "0 * * * *", name="hourly", group="orders")
    (event,) = fake.upcoming("1h")

    assert (event.what, event.url, event.urls) == (
        "firing of schedule hourly for orders",
        "orders",
        urls,
    )
    assert len(fake.upcoming("1h").to("https://stock.test")) == 1
    fake.engine.url_groups.delete(USER, "orders")
    assert [event.urls for event in fake.upcoming("1h")] == [()]


def test_schedules_are_merged_in_the_order_in_which_they_will_come_up(fake: FakeQStash) -> None:
    schedule(fake, cron="*/30 * * * *", name="half")
    schedule(fake, cron="*/20 * * * *", name="third")
    schedule(fake, cron="0 * * * *", name="hour")
    publish(fake, delay=HOUR)

    expected = [(event.at, event.what) for event in fake.upcoming("2h")]
    known = {event.what for event in fake.upcoming("2h")}

    report = fake.advance("2h")
    assert [(each.at, each.what) for each in report.fired if each.what in known] == expected
    assert len(expected) == 13


def test_the_end_of_a_deduplication_is_listed(fake: FakeQStash) -> None:
    def request(body: bytes, deduplication_id: str | None) -> PublishRequest:
        return PublishRequest(
            PublishCommand(HOOK, body),
            deduplication_id=deduplication_id,
            is_content_deduplicated=True,
        )

    (by_id,) = fake.engine.accept(USER, request(b"1", "order-7"))
    fake.advance("1s")
    (by_content,) = fake.engine.accept(USER, request(b"2", None))
    fake.advance(0)

    assert told(fake.upcoming("1h")) == [
        ("0:10:00", f"end of the deduplication of {by_id.message_id} by id 'order-7'"),
        ("0:10:01", f"end of the deduplication of {by_content.message_id} by content"),
    ]
    (first, _) = fake.upcoming("1h")
    assert (first.kind, first.message_id, first.url) == (
        UpcomingKind.WINDOW_END,
        by_id.message_id,
        HOOK,
    )
    fake.advance("10m")
    assert not fake.upcoming("1h")


def test_the_window_of_a_schedule_names_no_message(fake: FakeQStash) -> None:
    schedule(fake, name="seen")
    request = PublishRequest(PublishCommand(HOOK), cron=None, deduplication_id="a")
    fake.engine.schedules.create_once(
        USER, request._replace(cron=_cron_of(fake, "seen"), is_publication=True)
    )
    fake.engine.schedules.delete(USER, "seen")
    (event,) = fake.upcoming("90d")

    assert event == UpcomingEvent(
        at=START + timedelta(days=90),
        kind=UpcomingKind.WINDOW_END,
        what="end of the deduplication of seen by id 'a'",
    )


def _cron_of(fake: FakeQStash, name: str) -> CronSettings:
    return CronSettings(fake.engine.schedules.get(USER, name).cron, name)


# --- what is held --------------------------------------------------------------------------


def held(fake: FakeQStash, number: int, control: FlowControl) -> list[str]:
    """So many messages under these limits, due now; the first of them have started."""
    extras = Extras(flow_control=control)
    messages = [publish(fake, "https://slow.test", extras=extras) for _ in range(number)]
    fake.advance(0)
    return messages


def starts(upcoming: Upcoming) -> list[tuple[str, str | None]]:
    return [
        (str(event.at - START), event.message_id)
        for event in upcoming
        if event.kind is UpcomingKind.ATTEMPT
    ]


def test_a_rate_lets_those_who_wait_start_period_by_period(fake: FakeQStash) -> None:
    messages = held(fake, 5, FlowControl("tenant", rate=2, period=60))
    upcoming = fake.upcoming("1h")

    assert starts(upcoming) == [
        ("0:01:00", messages[2]),
        ("0:01:00", messages[3]),
        ("0:02:00", messages[4]),
    ]
    assert upcoming.of(messages[2])[0].what == (
        f"attempt 1 of 4 of {messages[2]} to https://slow.test, "
        "held by flow control key tenant until then"
    )
    assert starts(fake.upcoming("1m")) == starts(upcoming)[:2]


def test_where_a_start_depends_on_an_answer_it_is_not_listed(fake: FakeQStash) -> None:
    messages = held(fake, 5, FlowControl("tenant", parallelism=3, rate=2, period=10))

    assert starts(fake.upcoming("1h")) == [("0:00:10", messages[2])]
    fake.advance("10s")
    assert starts(fake.upcoming("1h")) == []


def test_a_rate_that_was_raised_lets_go_now_what_is_left_of_its_period(fake: FakeQStash) -> None:
    messages = held(fake, 5, FlowControl("tenant", rate=1, period=60))
    fake.advance("20s")
    raised = Extras(flow_control=FlowControl("tenant", rate=3, period=60))
    publish(fake, delay=HOUR, extras=raised)
    expected = [
        ("0:00:20", messages[1]),
        ("0:00:20", messages[2]),
        ("0:01:00", messages[3]),
        ("0:01:00", messages[4]),
    ]

    assert starts(fake.upcoming("30m")) == expected
    fake.advance("30m")
    assert [(str(each.at - START), each.message_id) for each in fake.deliveries[1:]] == expected


def test_where_a_key_is_paused_nothing_is_listed(fake: FakeQStash) -> None:
    held(fake, 2, FlowControl("tenant", rate=1, period=60))
    fake.engine.flow_control.pause(USER, "tenant")

    assert starts(fake.upcoming("1h")) == []


def test_limits_that_were_lifted_let_all_go_now(fake: FakeQStash) -> None:
    messages = held(fake, 3, FlowControl("tenant", rate=1, period=60))
    fake.engine.flow_control.pin(USER, "tenant", Pin(rate=0, period=1))

    assert starts(fake.upcoming("1h")) == [("0:00:00", messages[1]), ("0:00:00", messages[2])]


def test_a_queue_that_was_resumed_lets_go_those_that_have_a_place(fake: FakeQStash) -> None:
    fake.engine.queues.upsert(USER, "orders", 2, paused=True)
    messages = [publish(fake, extras=Extras(queue="orders")) for _ in range(3)]
    fake.advance(0)
    assert not fake.upcoming("1h")
    fake.engine.queues.resume(USER, "orders")

    assert told(fake.upcoming("1h")) == [
        ("0:00:00", f"attempt 1 of 4 of {each} to {HOOK}, held by queue orders until then")
        for each in messages[:2]
    ]


def test_a_place_that_is_taken_is_not_let_to_another(fake: FakeQStash) -> None:
    fake.engine.queues.upsert(USER, "orders", 2, paused=False)
    extras = Extras(queue="orders")
    running = publish(fake, "https://slow.test", extras=extras)
    fake.advance(0)
    fake.engine.queues.pause(USER, "orders")
    messages = [publish(fake, extras=extras) for _ in range(2)]
    fake.advance(0)
    fake.engine.queues.resume(USER, "orders")

    assert starts(fake.upcoming(0)) == [("0:00:00", messages[0])]
    fake.engine.queues.upsert(USER, "orders", 1, paused=False)
    assert starts(fake.upcoming(0)) == []
    assert [event.message_id for event in fake.upcoming("1h")] == [running]


def test_the_limit_of_the_user_lets_go_as_many_as_may_start() -> None:
    fake = FakeQStash(plan="free")
    fake.destination("https://slow.test").responds(200, took="40s")
    messages = [publish(fake, "https://slow.test") for _ in range(12)]
    fake.advance(0)
    fake.fail(messages[0])

    (event,) = fake.upcoming(0)
    assert event.message_id == messages[10]
    assert event.what.endswith(" to https://slow.test, held by the user's limit until then")


def test_an_event_of_another_layer_is_listed_as_it_calls_itself(fake: FakeQStash) -> None:
    fake.engine.register(str, lambda event, now: None)
    fake.engine.at(fake.engine.clock.now() + 1, "tea")

    assert list(fake.upcoming("1s")) == [
        UpcomingEvent(START + timedelta(milliseconds=1), UpcomingKind.OTHER, "tea")
    ]


# --- the sequence --------------------------------------------------------------------------


def test_the_text_has_a_line_for_each() -> None:
    fake = FakeQStash()
    first, second = publish(fake), publish(fake, delay=MINUTE + 1)

    assert str(fake.upcoming("1h")) == (
        f"2026-01-01T00:00:00Z attempt 1 of 4 of {first} to {HOOK}\n"
        f"2026-01-01T00:01:00.001Z attempt 1 of 4 of {second} to {HOOK}"
    )


def test_it_is_a_sequence(fake: FakeQStash) -> None:
    for delay in (0, 1, 2, 3):
        publish(fake, delay=delay)
    upcoming = fake.upcoming("1s")
    events = list(fake.upcoming("1s"))

    assert (upcoming[1], upcoming[-1], len(upcoming)) == (events[1], events[3], 4)
    assert [fake.upcoming("1s")[part] for part in (slice(1, 3), slice(-2, None), slice(2))] == [
        events[1:3],
        events[-2:],
        events[:2],
    ]
    assert fake.upcoming("1s")[::-1] == events[::-1]
    assert isinstance(upcoming[1:], Upcoming)
    assert events[2] in upcoming
    with pytest.raises(IndexError):
        _ = upcoming[4]


def test_it_equals_another_with_the_same_in_it(fake: FakeQStash) -> None:
    publish(fake)

    assert fake.upcoming("1s") == fake.upcoming("2s")
    assert hash(fake.upcoming("1s")) == hash(fake.upcoming("2s"))
    assert fake.upcoming("1s") != Upcoming()
    assert fake.upcoming("1s") != "x"


def test_it_can_be_narrowed(fake: FakeQStash) -> None:
    one = publish(fake, "https://shop.test/hook?x=1")
    publish(fake, "https://mail.test/hook", delay=SECOND)
    schedule(fake, cron="* * * * *", name="often")
    upcoming = fake.upcoming("1m")

    assert [event.message_id for event in upcoming.to(HOOK)] == [one, None]
    assert [event.message_id for event in upcoming.of(one)] == [one]
    assert [event.schedule_id for event in upcoming.of("often")] == ["often"]
    late = upcoming.where(lambda event: event.at > START)
    assert isinstance(late, Upcoming)
    assert [event.url for event in late] == ["https://mail.test/hook", HOOK]
    with pytest.raises(UsageError, match=r"^'/hook' is not a destination: "):
        upcoming.to("/hook")


def test_what_is_printed_in_a_failure_is_not_too_much(fake: FakeQStash) -> None:
    schedule(fake, cron="* * * * *", name="often")

    shown = repr(fake.upcoming("365d"))

    assert shown.count("UpcomingEvent(") == 20
    assert shown.endswith(", ...])")


def test_it_is_worked_out_only_as_far_as_somebody_looks(fake: FakeQStash) -> None:
    publish(fake)
    (event,) = fake.upcoming(0)
    looked_at: list[int] = []

    def events() -> Iterator[UpcomingEvent]:
        for number in range(1_000):
            looked_at.append(number)
            yield event

    upcoming = Upcoming(events())

    assert (bool(upcoming), looked_at) == (True, [0])
    assert (upcoming[0], looked_at) == (event, [0])
    assert (len(upcoming[1:3]), looked_at) == (2, [0, 1, 2])
    assert next(iter(upcoming.where(lambda each: len(looked_at) > 5))) == event
    assert len(looked_at) == 6
    assert (len(upcoming), len(looked_at)) == (1_000, 1_000)


def test_every_minute_of_a_week_is_there(fake: FakeQStash) -> None:
    schedule(fake, cron="* * * * *", name="often")

    instants = [event.at for event in fake.upcoming("7d")]

    assert instants == [START + timedelta(minutes=number + 1) for number in range(7 * 24 * 60)]


# --- nothing changes -----------------------------------------------------------------------


def test_it_stays_as_it_was_whatever_happens_afterwards(fake: FakeQStash) -> None:
    cancelled, delivered = publish(fake, delay=SECOND), publish(fake, delay=SECOND)
    schedule(fake, cron="*/20 * * * *", name="often")
    before, upcoming, later = (fake.upcoming("40m") for _ in range(3))
    expected = list(before)
    assert len(expected) == 4

    fake.engine.cancel(USER, cancelled, "127.0.0.1")
    fake.deliver_now(delivered)
    fake.engine.schedules.delete(USER, "often")
    assert list(upcoming) == expected
    fake.advance("1h")
    assert list(later) == expected


def test_asking_changes_nothing(fake: FakeQStash) -> None:
    def history(*, asks: bool) -> str:
        fake = FakeQStash()
        fake.destination(HOOK).responds(500, 200)
        publish(fake, extras=Extras(flow_control=FlowControl("tenant", rate=1, period=60)))
        publish(fake, extras=Extras(flow_control=FlowControl("tenant", rate=1, period=60)))
        schedule(fake, cron="*/20 * * * *", name="often")
        for _ in range(10):
            if asks:
                list(fake.upcoming("7d"))
            fake.advance("7m")
        return fake.timeline()

    assert history(asks=True) == history(asks=False)


def test_a_bad_duration_is_refused(fake: FakeQStash) -> None:
    with pytest.raises(UsageError, match=r"^duration cannot be read: 'soon'; "):
        fake.upcoming("soon")
    with pytest.raises(UsageError, match=r"is outside the years 1 to 9999"):
        fake.upcoming("9999999d")


# --- it comes as it was said ---------------------------------------------------------------

SENT = st.tuples(
    st.sampled_from([0, 1, 500, 1_000, 60_000, 1_200_000, 3_600_000]),  # its delay
    st.sampled_from(["https://shop.test/hook", "https://slow.test/hook"]),
    st.booleans(),  # whether it is cancelled
)


@given(
    sent=st.lists(SENT, max_size=8),
    crons=st.lists(st.sampled_from(["*/20 * * * *", "0 * * * *", "*/7 * * * *"]), max_size=3),
    since=st.sampled_from([0, 500, 1_000, 60_000]),
)
def test_what_was_said_of_messages_without_failures_comes_true(
    sent: list[tuple[int, str, bool]], crons: list[str], since: int
) -> None:
    fake = FakeQStash()
    fake.destination("https://shop.test").responds(200)
    fake.destination("https://slow.test").responds(200, took="40s")
    for number, cron in enumerate(crons):
        schedule(fake, "https://mail.test", cron, name=f"s{number}")
        fake.destination("https://mail.test")
    for delay, url, is_cancelled in sent:
        message = publish(fake, url, delay=delay)
        if is_cancelled:
            fake.engine.cancel(USER, message, "127.0.0.1")
    fake.advance(f"{since}ms")

    upcoming = fake.upcoming("2h")
    expected = [(event.at, event.what) for event in upcoming]
    known = set(expected)
    came = [(each.at, each.what) for each in fake.advance("2h").fired]

    # What answers on their way lead to, and what schedules make, was not said.
    assert [each for each in came if each in known] == expected
    assert {what.split()[0] for _, what in came if (_, what) not in known} <= {"attempt", "end"}


@given(
    number=st.integers(1, 12),
    rate=st.integers(1, 4),
    period=st.sampled_from([1, 10, 60]),
    since=st.sampled_from([0, 1_000, 30_000]),
)
def test_what_was_said_of_those_who_wait_for_a_rate_comes_true(
    number: int, rate: int, period: int, since: int
) -> None:
    fake = FakeQStash()
    fake.destination("https://slow.test").responds(200, took="40s")
    held(fake, number, FlowControl("tenant", rate=rate, period=period))
    fake.advance(f"{since}ms")

    expected = starts(fake.upcoming("1h"))
    made = len(fake.deliveries)
    fake.advance("1h")

    assert [(str(each.at - START), each.message_id) for each in fake.deliveries[made:]] == expected


def test_the_first_of_a_year_of_minutes_comes_at_once(fake: FakeQStash) -> None:
    schedule(fake, cron="* * * * *", name="often")

    first = list(islice(fake.upcoming("365d"), 3))

    assert [event.at.minute for event in first] == [1, 2, 3]
