"""Schedules: when they fire, what a firing makes, and what is done to them."""

from dataclasses import replace

import pytest

from fakestash.drive.report import StopReason
from fakestash.errors import InternalError
from fakestash.model.messages import Message, PublishCommand, PublishRequest
from fakestash.model.outcomes import Responded
from fakestash.model.resources import Endpoint, Schedule
from fakestash.model.settings import CronSettings, Extras, FlowControl
from fakestash.plans import FREE, PAYG
from fakestash.syntax.cron import parse
from fakestash.syntax.moments import instant_of, instant_text
from tests.builders import (
    ACTIVE,
    BROKEN,
    CANCELED,
    CREATED,
    DAY,
    DELIVERED,
    HOUR,
    MINUTE,
    OK,
    SHOP,
    START,
    USER,
    Stage,
    refused,
    starts,
    story,
    timeline,
)

EVERY_MINUTE = "* * * * *"
EVERY_HOUR = "0 * * * *"
SCHEDULED = Extras(schedule_id="s")


def schedule(
    stage: Stage,
    name: str = "a",
    cron: str = EVERY_MINUTE,
    *,
    schedule_id: str | None = "s",
    group: str | None = None,
    user: str = USER,
    command: PublishCommand | None = None,
) -> str:
    """Schedule a message to ``https://shop.test/<name>``, or to a group."""
    url = "" if group else SHOP + name
    request = PublishRequest(
        PublishCommand(url) if command is None else command._replace(url=url),
        group,
        cron=CronSettings(parse(cron), schedule_id),
    )
    return stage.engine.schedules.create(user, request)


def get(stage: Stage) -> Schedule:
    return stage.engine.schedules.get(USER, "s")


def made_at(stage: Stage) -> list[int]:
    """When messages were made: offsets."""
    return [at for at, _, _ in story(stage, CREATED)]


def made(stage: Stage) -> list[Message]:
    return [entry.message for entry in stage.log() if entry.state == CREATED]


def group(stage: Stage, *names: str) -> None:
    """Make the group ``g`` with these ends of URLs."""
    endpoints = tuple(Endpoint(SHOP + name) for name in names)
    stage.engine.url_groups.add_endpoints(USER, "g", endpoints)


# --- when it fires ---------------------------------------------------------------------------


@pytest.mark.fidelity(
    "schedules: they fire within a moment of their instant",
    "measured",
    verdict="approximate",
    here="exactly at it",
)
def test_a_schedule_fires_at_every_instant_of_its_cron_expression() -> None:
    stage = Stage()
    stage.advance(30_500)
    schedule(stage)

    stage.advance(3 * MINUTE)

    assert story(stage, CREATED, ACTIVE, DELIVERED) == [
        (offset, "a", state)
        for offset in (60_000, 120_000, 180_000)
        for state in (CREATED, ACTIVE, DELIVERED)
    ]


def test_the_instant_of_its_creation_is_over() -> None:
    stage = Stage()
    schedule(stage)

    stage.advance(59_999)
    before = made_at(stage)
    stage.advance(1)

    assert (before, made_at(stage)) == ([], [60_000])


@pytest.mark.fidelity("schedules: a jump of the clock misses no firing", "assumed")
def test_a_jump_of_the_clock_misses_no_firing_and_keeps_the_order_of_all() -> None:
    stage = Stage()
    schedule(stage, "quarterly", "*/15 * * * *", schedule_id="1")
    schedule(stage, "half", "30 * * * *", schedule_id="2")
    schedule(stage, "hourly", EVERY_HOUR, schedule_id="3")
    stage.send("delayed", delay=30 * MINUTE)

    stage.advance(HOUR)

    quarter = 15 * MINUTE
    # Those of one instant come up as they were set: the quarterly one is set anew at each firing.
    assert starts(stage) == [
        (quarter, "quarterly"),
        (2 * quarter, "delayed"),
        (2 * quarter, "half"),
        (2 * quarter, "quarterly"),
        (3 * quarter, "quarterly"),
        (4 * quarter, "hourly"),
        (4 * quarter, "quarterly"),
    ]


def test_one_day_of_every_minute_is_1440_firings() -> None:
    stage = Stage()
    schedule(stage)

    stage.advance(DAY)

    assert made_at(stage) == [minute * MINUTE for minute in range(1, 1_441)]


