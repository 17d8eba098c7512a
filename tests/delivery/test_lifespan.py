"""The lifespan of an ASGI app: when it starts and ends, where, and who hears of failures."""

import asyncio
import contextlib
import gc
import threading
import traceback
import weakref
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextvars import ContextVar
from typing import Any

import anyio
import pytest
import trio

from fakestash.delivery.asgi import AsgiDestination
from fakestash.errors import UsageError
from fakestash.model.outcomes import Responded
from tests.delivery.requests import a_request

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

OK = Responded(200)


class Shop:
    """An app with a lifespan. ``happened`` tells what it did, in order."""

    def __init__(self) -> None:
        self.happened: list[str] = []
        self.states: list[dict[str, Any]] = []

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.live(scope, receive, send)
            return
        self.happened.append("delivery")
        self.states.append(scope["state"])
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body"})

    async def live(self, scope: Message, receive: Receive, send: Send) -> None:
        self.happened.append((await receive())["type"])
        await self.start(scope)
        await send({"type": "lifespan.startup.complete"})
        self.happened.append((await receive())["type"])
        await self.stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def start(self, scope: Message) -> None:
        """What the app does while it starts."""

    async def stop(self) -> None:
        """What the app does while it shuts down."""
        await anyio.lowlevel.checkpoint()
        self.happened.append("shut down")


WHOLE_LIFE = ["lifespan.startup", "delivery", "lifespan.shutdown", "shut down"]


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop that stands still between calls, as the fake's own or pytest-asyncio's does."""
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


def cancel_everything(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel what is left in ``loop`` and let it finish, as asyncio does at a loop's end."""
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*left))


# --- start -------------------------------------------------------------------------------------


def test_the_app_starts_before_the_first_delivery_and_only_once() -> None:
    app = Shop()
    destination = AsgiDestination(app)

    async def scenario() -> None:
        await destination.call(a_request())
        await destination.call(a_request())

    asyncio.run(scenario())

    assert app.happened[:3] == ["lifespan.startup", "delivery", "delivery"]


def test_an_app_that_is_never_delivered_to_is_never_started() -> None:
    app = Shop()

    AsgiDestination(app).shutdown()

    assert app.happened == []


def test_deliveries_that_come_while_the_app_starts_wait_for_it() -> None:
    class SlowShop(Shop):
        async def start(self, scope: Message) -> None:
            await anyio.lowlevel.checkpoint()
            await anyio.lowlevel.checkpoint()
            self.happened.append("started")

    app = SlowShop()
    destination = AsgiDestination(app)

    async def scenario() -> None:
        await asyncio.gather(destination.call(a_request()), destination.call(a_request()))

    asyncio.run(scenario())

    assert app.happened[:4] == ["lifespan.startup", "started", "delivery", "delivery"]


def test_each_delivery_sees_a_copy_of_the_state_that_the_app_made_when_it_started() -> None:
    class ShopWithState(Shop):
        async def start(self, scope: Message) -> None:
            scope["state"]["prices"] = prices

    prices = {"tea": 3}
    app = ShopWithState()
    destination = AsgiDestination(app)

    async def scenario() -> None:
        await destination.call(a_request())
        app.states[0]["visited"] = True
        await destination.call(a_request())

    asyncio.run(scenario())

    assert app.states == [{"prices": prices, "visited": True}, {"prices": prices}]
    assert app.states[0]["prices"] is app.states[1]["prices"]


