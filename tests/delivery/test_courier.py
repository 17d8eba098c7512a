"""The courier: the right destination gets the right request, and what came back is noted."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace

import pytest

from fakestash.delivery.courier import Courier
from fakestash.delivery.outbound import OutboundRequest
from fakestash.delivery.router import Router
from fakestash.errors import StrayDestinationError
from fakestash.model.messages import Attempt
from fakestash.model.outcomes import Outcome, Responded
from tests.builders import BROKEN, OK, USER, Answers, after
from tests.delivery.requests import a_request


class Later:
    """A destination whose answer has to be awaited."""

    needs_loop = True

    def __init__(self, courier: Courier, answer: Outcome | BaseException) -> None:
        self.courier = courier
        self.answer = answer
        self.carrying: list[bool] = []

    def call(self, _: OutboundRequest) -> Awaitable[Outcome]:
        self.carrying.append(self.courier.is_carrying)
        return self._answer()

    async def _answer(self) -> Outcome:
        self.carrying.append(self.courier.is_carrying)
        await asyncio.get_running_loop().run_in_executor(None, lambda: None)
        self.carrying.append(self.courier.is_carrying)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


@pytest.fixture
def router() -> Router:
    return Router()


@pytest.fixture
def courier(router: Router) -> Courier:
    return Courier(router, region="US-EAST-1")


def attempt(url: str = "https://shop.test/hook") -> Attempt:
    return a_request(url).attempt


def carried(courier: Courier, each: Attempt) -> Outcome:
    """The outcome of an attempt whose destination does not need to be awaited."""
    outcome = courier.carry(each)
    assert isinstance(outcome, tuple)
    return outcome


async def awaited(courier: Courier, each: Attempt) -> Outcome:
    outcome = courier.carry(each)
    assert not isinstance(outcome, tuple)
    return await outcome


def test_the_destination_of_the_url_gets_the_request(courier: Courier, router: Router) -> None:
    mine, other = Answers(Responded(201)), Answers()
    router.add("https://shop.test", mine)
    router.add("https://other.test", other)
    each = attempt()

    assert carried(courier, each) == Responded(201)
    assert [(request.attempt, request.headers["Upstash-Region"]) for request in mine.requests] == [
        (each, "US-EAST-1")
    ]
    assert other.requests == []


def test_every_attempt_is_noted(courier: Courier, router: Router) -> None:
    router.add("*", Answers(BROKEN, OK))
    first, second = attempt(), attempt()
    carried(courier, first)
    carried(courier, second)

    assert [each.request.attempt for each in courier.deliveries] == [first, second]
    assert courier.count == 2
    assert [each.request.attempt for each in courier.deliveries_since(1)] == [second]


def test_an_attempt_is_noted_before_it_is_made(courier: Courier, router: Router) -> None:
    seen: list[int] = []
    router.add("*", Answers(after(lambda _: seen.append(courier.count))))

    carried(courier, attempt())

    assert seen == [1]


def test_the_list_of_deliveries_does_not_grow_by_itself(courier: Courier, router: Router) -> None:
    router.add("*", Answers())
    before = courier.deliveries
    carried(courier, attempt())

    assert (len(before), len(courier.deliveries)) == (0, 1)


def test_old_deliveries_are_forgotten_once_there_are_many(
    router: Router, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fakestash.delivery.courier.KEPT", 8)
    courier = Courier(router, region="EU-CENTRAL-1", retention=5)
    router.add("*", Answers(OK))
    message = attempt().message

    for number in range(30):
        courier.carry(Attempt(message, number, number, 1_000, "sig_1", nonce=1))

    kept = [delivery.request.attempt.started_at for delivery in courier.deliveries]
    assert kept == list(range(30 - len(kept), 30))
    assert 8 <= len(kept) <= 9
    assert courier.count == courier.count_of(message.user_id) == 30
    assert len(courier.deliveries_since(28)) == 2
    assert len(courier.deliveries_since(0)) == len(kept)


def test_young_deliveries_are_remembered_however_many(
    router: Router, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fakestash.delivery.courier.KEPT", 8)
    courier = Courier(router, region="EU-CENTRAL-1", retention=1_000)
    router.add("*", Answers(OK))
    message = attempt().message

    for number in range(30):
        courier.carry(Attempt(message, number, number, 1_000, "sig_1", nonce=1))

    assert len(courier.deliveries) == courier.count == 30


def test_deliveries_are_told_apart_and_counted_by_user(
    router: Router, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fakestash.delivery.courier.KEPT", 8)
    courier = Courier(router, region="EU-CENTRAL-1", retention=5)
    router.add("*", Answers(OK))
    mine, yours = attempt().message, replace(attempt().message, user_id="you")

    for number in range(30):
        message = mine if number % 3 else yours
        courier.carry(Attempt(message, number, number, 1_000, "sig_1", nonce=1))

    kept = [each.attempt.started_at for each in courier.deliveries_of("you")]
    assert kept == [each for each in range(22, 30) if each % 3 == 0]
    counts = (courier.count_of(mine.user_id), courier.count_of("you"), courier.count_of("nobody"))
    assert counts == (20, 10, 0)


def test_a_courier_may_keep_no_journal(router: Router) -> None:
    courier = Courier(router, region="EU-CENTRAL-1", keep_journal=False)
    router.add("*", Answers(OK))

    assert carried(courier, attempt()) == OK
    assert (list(courier.deliveries), list(courier.deliveries_since(0)), courier.count) == (
        [],
        [],
        0,
    )


def test_an_answer_may_have_to_be_awaited(courier: Courier, router: Router) -> None:
    router.add("*", Later(courier, BROKEN))

    assert asyncio.run(awaited(courier, attempt())) == BROKEN
    assert courier.count == 1


def test_whether_a_loop_is_needed_depends_on_the_destination(
    courier: Courier, router: Router
) -> None:
    router.add("https://sync.test", Answers())
    router.add("https://async.test", Later(courier, OK))

    assert [
        courier.needs_loop(attempt(url))
        for url in ("https://sync.test/x", "https://async.test/x", "https://stray.test/x")
    ] == [False, True, False]


def test_code_inside_a_delivery_is_told_apart(courier: Courier, router: Router) -> None:
    seen: list[bool] = []
    other = Courier(router, region="EU-CENTRAL-1")

    def look(_: OutboundRequest) -> Outcome:
        seen.extend((courier.is_carrying, other.is_carrying))
        return OK

    router.add("*", Answers(look))
    carried(courier, attempt())

    assert (seen, courier.is_carrying) == ([True, False], False)


def test_code_inside_an_awaited_delivery_is_told_apart(courier: Courier, router: Router) -> None:
    later = Later(courier, OK)
    router.add("*", later)

    async def main() -> tuple[bool, bool]:
        delivering = asyncio.create_task(awaited(courier, attempt()))
        while len(later.carrying) < 2:
            await asyncio.wait([delivering], timeout=0)
        beside = courier.is_carrying
        await delivering
        return beside, courier.is_carrying

    assert asyncio.run(main()) == (False, False)
    assert later.carrying == [True, True, True]


def test_a_courier_inside_another_ones_delivery_is_itself_again_afterwards(
    courier: Courier, router: Router
) -> None:
    inner = Courier(router, region="EU-CENTRAL-1")
    seen: list[tuple[bool, bool]] = []

    def deliver_another(_: OutboundRequest) -> Outcome:
        carried(inner, attempt("https://inner.test"))
        seen.append((courier.is_carrying, inner.is_carrying))
        return OK

    router.add("https://inner.test", Answers())
    router.add("https://outer.test", Answers(deliver_another))
    carried(courier, attempt("https://outer.test"))

    assert seen == [(True, False)]


def test_what_a_destination_raises_comes_out(courier: Courier, router: Router) -> None:
    error = KeyboardInterrupt()

    def fail(_: OutboundRequest) -> Outcome:
        raise error

    router.add("*", Answers(fail))
    with pytest.raises(KeyboardInterrupt):
        courier.carry(attempt())

    assert (courier.count, courier.is_carrying) == (1, False)


def test_what_an_awaited_destination_raises_comes_out(courier: Courier, router: Router) -> None:
    router.add("*", Later(courier, ValueError("no")))

    async def main() -> bool:
        with pytest.raises(ValueError, match=r"^no$"):
            await awaited(courier, attempt())
        return courier.is_carrying

    assert asyncio.run(main()) is False


def test_a_url_that_nothing_serves_is_not_delivered(courier: Courier) -> None:
    with pytest.raises(StrayDestinationError, match=r"^a message was due for https://stray.test, "):
        courier.carry(attempt("https://stray.test"))

    assert (list(courier.deliveries), courier.is_carrying) == ([], False)


def test_a_journal_is_gone_on_with_by_another_courier_of_the_same_making() -> None:
    router = Router()
    router.add("*", Answers(OK))
    courier = Courier(router, region="MOON", sign_with_virtual_time=True, is_strict=True)
    courier.carry(attempt("https://shop.test"))
    other = courier.another(router)
    assert (other.count, other.region, other.is_strict) == (0, "MOON", True)

    other.journal = courier.journal._replace(
        deliveries=list(courier.deliveries), forgotten={USER: 7}
    )

    assert (other.count, list(other.deliveries)) == (8, list(courier.deliveries))
    other.carry(attempt("https://shop.test"))
    assert (other.count, courier.count) == (9, 1)
    issued = [each.request.header_items() for each in (*courier.deliveries, other.deliveries[1])]
    assert issued[0] == issued[1]


def test_another_courier_of_one_that_remembers_nothing_does_not_either() -> None:
    router = Router()
    router.add("*", Answers(OK))
    courier = Courier(router, region="MOON", keep_journal=False).another(router)
    courier.carry(attempt("https://shop.test"))

    assert (courier.count, courier.journal.deliveries) == (0, None)