@pytest.mark.fidelity("cron: `CRON_TZ=`, and hours that a zone skips or repeats", "docs")
@pytest.mark.parametrize(
    ("since", "fired"),
    [
        ("2026-03-28T00:00:00Z", ["2026-03-28T01:30:00Z", "2026-03-30T00:30:00Z"]),
        (
            "2026-10-24T00:00:00Z",
            [
                "2026-10-24T00:30:00Z",
                "2026-10-25T00:30:00Z",
                "2026-10-25T01:30:00Z",
                "2026-10-26T01:30:00Z",
            ],
        ),
    ],
)
def test_a_time_zone_skips_what_spring_skips_and_repeats_what_autumn_repeats(
    since: str, fired: list[str]
) -> None:
    stage = Stage(start=instant_of(since))
    schedule(stage, cron="CRON_TZ=Europe/Berlin 30 2 * * *")

    stage.advance(3 * DAY)

    assert [instant_text(message.created_at) for message in made(stage)] == fired


def test_a_date_that_never_comes_never_fires() -> None:
    stage = Stage()

    schedule(stage, cron="0 0 31 2 *")

    assert (get(stage).next_at, stage.engine.next_timer()) == (None, None)


def test_schedules_belong_to_their_user() -> None:
    stage = Stage()
    schedule(stage, "mine")
    schedule(stage, "theirs", user="testUser1")

    stage.advance(MINUTE)
    stage.engine.schedules.delete(USER, "s")

    assert (starts(stage), starts(stage, "testUser1")) == (
        [(60_000, "mine")],
        [(60_000, "theirs")],
    )
    assert stage.engine.schedules.list(USER) == ()
    assert [each.id for each in stage.engine.schedules.list("testUser1")] == ["s"]


# --- idleness --------------------------------------------------------------------------------


def test_running_until_idle_stops_when_only_firings_remain() -> None:
    stage = Stage(BROKEN, OK)
    schedule(stage, "never", EVERY_HOUR)
    stage.send("a")

    report = stage.driver.run_until_idle()

    assert (report.reason, stage.offset) == (StopReason.IDLE, 12_000)
    assert report.next_event == "firing of schedule s for https://shop.test/never"
    assert starts(stage) == [(0, "a"), (12_000, "a")]


def test_firings_on_the_way_to_idleness_happen() -> None:
    stage = Stage()
    schedule(stage)
    stage.send("a", delay=150_000)

    stage.driver.run_until_idle()

    assert starts(stage) == [(60_000, "a"), (120_000, "a"), (150_000, "a")]


def test_what_a_firing_made_is_awaited() -> None:
    stage = Stage(Responded(200, took=150_000), OK)
    schedule(stage)
    stage.driver.next()

    stage.driver.run_until_idle()

    assert story(stage, DELIVERED)[-1] == (210_000, "a", DELIVERED)
    assert (stage.offset, stage.engine.is_idle) == (210_000, True)


# --- what a firing makes ---------------------------------------------------------------------


def test_a_firing_publishes_the_command_and_names_the_schedule() -> None:
    stage = Stage()
    command = PublishCommand(
        SHOP + "a",
        b"order",
        "PUT",
        (("X-Order", "7"),),
        retries=1,
        timeout=5_000,
        labels=("shop",),
        caller_ip="10.0.0.1",
    )
    schedule(stage, command=command)

    stage.advance(MINUTE)

    (message,) = made(stage)
    assert message.command == command._replace(extras=SCHEDULED)
    assert (message.created_at, message.not_before) == (START + 60_000, START + 60_000)


@pytest.mark.fidelity("schedules: with a delay", "sdk")
def test_each_firing_is_delayed_by_itself() -> None:
    stage = Stage()
    schedule(stage, command=PublishCommand(SHOP, delay=90_000))

    stage.advance(4 * MINUTE)

    first = made(stage)[0]
    assert timeline(first) == [(60_000, CREATED), (150_000, ACTIVE), (150_000, DELIVERED)]
    assert (first.created_at, first.not_before) == (START + 60_000, START + 150_000)
    assert starts(stage) == [(150_000, "a"), (210_000, "a")]


