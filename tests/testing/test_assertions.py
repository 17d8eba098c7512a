"""Assertions that hold: what counts, what is given back, what is a mistake of the test's own."""

import inspect
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from unittest.mock import ANY

import pytest

from fakestash import (
    DeadLetters,
    Deliveries,
    FakeQStash,
    Fault,
    Messages,
    Schedules,
    UsageError,
)
from fakestash.matching.conditions import ANYTHING
from fakestash.model.settings import Extras, FlowControl
from fakestash.model.users import DEFAULT_USER
from tests.testing.acts import HOOK, failure, publish, schedule

OTHER = "https://shop.test/other?x=1"


@pytest.fixture
def fake() -> FakeQStash:
    """Two POSTs of JSON, the first tried twice, and a GET elsewhere a minute later."""
    fake = FakeQStash()
    fake.destination(HOOK).responds(500, 200)
    fake.destination(OTHER).responds(200)
    publish(fake, body=b'{"a": 1, "b": [1, 2]}', headers=(("X-A", "1"), ("X-A", "2")))
    publish(fake, body=b'{"a":2}', delay=1_000)
    publish(fake, OTHER, method="GET", delay=60_000)
    fake.run_until_idle()
    return fake


def numbers(deliveries: Deliveries) -> list[tuple[bytes, int]]:
    """Which deliveries these are: by what was sent, and the number of the attempt."""
    return [(each.body[5:7], each.retried + 1) for each in deliveries]


# --- deliveries ----------------------------------------------------------------------------


def test_without_conditions_the_place_decides(fake: FakeQStash) -> None:
    assert fake.assert_delivered("https://shop.test") == fake.deliveries
    assert fake.assert_delivered(HOOK) == fake.deliveries[:3]
    assert fake.assert_delivered("https://shop.test/other") == fake.deliveries[3:]
    assert fake.assert_delivered(OTHER) == fake.deliveries[3:]


def test_a_method_is_compared_in_any_case(fake: FakeQStash) -> None:
    assert fake.assert_delivered("https://shop.test", method="get") == fake.deliveries[3:]
    assert fake.assert_delivered("https://shop.test", method="POST") == fake.deliveries[:3]
    assert (
        fake.assert_delivered("https://shop.test", method=lambda method: "G" in method)
        == fake.deliveries[3:]
    )


def test_a_body_is_compared_byte_for_byte(fake: FakeQStash) -> None:
    assert fake.assert_delivered(HOOK, body=b'{"a":2}', times=1).of(fake.messages[1].id)
    assert fake.assert_delivered(HOOK, body='{"a":2}', times=1)
    assert fake.assert_delivered(HOOK, body=lambda body: b"b" in body, times=2)
    assert fake.assert_delivered("https://shop.test", body=b"", times=1)


def test_json_is_compared_as_values_and_in_part(fake: FakeQStash) -> None:
    assert fake.assert_delivered(HOOK, json={"a": 2}, times=1)
    assert fake.assert_delivered(HOOK, json={"a": 1}, times=2)
    assert fake.assert_delivered(HOOK, json={"b": [1, lambda number: number > 1]}, times=2)
    assert fake.assert_delivered(HOOK, json={"a": ANY}, times=3)
    assert fake.assert_delivered(HOOK, json={}, times=3)
    assert fake.assert_delivered(HOOK, json={"b": [1]}, times=0) == []


def test_json_is_compared_exactly_by_a_function(fake: FakeQStash) -> None:
    assert fake.assert_delivered(HOOK, json=lambda found: found == {"a": 2}, times=1)
    assert not fake.assert_delivered(HOOK, json=lambda found: found == {"a": 1}, times=0)


def test_a_body_that_is_no_json_equals_no_value(fake: FakeQStash) -> None:
    fake.assert_delivered(OTHER, json=None, times=0)


def test_headers_are_compared_by_name_in_any_case(fake: FakeQStash) -> None:
    assert fake.assert_delivered("https://shop.test", headers={"x-a": "1"}, times=2)
    assert fake.assert_delivered(HOOK, headers={"user-agent": "Upstash-QStash"}, times=3)
    assert fake.assert_delivered(HOOK, headers={}, times=3)


def test_of_a_repeated_header_any_value_will_do(fake: FakeQStash) -> None:
    assert fake.assert_delivered(HOOK, headers={"X-A": "2"}, times=2)
    assert fake.assert_delivered(HOOK, headers={"X-A": lambda value: value == "2"}, times=2)


def test_a_header_may_have_to_be_missing(fake: FakeQStash) -> None:
    assert fake.assert_delivered(HOOK, headers={"X-A": None}, times=1)


