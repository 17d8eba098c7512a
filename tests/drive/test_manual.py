"""Moving a virtual clock: how far each call goes, in which order things happen, what is refused."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from fakestash.delivery.courier import Courier
from fakestash.delivery.outbound import OutboundRequest
from fakestash.delivery.router import Router
from fakestash.drive.manual import ManualDriver
from fakestash.drive.move import LIMIT, LIMIT_AT_ONE_INSTANT, LIMIT_WITHOUT_END
from fakestash.drive.report import Report, StopReason
from fakestash.engine.due import Firing
from fakestash.errors import (
    ConditionNotMetError,
    RunawayError,
    StrayDestinationError,
    UsageError,
)
from fakestash.model.messages import Message, MessageState, PublishCommand, PublishRequest
from fakestash.model.outcomes import Outcome, Responded, Unreachable
from fakestash.model.settings import CallbackSettings, CronSettings, Extras, FlowControl
from fakestash.syntax.cron import parse
from tests.builders import (
    ACTIVE,
    BROKEN,
    CREATED,
    DELIVERED,
    ERROR,
    OK,
    RETRY,
    SHOP,
    START,
    USER,
    Answers,
    Stage,
    after,
    starts,
    timeline,
)

# --- advance ---------------------------------------------------------------------------------


def test_each_event_happens_at_its_own_instant() -> None:
    stage = Stage()
    seen: list[int] = []
    stage.router.add("*", Answers(after(lambda _: seen.append(stage.offset))))
    for delay in (3_000, 1_000, 2_000):
        stage.publish(delay=delay)

    stage.driver.advance(10)

    assert (seen, stage.offset) == ([1_000, 2_000, 3_000], 10_000)


@pytest.mark.parametrize(("moved", "delivered"), [(999, False), (1_000, True), (1_001, True)])
def test_the_end_of_a_move_is_included(moved: int, delivered: bool) -> None:
    stage = Stage()
    message = stage.publish(delay=1_000)

    stage.advance(moved)

    assert ((1_000, DELIVERED) in timeline(message), stage.offset) == (delivered, moved)


def test_what_comes_due_because_of_a_move_happens_within_it() -> None:
    stage = Stage(BROKEN, BROKEN, OK)
    message = stage.publish()

    stage.driver.advance(160)

    assert [entry for entry in timeline(message) if entry[1] in (ACTIVE, DELIVERED)] == [
        (0, ACTIVE),
        (12_000, ACTIVE),
        (160_000, ACTIVE),
        (160_000, DELIVERED),
    ]


def test_what_is_published_during_a_delivery_is_delivered_in_the_same_move() -> None:
    stage = Stage()
    published: list[Message] = []

    def publish_another(_: object) -> Outcome:
        if len(published) < 2:
            published.append(stage.publish(delay=100))
        return OK

    stage.router.add("*", Answers(publish_another))
    stage.publish()
    stage.driver.advance(1)

    assert [timeline(message) for message in published] == [
        [(0, CREATED), (100, ACTIVE), (100, DELIVERED)],
        [(100, CREATED), (200, ACTIVE), (200, DELIVERED)],
    ]


def test_an_advance_by_nothing_does_what_is_due_now() -> None:
    stage = Stage()
    message, later = stage.publish(), stage.publish(delay=1)

    stage.driver.advance(0)

    assert (message.state, later.state) == (MessageState.DELIVERED, MessageState.PENDING)


@pytest.mark.parametrize("duration", [timedelta(minutes=90), 5_400, "1h30m", "5400"])
def test_a_duration_is_whatever_people_write(duration: timedelta | float | str) -> None:
    stage = Stage()

    stage.driver.advance(duration)

    assert stage.offset == 5_400_000


@pytest.mark.parametrize(
    "instant",
    [datetime(2026, 1, 1, 0, 0, 2, tzinfo=UTC), 1_767_225_602, "2026-01-01T01:00:02+01:00"],
)
def test_a_move_goes_to_an_instant(instant: datetime | float | str) -> None:
    stage = Stage()
    message = stage.publish(delay=2_000)

    stage.driver.advance_to(instant)

    assert (message.state, stage.offset) == (MessageState.DELIVERED, 2_000)


def test_a_move_may_go_to_where_it_is() -> None:
    stage = Stage()
    message = stage.publish()

    stage.driver.advance_to("2026-01-01T00:00:00Z")

    assert message.state is MessageState.DELIVERED


def test_time_does_not_go_back() -> None:
    stage = Stage()
    stage.driver.advance(1)

    with pytest.raises(UsageError) as raised:
        stage.driver.advance_to("2026-01-01T00:00:00.500Z")

    assert str(raised.value) == (
        "cannot go back to 2026-01-01T00:00:00.500Z: it is 2026-01-01T00:00:01Z already"
    )
    assert stage.offset == 1_000


def test_a_move_beyond_the_last_year_is_refused_before_it_starts() -> None:
    stage = Stage()
    message = stage.publish()

    with pytest.raises(UsageError, match="outside the years 1 to 9999"):
        stage.driver.advance("9000000d")

    assert (stage.offset, message.state) == (0, MessageState.PENDING)


def test_the_clock_may_start_before_1970() -> None:
    stage = Stage(BROKEN, OK, start=-5_000)
    message = stage.publish(delay=1_000)

    stage.driver.run_until_idle()

    assert [(entry.at, entry.state) for entry in message.entries] == [
        (-5_000, CREATED),
        (-4_000, ACTIVE),
        (-4_000, ERROR),
        (-4_000, RETRY),
        (8_000, ACTIVE),
        (8_000, DELIVERED),
    ]


def test_what_another_thread_publishes_at_the_last_moment_is_not_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = Stage()
    messages: list[Message] = []
    claim = stage.engine.claim

    def claim_and_be_late(until: int) -> Firing | None:
        firing = claim(until)
        if firing is None and not messages:
            messages.append(stage.publish(delay=500))
        return firing

    monkeypatch.setattr(stage.engine, "claim", claim_and_be_late)
    stage.driver.advance(1)

    assert timeline(messages[0]) == [(0, CREATED), (500, ACTIVE), (500, DELIVERED)]


# --- next ------------------------------------------------------------------------------------


def test_next_jumps_to_the_next_event_and_runs_it_alone() -> None:
    stage = Stage()
    first, second = stage.publish(delay=500), stage.publish(delay=500)

    stage.driver.next()

    assert (first.state, second.state) == (MessageState.DELIVERED, MessageState.PENDING)
    assert stage.offset == 500


def test_the_end_of_a_slow_attempt_is_an_event_of_its_own() -> None:
    stage = Stage(Responded(200, took=300))
    message = stage.publish()

    stage.driver.next()
    halfway = timeline(message)
    stage.driver.next()

    assert halfway == [(0, CREATED), (0, ACTIVE)]
    assert timeline(message) == [(0, CREATED), (0, ACTIVE), (300, DELIVERED)]


def test_next_does_nothing_when_nothing_is_due() -> None:
    stage = Stage()

    report = stage.driver.next()

    assert (report.reason, report.fired, stage.offset) == (StopReason.IDLE, (), 0)


# --- run_until_idle --------------------------------------------------------------------------


def test_everything_that_can_happen_happens_and_the_clock_stops_there() -> None:
    stage = Stage(BROKEN)
    stage.publish(retries=2)
    late = stage.publish(delay=1_000_000, retries=0)

    stage.driver.run_until_idle()

    assert (late.state, stage.offset) == (MessageState.FAILED, 1_000_000)
    assert stage.engine.next_timer() is None


def schedule_every_minute(stage: Stage, name: str) -> None:
    """A schedule ``s`` for ``https://shop.test/<name>``."""
    command = PublishCommand(SHOP + name)
    cron = CronSettings(parse("* * * * *"), "s")
    stage.engine.schedules.create(USER, PublishRequest(command, cron=cron))


