"""By hand: what time would do, without moving it, and within every limit."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fakestash import FakeQStash, Fault, NestedMoveError, RunningLoopError, UsageError
from fakestash.delivery.outbound import OutboundRequest
from fakestash.model.resources import Endpoint
from fakestash.model.settings import CallbackSettings, Extras, FlowControl
from tests.builders import BROKEN, HOUR, MINUTE, USER
from tests.testing.acts import HOOK, publish, schedule

SLOW = "https://slow.test/report"
START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def fake() -> FakeQStash:
    fake = FakeQStash()
    fake.destination(HOOK).responds(200)
    fake.destination(SLOW).responds(200, took="40s")
    return fake


def refusal(call: Callable[[], object]) -> str:
    """The text that a misuse is refused with; it must change nothing."""
    with pytest.raises(UsageError) as raised:
        call()
    return str(raised.value)


def lines(fake: FakeQStash) -> list[str]:
    """The timeline line by line, without its first line and the list of ids."""
    return [line[2:] for line in fake.timeline().splitlines()[1:] if " is msg_" not in line]


# --- firing --------------------------------------------------------------------------------


def test_a_schedule_fires_now_and_its_messages_go_out_with_the_next_move(fake: FakeQStash) -> None:
    schedule(fake, body=b"good morning")
    fake.advance("1h")

    (message,) = fake.fire("morning")

    assert (fake.now, len(fake.deliveries)) == (START + timedelta(hours=1), 0)
    fake.advance(0)
    (delivery,) = fake.deliveries
    assert (delivery.message_id, delivery.body) == (message, b"good morning")
    assert delivery.headers["Upstash-Schedule-Id"] == "morning"
    assert fake.messages[0].schedule_id == "morning"


def test_the_firings_of_the_schedule_itself_stay_as_they_are(fake: FakeQStash) -> None:
    schedule(fake, cron="0 9 * * *")
    before = fake.engine.schedules.get(USER, "morning")
    fake.advance("1h")
    fake.fire("morning")
    after = fake.engine.schedules.get(USER, "morning")

    assert (before.last_at, after.last_at) == (None, before.created_at + HOUR)
    assert after.next_at == before.next_at
    fake.advance("1d")
    assert [str(each.at - START) for each in fake.deliveries] == ["1:00:00", "9:00:00"]


def test_a_firing_for_a_url_group_makes_a_message_for_each_endpoint(fake: FakeQStash) -> None:
    urls = ("https://mail.test/hook", "https://stock.test/hook")
    fake.engine.url_groups.add_endpoints(USER, "orders", tuple(map(Endpoint, urls)))
    schedule(fake, "orders", group="orders")

    assert fake.fire("morning") == tuple(each.id for each in fake.messages)
    assert tuple(each.url for each in fake.messages) == urls


def test_a_schedule_that_cannot_fire_is_told_so(fake: FakeQStash) -> None:
    fake.engine.url_groups.add_endpoints(USER, "orders", (Endpoint(HOOK),))
    schedule(fake, "orders", group="orders")
    fake.engine.schedules.pause(USER, "morning")
    assert refusal(lambda: fake.fire("morning")) == (
        "schedule morning is paused and does not fire: resume it"
    )
    fake.engine.schedules.resume(USER, "morning")
    fake.engine.url_groups.delete(USER, "orders")

    assert refusal(lambda: fake.fire("morning")) == (
        "schedule morning fired and made nothing: topic orders not found"
    )
    assert fake.timeline() == "  nothing was published"


def test_an_unknown_schedule_is_refused_with_the_nearest(fake: FakeQStash) -> None:
    assert refusal(lambda: fake.fire("x")) == "no schedule has the id 'x'; there are no schedules"
    schedule(fake)
    assert refusal(lambda: fake.fire("mourning")) == (
        f"no schedule has the id 'mourning'; the only one is\n  morning: 0 9 * * * to {HOOK}"
    )
    for name in ("evening", "noon", "night"):
        schedule(fake, cron="0 0 * * *", name=name)
    assert refusal(lambda: fake.fire("nigh")) == (
        "no schedule has the id 'nigh'; the nearest are\n"
        f"  night: 0 0 * * * to {HOOK}\n"
        f"  noon: 0 0 * * * to {HOOK}\n"
        f"  evening: 0 0 * * * to {HOOK}"
    )


# --- delivering ----------------------------------------------------------------------------


def test_a_message_is_delivered_before_its_time(fake: FakeQStash) -> None:
    message = publish(fake, delay=HOUR)

    delivery = fake.deliver_now(message)

    assert (delivery.message_id, delivery.status, delivery.at) == (message, 200, START)
    assert list(fake.deliveries) == [delivery]
    assert fake.now == START
    fake.advance("2h")
    assert len(fake.deliveries) == 1
    assert lines(fake) == [
        f"+0 s            #1   CREATED          POST {HOOK}",
        "+0 s            #1   BY_HAND          started before its time",
        "+0 s            #1   ACTIVE",
        "+0 s            #1   DELIVERED",
    ]


def test_a_retry_is_made_before_its_time_and_the_next_one_counts_from_there(
    fake: FakeQStash,
) -> None:
    fake.destination(HOOK).responds(500)
    message = publish(fake)
    fake.advance("1s")

    delivery = fake.deliver_now(message)

    assert (delivery.retried, delivery.status, str(delivery.at - START)) == (1, 500, "0:00:01")
    assert [str(event.at - START) for event in fake.upcoming("1h")] == ["0:02:29"]


def test_what_is_due_now_is_delivered_alone(fake: FakeQStash) -> None:
    publish(fake)
    message = publish(fake)

    fake.deliver_now(message)

    assert [each.message_id for each in fake.deliveries] == [message]


def test_an_answer_that_takes_time_is_on_its_way_afterwards(fake: FakeQStash) -> None:
    message = publish(fake, SLOW, delay=HOUR)

    delivery = fake.deliver_now(message)

    assert delivery.status is None
    fake.advance("40s")
    assert delivery.status == 200


def test_callbacks_of_a_delivery_by_hand_go_out_with_the_next_move(fake: FakeQStash) -> None:
    callback = CallbackSettings("https://shop.test/told")
    fake.destination("https://shop.test/told")
    message = publish(fake, delay=HOUR, extras=Extras(callback=callback))
    fake.deliver_now(message)
    assert len(fake.deliveries) == 1
    fake.advance(0)

    assert [each.url for each in fake.deliveries] == [HOOK, "https://shop.test/told"]


def test_an_app_is_called_in_the_loop_of_the_fake_or_of_the_caller() -> None:
    loops: list[asyncio.AbstractEventLoop] = []

    async def hook(_: Request) -> Response:
        loops.append(asyncio.get_running_loop())
        return Response(status_code=202)

    app = Starlette(routes=[Route("/hook", hook, methods=["POST"])])
    with FakeQStash() as fake:
        fake.mount("https://shop.test", app)
        first, second, third = (publish(fake, delay=HOUR) for _ in range(3))
        assert fake.deliver_now(first).status == 202
        fake.advance("1s")
        assert fake.deliver_now(second).status == 202

        async def main() -> asyncio.AbstractEventLoop:
            assert (await fake.deliver_now_async(third)).status == 202
            return asyncio.get_running_loop()

        own = asyncio.run(main())

    assert loops[0] is loops[1]
    assert loops[2] is own


def test_what_nothing_serves_is_a_stray_as_ever(fake: FakeQStash) -> None:
    message = publish(fake, "https://nowhere.test/hook", delay=HOUR)

    text = refusal(lambda: fake.deliver_now(message))

    assert text.startswith("a message was due for https://nowhere.test/hook, and nothing serves")
    assert lines(fake)[-1] == "+0 s            #1   RETRY            again in 12 s"


def test_limits_hold_for_what_is_delivered_by_hand(fake: FakeQStash) -> None:
    end = "; limits hold for what is delivered by hand too"
    control = Extras(flow_control=FlowControl("tenant", parallelism=1, rate=1, period=60))
    running = publish(fake, SLOW, extras=control)
    fake.advance(0)
    late = publish(fake, delay=HOUR, extras=control)
    named = f"message {late} for {HOOK}"

    assert refusal(lambda: fake.deliver_now(late)) == (
        f"{named} cannot start now: flow control key tenant has 1 in flight, which is its limit"
        f"{end}"
    )
    fake.fail(running, 489)
    assert refusal(lambda: fake.deliver_now(late)) == (
        f"{named} cannot start now: flow control key tenant has started 1 in 60 s, which is its "
        f"limit{end}"
    )
    fake.engine.flow_control.pause(USER, "tenant")
    assert refusal(lambda: fake.deliver_now(late)) == (
        f"{named} cannot start now: flow control key tenant is paused{end}"
    )
    fake.engine.flow_control.resume(USER, "tenant")
    fake.engine.flow_control.reset_rate(USER, "tenant")
    assert fake.deliver_now(late).status == 200


def test_the_order_of_a_queue_holds_for_what_is_delivered_by_hand(fake: FakeQStash) -> None:
    end = "; limits hold for what is delivered by hand too"
    extras = Extras(queue="orders")
    first = publish(fake, SLOW, extras=extras)
    late = publish(fake, delay=HOUR, extras=extras)
    named = f"message {late} for {HOOK}"

    assert refusal(lambda: fake.deliver_now(late)) == (
        f"{named} cannot start now: 1 other is before it in queue orders{end}"
    )
    fake.advance(0)
    second = publish(fake, extras=extras)
    fake.advance(0)
    assert refusal(lambda: fake.deliver_now(late)) == (
        f"{named} cannot start now: 2 others are before it in queue orders{end}"
    )
    assert refusal(lambda: fake.deliver_now(second)) == (
        f"message {second} for {HOOK} is due already and held: 1 other is before it in queue "
        f"orders{end}"
    )
    fake.engine.queues.pause(USER, "orders")
    assert refusal(lambda: fake.deliver_now(late)) == (
        f"{named} cannot start now: queue orders is paused{end}"
    )
    fake.engine.queues.resume(USER, "orders")
    fake.advance("40s")
    assert [each.message_id for each in fake.deliveries] == [first, second]
    assert fake.deliver_now(late).status == 200


def test_a_retry_of_the_head_of_a_queue_waits_for_nobody(fake: FakeQStash) -> None:
    fake.destination(HOOK).responds(500, 200)
    extras = Extras(queue="orders")
    head = publish(fake, extras=extras)
    publish(fake, extras=extras)
    fake.advance(0)
    publish(fake, extras=extras)

    assert fake.deliver_now(head).status == 200


def test_who_was_let_through_its_queue_and_waits_elsewhere_is_before_the_others(
    fake: FakeQStash,
) -> None:
    control = FlowControl("tenant", parallelism=1)
    publish(fake, SLOW, extras=Extras(flow_control=control))
    publish(fake, extras=Extras(queue="orders", flow_control=control))
    fake.advance(0)
    late = publish(fake, delay=HOUR, extras=Extras(queue="orders"))

    assert "1 other is before it in queue orders" in refusal(lambda: fake.deliver_now(late))


def test_a_retry_that_is_due_keeps_nobody_new_from_starting(fake: FakeQStash) -> None:
    fake.engine.queues.upsert(USER, "orders", 2, paused=False)
    fake.destination(HOOK).responds(500, 200)
    extras = Extras(queue="orders")
    publish(fake, "https://mail.test/hook", delay=12_000)
    fake.destination("https://mail.test")
    head = publish(fake, extras=extras)
    fake.advance(0)
    late = publish(fake, SLOW, delay=HOUR, extras=extras)
    fake.next()  # the mail; the retry of the head, due at the same instant, has not come up

    assert [event.message_id for event in fake.upcoming(0)] == [head]
    assert fake.deliver_now(late).url == SLOW


def test_those_who_are_to_be_let_go_now_go_before_what_is_delivered_by_hand(
    fake: FakeQStash,
) -> None:
    def extras(rate: int) -> Extras:
        return Extras(flow_control=FlowControl("tenant", rate=rate, period=60))

    publish(fake, extras=extras(1))
    waiting = publish(fake, extras=extras(1))
    fake.advance("1s")
    late = publish(fake, delay=HOUR, extras=extras(3))

    assert refusal(lambda: fake.deliver_now(late)) == (
        f"message {late} for {HOOK} cannot start now: others are before it under flow control key "
        "tenant; limits hold for what is delivered by hand too"
    )
    fake.advance(0)
    assert [each.message_id for each in fake.deliveries[1:]] == [waiting]
    assert fake.deliver_now(late).status == 200


def test_the_limit_of_the_plan_holds_too() -> None:
    fake = FakeQStash(plan="free")
    fake.destination(SLOW).responds(200, took="40s")
    for _ in range(11):
        publish(fake, SLOW)
    fake.advance(0)
    late = publish(fake, SLOW, delay=HOUR)

    assert refusal(lambda: fake.deliver_now(late)) == (
        f"message {late} for {SLOW} cannot start now: 10 attempts are in flight, which is the "
        "user's limit; limits hold for what is delivered by hand too"
    )


def test_what_does_not_wait_for_its_time_cannot_be_delivered_now(fake: FakeQStash) -> None:
    done, slow = publish(fake), publish(fake, SLOW)
    fake.advance(0)
    late = publish(fake, delay=HOUR)
    fake.engine.cancel(USER, late, "127.0.0.1")

    assert refusal(lambda: fake.deliver_now(done)) == (
        f"message {done} for {HOOK} has ended, it is delivered: publish it anew"
    )
    assert refusal(lambda: fake.deliver_now(slow)) == (
        f"message {slow} for {SLOW} is in flight already: fail() ends its attempt"
    )
    assert refusal(lambda: fake.deliver_now(late)) == (
        f"message {late} for {HOOK} is going to be cancelled at 2026-01-01T01:00:00Z"
    )
    assert len(fake.deliveries) == 2


# --- in flight -----------------------------------------------------------------------------


def test_an_attempt_in_flight_fails_now(fake: FakeQStash) -> None:
    message = publish(fake, SLOW)
    fake.advance("5s")

    fake.fail(message, (503, {"Retry-After": "7"}, "busy"))

    (delivery,) = fake.deliveries
    assert (delivery.status, delivery.response_body) == (503, b"busy")
    assert lines(fake) == [
        f"+0 s            #1   CREATED          POST {SLOW}",
        "+0 s            #1   ACTIVE",
        "+5 s            #1   BY_HAND          answered in place of its destination",
        "+5 s            #1   ERROR            HTTP status 503",
        "+5 s            #1   RETRY            again in 7 s",
    ]
    fake.run_until_idle()
    assert [str(each.at - START) for each in fake.deliveries] == ["0:00:00", "0:00:12"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.REFUSED, "dial tcp 127.0.0.1:443: connect: connection refused"),
        (Fault.TIMEOUT, "context deadline exceeded"),
        (Fault.CLOSED, "EOF"),
    ],
)
def test_an_attempt_can_fail_without_an_answer(fake: FakeQStash, fault: Fault, error: str) -> None:
    message = publish(fake, SLOW, retries=0)
    fake.advance("5s")
    fake.fail(message, fault)

    (letter,) = fake.dead_letters
    assert (letter.error, letter.at) == (error, START + timedelta(seconds=5))


def test_an_attempt_fails_with_a_500_unless_told_otherwise(fake: FakeQStash) -> None:
    message = publish(fake, SLOW)
    fake.advance(0)
    fake.fail(message)

    assert fake.deliveries[0].status == 500


def test_a_failure_lets_the_next_of_its_queue_start(fake: FakeQStash) -> None:
    extras = Extras(queue="orders")
    first, second = (publish(fake, SLOW, retries=0, extras=extras) for _ in range(2))
    fake.advance("5s")
    fake.fail(first)
    fake.advance(0)

    assert [(each.message_id, str(each.at - START)) for each in fake.deliveries] == [
        (first, "0:00:00"),
        (second, "0:00:05"),
    ]


def test_a_message_that_was_to_be_cancelled_in_flight_is_cancelled(fake: FakeQStash) -> None:
    message = publish(fake, SLOW)
    fake.advance(0)
    fake.engine.cancel(USER, message, "127.0.0.1")
    fake.fail(message)
    fake.run_until_idle()

    assert fake.messages[0].state == "canceled"


def test_a_success_is_no_failure(fake: FakeQStash) -> None:
    message = publish(fake, SLOW)
    fake.advance(0)

    assert refusal(lambda: fake.fail(message, 204)) == (
        "204 is the answer of a success: release() lets the attempt end as its destination has "
        "answered"
    )
    assert refusal(lambda: fake.fail(message, 700)).startswith("700 is no HTTP status")
    assert fake.deliveries[0].status is None


def test_an_answer_is_held_back_until_it_is_released(fake: FakeQStash) -> None:
    message = publish(fake, SLOW)
    fake.advance("10s")

    assert fake.hold(message) == START + timedelta(hours=2)
    fake.advance("1h")
    assert fake.messages[0].state == "active"
    assert fake.release(message) == fake.now
    fake.advance(0)

    assert fake.deliveries[0].status == 200
    assert lines(fake) == [
        f"+0 s            #1   CREATED          POST {SLOW}",
        "+0 s            #1   ACTIVE",
        "+10 s           #1   BY_HAND          its answer is held back",
        "+1 h 10 s       #1   BY_HAND          its answer is let go",
        "+1 h 10 s       #1   DELIVERED",
    ]


def test_an_answer_that_is_released_early_comes_when_it_would_have(fake: FakeQStash) -> None:
    message = publish(fake, SLOW)
    fake.advance("10s")
    fake.hold(message)
    fake.advance("10s")

    assert fake.release(message) == START + timedelta(seconds=40)
    fake.advance("20s")
    assert fake.deliveries[0].status == 200


def test_an_attempt_whose_answer_is_held_back_times_out(fake: FakeQStash) -> None:
    message = publish(fake, SLOW, retries=0)
    fake.advance("10s")
    end = fake.hold(message)
    fake.advance_to(end)

    (letter,) = fake.dead_letters
    assert (letter.error, letter.at) == ("context deadline exceeded", end)
    assert refusal(lambda: fake.release(message)).startswith("no attempt of message")


def test_an_answer_that_is_held_back_can_be_replaced(fake: FakeQStash) -> None:
    message = publish(fake, SLOW)
    fake.advance("10s")
    fake.hold(message)
    fake.fail(message, 502)

    assert fake.deliveries[0].status == 502
    fake.advance("1m")
    fake.advance("3h")
    assert [each.status for each in fake.deliveries] == [502, 200]


def test_holding_twice_and_releasing_what_is_not_held_are_mistakes(fake: FakeQStash) -> None:
    message = publish(fake, SLOW)
    named = f"the answer to message {message} for {SLOW}"
    fake.advance(0)

    assert refusal(lambda: fake.release(message)) == (
        f"{named} is not held back: it counts at 2026-01-01T00:00:40Z; hold() holds it back"
    )
    fake.hold(message)
    assert refusal(lambda: fake.hold(message)) == (
        f"{named} is held back already, until the attempt times out at 2026-01-01T02:00:00Z"
    )


@pytest.mark.parametrize("call", ["fail", "hold", "release"])
def test_where_nothing_is_in_flight_there_is_nothing_to_do(fake: FakeQStash, call: str) -> None:
    message = publish(fake, delay=MINUTE)

    assert refusal(lambda: getattr(fake, call)(message)) == (
        f"no attempt of message {message} for {HOOK} is in flight, it is pending: give its "
        "destination a latency, as in responds(200, took='5s'), and move time until it is due"
    )


# --- at a bad time -------------------------------------------------------------------------

CALLS = ["fire", "deliver_now", "fail", "hold", "release"]


@pytest.mark.parametrize("call", CALLS)
def test_an_unknown_id_is_refused(fake: FakeQStash, call: str) -> None:
    with pytest.raises(UsageError, match=r"^no (message|schedule) has the id 'x'; "):
        getattr(fake, call)("x")


@pytest.mark.parametrize("call", CALLS)
def test_nothing_is_done_by_hand_from_inside_a_delivery(fake: FakeQStash, call: str) -> None:
    def hook(_: OutboundRequest) -> int:
        getattr(fake, call)("x")
        return 200

    fake.destination(HOOK).responds(hook)
    publish(fake)

    with pytest.raises(NestedMoveError) as raised:
        fake.advance(0)
    assert str(raised.value) == (
        f"{call}() was called from inside a delivery: call it in the test, after the delivery"
    )


@pytest.mark.parametrize("call", CALLS)
def test_nothing_is_done_by_hand_while_time_is_moved(fake: FakeQStash, call: str) -> None:
    with pytest.raises(NestedMoveError) as raised:
        fake.run_until(lambda: getattr(fake, call)("x"))
    assert str(raised.value) == (
        f"{call}() was called while time was being moved, by another thread or task or by a "
        "condition given to run_until: call it between two moves"
    )


@pytest.mark.parametrize("call", CALLS)
def test_nothing_is_done_by_hand_on_a_closed_fake(fake: FakeQStash, call: str) -> None:
    fake.close()

    assert refusal(lambda: getattr(fake, call)("x")) == (
        f"{call}() was called on a fake that is closed: its test is over"
    )


def test_the_blocking_form_is_refused_where_an_event_loop_runs(fake: FakeQStash) -> None:
    message = publish(fake, delay=HOUR)

    async def main() -> None:
        fake.deliver_now(message)

    with pytest.raises(RunningLoopError, match=r"^deliver_now\(\) would block the event loop"):
        asyncio.run(main())
    assert len(fake.deliveries) == 0


def test_the_awaiting_form_is_refused_from_inside_a_delivery(fake: FakeQStash) -> None:
    async def hook(_: OutboundRequest) -> int:
        await fake.deliver_now_async("x")
        return 200

    fake.destination(HOOK).responds(hook)
    publish(fake)

    with pytest.raises(NestedMoveError, match=r"^deliver_now_async\(\) was called from inside"):
        asyncio.run(_awaited(fake.advance_async(0)))


async def _awaited(coroutine: Coroutine[Any, Any, object]) -> None:
    await coroutine


def test_what_is_called_right_now_by_another_thread_is_not_touched(fake: FakeQStash) -> None:
    entered, over = threading.Event(), threading.Event()

    def hook(_: OutboundRequest) -> int:
        entered.set()
        over.wait(10)
        return 200

    fake.destination(HOOK).responds(hook)
    message = publish(fake)
    mover = threading.Thread(target=lambda: fake.advance(0))
    mover.start()
    entered.wait(10)
    hand = fake.engine.hand
    calls: list[Callable[[], object]] = [
        partial(hand.answer, message, BROKEN),
        partial(hand.keep, message),
        partial(hand.let_go, message),
    ]
    texts = [refusal(call) for call in calls]
    over.set()
    mover.join()

    named = f"message {message} for {HOOK}"
    assert set(texts) == {
        f"the destination of {named} is being called right now: wait until it has answered"
    }
    assert (len(texts), fake.deliveries[0].status) == (3, 200)
