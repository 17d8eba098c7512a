"""The journal: every attempt as its destination saw it, and what came back."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from fakestash.delivery.journal import Deliveries, Delivery
from fakestash.errors import UsageError
from fakestash.model.outcomes import Outcome, Responded, TimedOut, Unreachable
from tests.builders import BROKEN, OK, Stage
from tests.delivery.requests import a_request


def delivery(outcome: Outcome = OK, url: str = "https://shop.test/hook") -> Delivery:
    """The only delivery of a message, with this outcome."""
    stage = Stage(outcome)
    stage.publish(url, retries=0)
    stage.driver.run_until_idle()
    return stage.courier.deliveries[0]


def test_a_delivery_shows_the_request() -> None:
    request = a_request(
        "https://shop.test/hook?x=1",
        method="PUT",
        body=b'{"a": 1}',
        headers=(("X-A", "1"),),
        retried=2,
    )
    made = Delivery(request.attempt, "EU-CENTRAL-1")

    assert (made.url, made.method, made.body, made.json()) == (
        "https://shop.test/hook?x=1",
        "PUT",
        b'{"a": 1}',
        {"a": 1},
    )
    assert (made.retried, made.message_id, made.at) == (
        2,
        "msg_1",
        datetime(2026, 1, 1, tzinfo=UTC),
    )
    assert made.headers == request.headers
    assert made.request.headers is made.headers
    assert made.headers["x-a"] == "1"


def test_a_delivery_under_way_has_no_answer() -> None:
    made = Delivery(a_request().attempt, "EU-CENTRAL-1")

    assert (made.outcome, made.status, made.error, made.exception) == (None, None, None, None)
    assert (dict(made.response_headers), made.response_body) == ({}, b"")
    assert repr(made) == "<Delivery POST https://shop.test/hook retried=0 -> no answer yet>"


def test_an_answer_shows_in_the_delivery() -> None:
    made = delivery(Responded(201, (("X-A", "1"), ("X-A", "2")), b"thanks"))

    assert (made.status, made.error, made.exception) == (201, None, None)
    assert (made.response_headers.get_all("x-a"), made.response_body) == (("1", "2"), b"thanks")


@pytest.mark.parametrize(
    ("outcome", "status", "error"),
    [
        (Responded(302, body=b"moved"), 302, "HTTP status 302"),
        (Responded(500), 500, "HTTP status 500"),
        (Unreachable("EOF"), None, "EOF"),
        (TimedOut(), None, "context deadline exceeded"),
    ],
)
def test_a_failure_is_told_in_the_words_of_the_service(
    outcome: Outcome, status: int | None, error: str
) -> None:
    made = delivery(outcome)

    assert (made.status, made.error) == (status, error)
    assert made.response_body == (b"moved" if status == 302 else b"")


def test_an_answer_counts_only_when_it_is_complete() -> None:
    stage = Stage(Responded(201, took=300))
    stage.publish()

    stage.advance(299)
    before = stage.courier.deliveries[0].status
    stage.advance(1)

    assert (before, stage.courier.deliveries[0].status) == (None, 201)


def test_an_answer_that_comes_too_late_does_not_count() -> None:
    stage = Stage(Responded(201, took=300))
    stage.publish(timeout=200, retries=0)
    stage.driver.run_until_idle()
    (made,) = stage.courier.deliveries

    assert (made.outcome, made.status, made.error) == (
        TimedOut(),
        None,
        "context deadline exceeded",
    )


def test_each_attempt_has_an_outcome_of_its_own() -> None:
    failures: list[Outcome] = [Responded(500), Unreachable("EOF")]
    stage = Stage(*failures, OK)
    stage.publish()
    stage.driver.run_until_idle()

    assert [made.outcome for made in stage.courier.deliveries] == [*failures, OK]


def test_what_the_app_raised_is_kept() -> None:
    error = ValueError("no")

    assert delivery(Responded(500, exception=error)).exception is error


@pytest.mark.parametrize(
    ("outcome", "shown"),
    [
        (OK, "200"),
        (BROKEN, "HTTP status 500"),
        (Unreachable("EOF"), "EOF"),
    ],
)
def test_a_delivery_is_printed_in_a_line(outcome: Outcome, shown: str) -> None:
    assert repr(delivery(outcome)) == (
        f"<Delivery POST https://shop.test/hook retried=0 -> {shown}>"
    )


# --- several of them -------------------------------------------------------------------------


def test_deliveries_are_a_sequence() -> None:
    first, second, third = (delivery(url=f"https://shop.test/{name}") for name in "abc")
    deliveries = Deliveries([first, second, third])

    assert (len(deliveries), list(deliveries), deliveries[1], deliveries[-1]) == (
        3,
        [first, second, third],
        second,
        third,
    )
    assert isinstance(deliveries[1:], Deliveries)
    assert list(deliveries[1:]) == [second, third]
    assert second in deliveries
    assert deliveries.index(third) == 2


def test_no_deliveries_are_false() -> None:
    assert not Deliveries()


def test_deliveries_are_printed_as_a_list() -> None:
    assert repr(Deliveries([delivery(OK)])) == (
        "Deliveries([<Delivery POST https://shop.test/hook retried=0 -> 200>])"
    )


@pytest.mark.parametrize(
    ("url", "found"),
    [
        (
            "https://shop.test",
            ["https://shop.test/a?x=1", "https://shop.test/a", "https://shop.test/b"],
        ),
        ("https://shop.test/a", ["https://shop.test/a?x=1", "https://shop.test/a"]),
        ("https://shop.test/a?x=1", ["https://shop.test/a?x=1"]),
        ("https://shop.test/c", []),
        ("http://shop.test", []),
    ],
)
def test_deliveries_to_a_place_are_found(url: str, found: list[str]) -> None:
    deliveries = Deliveries(
        delivery(url=each)
        for each in (
            "https://shop.test/a?x=1",
            "https://other.test/a",
            "https://shop.test/a",
            "https://shop.test/b",
        )
    )

    assert [each.url for each in deliveries.to(url)] == found


def test_deliveries_to_no_place_are_a_mistake() -> None:
    with pytest.raises(UsageError, match=r"^'shop.test' is not a destination: "):
        Deliveries().to("shop.test")


def test_the_deliveries_of_a_message_are_found() -> None:
    stage = Stage(BROKEN, OK)
    message = stage.publish(retries=1)
    stage.publish()
    stage.driver.run_until_idle()

    assert [each.retried for each in stage.courier.deliveries.of(message.id)] == [0, 1]
    assert list(stage.courier.deliveries.of("msg_1")) == []


@pytest.mark.parametrize(
    ("test", "statuses"),
    [
        (lambda each: each.status == 200, [200, 200]),
        (lambda each: each.retried > 0, [200]),
        (lambda each: False, []),
    ],
)
def test_deliveries_are_found_by_any_test(
    test: Callable[[Delivery], bool], statuses: list[int]
) -> None:
    stage = Stage(BROKEN, OK)
    stage.publish()
    stage.publish()
    stage.driver.run_until_idle()

    assert [each.status for each in stage.courier.deliveries.where(test)] == statuses