def test_firings_that_recur_for_ever_are_not_waited_for() -> None:
    stage = Stage()
    schedule_every_minute(stage, "tick")

    report = stage.driver.run_until_idle()

    assert (report.reason, report.firings, stage.offset) == (StopReason.IDLE, (), 0)
    assert report.next_event == "firing of schedule s for https://shop.test/tick"


def test_firings_before_the_last_event_happen_and_those_after_it_do_not() -> None:
    stage = Stage()
    schedule_every_minute(stage, "tick")
    stage.send("last", delay=130_000)

    report = stage.driver.run_until_idle()

    assert starts(stage) == [(60_000, "tick"), (120_000, "tick"), (130_000, "last")]
    assert (report.reason, stage.offset) == (StopReason.IDLE, 130_000)


def test_a_schedule_whose_messages_never_come_to_an_end_is_stopped_at_the_cap() -> None:
    stage = Stage(BROKEN)
    schedule_every_minute(stage, "tick")
    stage.driver.next()

    with pytest.raises(RunawayError, match=r"of them were deliveries to https://shop\.test/tick"):
        stage.driver.run_until_idle(limit=500)


def test_messages_that_nothing_will_release_are_not_waited_for() -> None:
    stage = Stage()
    stage.engine.queues.upsert(USER, "q", 1, paused=True)
    message = stage.send("held", queue="q")

    report = stage.driver.run_until_idle()

    assert (report.reason, report.next_event) == (StopReason.IDLE, None)
    assert (message.state, stage.offset) == (MessageState.WAITING, 0)