def test_the_lifespan_scope_is_that_of_a_server() -> None:
    scopes: list[Message] = []

    class CuriousShop(Shop):
        async def start(self, scope: Message) -> None:
            scopes.append(dict(scope))

    asyncio.run(AsgiDestination(CuriousShop()).call(a_request()))

    assert scopes == [
        {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
    ]


color: ContextVar[str] = ContextVar("color", default="none")


def test_the_lifespan_sees_the_context_variables_of_the_place_where_the_app_was_given() -> None:
    class ColorfulShop(Shop):
        async def start(self, scope: Message) -> None:
            seen.append(color.get())
            color.set("green")

    seen: list[str] = []
    token = color.set("red")
    destination = AsgiDestination(ColorfulShop())
    color.set("blue")

    asyncio.run(destination.call(a_request()))
    asyncio.run(destination.call(a_request()))
    color.reset(token)

    assert seen == ["red", "red"]


# --- apps that speak no lifespan, or cannot start ----------------------------------------------


@pytest.mark.parametrize("knows_startup", [False, True])
def test_an_app_that_raises_on_a_lifespan_is_served_without(knows_startup: bool) -> None:
    class OldShop(Shop):
        async def live(self, scope: Message, receive: Receive, send: Send) -> None:
            if knows_startup:
                await receive()
            raise NotImplementedError

    app = OldShop()
    destination = AsgiDestination(app)

    async def scenario() -> list[object]:
        return [await destination.call(a_request()), await destination.call(a_request())]

    assert asyncio.run(scenario()) == [OK, OK]
    assert app.states == [{}, {}]
    destination.shutdown()


def test_an_app_that_returns_from_a_lifespan_at_once_is_served_without() -> None:
    class IndifferentShop(Shop):
        async def live(self, scope: Message, receive: Receive, send: Send) -> None:
            return

    assert asyncio.run(AsgiDestination(IndifferentShop()).call(a_request())) == OK


class BrokenShop(Shop):
    """An app that cannot start."""

    async def live(self, scope: Message, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})
        raise ConnectionError("no database")


def test_every_delivery_to_an_app_that_cannot_start_raises_and_says_why() -> None:
    app = BrokenShop()
    destination = AsgiDestination(app)

    async def scenario() -> list[object]:
        return await asyncio.gather(
            *(destination.call(a_request()) for _ in range(3)), return_exceptions=True
        )

    errors = asyncio.run(scenario())

    text = (
        "the app BrokenShop could not start, so nothing can be delivered to it: its "
        "lifespan sent lifespan.startup.failed: no database"
    )
    assert [(type(error), str(error)) for error in errors] == [(UsageError, text)] * 3
    assert app.happened == []
    destination.shutdown()


def test_why_the_app_could_not_start_comes_with_its_traceback() -> None:
    async def scenario() -> None:
        await AsgiDestination(BrokenShop()).call(a_request())

    with pytest.raises(UsageError) as raised:
        asyncio.run(scenario())

    cause = raised.value.__cause__
    assert isinstance(cause, ConnectionError)
    assert traceback.extract_tb(cause.__traceback__)[-1].name == "live"


def test_an_app_that_waits_on_after_a_failed_start_is_told_to_shut_down() -> None:
    received: list[Message] = []

    class PatientShop(Shop):
        async def live(self, scope: Message, receive: Receive, send: Send) -> None:
            await receive()
            await send({"type": "lifespan.startup.failed"})
            received.append(await receive())

    with pytest.raises(UsageError, match="could not start"):
        asyncio.run(AsgiDestination(PatientShop()).call(a_request()))

    assert received == [{"type": "lifespan.shutdown"}]


def test_an_app_that_is_cut_off_while_it_starts_is_not_delivered_to() -> None:
    class FailingShop(Shop):
        async def start(self, scope: Message) -> None:
            pytest.fail("not like this")

    app = FailingShop()
    destination = AsgiDestination(app)

    async def scenario() -> None:
        with pytest.raises(UsageError, match="its lifespan was cut off by") as raised:
            await destination.call(a_request())
        assert isinstance(raised.value.__cause__, pytest.fail.Exception)

    asyncio.run(scenario())

    assert app.happened == ["lifespan.startup"]


