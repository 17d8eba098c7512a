"""The fixture in every kind of test: plain, asyncio, anyio on asyncio and trio, spread by xdist."""

import pytest
from qstash import AsyncQStash

from fakestash import FakeQStash, RunningLoopError

HOOK = "https://shop.test/hook"


@pytest.mark.asyncio
async def test_an_asyncio_test_publishes_and_advances(qstash: FakeQStash) -> None:
    qstash.destination(HOOK).responds(500, 200)

    await AsyncQStash(qstash.token).message.publish(url=HOOK, body="hello")
    await qstash.advance_async("12s")

    assert [delivery.status for delivery in qstash.deliveries] == [500, 200]


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_an_anyio_test_publishes_and_advances(qstash: FakeQStash) -> None:
    qstash.destination(HOOK).responds(500, 200)

    await AsyncQStash(qstash.token).message.publish(url=HOOK, body="hello")
    await qstash.advance_async("12s")

    assert [delivery.status for delivery in qstash.deliveries] == [500, 200]


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_a_blocking_move_is_refused_where_an_event_loop_runs(qstash: FakeQStash) -> None:
    with pytest.raises(RunningLoopError) as error:
        qstash.advance("1h")

    assert str(error.value) == (
        "advance() would block the event loop that runs in this thread: "
        "use `await qstash.advance_async(...)` here"
    )


# --- apps and clients that outlive an event loop --------------------------------------------

SHOP = """
from contextlib import asynccontextmanager

import pytest
from qstash import AsyncQStash, QStash
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

steps = []
clients = []


@asynccontextmanager
async def lifespan(app):
    steps.append("started")
    try:
        yield
    finally:
        steps.append("ended")


async def hook(request):
    steps.append("called")
    return Response()


app = Starlette(routes=[Route("/hook", hook, methods=["POST"])], lifespan=lifespan)


@pytest.fixture(autouse=True)
def mounted(qstash):
    qstash.mount("https://shop.test", app)


def publish(qstash):
    QStash(qstash.token).message.publish(url="https://shop.test/hook", body="")


async def publish_async(qstash):
    if not clients:
        clients.append(AsyncQStash(qstash.token))
    await clients[0].message.publish(url="https://shop.test/hook", body="")


def test_blocking(qstash):
    publish(qstash)
    qstash.advance(0)


@pytest.mark.asyncio
async def test_asyncio(qstash):
    await publish_async(qstash)
    await qstash.advance_async(0)


@pytest.mark.asyncio
async def test_asyncio_again(qstash):
    await publish_async(qstash)
    await qstash.advance_async(0)


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_anyio(qstash):
    await publish_async(qstash)
    await qstash.advance_async(0)


@pytest.fixture
def early(qstash):
    return qstash


@pytest.fixture
async def late(early):
    await publish_async(early)
    yield early
    await early.advance_async(0)


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_async_fixture(late):
    await late.advance_async(0)
    await publish_async(late)


def test_blocking_at_last(qstash):
    publish(qstash)
    qstash.advance(0)

"""


def test_apps_live_and_end_with_their_event_loop(project: pytest.Pytester) -> None:
    project.makeconftest(
        """
        import gc, sys

        def pytest_runtest_logfinish(nodeid):
            steps = sys.modules["test_shop"].steps
            print()
            print("*", nodeid.partition("::")[2], *steps)
            steps.clear()

        def pytest_unconfigure():
            gc.collect()  # whatever was left open is warned of here
        """
    )
    project.makepyfile(test_shop=SHOP)

    run = project.runpytest_inprocess("-s")

    run.assert_outcomes(passed=8)
    once, twice = "started called ended", "started called called ended"
    assert [line for line in run.outlines if line.startswith("* ")] == [
        f"* test_blocking {once}",
        f"* test_asyncio {once}",
        f"* test_asyncio_again {once}",
        f"* test_anyio[asyncio] {once}",
        f"* test_anyio[trio] {once}",
        f"* test_async_fixture[asyncio] {twice}",
        f"* test_async_fixture[trio] {twice}",
        f"* test_blocking_at_last {once}",
    ]


# --- many processes ------------------------------------------------------------------------


def test_each_process_of_xdist_has_a_server_of_its_own(bare_project: pytest.Pytester) -> None:
    bare_project.makepyfile(
        """
        import os

        import pytest
        from qstash import QStash

        @pytest.mark.parametrize("number", range(3))
        def test_many(qstash, number):
            publish = QStash(qstash.token).message.publish
            message = publish(url="https://shop.test", body=str(number))
            assert [pending.id for pending in qstash.engine.pending()] == [message.message_id]
            raise AssertionError(f"{os.environ['PYTEST_XDIST_WORKER']} at {qstash.url}")
        """
    )

    plugins = ("-p", "pytest_fakestash.plugin", "-p", "xdist")
    run = bare_project.runpytest_subprocess(*plugins, "-n2", "--dist=each", "--tb=short")

    run.assert_outcomes(failed=6)
    places = {line for line in run.outlines if line.startswith("E   AssertionError: gw")}
    assert len(places) == 2
    stories = [
        line for line in run.outlines if line.endswith("CREATED          POST https://shop.test")
    ]
    assert len(stories) == 6