def test_attempts_are_counted_from_one(fake: FakeQStash) -> None:
    assert numbers(fake.assert_delivered(HOOK, attempt=1)) == [(b" 1", 1), (b"2}", 1)]
    assert numbers(fake.assert_delivered(HOOK, attempt=2)) == [(b" 1", 2)]
    assert numbers(fake.assert_delivered(HOOK, attempt=lambda number: number > 1)) == [(b" 1", 2)]


@pytest.mark.parametrize(
    "at",
    [
        12,
        "12s",
        timedelta(seconds=12),
        "2026-01-01T00:00:12Z",
        "2026-01-01T01:00:12+01:00",
        datetime(2026, 1, 1, 0, 0, 12, tzinfo=UTC),
        lambda at: at.second == 12,
    ],
)
def test_an_instant_is_one_on_the_clock_or_a_time_since_the_start(
    fake: FakeQStash, at: str
) -> None:
    assert numbers(fake.assert_delivered("https://shop.test", at=at)) == [(b" 1", 2)]


def test_within_counts_from_the_publish_of_the_message(fake: FakeQStash) -> None:
    assert len(fake.assert_delivered("https://shop.test", within="0s")) == 1
    assert len(fake.assert_delivered("https://shop.test", within="12s")) == 3
    assert len(fake.assert_delivered("https://shop.test", within=timedelta(minutes=1))) == 4
    assert len(fake.assert_delivered(HOOK, within=lambda span: span.seconds == 12)) == 1

    publish(fake, body=b"later")
    fake.advance(0)
    assert fake.assert_delivered(HOOK, body=b"later", within=0)


def test_all_conditions_must_be_met(fake: FakeQStash) -> None:
    assert numbers(
        fake.assert_delivered(HOOK, json={"a": 1}, headers={"X-A": "1"}, at="12s", attempt=2)
    ) == [(b" 1", 2)]
    fake.assert_not_delivered(HOOK, json={"a": 2}, headers={"X-A": "1"})


@pytest.mark.parametrize(("url", "times"), [("https://shop.test", 4), ("https://shop.test/no", 0)])
def test_the_number_can_be_asked_for(fake: FakeQStash, url: str, times: int) -> None:
    assert len(fake.assert_delivered(url, times=times)) == times


@pytest.mark.parametrize("times", [0, 3, 5])
def test_another_number_is_a_failure(fake: FakeQStash, times: int) -> None:
    assert failure(lambda: fake.assert_delivered("https://shop.test", times=times))


def test_what_was_not_delivered_is_confirmed_in_silence(fake: FakeQStash) -> None:
    assert fake.assert_not_delivered("https://shop.test/hok") is None  # type: ignore[func-returns-value]
    fake.assert_not_delivered(HOOK, attempt=3)
    assert failure(lambda: fake.assert_not_delivered(HOOK, attempt=2))


def test_a_function_that_raises_says_no(fake: FakeQStash) -> None:
    assert len(fake.assert_delivered(HOOK, json=lambda found: found["b"] == [1, 2])) == 2


def test_a_function_that_raises_cannot_confirm_that_nothing_was_delivered(
    fake: FakeQStash,
) -> None:
    with pytest.raises(KeyError, match="'c'"):
        fake.assert_not_delivered(HOOK, json=lambda found: found["c"])

    fake.assert_not_delivered(HOOK, json=lambda found: found["c"], attempt=3)


def test_the_status_of_the_answer_can_be_asked_for(fake: FakeQStash) -> None:
    assert numbers(fake.assert_delivered(HOOK, status=200)) == [(b"2}", 1), (b" 1", 2)]
    assert numbers(fake.assert_delivered(HOOK, status=lambda status: status >= 500)) == [(b" 1", 1)]
    assert numbers(fake.assert_retried(HOOK, status=200)) == [(b" 1", 2)]
    fake.assert_not_delivered(HOOK, status=404)
    assert failure(lambda: fake.assert_not_delivered(HOOK, status=500))
    assert failure(lambda: fake.assert_retried(HOOK, status=500))


def test_without_an_answer_the_status_is_0() -> None:
    fake = FakeQStash()
    fake.destination(HOOK).responds(Fault.REFUSED)
    publish(fake, retries=0)
    fake.advance(0)

    fake.assert_delivered(HOOK, status=0, times=1)
    fake.assert_dead_lettered(HOOK, status=0, times=1)


def test_whatever_equals_a_value_may_stand_for_it(fake: FakeQStash) -> None:
    fake.assert_delivered(HOOK, method=ANY, body=ANY, headers={"X-A": ANY}, attempt=ANY)


# --- retries and dead letters --------------------------------------------------------------