def test_a_message_that_no_lifespan_has_is_an_error_inside_the_app() -> None:
    class ConfusedShop(Shop):
        async def start(self, scope: Message) -> None:
            self.happened.append("started")

        async def live(self, scope: Message, receive: Receive, send: Send) -> None:
            with pytest.raises(RuntimeError, match=r"'http\.response\.start' is no message"):
                await send({"type": "http.response.start"})
            await super().live(scope, receive, send)

    app = ConfusedShop()

    asyncio.run(AsgiDestination(app).call(a_request()))

    assert app.happened[:3] == ["lifespan.startup", "started", "delivery"]


# --- the end, asked for ------------------------------------------------------------------------


def test_aclose_waits_until_the_app_has_shut_down() -> None:
    app = Shop()
    destination = AsgiDestination(app)

    async def scenario() -> None:
        await destination.call(a_request())
        await destination.aclose()
        app.happened.append("closed")

    asyncio.run(scenario())

    assert app.happened == [*WHOLE_LIFE, "closed"]


def test_aclose_where_the_app_does_not_run_does_nothing() -> None:
    app = Shop()

    asyncio.run(AsgiDestination(app).aclose())

    assert app.happened == []


def test_a_delivery_after_aclose_starts_the_app_anew() -> None:
    app = Shop()
    destination = AsgiDestination(app)

    async def scenario() -> None:
        await destination.call(a_request())
        await destination.aclose()
        await destination.call(a_request())
        await destination.aclose()

    asyncio.run(scenario())

    assert app.happened == WHOLE_LIFE * 2


def test_shutdown_runs_a_loop_that_stands_still(loop: asyncio.AbstractEventLoop) -> None:
    app = Shop()
    destination = AsgiDestination(app)
    loop.run_until_complete(destination.call(a_request()))

    destination.shutdown()

    assert app.happened == WHOLE_LIFE


def test_shutdown_of_several_loops_ends_the_app_in_each() -> None:
    app = Shop()
    destination = AsgiDestination(app)
    loops = [asyncio.new_event_loop(), asyncio.new_event_loop()]
    for loop in loops:
        loop.run_until_complete(destination.call(a_request()))

    destination.shutdown()
    for loop in loops:
        loop.close()

    assert app.happened == WHOLE_LIFE[:2] * 2 + WHOLE_LIFE[2:] * 2


def test_shutdown_twice_ends_the_app_once(loop: asyncio.AbstractEventLoop) -> None:
    app = Shop()
    destination = AsgiDestination(app)
    loop.run_until_complete(destination.call(a_request()))

    destination.shutdown()
    destination.shutdown()

    assert app.happened == WHOLE_LIFE


def test_shutdown_asks_the_loop_that_runs_it_and_does_not_wait() -> None:
    app = Shop()
    destination = AsgiDestination(app)

    async def scenario() -> None:
        await destination.call(a_request())
        destination.shutdown()
        app.happened.append("asked")

    asyncio.run(scenario())

    assert app.happened == [*WHOLE_LIFE[:2], "asked", *WHOLE_LIFE[2:]]


def test_shutdown_asks_a_loop_that_runs_in_another_thread() -> None:
    delivered = threading.Event()

    class WaitingShop(Shop):
        async def stop(self) -> None:
            await super().stop()
            finished.set()

    app = WaitingShop()
    destination = AsgiDestination(app)
    finished = asyncio.Event()

    async def scenario() -> None:
        await destination.call(a_request())
        delivered.set()
        await finished.wait()

    thread = threading.Thread(target=lambda: asyncio.run(scenario()))
    thread.start()
    delivered.wait()
    destination.shutdown()
    thread.join()

    assert app.happened == WHOLE_LIFE


def test_a_loop_that_stands_still_while_another_runs_is_asked_for_when_it_runs_again(
    loop: asyncio.AbstractEventLoop,
) -> None:
    app = Shop()
    destination = AsgiDestination(app)
    loop.run_until_complete(destination.call(a_request()))

    async def elsewhere() -> None:
        destination.shutdown()

    asyncio.run(elsewhere())
    assert app.happened == WHOLE_LIFE[:2]
    loop.run_until_complete(anyio.lowlevel.checkpoint())
    loop.run_until_complete(anyio.lowlevel.checkpoint())
    loop.run_until_complete(anyio.lowlevel.checkpoint())

    assert app.happened == WHOLE_LIFE