def test_messages_that_a_later_period_will_release_are_waited_for() -> None:
    stage = Stage()
    for name in "ab":
        stage.send(name, flow=FlowControl("k", rate=1, period=60))

    stage.driver.run_until_idle()

    assert (starts(stage), stage.offset) == ([(0, "a"), (60_000, "b")], 60_000)


def test_messages_that_have_to_wait_can_be_culprits() -> None:
    stage = Stage(after(lambda _: [stage.send("x", queue="paused") for _ in range(2)]))
    stage.engine.queues.upsert(USER, "paused", 1, paused=True)
    for _ in range(4):
        stage.send("start")

    with pytest.raises(
        RunawayError, match=r"6 of them were messages for https://shop\.test/x that have to wait"
    ):
        stage.driver.run_until_idle(limit=10)


# --- run_until -------------------------------------------------------------------------------


def test_a_condition_is_asked_before_each_event() -> None:
    stage = Stage()
    for delay in (1_000, 2_000, 3_000):
        stage.publish(delay=delay)
    asked: list[int] = []

    def is_two_seconds_later() -> bool:
        asked.append(stage.offset)
        return stage.offset == 2_000

    stage.driver.run_until(is_two_seconds_later)

    assert (asked, stage.offset) == ([0, 1_000, 2_000], 2_000)


def test_a_condition_that_holds_already_moves_nothing() -> None:
    stage = Stage()
    message = stage.publish()

    report = stage.driver.run_until(lambda: True)

    assert (report.reason, message.state) == (StopReason.MET, MessageState.PENDING)


def test_a_condition_may_be_met_by_the_last_event() -> None:
    stage = Stage()
    message = stage.publish(delay=1_000)

    stage.driver.run_until(lambda: message.state is MessageState.DELIVERED)

    assert stage.offset == 1_000


@pytest.mark.parametrize(("messages", "events"), [(0, "0 events"), (1, "1 event"), (2, "2 events")])
def test_a_condition_that_is_never_met_is_an_error(messages: int, events: str) -> None:
    stage = Stage()
    for _ in range(messages):
        stage.publish(delay=1_500)

    with pytest.raises(ConditionNotMetError) as raised:
        stage.driver.run_until(lambda: False)

    instant = "2026-01-01T00:00:01.500Z" if messages else "2026-01-01T00:00:00Z"
    assert str(raised.value) == (
        f"run_until: the condition is still false at {instant}, after {events}, "
        "and nothing is due any more"
    )