@pytest.mark.fidelity("schedules: to the endpoints that a group has then", "docs")
def test_a_firing_goes_to_all_endpoints_that_the_group_has_then() -> None:
    stage = Stage()
    group(stage, "a", "b")
    schedule(stage, group="g")

    stage.advance(MINUTE)
    group(stage, "c")
    stage.advance(MINUTE)

    assert starts(stage) == [
        (60_000, "a"),
        (60_000, "b"),
        (120_000, "a"),
        (120_000, "b"),
        (120_000, "c"),
    ]
    assert {message.command.extras for message in made(stage)} == {
        Extras(topic="g", schedule_id="s")
    }


@pytest.mark.fidelity("schedules: into a queue", "docs")
def test_fired_messages_line_up_in_their_queue() -> None:
    stage = Stage(Responded(200, took=90_000))
    schedule(stage, command=PublishCommand(SHOP, extras=Extras(queue="q")))
    stage.engine.queues.upsert(USER, "q", 1, paused=False)

    stage.advance(4 * MINUTE)

    assert starts(stage) == [(60_000, "a"), (150_000, "a"), (240_000, "a")]
    assert stage.engine.queues.get(USER, "q").lag == 2


def test_the_queue_is_made_by_the_first_firing_and_its_parallelism_is_left_alone() -> None:
    stage = Stage()
    schedule(stage, command=PublishCommand(SHOP, extras=Extras(queue="q")))
    before = stage.engine.queues.list(USER)

    stage.advance(MINUTE)
    stage.engine.queues.upsert(USER, "q", 5, paused=False)
    stage.advance(MINUTE)

    assert (before, stage.engine.queues.get(USER, "q").parallelism) == ((), 5)


def test_a_firing_brings_the_limits_of_its_key() -> None:
    stage = Stage(Responded(200, took=HOUR))
    for name in "abc":
        stage.send(name, flow=FlowControl("k", parallelism=1))
    wider = Extras(flow_control=FlowControl("k", parallelism=2))
    schedule(stage, "late", command=PublishCommand(SHOP, delay=DAY, extras=wider))

    stage.advance(MINUTE)

    assert starts(stage) == [(0, "a"), (60_000, "b")]


def test_the_daily_limit_does_not_stop_a_firing_which_counts() -> None:
    stage = Stage(plan=replace(FREE, messages_per_day=2))
    schedule(stage)

    stage.advance(3 * MINUTE)

    assert made_at(stage) == [60_000, 120_000, 180_000]
    assert refused(lambda: stage.engine.count_call(USER, makes_messages=True))[0] == 429


# --- what is told of it ----------------------------------------------------------------------


def test_a_schedule_tells_when_it_fired_when_it_will_and_what_became_of_it() -> None:
    stage = Stage(OK)
    stage.advance(500)
    schedule(stage)
    fresh = get(stage)
    stage.advance(2 * MINUTE)

    expected = Schedule(
        id="s",
        created_at=START + 500,
        destination=SHOP + "a",
        command=PublishCommand(SHOP + "a", extras=SCHEDULED),
        cron=parse(EVERY_MINUTE),
        is_paused=False,
        last_at=None,
        next_at=START + 60_000,
        last_messages=(),
        error=None,
    )
    assert fresh == expected
    assert get(stage) == expected._replace(
        last_at=START + 120_000, next_at=START + 180_000, last_messages=(made(stage)[1],)
    )


@pytest.mark.fidelity("schedules: `lastScheduleStates`", "docs")
def test_the_messages_of_the_last_firing_are_known_with_their_states() -> None:
    stage = Stage(OK, BROKEN, Responded(200, took=1_000))
    group(stage, "a", "b", "c")
    schedule(stage, group="g", command=PublishCommand("", retries=0))

    stage.advance(MINUTE)

    messages = get(stage).last_messages
    assert [(each.command.url, str(each.state)) for each in messages] == [
        (SHOP + "a", "delivered"),
        (SHOP + "b", "failed"),
        (SHOP + "c", "active"),
    ]


def test_a_schedule_for_a_group_is_destined_for_its_name() -> None:
    stage = Stage()
    group(stage, "a")
    schedule(stage, group="g")

    assert get(stage).destination == "g"


def test_schedules_are_listed_in_order_of_creation() -> None:
    stage = Stage()
    for schedule_id in "bca":
        schedule(stage, schedule_id=schedule_id)
    schedule(stage, schedule_id="c")

    assert [each.id for each in stage.engine.schedules.list(USER)] == ["b", "c", "a"]