def test_retries_are_all_attempts_but_first_ones(fake: FakeQStash) -> None:
    found = fake.assert_retried("https://shop.test", times=1)

    assert isinstance(found, Deliveries)
    assert numbers(found) == [(b" 1", 2)]
    assert fake.assert_retried(HOOK, json={"a": 1}, at="12s", within="12s", method="POST") == found
    assert failure(lambda: fake.assert_retried(OTHER))


def test_dead_letters_are_found_by_what_was_sent_and_what_came_back() -> None:
    fake = FakeQStash()
    fake.destination(HOOK).responds(500)
    fake.destination(OTHER).responds(404)
    publish(fake, body=b'{"a": 1}', headers=(("X-A", "1"),), retries=1)
    publish(fake, OTHER, method="PUT", retries=0)
    fake.run_until_idle()
    letters = fake.dead_letters

    assert isinstance(fake.assert_dead_lettered("https://shop.test"), DeadLetters)
    assert fake.assert_dead_lettered("https://shop.test", times=2) == letters
    for found in (
        fake.assert_dead_lettered(HOOK),
        fake.assert_dead_lettered("https://shop.test", json={"a": 1}),
        fake.assert_dead_lettered("https://shop.test", body='{"a": 1}'),
        fake.assert_dead_lettered("https://shop.test", headers={"X-A": "1"}),
        fake.assert_dead_lettered("https://shop.test", status=500, times=1),
        fake.assert_dead_lettered("https://shop.test", status=lambda status: status > 499),
        fake.assert_dead_lettered("https://shop.test", error="HTTP status 500"),
        fake.assert_dead_lettered("https://shop.test", error=lambda error: "500" in error),
        fake.assert_dead_lettered("https://shop.test", at="12s"),
    ):
        assert found == letters[1:]
    assert fake.assert_dead_lettered("https://shop.test", method="PUT") == letters[:1]


# --- what was published, and what is still to come -----------------------------------------


def test_messages_are_found_by_what_was_published() -> None:
    fake = FakeQStash()
    publish(fake, body=b'{"a": 1}')
    fake.destination(HOOK).responds(200)
    fake.advance("1m")
    publish(
        fake,
        OTHER,
        method="PUT",
        body=b"hi",
        headers=(("X-A", "1"),),
        delay=300_000,
        labels=("a", "b"),
        extras=Extras(
            queue="orders",
            topic="news",
            schedule_id="scd_1",
            flow_control=FlowControl("shop", rate=1),
        ),
    )
    first, second = fake.messages

    assert isinstance(fake.assert_published("https://shop.test"), Messages)
    assert fake.assert_published("https://shop.test", times=2) == [first, second]
    assert fake.assert_published("https://shop.test", json={"a": 1}) == [first]
    assert fake.assert_published("https://shop.test", at=0) == [first]
    assert fake.assert_published("https://shop.test", delay=0) == [first]
    for found in (
        fake.assert_published("https://shop.test", method="PUT"),
        fake.assert_published("https://shop.test", body="hi"),
        fake.assert_published("https://shop.test", headers={"x-a": "1"}),
        fake.assert_published("https://shop.test", at="1m"),
        fake.assert_published("https://shop.test", delay="5m"),
        fake.assert_published("https://shop.test", delay=lambda delay: delay.seconds == 300),
        fake.assert_published("https://shop.test", label="b"),
        fake.assert_published("https://shop.test", label=lambda label: label > "a"),
        fake.assert_published("https://shop.test", queue="orders"),
        fake.assert_published("https://shop.test", topic="news"),
        fake.assert_published("https://shop.test", schedule_id="scd_1"),
        fake.assert_published("https://shop.test", flow_control_key="shop"),
    ):
        assert found == [second]


def test_schedules_are_found_by_what_they_publish_and_when() -> None:
    fake = FakeQStash()
    schedule(fake, body=b'{"a": 1}', extras=Extras(queue="orders"))
    schedule(fake, "https://mail.test", "CRON_TZ=Europe/Berlin 30 3 * * *", name="night")
    fake.engine.schedules.pause(DEFAULT_USER.id, "night")
    morning, night = fake.schedules

    assert isinstance(fake.assert_scheduled(HOOK), Schedules)
    assert fake.assert_scheduled("https://mail.test", times=1) == [night]
    for found in (
        fake.assert_scheduled("https://shop.test"),
        fake.assert_scheduled(HOOK, cron="0 9 * * *"),
        fake.assert_scheduled(HOOK, cron=lambda cron: cron.startswith("0 9")),
        fake.assert_scheduled(HOOK, schedule_id="morning"),
        fake.assert_scheduled(HOOK, json={"a": 1}, method="POST", headers={"X-A": None}),
        fake.assert_scheduled(HOOK, queue="orders"),
        fake.assert_scheduled(HOOK, is_paused=False),
        fake.assert_scheduled(HOOK, next_at="9h"),
        fake.assert_scheduled(HOOK, next_at="2026-01-01T09:00:00Z"),
    ):
        assert found == [morning]
    assert fake.assert_scheduled("https://mail.test", is_paused=True) == [night]