def test_what_a_condition_raises_comes_out_and_time_can_be_moved_again() -> None:
    stage = Stage()
    message = stage.publish()

    with pytest.raises(ZeroDivisionError):
        stage.driver.run_until(lambda: bool(1 // 0))
    stage.advance(0)

    assert message.state is MessageState.DELIVERED


# --- the cap ---------------------------------------------------------------------------------


ECHO = "https://shop.test/echo"


def endless(stage: Stage, delay: int = 60_000) -> None:
    """Have every delivery to the echo publish another message to it."""
    stage.router.add(ECHO, Answers(after(lambda _: stage.publish(ECHO, delay=delay))))
    stage.publish(ECHO)


@pytest.mark.parametrize(
    "move",
    [
        lambda driver: driver.run_until_idle(limit=1_000),
        lambda driver: driver.advance("365d", limit=1_000),
        lambda driver: driver.advance_to("2027-01-01T00:00:00Z", limit=1_000),
        lambda driver: driver.run_until(lambda: False, limit=1_000),
    ],
)
def test_a_history_without_an_end_is_stopped_and_the_culprit_named(
    move: Callable[[ManualDriver], Report],
) -> None:
    stage = Stage()
    endless(stage)
    stage.publish("https://shop.test/quiet", delay=1)

    with pytest.raises(RunawayError) as raised:
        move(stage.driver)

    assert str(raised.value) == (
        "stopped at 2026-01-01T16:38:00Z after 1,000 events: 999 of them were deliveries to "
        "https://shop.test/echo. If so many are meant, pass a larger limit=; if not, something "
        "keeps publishing or failing without an end"
    )


def test_after_that_time_can_be_moved_on() -> None:
    stage = Stage()
    endless(stage)
    with pytest.raises(RunawayError):
        stage.driver.run_until_idle(limit=3)

    stage.driver.advance(60, limit=10)

    assert len(stage.courier.deliveries) == 4


def test_slow_answers_and_timers_can_be_culprits_too() -> None:
    stage = Stage(Responded(500, (("Retry-After", "0"),), took=5))
    stage.publish(retries=5)

    def again(event: int, now: int) -> None:
        stage.engine.at(now, event)

    stage.engine.register(int, again)

    with pytest.raises(
        RunawayError, match=r"2 of them were deliveries to https://shop\.test/hook\."
    ):
        stage.driver.run_until_idle(limit=4)
    stage.driver.next()
    with pytest.raises(
        RunawayError, match=r"2 of them were answers from https://shop\.test/hook\."
    ):
        stage.driver.run_until_idle(limit=3)
    stage.engine.at(START, 7)
    with pytest.raises(RunawayError, match="of them were int events"):
        stage.driver.run_until_idle(limit=100)


def test_exactly_as_many_events_as_the_cap_are_fine() -> None:
    stage = Stage()
    for _ in range(3):
        stage.publish()

    report = stage.driver.advance(1, limit=3)

    assert (report.reason, len(report.fired), stage.offset) == (StopReason.REACHED, 3, 1_000)


def test_a_condition_met_by_the_last_event_of_the_cap_is_met() -> None:
    stage = Stage()
    message, _ = stage.publish(), stage.publish()

    report = stage.driver.run_until(lambda: message.state is MessageState.DELIVERED, limit=1)

    assert report.reason is StopReason.MET


@pytest.mark.parametrize("limit", [0, -1, 1.5, True, "7"])
def test_a_cap_is_a_number_that_leaves_room_for_an_event(limit: int) -> None:
    with pytest.raises(UsageError) as raised:
        Stage().driver.run_until_idle(limit=limit)

    assert str(raised.value) == f"limit must be a whole number from 1 on, got {limit!r}"


def test_the_caps_that_hold_without_asking() -> None:
    assert (LIMIT, LIMIT_WITHOUT_END, LIMIT_AT_ONE_INSTANT) == (100_000, 10_000, 1_000)


@pytest.mark.parametrize(
    "move",
    [lambda driver: driver.run_until_idle(), lambda driver: driver.run_until(lambda: False)],
)
def test_a_move_without_an_end_has_the_smaller_cap(
    monkeypatch: pytest.MonkeyPatch, move: Callable[[ManualDriver], Report]
) -> None:
    monkeypatch.setattr("fakestash.drive.move.LIMIT_WITHOUT_END", 20)
    stage = Stage()
    endless(stage)

    stage.driver.advance(21 * 60)
    with pytest.raises(RunawayError, match="after 20 events: 20 of them were deliveries to"):
        move(stage.driver)


def test_a_move_to_an_instant_has_the_larger_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fakestash.drive.move.LIMIT", 20)
    stage = Stage()
    endless(stage)

    with pytest.raises(RunawayError, match="after 20 events: 20 of them were deliveries to"):
        stage.driver.advance("1d")


def test_a_history_that_never_gets_on_in_time_is_stopped_sooner() -> None:
    stage = Stage()
    endless(stage, delay=0)
    stage.driver.next()

    with pytest.raises(RunawayError) as raised:
        stage.driver.advance("1d")

    assert str(raised.value).startswith(
        "stopped at 2026-01-01T00:00:00Z after 1,001 events: 1,001 of them were deliveries to"
    )


def test_what_was_due_before_a_move_does_not_count_as_standing_still() -> None:
    stage = Stage()
    for _ in range(LIMIT_AT_ONE_INSTANT + 1):
        stage.publish()

    assert stage.driver.advance(1).reason is StopReason.REACHED


def test_many_messages_that_each_lead_to_another_are_no_history_without_end() -> None:
    stage = Stage()
    hook = Extras(callback=CallbackSettings("https://shop.test/told"))
    for _ in range(LIMIT_AT_ONE_INSTANT + 1):
        stage.publish(extras=hook)

    assert len(stage.driver.run_until_idle().deliveries) == 2 * (LIMIT_AT_ONE_INSTANT + 1)


@pytest.mark.parametrize("delays", [[0] * 1_000, [0] * 900 + [1] + [0] * 900])
def test_standing_still_for_a_while_is_fine(delays: list[int]) -> None:
    left = list(delays)

    def publish_another(_: OutboundRequest) -> None:
        if left:
            stage.publish(delay=left.pop())

    stage = Stage(after(publish_another))
    stage.publish()

    assert len(stage.driver.advance(1).fired) == len(delays) + 1


def test_a_larger_cap_is_one_for_standing_still_too() -> None:
    stage = Stage()
    endless(stage, delay=0)

    with pytest.raises(RunawayError, match=r"after 1,500 events"):
        stage.driver.advance("1d", limit=1_500)


# --- misuse ----------------------------------------------------------------------------------


def test_a_condition_is_a_function() -> None:
    with pytest.raises(UsageError) as raised:
        Stage().driver.run_until(True)  # type: ignore[arg-type]

    assert str(raised.value) == (
        "run_until takes a function that says whether to stop, such as "
        "`lambda: len(qstash.dead_letters) == 1`, got True"
    )


def test_time_is_not_moved_after_the_end() -> None:
    stage = Stage()
    message = stage.publish()
    stage.driver.close()

    with pytest.raises(UsageError) as raised:
        stage.driver.advance(1)

    assert str(raised.value) == "advance() was called on a fake that is closed: its test is over"
    assert (message.state, stage.offset) == (MessageState.PENDING, 0)


# --- what goes wrong in a destination --------------------------------------------------------


class Breaks:
    """A destination that breaks the rules: it raises."""

    needs_loop = False

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def call(self, request: object) -> Outcome:
        raise self.error


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3), ValueError("a defect")])
def test_what_a_destination_raises_leaves_no_attempt_in_the_air(error: BaseException) -> None:
    stage = Stage()
    stage.router.add("*", Breaks(error))
    message = stage.publish(retries=1)

    with pytest.raises(type(error)) as raised:
        stage.driver.run_until_idle()
    stage.router.add("*", Answers(OK))
    stage.driver.run_until_idle()

    assert raised.value is error
    assert timeline(message) == [
        (0, CREATED),
        (0, ACTIVE),
        (0, ERROR),
        (0, RETRY),
        (12_000, ACTIVE),
        (12_000, DELIVERED),
    ]
    assert message.entries[2].outcome == Unreachable("EOF", exception=error)
    assert [delivery.exception for delivery in stage.courier.deliveries] == [error, None]