def test_a_schedule_without_an_id_gets_one() -> None:
    stage = Stage()

    first, second = schedule(stage, schedule_id=None), schedule(stage, schedule_id=None)

    assert first != second
    assert [each.id for each in stage.engine.schedules.list(USER)] == [first, second]
    assert stage.engine.schedules.get(USER, first).command.extras.schedule_id == first


# --- a group that is gone --------------------------------------------------------------------


@pytest.mark.fidelity("schedules: `error` of a firing that failed", "sdk")
def test_a_firing_for_a_group_that_is_gone_is_an_error_until_the_next_success() -> None:
    stage = Stage()
    group(stage, "a")
    schedule(stage, group="g")
    stage.advance(MINUTE)
    fired = get(stage)

    stage.engine.url_groups.delete(USER, "g")
    stage.advance(2 * MINUTE)
    failed = get(stage)
    group(stage, "b")
    stage.advance(MINUTE)

    assert failed == fired._replace(error="topic g not found", next_at=START + 240_000)
    assert get(stage).error is None
    assert starts(stage) == [(60_000, "a"), (240_000, "b")]


def test_a_firing_that_would_make_one_queue_too_many_is_an_error() -> None:
    stage = Stage(plan=replace(PAYG, max_queues=1))
    schedule(stage, command=PublishCommand(SHOP, extras=Extras(queue="q")))
    stage.engine.queues.upsert(USER, "other", 1, paused=False)

    stage.advance(MINUTE)

    assert get(stage).error == "quota maxQueues exceeded, current limit: 1"
    assert (stage.log(), get(stage).last_at) == ([], None)


# --- pausing and deleting --------------------------------------------------------------------


@pytest.mark.fidelity("schedules: a pause skips firings", "sdk")
def test_a_paused_schedule_skips_its_firings_while_its_next_instant_goes_on() -> None:
    stage = Stage()
    schedule(stage)

    stage.engine.schedules.pause(USER, "s")
    stage.advance(150_000)
    paused = get(stage)
    stage.engine.schedules.resume(USER, "s")
    stage.advance(30_000)

    assert (paused.is_paused, paused.last_at, paused.next_at) == (True, None, START + 180_000)
    assert (made_at(stage), get(stage).is_paused) == ([180_000], False)


def test_a_paused_schedule_keeps_its_error() -> None:
    stage = Stage()
    group(stage, "a")
    schedule(stage, group="g")
    stage.engine.url_groups.delete(USER, "g")
    stage.advance(MINUTE)

    stage.engine.schedules.pause(USER, "s")
    stage.advance(MINUTE)

    assert get(stage).error == "topic g not found"


def test_a_deleted_schedule_fires_no_more_and_its_messages_stay() -> None:
    stage = Stage()
    schedule(stage, command=PublishCommand(SHOP, delay=90_000))
    stage.advance(MINUTE)

    stage.engine.schedules.delete(USER, "s")
    stage.driver.run_until_idle()

    assert (starts(stage), stage.engine.schedules.list(USER)) == ([(150_000, "a")], ())
    assert stage.engine.next_timer() is None


def test_deleting_a_missing_schedule_does_nothing() -> None:
    stage = Stage()

    stage.engine.schedules.delete(USER, "s")

    assert stage.engine.schedules.list(USER) == ()


def test_a_schedule_that_never_fires_can_be_deleted() -> None:
    stage = Stage()
    schedule(stage, cron="0 0 31 2 *")

    stage.engine.schedules.delete(USER, "s")

    assert stage.engine.schedules.list(USER) == ()


def test_a_missing_schedule_is_neither_found_nor_paused_nor_resumed() -> None:
    schedules = Stage().engine.schedules
    missing = (404, "schedule s not found")

    assert refused(lambda: schedules.get(USER, "s")) == missing
    assert refused(lambda: schedules.pause(USER, "s")) == missing
    assert refused(lambda: schedules.resume(USER, "s")) == missing


def test_the_messages_of_a_schedule_can_be_cancelled() -> None:
    stage = Stage()
    schedule(stage, cron=EVERY_HOUR, command=PublishCommand(SHOP, delay=90_000))
    stage.advance(HOUR)

    stage.cancel(made(stage)[0])
    stage.advance(90_000)

    assert [str(each.state) for each in get(stage).last_messages] == ["canceled"]
    assert story(stage, CANCELED) == [(HOUR + 90_000, "a", CANCELED)]