# --- the end of the loop -----------------------------------------------------------------------


def test_the_end_of_the_loop_shuts_the_app_down_properly() -> None:
    app = Shop()

    asyncio.run(AsgiDestination(app).call(a_request()))

    assert app.happened == WHOLE_LIFE


def test_an_app_may_use_time_limits_and_task_groups_while_the_loop_ends() -> None:
    class ThoroughShop(Shop):
        async def stop(self) -> None:
            task = asyncio.current_task()
            assert task is not None
            assert not task.cancelling()

            async def flush() -> None:
                self.happened.append("flushed")

            with contextlib.suppress(ExceptionGroup):
                async with asyncio.TaskGroup() as group:
                    group.create_task(self.fail())
            async with asyncio.timeout(60), asyncio.TaskGroup() as group:
                group.create_task(flush())
            with anyio.fail_after(60):
                await super().stop()

        async def fail(self) -> None:
            raise ConnectionError

    app = ThoroughShop()
    destination = AsgiDestination(app)

    asyncio.run(destination.call(a_request()))
    destination.shutdown()

    assert app.happened == [*WHOLE_LIFE[:3], "flushed", "shut down"]


def test_a_cancellation_while_the_app_starts_is_none_of_our_business() -> None:
    class StuckShop(Shop):
        async def start(self, scope: Message) -> None:
            starting.set()
            try:
                await asyncio.Event().wait()
            finally:
                self.happened.append("cancelled")

    app = StuckShop()
    destination = AsgiDestination(app)
    starting = asyncio.Event()

    async def scenario() -> None:
        call = asyncio.create_task(destination.call(a_request()))
        await starting.wait()
        call.cancel()

    asyncio.run(scenario())
    destination.shutdown()

    assert app.happened == ["lifespan.startup", "cancelled"]


def test_an_app_that_waits_for_its_end_in_a_task_of_its_own_is_cancelled_as_usual() -> None:
    class DetachedShop(Shop):
        async def live(self, scope: Message, receive: Receive, send: Send) -> None:
            try:
                await asyncio.create_task(super().live(scope, receive, send))
            except asyncio.CancelledError:
                self.happened.append("cancelled")
                raise

    app = DetachedShop()

    asyncio.run(AsgiDestination(app).call(a_request()))

    assert app.happened == [*WHOLE_LIFE[:2], "cancelled"]


def test_in_a_loop_that_goes_on_after_cancelling_everything_the_app_is_started_anew(
    loop: asyncio.AbstractEventLoop,
) -> None:
    app = Shop()
    destination = AsgiDestination(app)
    loop.run_until_complete(destination.call(a_request()))
    cancel_everything(loop)

    loop.run_until_complete(destination.call(a_request()))
    destination.shutdown()

    assert app.happened == WHOLE_LIFE * 2


def test_each_new_loop_starts_the_app_anew() -> None:
    app = Shop()
    destination = AsgiDestination(app)

    asyncio.run(destination.call(a_request()))
    asyncio.run(destination.call(a_request()))
    destination.shutdown()

    assert app.happened == WHOLE_LIFE * 2


def test_a_loop_that_is_over_is_let_go() -> None:
    destination = AsgiDestination(Shop())
    over = asyncio.new_event_loop()
    over.run_until_complete(destination.call(a_request()))
    cancel_everything(over)
    over.close()
    gone = weakref.ref(over)
    del over

    asyncio.run(destination.call(a_request()))
    gc.collect()

    assert gone() is None


