"""A scripted destination: which answer comes when, and what it comes to."""

import asyncio
import inspect
from collections.abc import Awaitable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import NoReturn, cast
from unittest.mock import AsyncMock

import anyio
import pytest

from fakestash.delivery.faults import Fault
from fakestash.delivery.outbound import OutboundRequest
from fakestash.delivery.script import AnswerLike, Reply
from fakestash.delivery.scripted import ScriptedDestination, stand, standing_of
from fakestash.errors import UsageError
from fakestash.model.outcomes import Outcome, Responded, TimedOut, Unreachable
from tests.delivery.requests import a_request

URL = "https://shop.test/hook"


def destination() -> ScriptedDestination:
    return ScriptedDestination(URL)


def outcome_of(scripted: ScriptedDestination, request: OutboundRequest | None = None) -> Outcome:
    outcome = scripted.call(request or a_request())
    assert not inspect.isawaitable(outcome)
    return outcome


def awaited(scripted: ScriptedDestination) -> Outcome:
    async def call() -> Outcome:
        outcome = scripted.call(a_request())
        assert isinstance(outcome, Awaitable)
        return await outcome

    return asyncio.run(call())


# --- which answer ------------------------------------------------------------------------------


def test_without_a_script_the_answer_is_200() -> None:
    assert outcome_of(destination()) == Responded(200)


def test_an_empty_script_answers_200() -> None:
    assert outcome_of(destination().responds(500).responds()) == Responded(200)


def test_answers_come_in_order_and_the_last_one_repeats() -> None:
    scripted = destination().responds(500, 404, 201)

    statuses = [outcome_of(scripted) for _ in range(5)]

    assert statuses == [Responded(status) for status in (500, 404, 201, 201, 201)]


def test_a_new_script_starts_from_its_beginning() -> None:
    scripted = destination().responds(500, 502)
    outcome_of(scripted)

    scripted.responds(400, 401)

    assert [outcome_of(scripted), outcome_of(scripted)] == [Responded(400), Responded(401)]


def test_a_bad_script_leaves_the_old_one_in_place() -> None:
    scripted = destination().responds(500, 502)
    outcome_of(scripted)

    with pytest.raises(UsageError):
        scripted.responds(200, 99)

    assert outcome_of(scripted) == Responded(502)


@pytest.mark.parametrize("answer", ["200", TimeoutError, Fault, TimeoutError()])
def test_what_is_no_answer_is_refused_where_it_is_written(answer: object) -> None:
    with pytest.raises(UsageError, match="is no answer"):
        destination().responds(200, cast("AnswerLike", answer))


def test_it_counts_what_it_received_over_all_scripts() -> None:
    scripted = destination()
    outcome_of(scripted)
    outcome_of(scripted.responds(500))

    assert (scripted.received, scripted.url) == (2, URL)
    assert repr(scripted) == f"<ScriptedDestination {URL} received=2>"


def test_each_answer_is_given_once_when_many_threads_ask() -> None:
    count = 400
    scripted = destination().responds(*(100 + n % 400 for n in range(count)))

    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(lambda _: outcome_of(scripted), range(count)))

    assert sorted(outcomes, key=str) == [Responded(100 + n) for n in range(count)]
    assert scripted.received == count


def test_a_url_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match=r"'shop\.test' is not a destination"):
        ScriptedDestination("shop.test")


# --- latency -----------------------------------------------------------------------------------


@pytest.mark.parametrize("took", [timedelta(seconds=1.5), 1.5, "1.5s"])
def test_every_answer_of_a_script_takes_its_latency(took: timedelta | float | str) -> None:
    def breaks(request: OutboundRequest) -> NoReturn:
        raise KeyError

    scripted = destination().responds(
        500, (200, None, None), Fault.REFUSED, lambda request: 202, breaks, took=took
    )

    outcomes = [outcome_of(scripted) for _ in range(5)]

    assert [outcome.took for outcome in outcomes] == [1500] * 5


def test_a_timeout_takes_the_whole_limit_whatever_the_latency() -> None:
    assert outcome_of(destination().responds(Fault.TIMEOUT, took=1)) == TimedOut()


def test_a_latency_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match=r"^took cannot be read: 'soon'"):
        destination().responds(200, took="soon")


# --- functions ---------------------------------------------------------------------------------


def test_a_function_decides_by_the_request() -> None:
    def answer(request: OutboundRequest) -> int:
        return 200 if request.json()["paid"] else 402

    scripted = destination().responds(answer)

    assert outcome_of(scripted, a_request(body=b'{"paid":true}')) == Responded(200)
    assert outcome_of(scripted, a_request(body=b'{"paid":false}')) == Responded(402)