# --- overwriting -----------------------------------------------------------------------------


def test_an_overwritten_schedule_keeps_its_age_its_pause_and_its_last_firing() -> None:
    stage = Stage()
    schedule(stage, command=PublishCommand(SHOP, b"old", labels=("old",)))
    stage.advance(90_000)
    stage.engine.schedules.pause(USER, "s")
    before = get(stage)

    again = schedule(stage, "b", EVERY_HOUR, command=PublishCommand(SHOP, retries=1))

    assert (again, before.last_at) == ("s", START + 60_000)
    assert get(stage) == before._replace(
        destination=SHOP + "b",
        command=PublishCommand(SHOP + "b", retries=1, extras=SCHEDULED),
        cron=parse(EVERY_HOUR),
        next_at=START + HOUR,
    )


@pytest.mark.fidelity("schedules: one of the same id is overwritten as a whole", "sdk")
def test_an_overwritten_schedule_fires_by_its_new_expression_alone() -> None:
    stage = Stage()
    schedule(stage, "old")
    stage.advance(90_000)

    schedule(stage, "new", "*/2 * * * *")
    stage.advance(3 * MINUTE)

    assert starts(stage) == [(60_000, "old"), (120_000, "new"), (240_000, "new")]


def test_an_overwritten_schedule_has_no_error() -> None:
    stage = Stage()
    group(stage, "a")
    schedule(stage, group="g")
    stage.engine.url_groups.delete(USER, "g")
    stage.advance(MINUTE)

    schedule(stage)

    assert (get(stage).error, get(stage).destination) == (None, SHOP + "a")


def test_a_schedule_that_never_fires_can_be_overwritten() -> None:
    stage = Stage()
    schedule(stage, cron="0 0 31 2 *")

    schedule(stage)
    stage.advance(MINUTE)

    assert made_at(stage) == [60_000]


# --- refusals --------------------------------------------------------------------------------


@pytest.mark.parametrize("schedule_id", ["", "a b", "ä", "a/b"])
def test_a_bad_id_is_refused(schedule_id: str) -> None:
    stage = Stage()

    assert refused(lambda: schedule(stage, schedule_id=schedule_id)) == (
        400,
        "schedule id can only contain alphanumeric characters, hyphens, periods and underscores",
    )


def test_a_schedule_for_a_missing_group_is_refused() -> None:
    stage = Stage()

    assert refused(lambda: schedule(stage, group="g")) == (404, "topic g not found")
    assert stage.engine.schedules.list(USER) == ()


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (PublishCommand("", retries=6), "quota maxRetries exceeded, current limit: 5"),
        (
            PublishCommand("", delay=366 * DAY),
            "quota maxDelay exceeded, current limit: 31536000",
        ),
        (
            PublishCommand("", timeout=7_201_000),
            "quota maxTimeout exceeded, current limit: 7200",
        ),
        (
            PublishCommand("", b"x" * 101),
            "quota maxMessageSize exceeded, current limit: 100",
        ),
        (
            PublishCommand("", extras=Extras(queue="q")),
            "quota maxQueues exceeded, current limit: 0",
        ),
    ],
)
def test_a_schedule_beyond_the_plan_is_refused_and_the_one_that_is_there_stays(
    command: PublishCommand, text: str
) -> None:
    stage = Stage(plan=replace(PAYG, max_message_size=100, max_queues=0))
    schedule(stage)
    before = get(stage)

    assert refused(lambda: schedule(stage, command=command)) == (412, text)
    assert get(stage) == before


def test_one_schedule_too_many_is_refused_and_overwriting_is_not() -> None:
    stage = Stage(plan=FREE)
    for number in range(10):
        schedule(stage, schedule_id=str(number))

    assert refused(lambda: schedule(stage, schedule_id="10")) == (
        412,
        "quota maxSchedules exceeded, current limit: 10",
    )
    schedule(stage, schedule_id="9")
    stage.engine.schedules.delete(USER, "0")
    schedule(stage, schedule_id="10")

    assert [each.id for each in stage.engine.schedules.list(USER)] == [*"123456789", "10"]


def test_a_request_without_an_expression_is_a_bug() -> None:
    stage = Stage()

    with pytest.raises(InternalError, match=r"^a schedule was asked for without a cron"):
        stage.engine.schedules.create(USER, PublishRequest(PublishCommand(SHOP)))
