"""What a move tells: what came up, what was delivered, why it stopped, what is next."""

from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta

import pytest

from fakestash.delivery.journal import Deliveries
from fakestash.drive.move import Move
from fakestash.drive.report import Fired, Report, StopReason
from fakestash.engine.due import Firing
from fakestash.errors import InternalError
from fakestash.model.messages import PublishCommand, PublishRequest
from fakestash.model.outcomes import Responded, Unreachable
from fakestash.model.settings import CronSettings, FlowControl
from fakestash.plans import PAYG
from fakestash.syntax.cron import parse
from tests.builders import BROKEN, OK, START, USER, Stage

FIRST = datetime(2026, 1, 1, tzinfo=UTC)


def at(ms: int) -> datetime:
    """The instant at this offset."""
    return FIRST + timedelta(milliseconds=ms)


def summary(report: Report) -> tuple[datetime, datetime, StopReason, datetime | None, str | None]:
    return (report.started_at, report.ended_at, report.reason, report.next_at, report.next_event)


def test_a_move_without_events_reports_where_it_went() -> None:
    stage = Stage()
    stage.advance(250)

    report = stage.driver.advance(5)

    assert report == Report(
        started_at=at(250),
        ended_at=at(5_250),
        reason=StopReason.REACHED,
        deliveries=report.deliveries,
        next_at=None,
        next_event=None,
        firings=(),
    )
    assert (report.fired, list(report.deliveries)) == ((), [])
    assert str(report) == (
        "2026-01-01T00:00:00.250Z to 2026-01-01T00:00:05.250Z: the instant was reached\n"
        "0 deliveries made; came back: nothing\n"
        "nothing is due"
    )


def test_a_report_holds_everything_that_happened() -> None:
    stage = Stage(BROKEN, Responded(200, took=1_500), Unreachable("EOF"), Responded(302))
    first = stage.publish("https://a.test/x")
    second = stage.publish("https://b.test/y", delay=1_000)
    third = stage.publish("https://c.test/z", retries=5)
    stage.cancel(stage.publish("https://d.test", delay=20_000))

    report = stage.driver.advance(15)

    assert summary(report) == (
        at(0),
        at(15_000),
        StopReason.REACHED,
        at(20_000),
        f"cancellation of {stage.log()[3].message.id} for https://d.test",
    )
    assert report.fired == (
        (
            at(0),
            f"attempt 1 of 4 of {first.id} to https://a.test/x",
            first.id,
            "HTTP status 500",
        ),
        (at(0), f"attempt 1 of 6 of {third.id} to https://c.test/z", third.id, None),
        (at(1_000), f"attempt 1 of 4 of {second.id} to https://b.test/y", second.id, "EOF"),
        (at(1_500), f"end of attempt 1 of {third.id}", third.id, "200"),
        (
            at(12_000),
            f"attempt 2 of 4 of {first.id} to https://a.test/x",
            first.id,
            "HTTP status 302",
        ),
        (
            at(13_000),
            f"attempt 2 of 4 of {second.id} to https://b.test/y",
            second.id,
            "HTTP status 302",
        ),
    )
    assert [(each.url, each.at, each.status, each.error) for each in report.deliveries] == [
        ("https://a.test/x", at(0), 500, "HTTP status 500"),
        ("https://c.test/z", at(0), 200, None),
        ("https://b.test/y", at(1_000), None, "EOF"),
        ("https://a.test/x", at(12_000), 302, "HTTP status 302"),
        ("https://b.test/y", at(13_000), 302, "HTTP status 302"),
    ]
    assert str(report) == (
        "2026-01-01T00:00:00Z to 2026-01-01T00:00:15Z: the instant was reached\n"
        "5 deliveries made; came back: 1 x HTTP status 500, 1 x EOF, 1 x 200, "
        "2 x HTTP status 302\n"
        f"next at 2026-01-01T00:00:20Z: cancellation of {stage.log()[3].message.id} "
        "for https://d.test"
    )


def test_a_report_is_about_its_own_move() -> None:
    stage = Stage(OK)
    stage.publish()
    second = stage.publish(delay=10)
    stage.driver.next()

    report = stage.driver.next()

    assert [delivery.message_id for delivery in report.deliveries] == [second.id]
    assert [fired.message_id for fired in report.fired] == [second.id]


def test_an_answer_belongs_to_the_move_in_which_it_counts() -> None:
    stage = Stage(Responded(500, took=100), OK)
    message = stage.publish(retries=1)

    started, ended = stage.driver.next(), stage.driver.next()

    assert [fired.came_back for fired in (*started.fired, *ended.fired)] == [
        None,
        "HTTP status 500",
    ]
    assert (str(started).splitlines()[1], str(ended).splitlines()[1]) == (
        "1 delivery made; came back: nothing",
        "0 deliveries made; came back: 1 x HTTP status 500",
    )
    assert message.retried == 0


def test_one_delivery_is_not_many() -> None:
    stage = Stage(OK)
    message = stage.publish(delay=1_000)
    stage.publish(delay=2_000)

    report = stage.driver.next()

    assert str(report) == (
        "2026-01-01T00:00:00Z to 2026-01-01T00:00:01Z: the next event was run\n"
        "1 delivery made; came back: 1 x 200\n"
        "next at 2026-01-01T00:00:02Z: attempt 1 of 4 of "
        f"{stage.log()[1].message.id} to https://shop.test/hook"
    )
    assert message.outcome == OK