@pytest.mark.parametrize(
    ("returned", "outcome"),
    [
        (None, Responded(200)),
        (HTTPStatus.IM_A_TEAPOT, Responded(418)),
        ((503, {"retry-after": "5"}, "later"), Responded(503, (("Retry-After", "5"),), b"later")),
        (Fault.CLOSED, Unreachable("EOF")),
    ],
)
def test_a_function_may_return_whatever_a_script_may_hold(
    returned: Reply, outcome: Outcome
) -> None:
    assert outcome_of(destination().responds(lambda request: returned)) == outcome


def test_a_function_takes_its_turn_among_the_answers() -> None:
    scripted = destination().responds(500, lambda request: 429, 200)

    assert [outcome_of(scripted) for _ in range(3)] == [
        Responded(500),
        Responded(429),
        Responded(200),
    ]


def test_a_function_that_raises_is_a_500_with_the_exception_kept() -> None:
    error = KeyError("tea")

    def answer(request: OutboundRequest) -> int:
        raise error

    assert outcome_of(destination().responds(answer)) == Responded(
        500,
        (("Content-Type", "text/plain; charset=utf-8"),),
        b"Internal Server Error",
        0,
        error,
    )


@pytest.mark.parametrize("returned", ["200", 99, True, (200,), (200, b"body"), 200.0])
def test_a_function_that_returns_no_answer_is_a_mistake_of_the_test(returned: object) -> None:
    scripted = destination().responds(lambda request: cast("Reply", returned))

    with pytest.raises(UsageError, match="an answer is a status"):
        scripted.call(a_request())


def test_what_is_no_exception_goes_through() -> None:
    def answer(request: OutboundRequest) -> int:
        pytest.fail("not like this")

    with pytest.raises(pytest.fail.Exception):
        destination().responds(answer).call(a_request())


@pytest.mark.parametrize("error", [AssertionError("no tea"), UsageError("not like this")])
def test_what_a_function_raises_about_the_test_goes_through(error: Exception) -> None:
    def answer(request: OutboundRequest) -> int:
        raise error

    with pytest.raises(type(error)) as raised:
        destination().responds(answer).call(a_request())

    assert raised.value is error


# --- async functions ---------------------------------------------------------------------------


async def answers_503(request: OutboundRequest) -> int:
    await anyio.lowlevel.checkpoint()
    return 503


class AsyncAnswer:
    """An object that is called and awaited."""

    async def __call__(self, request: OutboundRequest) -> int:
        return await answers_503(request)


@pytest.mark.parametrize(
    "answer", [answers_503, partial(answers_503), AsyncAnswer(), AsyncMock(return_value=503)]
)
def test_an_async_function_is_awaited_in_a_loop(answer: AnswerLike) -> None:
    scripted = destination().responds(answer)

    assert scripted.needs_loop
    assert awaited(scripted) == Responded(503)


def test_a_plain_function_may_return_an_awaitable() -> None:
    def answer(request: OutboundRequest) -> Awaitable[int]:
        return answers_503(request)

    assert awaited(destination().responds(answer)) == Responded(503)


def test_an_async_function_that_raises_is_a_500_with_the_exception_kept() -> None:
    error = KeyError("tea")

    async def answer(request: OutboundRequest) -> int:
        raise error

    outcome = awaited(destination().responds(answer, took=2))

    assert isinstance(outcome, Responded)
    assert (outcome.status, outcome.exception, outcome.took) == (500, error, 2000)


@pytest.mark.parametrize("error", [AssertionError("no tea"), UsageError("not like this")])
def test_what_an_async_function_raises_about_the_test_goes_through(error: Exception) -> None:
    async def answer(request: OutboundRequest) -> int:
        raise error

    with pytest.raises(type(error)) as raised:
        awaited(destination().responds(answer))

    assert raised.value is error


def test_an_async_function_that_returns_no_answer_is_a_mistake_of_the_test() -> None:
    async def answer(request: OutboundRequest) -> int:
        return cast("int", "200")

    with pytest.raises(UsageError, match="'200' is no answer"):
        awaited(destination().responds(answer))


def test_without_an_async_function_no_loop_is_needed() -> None:
    scripted = destination()

    assert not scripted.needs_loop
    assert not scripted.responds(answers_503).responds(200, lambda request: 200).needs_loop


def test_a_destination_goes_on_from_where_it_or_another_stood() -> None:
    scripted = destination().responds(500, 503, 200)
    scripted.call(a_request())
    standing = standing_of(scripted)
    scripted.call(a_request())
    scripted.responds(404)
    other = destination()
    for each in (scripted, other):
        stand(each, standing)
        assert (each.received, each.answers_left) == (1, 2)

    assert outcome_of(other) == Responded(503)
    assert outcome_of(other) == Responded(200)
    assert (scripted.received, other.received) == (1, 3)
    assert outcome_of(scripted) == Responded(503)