def test_two_destinations_for_one_app_are_two_lives_of_it(
    loop: asyncio.AbstractEventLoop,
) -> None:
    app = Shop()
    destinations = [AsgiDestination(app), AsgiDestination(app)]

    for destination in destinations:
        loop.run_until_complete(destination.call(a_request()))
    for destination in destinations:
        destination.shutdown()

    assert app.happened == WHOLE_LIFE[:2] * 2 + WHOLE_LIFE[2:] * 2


# --- failures at the end -----------------------------------------------------------------------


class LeakyShop(Shop):
    """An app whose shutdown fails, and which reports that as Starlette does."""

    async def live(self, scope: Message, receive: Receive, send: Send) -> None:
        try:
            await super().live(scope, receive, send)
        except Exception:
            await send({"type": "lifespan.shutdown.failed", "message": "2 jobs lost"})
            raise

    async def stop(self) -> None:
        raise OSError("disk full")


LEAKY = (
    "the app LeakyShop did not shut down cleanly: "
    "its lifespan sent lifespan.shutdown.failed: 2 jobs lost"
)


def test_aclose_raises_when_the_shutdown_failed() -> None:
    destination = AsgiDestination(LeakyShop())

    async def scenario() -> None:
        await destination.call(a_request())
        with pytest.raises(UsageError) as raised:
            await destination.aclose()
        assert str(raised.value) == LEAKY
        assert isinstance(raised.value.__cause__, OSError)

    asyncio.run(scenario())


def test_shutdown_raises_when_the_shutdown_failed(loop: asyncio.AbstractEventLoop) -> None:
    destination = AsgiDestination(LeakyShop())
    loop.run_until_complete(destination.call(a_request()))

    with pytest.raises(UsageError) as raised:
        destination.shutdown()

    assert str(raised.value) == LEAKY


def test_shutdown_raises_when_the_shutdown_failed_at_the_end_of_the_loop() -> None:
    destination = AsgiDestination(LeakyShop())
    asyncio.run(destination.call(a_request()))

    with pytest.raises(UsageError) as raised:
        destination.shutdown()

    assert str(raised.value) == LEAKY


def test_a_failed_shutdown_in_an_earlier_loop_is_not_forgotten() -> None:
    destination = AsgiDestination(LeakyShop())
    asyncio.run(destination.call(a_request()))
    asyncio.run(destination.call(a_request()))

    with pytest.raises(UsageError) as raised:
        destination.shutdown()

    assert str(raised.value) == f"{LEAKY}\n{LEAKY}"


def test_a_failed_shutdown_earlier_in_the_same_loop_is_not_forgotten(
    loop: asyncio.AbstractEventLoop,
) -> None:
    destination = AsgiDestination(LeakyShop())
    loop.run_until_complete(destination.call(a_request()))
    cancel_everything(loop)
    loop.run_until_complete(destination.call(a_request()))

    with pytest.raises(UsageError) as raised:
        destination.shutdown()

    assert str(raised.value) == f"{LEAKY}\n{LEAKY}"


def test_a_failure_is_raised_once() -> None:
    destination = AsgiDestination(LeakyShop())
    asyncio.run(destination.call(a_request()))

    with pytest.raises(UsageError):
        destination.shutdown()

    destination.shutdown()


def test_a_lifespan_that_raises_without_saying_failed_failed_too() -> None:
    class SilentShop(Shop):
        async def stop(self) -> None:
            raise OSError("disk full")

    destination = AsgiDestination(SilentShop())
    asyncio.run(destination.call(a_request()))

    with pytest.raises(UsageError) as raised:
        destination.shutdown()

    assert str(raised.value) == (
        "the app SilentShop did not shut down cleanly: its lifespan raised OSError('disk full')"
    )


def test_a_lifespan_that_breaks_between_deliveries_is_told_at_the_end() -> None:
    class FragileShop(Shop):
        async def live(self, scope: Message, receive: Receive, send: Send) -> None:
            await receive()
            await send({"type": "lifespan.startup.complete"})
            raise OSError("worker died")

    destination = AsgiDestination(FragileShop())

    async def scenario() -> list[object]:
        return [await destination.call(a_request()), await destination.call(a_request())]

    assert asyncio.run(scenario()) == [OK, OK]
    with pytest.raises(UsageError, match="worker died"):
        destination.shutdown()


