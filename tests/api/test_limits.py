"""Limits on how often a user may call."""

from dataclasses import replace

import pytest

from fakestash.plans import FREE, PAYG
from tests.api.client import READ_ONLY, SOMEBODY_ELSE, Api, Response, error_response
from tests.builders import BROKEN, DAY, SECOND

ONE_A_DAY = replace(FREE, messages_per_day=1)
ONE_A_SECOND = replace(PAYG, calls_per_second=1)

TOO_MANY_TODAY = error_response(
    429,
    "exceeded daily rate limit",
    ("ratelimit-limit", "1"),
    ("ratelimit-remaining", "0"),
    ("ratelimit-reset", "1767312000"),
)
TOO_MANY_NOW = error_response(
    429,
    "exceeded burst rate limit",
    ("burst-ratelimit-limit", "1"),
    ("burst-ratelimit-remaining", "0"),
    ("burst-ratelimit-reset", "1767225601"),
)

MAKES_MESSAGES = [
    ("POST", "/v2/publish/https://shop.test"),
    ("POST", "/v2/enqueue/q/https://shop.test"),
    ("POST", "/v2/batch"),
]
RETRIES = [("POST", "/v2/dlq/retry"), ("POST", "/v2/dlq/retry/1-0")]
MANAGES = [
    ("GET", "/v2/messages/x"),
    ("DELETE", "/v2/messages"),
    ("GET", "/v2/logs"),
    ("GET", "/v2/dlq"),
    ("DELETE", "/v2/dlq"),
    ("GET", "/v2/queues"),
    ("POST", "/v2/queues"),
    ("POST", "/v2/schedules/https://shop.test"),
    ("GET", "/v2/topics"),
    ("PATCH", "/v2/topics/g"),
    ("POST", "/v2/flowControl/k/pause"),
    ("HEAD", "/v2/keys"),
]


def without_body(response: Response) -> Response:
    return response._replace(body="")


@pytest.mark.fidelity("429: `RateLimit-*` when the day is used up", "measured")
@pytest.mark.parametrize(("method", "target"), [*MAKES_MESSAGES, *RETRIES])
def test_what_makes_messages_is_refused_when_the_day_is_used_up(method: str, target: str) -> None:
    api = Api(plan=ONE_A_DAY)
    api.publish()
    before = api.state()

    assert api.call(method, target) == TOO_MANY_TODAY
    assert api.state() == before
    assert api.call(method, target, token=SOMEBODY_ELSE).status != 429


@pytest.mark.parametrize(("method", "target"), MANAGES)
def test_everything_else_goes_on_when_the_day_is_used_up(method: str, target: str) -> None:
    api = Api(plan=ONE_A_DAY)
    api.publish()

    assert api.call(method, target).status != 429


def test_another_day_begins_at_midnight() -> None:
    api = Api(plan=ONE_A_DAY)
    api.publish()
    api.stage.advance(DAY - 1)
    late = api.call("POST", "/v2/publish/https://shop.test")
    api.stage.advance(1)

    assert late == TOO_MANY_TODAY
    api.publish()


@pytest.mark.fidelity("429: `Burst-RateLimit-*` when the second is used up", "sdk")
@pytest.mark.parametrize(("method", "target"), [*MANAGES, *RETRIES])
def test_a_second_management_call_within_a_second_is_refused(method: str, target: str) -> None:
    api = Api(plan=ONE_A_SECOND)
    api.read("/v2/keys")
    before = api.state()

    assert without_body(api.call(method, target)) == without_body(TOO_MANY_NOW)
    assert api.state() == before
    assert api.call(method, target, token=SOMEBODY_ELSE).status != 429
    api.stage.advance(SECOND)
    assert api.call(method, target).status != 429


@pytest.mark.fidelity("429: publishing has no limit per second", "docs")
@pytest.mark.parametrize(("method", "target"), MAKES_MESSAGES)
def test_publishing_is_not_limited_by_the_second(method: str, target: str) -> None:
    api = Api(plan=ONE_A_SECOND)
    api.read("/v2/keys")

    for _ in range(3):
        assert api.call(method, target).status != 429


def test_a_refused_call_counts_but_one_of_nobody_does_not() -> None:
    api = Api(plan=ONE_A_SECOND)

    assert api.call("GET", "/v2/nothing").status == 404
    assert api.call("PUT", "/v2/keys").status == 405
    assert api.call("GET", "/v2/keys", token=None).status == 401
    assert api.call("POST", "/v2/keys/rotate", token=READ_ONLY).status == 403
    assert api.call("GET", "/v2/readiness").status == 200
    assert api.call("GET", "/v2/logs?x=1").status == 400
    assert api.call("GET", "/v2/logs?x=1") == TOO_MANY_NOW


def test_the_day_is_looked_at_before_the_second_and_both_before_the_body() -> None:
    api = Api(BROKEN, plan=replace(ONE_A_DAY, calls_per_second=1))
    api.publish()
    api.read("/v2/keys")

    assert api.call("POST", "/v2/dlq/retry", body=b"{") == TOO_MANY_TODAY
    assert api.call("POST", "/v2/batch", body=b"{") == TOO_MANY_TODAY
    assert api.call("POST", "/v2/queues", body=b"{") == TOO_MANY_NOW


def test_no_answer_tells_of_limits_that_are_not_reached() -> None:
    api = Api(plan=replace(ONE_A_DAY, calls_per_second=10))
    published = api.call("POST", "/v2/publish/https://shop.test")
    read = api.call("GET", "/v2/logs")

    assert [name for name, _ in (*published.header, *read.header)] == [
        "content-length",
        "content-type",
        "content-length",
        "content-type",
    ]