def test_nothing_is_pending_once_everything_has_ended() -> None:
    fake = FakeQStash()
    fake.destination(HOOK).responds(200)
    schedule(fake)
    publish(fake)
    canceled = publish(fake, delay=1_000)
    fake.engine.cancel(DEFAULT_USER.id, canceled, "127.0.0.1")

    assert failure(fake.assert_nothing_pending)
    fake.assert_nothing_pending("https://other.test")
    fake.advance(0)

    fake.assert_nothing_pending()
    fake.assert_nothing_pending(HOOK)


# --- mistakes ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda fake: fake.assert_delivered("/hook"), "'/hook' is not a destination: "),
        (lambda fake: fake.assert_not_delivered("/hook"), "'/hook' is not a destination: "),
        (lambda fake: fake.assert_nothing_pending("/hook"), "'/hook' is not a destination: "),
        (
            lambda fake: fake.assert_delivered(HOOK, times=-1),
            "times must be a whole number from 0 on, or None for any, got -1",
        ),
        (
            lambda fake: fake.assert_published(HOOK, times="2"),
            "times must be a whole number from 0 on, or None for any, got '2'",
        ),
        (
            lambda fake: fake.assert_delivered(HOOK, at="noon"),
            (
                "at cannot be read: 'noon'; give an instant (an aware datetime, or text such as "
                '"2026-01-01T00:00:00Z"), or the time since the start of the fake (a timedelta, '
                'seconds, or text such as "1h30m")'
            ),
        ),
        (
            lambda fake: fake.assert_delivered(HOOK, at=datetime(2026, 1, 1)),  # noqa: DTZ001
            "at has no timezone: ",
        ),
        (lambda fake: fake.assert_delivered(HOOK, at=-1), "at cannot be negative: -1; "),
        (
            lambda fake: fake.assert_delivered(HOOK, within="soon"),
            "within cannot be read: 'soon'; ",
        ),
        (
            lambda fake: fake.assert_published(HOOK, delay="long"),
            "delay cannot be read: 'long'; ",
        ),
        (
            lambda fake: fake.assert_scheduled(HOOK, next_at="noon"),
            "next_at cannot be read: 'noon'; ",
        ),
        (
            lambda fake: fake.assert_delivered(HOOK, method=5),
            "method must be text, or a function that says whether one will do, got 5",
        ),
        (
            lambda fake: fake.assert_not_delivered(HOOK, body={"id": 7}),
            "body must be bytes or text (of JSON: json=), or a function that says whether one ",
        ),
        (
            lambda fake: fake.assert_published(HOOK, headers=["X-A"]),
            "headers must be values by name in a dict, got ['X-A']",
        ),
        (
            lambda fake: fake.assert_dead_lettered(HOOK, headers={"X-A": 1}),
            "header X-A must be text, or a function that says whether one will do, got 1",
        ),
        (
            lambda fake: fake.assert_delivered(HOOK, attempt=0),
            "attempt must be a whole number from 1 on, got 0",
        ),
        (
            lambda fake: fake.assert_not_delivered(HOOK, attempt="1"),
            "attempt must be a whole number from 1 on, or a function that says whether one ",
        ),
        (
            lambda fake: fake.assert_retried(HOOK, status="200"),
            "status must be a whole number from 0 on, or a function that says whether one ",
        ),
        (
            lambda fake: fake.assert_dead_lettered(HOOK, status=-1),
            "status must be a whole number from 0 on, got -1",
        ),
    ],
)
def test_an_argument_that_cannot_be_right_is_a_mistake_and_no_failure(
    call: Callable[[FakeQStash], object], text: str
) -> None:
    with pytest.raises(UsageError) as raised:
        call(FakeQStash())

    assert str(raised.value).startswith(text)


def test_assert_delivered_takes_what_it_always_took() -> None:
    parameters = inspect.signature(FakeQStash.assert_delivered).parameters

    assert {name: each.default for name, each in list(parameters.items())[:7]} == {
        "self": inspect.Parameter.empty,
        "url": inspect.Parameter.empty,
        "times": None,
        "method": None,
        "body": None,
        "json": ANYTHING,
        "headers": None,
    }


def test_anything_prints_as_such() -> None:
    assert repr(ANYTHING) == "anything"