# --- trio --------------------------------------------------------------------------------------


class TrioShop(Shop):
    """The same for trio."""

    async def stop(self) -> None:
        await trio.lowlevel.checkpoint()
        self.happened.append("shut down")


def test_under_trio_the_app_starts_and_shuts_down_in_the_run_that_delivers() -> None:
    app = TrioShop()
    destination = AsgiDestination(app)

    async def scenario() -> None:
        await destination.call(a_request())
        await destination.aclose()

    trio.run(scenario)

    assert app.happened == WHOLE_LIFE


def test_the_end_of_a_trio_run_cancels_the_app() -> None:
    class CancelledShop(TrioShop):
        async def live(self, scope: Message, receive: Receive, send: Send) -> None:
            try:
                await super().live(scope, receive, send)
            except trio.Cancelled:
                self.happened.append("cancelled")
                await send({"type": "lifespan.shutdown.failed", "message": "cancelled"})
                raise

    app = CancelledShop()
    destination = AsgiDestination(app)

    trio.run(destination.call, a_request())
    destination.shutdown()

    assert app.happened == [*WHOLE_LIFE[:2], "cancelled"]


def test_shutdown_asks_a_trio_run_and_does_not_wait() -> None:
    app = TrioShop()
    destination = AsgiDestination(app)

    async def scenario() -> None:
        await destination.call(a_request())
        destination.shutdown()
        while "shut down" not in app.happened:
            await trio.lowlevel.checkpoint()

    trio.run(scenario)

    assert app.happened == WHOLE_LIFE


def test_a_trio_run_that_is_over_is_forgotten() -> None:
    app = TrioShop()
    destination = AsgiDestination(app)

    trio.run(destination.call, a_request())
    trio.run(destination.call, a_request())
    destination.shutdown()

    assert app.happened == WHOLE_LIFE[:2] * 2


def test_a_trio_run_is_not_forgotten_while_another_loop_comes_and_goes() -> None:
    app = Shop()
    destination = AsgiDestination(app)

    async def scenario() -> None:
        await destination.call(a_request())
        await trio.to_thread.run_sync(lambda: asyncio.run(destination.call(a_request())))
        await destination.call(a_request())

    trio.run(scenario)

    assert app.happened == [*WHOLE_LIFE[:2], *WHOLE_LIFE, "delivery"]


def test_one_destination_can_be_called_under_both_libraries() -> None:
    app = Shop()
    destination = AsgiDestination(app)

    trio.run(destination.call, a_request())
    asyncio.run(destination.call(a_request()))

    assert app.happened == [*WHOLE_LIFE[:2], *WHOLE_LIFE]


# --- as test runners end their loops -----------------------------------------------------------


RUNNER_TEST = """
import pytest
from fakestash.delivery.asgi import AsgiDestination
from tests.delivery.requests import a_request
from tests.delivery.test_lifespan import WHOLE_LIFE, Shop

app = Shop()

{marker}
async def test_delivery():
    await AsgiDestination(app).call(a_request())

def test_the_app_was_shut_down():
    assert app.happened == WHOLE_LIFE
"""


@pytest.mark.parametrize("marker", ["@pytest.mark.asyncio", "@pytest.mark.anyio"])
def test_a_test_runner_that_ends_its_loop_shuts_the_app_down(
    pytester: pytest.Pytester, marker: str
) -> None:
    pytester.makepyfile(RUNNER_TEST.format(marker=marker))
    pytester.makeconftest(
        "import pytest\n@pytest.fixture\ndef anyio_backend():\n    return 'asyncio'\n"
    )

    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function")

    result = pytester.runpytest("-p", "no:fakestash", "-p", "no:randomly", "-W", "error")

    result.assert_outcomes(passed=2)