@pytest.mark.fidelity(
    "destinations: those that nothing serves fail and are retried",
    "docs",
    verdict="different",
    here="in tests an error, with the lines to add",
)
def test_a_url_that_nothing_serves_stops_the_move_and_says_what_to_do() -> None:
    stage = Stage()
    driver = ManualDriver(stage.engine, Courier(Router(), region="EU-CENTRAL-1"))
    message = stage.publish("https://shop.test:8443/hook?x=1", retries=1)

    with pytest.raises(StrayDestinationError) as raised:
        driver.advance(0)

    assert str(raised.value) == (
        "a message was due for https://shop.test:8443/hook?x=1, and nothing serves that URL here.\n"
        "Add one of these lines before time is moved:\n"
        '    qstash.mount("https://shop.test:8443", app)                          '
        "# your ASGI or WSGI app\n"
        '    qstash.destination("https://shop.test:8443/hook?x=1").responds(200)  '
        "# a scripted answer\n"
        '    qstash.allow_http("https://shop.test:8443")                          '
        "# the real thing, over HTTP"
    )
    assert timeline(message) == [(0, CREATED), (0, ACTIVE), (0, ERROR), (0, RETRY)]


def test_once_it_is_served_the_message_arrives_with_its_retry() -> None:
    stage = Stage()
    router = Router()
    driver = ManualDriver(stage.engine, Courier(router, region="EU-CENTRAL-1"))
    message = stage.publish("https://shop.test/hook")
    with pytest.raises(StrayDestinationError):
        driver.advance(0)

    router.add("https://shop.test", Answers(OK))
    driver.run_until_idle()

    assert timeline(message)[-1] == (12_000, DELIVERED)
