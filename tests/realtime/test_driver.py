"""The driver of a clock that runs by itself, at a high rate: these tests wait, but briefly."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from fakestash.clock import PacedClock
from fakestash.delivery.base import Destination
from fakestash.delivery.courier import Courier
from fakestash.delivery.outbound import OutboundRequest
from fakestash.delivery.router import ANY_ORIGIN, Router
from fakestash.drive.clockwork import EVENTS_PER_TURN, Clockwork
from fakestash.engine import Engine
from fakestash.ids import Ids
from fakestash.model.logs import LogEntry, LogState
from fakestash.model.messages import ENDED, Message, MessageState, PublishCommand
from fakestash.model.outcomes import Outcome
from fakestash.plans import PAYG
from fakestash.wire.callback_body import callback_body
from tests.builders import (
    ACTIVE,
    BROKEN,
    CANCEL_REQUESTED,
    CANCELED,
    CREATED,
    DELIVERED,
    ERROR,
    FAILED,
    OK,
    REFUSED,
    RETRY,
    URL,
    USER,
    Answers,
)

RATE = 1000
"""A second of the clock takes a millisecond."""

DEADLINE_S = 10.0


class Called:
    """A destination that calls a function in the event loop."""

    needs_loop = True

    def __init__(self, answer: Callable[[OutboundRequest], Awaitable[Outcome]]) -> None:
        self._answer = answer

    def call(self, request: OutboundRequest) -> Awaitable[Outcome]:
        return self._answer(request)


class Driven:
    """An engine with its driver, its log as it is written, and the defects it reported."""

    def __init__(self, destination: Destination, parallelism: int = 100) -> None:
        self.clock = PacedClock(RATE)
        router = Router()
        router.add(ANY_ORIGIN, destination)
        courier = Courier(router, region="EU-CENTRAL-1", keep_journal=False)
        plan = replace(PAYG, global_parallelism=parallelism)
        self.engine = Engine(clock=self.clock, callback_body=callback_body, ids=Ids(), plan=plan)
        self.defects: list[BaseException] = []
        self.driver = Clockwork(self.engine, self.clock, courier, self.defects.append)
        self.log: list[LogEntry] = []
        self.engine.subscribe(self.log.append)

    def publish(self, url: str = URL, *, delay: int = 0, retries: int = 3) -> Message:
        return self.engine.publish(USER, PublishCommand(url=url, delay=delay, retries=retries))

    async def until(self, is_so: Callable[[], bool]) -> None:
        while not is_so():  # noqa: ASYNC110 - it may come from another thread
            await asyncio.sleep(0.001)

    async def until_ended(self, *messages: Message) -> None:
        await self.until(lambda: all(message.state in ENDED for message in messages))


def states(message: Message) -> list[LogState]:
    return [entry.state for entry in message.entries]


@asynccontextmanager
async def driven(destination: Destination, parallelism: int = 100) -> AsyncIterator[Driven]:
    """A running driver, cancelled at the end."""
    system = Driven(destination, parallelism)
    running = asyncio.create_task(system.driver.run())
    async with asyncio.timeout(DEADLINE_S):
        try:
            yield system
        finally:
            running.cancel()
            await asyncio.wait([running])


@pytest.mark.asyncio
async def test_a_message_without_delay_is_delivered_at_once() -> None:
    async with driven(Answers()) as system:
        message = system.publish()
        await system.until_ended(message)

    assert states(message) == [CREATED, ACTIVE, DELIVERED]


@pytest.mark.asyncio
async def test_a_delayed_message_waits_for_its_instant() -> None:
    destination = Answers()
    async with driven(destination) as system:
        message = system.publish(delay=50_000)
        await system.until_ended(message)

    (request,) = destination.requests
    assert request.attempt.started_at >= message.not_before == message.created_at + 50_000


@pytest.mark.asyncio
async def test_a_later_message_that_is_due_earlier_does_not_wait_for_the_other() -> None:
    async with driven(Answers()) as system:
        late = system.publish(delay=60_000_000)
        early = system.publish(delay=10_000)
        await system.until_ended(early)

        assert states(late) == [CREATED]


@pytest.mark.asyncio
async def test_retries_come_after_their_waits_at_the_rate_of_the_clock() -> None:
    destination = Answers(BROKEN, BROKEN, OK)
    async with driven(destination) as system:
        message = system.publish()
        await system.until_ended(message)

    first, second, third = (request.attempt.started_at for request in destination.requests)
    assert second - first >= 12_000
    assert third - second >= 148_000
    assert states(message)[-1] is DELIVERED


@pytest.mark.asyncio
async def test_a_message_that_fails_for_good_ends_in_the_dead_letter_queue() -> None:
    async with driven(Answers(REFUSED)) as system:
        message = system.publish(retries=1)
        await system.until_ended(message)

        (letter,) = system.engine.all_dead_letters(USER)
    assert letter.message.id == message.id
    assert states(message)[-2:] == [ERROR, FAILED]


@pytest.mark.asyncio
async def test_a_message_cancelled_while_it_waits_is_never_delivered() -> None:
    destination = Answers()
    async with driven(destination) as system:
        message = system.publish(delay=20_000)
        system.engine.cancel(USER, message.id, "127.0.0.1")
        await system.until_ended(message)

    assert destination.requests == []
    assert states(message) == [
        CREATED,
        CANCEL_REQUESTED,
        CANCELED,
    ]
    assert system.log[-1].at >= message.not_before


@pytest.mark.asyncio
async def test_a_fast_destination_overtakes_a_slow_one() -> None:
    let_go = asyncio.Event()

    async def answer(request: OutboundRequest) -> Outcome:
        if request.url.endswith("/slow"):
            await let_go.wait()
        return OK

    async with driven(Called(answer)) as system:
        slow = system.publish("https://shop.test/slow")
        fast = system.publish("https://shop.test/fast")
        await system.until_ended(fast)
        assert states(slow) == [CREATED, ACTIVE]
        let_go.set()
        await system.until_ended(slow)

    assert states(slow)[-1] is DELIVERED


@pytest.mark.asyncio
async def test_no_more_run_at_once_than_the_plan_allows() -> None:
    under_way = most = 0

    async def answer(_: OutboundRequest) -> Outcome:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.001)
        under_way -= 1
        return OK

    async with driven(Called(answer), parallelism=3) as system:
        messages = [system.publish() for _ in range(20)]
        await system.until_ended(*messages)

    assert most == 3


@pytest.mark.asyncio
async def test_a_publish_in_another_thread_wakes_the_driver() -> None:
    async with driven(Answers()) as system:
        await asyncio.sleep(0.01)  # it rests by now, with nothing to wait for
        message = await asyncio.to_thread(system.publish)
        await system.until_ended(message)

    assert states(message)[-1] is DELIVERED


@pytest.mark.asyncio
async def test_a_destination_that_publishes_is_served() -> None:
    async def answer(request: OutboundRequest) -> Outcome:
        if request.url == URL:
            system.publish("https://shop.test/next")
        return OK

    async with driven(Called(answer)) as system:
        system.publish()
        await system.until(lambda: [entry.state for entry in system.log].count(DELIVERED) == 2)

    delivered = [entry.message.command.url for entry in system.log if entry.state is DELIVERED]
    assert delivered == [URL, "https://shop.test/next"]


@pytest.mark.asyncio
async def test_a_destination_that_breaks_is_reported_and_retried_and_nothing_else_suffers() -> None:
    broken = ZeroDivisionError("a defect")

    async def answer(request: OutboundRequest) -> Outcome:
        if request.url == URL and request.retried == 0:
            raise broken
        return OK

    async with driven(Called(answer)) as system:
        unlucky, other = system.publish(), system.publish("https://shop.test/other")
        await system.until_ended(unlucky, other)

    assert system.defects == [broken]
    assert states(unlucky) == [
        CREATED,
        ACTIVE,
        ERROR,
        RETRY,
        ACTIVE,
        DELIVERED,
    ]
    assert states(other)[-1] is DELIVERED


@pytest.mark.asyncio
async def test_an_event_that_breaks_is_reported_and_the_others_go_on() -> None:
    broken = ZeroDivisionError("a defect")

    def handle(event: object, now: int) -> None:
        raise broken

    async with driven(Answers()) as system:
        system.engine.register(str, handle)
        system.engine.at(0, "event")
        message = system.publish()
        await system.until_ended(message)

    assert system.defects == [broken]


@pytest.mark.asyncio
async def test_thousands_of_due_events_leave_others_their_turn() -> None:
    handled = turns = 0

    def handle(event: object, now: int) -> None:
        nonlocal handled
        handled += 1

    system = Driven(Answers())
    system.engine.register(str, handle)
    for _ in range(10 * EVENTS_PER_TURN):
        system.engine.at(0, "event")
    running = asyncio.create_task(system.driver.run())
    while handled < 10 * EVENTS_PER_TURN:
        await asyncio.sleep(0)
        turns += 1
    running.cancel()
    await asyncio.wait([running])

    assert turns >= 10


@pytest.mark.asyncio
async def test_thousands_of_due_messages_are_all_delivered() -> None:
    async with driven(Called(lambda request: asyncio.sleep(0, OK))) as system:
        messages = [system.publish(delay=10_000) for _ in range(2_000)]
        await system.until_ended(*messages)

    assert {message.state for message in messages} == {MessageState.DELIVERED}
    assert system.defects == []


@pytest.mark.asyncio
async def test_its_end_cuts_off_what_is_in_flight() -> None:
    cut_off: list[str] = []

    async def answer(request: OutboundRequest) -> Outcome:
        try:
            await asyncio.Event().wait()
        finally:
            cut_off.append(request.message_id)
        raise AssertionError

    async with driven(Called(answer)) as system:
        message = system.publish()
        await system.until(lambda: states(message)[-1] is ACTIVE)
        await asyncio.sleep(0)

    assert cut_off == [message.id]
    assert states(message)[-2:] == [ERROR, RETRY]
    assert system.defects == []


@pytest.mark.asyncio
async def test_nothing_is_delivered_after_its_end() -> None:
    destination = Answers()
    async with driven(destination) as system:
        await asyncio.sleep(0)
    system.publish()
    await asyncio.sleep(0.01)

    assert destination.requests == []


def test_a_publish_after_the_loop_is_gone_harms_nobody() -> None:
    system = Driven(Answers())

    async def start_and_leave() -> None:
        running = asyncio.create_task(system.driver.run())
        await asyncio.sleep(0)
        running.cancel()
        await asyncio.wait([running])

    asyncio.run(start_and_leave())
    message = system.publish()

    assert states(message) == [CREATED]