def test_the_cancellation_of_a_message_is_an_event() -> None:
    stage = Stage(BROKEN)
    message = stage.publish("https://a.test/x")
    stage.advance(0)
    stage.cancel(message)

    report = stage.driver.run_until_idle()

    what = f"cancellation of {message.id} for https://a.test/x"
    assert (report.fired, report.reason) == (
        (Fired(at(12_000), what, message.id),),
        StopReason.IDLE,
    )
    assert str(report) == (
        "2026-01-01T00:00:00Z to 2026-01-01T00:00:12Z: nothing is due any more\n"
        "0 deliveries made; came back: nothing\n"
        "nothing is due"
    )


@pytest.mark.parametrize("outcome", [OK, BROKEN])
def test_what_is_next_is_told_in_words(outcome: Responded) -> None:
    stage = Stage(outcome._replace(took=500), OK)
    message = stage.publish("https://a.test/x", retries=1)

    started = stage.driver.next()
    ended = stage.driver.next()

    assert started.next_event == f"end of attempt 1 of {message.id}"
    assert ended.next_event == (
        None if outcome == OK else f"attempt 2 of 2 of {message.id} to https://a.test/x"
    )


def test_a_message_that_has_to_wait_is_told_when_it_comes_due_and_when_it_goes_on() -> None:
    stage = Stage(Responded(200, took=1_000))
    first, second = stage.send("a", queue="q"), stage.send("b", queue="q")

    report = stage.driver.advance(1)

    assert report.fired == (
        (at(0), f"attempt 1 of 4 of {first.id} to https://shop.test/a", first.id, None),
        (at(0), f"{second.id} for https://shop.test/b is due but has to wait", second.id, None),
        (at(1_000), f"end of attempt 1 of {first.id}", first.id, "200"),
        (at(1_000), f"attempt 1 of 4 of {second.id} to https://shop.test/b", second.id, None),
    )


def test_the_answer_to_a_message_that_had_to_wait_is_told_with_its_attempt() -> None:
    stage = Stage(Responded(200, took=1_000), BROKEN)
    stage.send("a", queue="q")
    stage.send("b", queue="q", retries=0)

    report = stage.driver.advance(1)

    assert [fired.came_back for fired in report.fired] == [None, None, "200", "HTTP status 500"]


@pytest.mark.parametrize(
    ("queue", "flow", "place"),
    [
        ("q", None, "its turn in queue q"),
        (None, FlowControl("k", parallelism=1), "the limits of flow control key k"),
        (None, None, "the limit of attempts in flight"),
    ],
)
def test_the_release_of_those_who_wait_is_told_as_what_is_next(
    queue: str | None, flow: FlowControl | None, place: str
) -> None:
    stage = Stage(Responded(200, took=1_000), plan=replace(PAYG, global_parallelism=1))
    for name in "ab":
        stage.send(name, queue=queue, flow=flow)
    stage.advance(999)

    report = stage.driver.next()

    assert (report.next_at, report.next_event) == (at(1_000), f"release of what waits for {place}")


def test_the_end_of_a_period_is_told_as_what_is_next_if_somebody_waits_for_it() -> None:
    stage = Stage()
    for name in "ab":
        stage.send(name, flow=FlowControl("k", rate=1, period=60))

    report = stage.driver.advance(0)

    assert str(report).splitlines()[2] == (
        "next at 2026-01-01T00:01:00Z: release of what waits for the limits of flow control key k"
    )


def test_the_firing_of_a_schedule_is_told_with_what_it_makes() -> None:
    stage = Stage()
    cron = CronSettings(parse("* * * * *"), "s")
    stage.engine.schedules.create(
        USER, PublishRequest(PublishCommand("https://shop.test/tick"), cron=cron)
    )

    report = stage.driver.advance(60)

    (message,) = {entry.message for entry in stage.log()}
    firing = "firing of schedule s for https://shop.test/tick"
    assert report.fired == (
        (at(60_000), firing, None, None),
        (
            at(60_000),
            f"attempt 1 of 4 of {message.id} to https://shop.test/tick",
            message.id,
            "200",
        ),
    )
    assert (report.next_at, report.next_event) == (at(120_000), firing)


def test_the_events_of_other_layers_are_told_as_they_print() -> None:
    stage = Stage()
    stage.engine.register(str, lambda event, now: None)
    stage.engine.at(START + 10, "tea")
    stage.engine.at(START + 20, "milk")

    report = stage.driver.next()

    assert report.fired == (Fired(at(10), "tea", None),)
    assert (report.next_at, report.next_event) == (at(20), "milk")


def test_a_report_does_not_change_when_time_goes_on() -> None:
    stage = Stage(Responded(500, took=100), OK)
    message = stage.publish(retries=1)

    report = stage.driver.next()
    fired, shown = report.fired, str(report)
    stage.driver.run_until_idle()

    assert (report.fired, str(report)) == (fired, shown)
    assert report.firings == (Firing(START, message, report.deliveries[0].request.attempt, 1),)
    assert isinstance(report.deliveries, Deliveries)


def test_a_report_cannot_be_changed() -> None:
    report = Stage().driver.next()

    with pytest.raises(FrozenInstanceError):
        report.next_event = "tea"  # type: ignore[misc]


def test_a_condition_that_is_met_is_the_reason() -> None:
    stage = Stage()
    stage.publish()

    report = stage.driver.run_until(lambda: len(stage.courier.deliveries) == 1)

    assert report.reason is StopReason.MET
    assert str(report).startswith(
        "2026-01-01T00:00:00Z to 2026-01-01T00:00:00Z: the condition was met\n1 delivery"
    )


def test_a_move_that_is_not_over_has_no_report() -> None:
    stage = Stage()

    with pytest.raises(InternalError, match=r"^a move has no report before it is over$"):
        Move(stage.engine, stage.courier, until=START).report()
