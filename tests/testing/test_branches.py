"""Snapshots and branches: histories that begin alike and go on apart."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fakestash import FakeQStash, Fault, NestedMoveError, Snapshot, UsageError
from fakestash.delivery.outbound import OutboundRequest
from fakestash.model.settings import CallbackSettings, Extras, FlowControl
from tests.builders import HOUR, MINUTE, USER
from tests.testing.acts import HOOK, publish, schedule

START = datetime(2026, 1, 1, tzinfo=UTC)
SLOW = "https://slow.test/report"


@pytest.fixture
def fake() -> FakeQStash:
    fake = FakeQStash(sign_with_virtual_time=True)  # so that headers are the same at any time
    fake.destination(HOOK).responds(500, 200)
    fake.destination(SLOW).responds(200, took="40s")
    return fake


def statuses(fake: FakeQStash) -> list[int | None]:
    return [each.status for each in fake.deliveries]


def everything(fake: FakeQStash) -> list[object]:
    """All that can be seen of a fake, byte for byte."""
    return [
        fake.now,
        fake.timeline(),
        [
            (each.at, each.headers.items_in_order, each.body, each.status, each.response_body)
            for each in fake.deliveries
        ],
        [(each.dlq_id, each.at, each.error) for each in fake.dead_letters],
        [fake.explain(each.id) for each in fake.messages],
        list(fake.upcoming("1d")),
        fake.messages,
        fake.schedules,
        fake.queues,
        fake.flow_control,
        fake.environment,
    ]


# --- snapshots -----------------------------------------------------------------------------


def test_restoring_goes_back_to_the_instant_with_everything_that_was_there(
    fake: FakeQStash,
) -> None:
    publish(fake)
    fake.advance("5s")
    before = everything(fake)
    snapshot = fake.snapshot()
    publish(fake, delay=HOUR)
    schedule(fake)
    fake.engine.queues.upsert(USER, "orders", 2, paused=True)
    fake.engine.rotate_signing_keys(USER)
    fake.advance("2h")
    assert everything(fake)[:2] != before[:2]

    fake.restore(snapshot)

    assert everything(fake) == before
    assert fake.now == START + timedelta(seconds=5)


def test_a_snapshot_is_shown_with_its_instant(fake: FakeQStash) -> None:
    fake.advance("1.5s")
    snapshot = fake.snapshot()

    assert repr(snapshot) == "<Snapshot at 2026-01-01T00:00:01.500Z>"
    assert snapshot.at == START + timedelta(seconds=1.5)


def test_scripts_go_on_where_they_stood(fake: FakeQStash) -> None:
    destination = fake.destination(HOOK)
    snapshot = fake.snapshot()
    publish(fake)
    fake.advance("12s")
    assert (statuses(fake), destination.received) == ([500, 200], 2)

    fake.restore(snapshot)

    assert destination.received == 0
    publish(fake)
    fake.advance("12s")
    assert statuses(fake) == [500, 200]
    assert fake.destination(HOOK) is destination


def test_answers_that_were_written_since_are_gone(fake: FakeQStash) -> None:
    snapshot = fake.snapshot()
    fake.destination(HOOK).responds(404)
    fake.restore(snapshot)
    publish(fake)
    fake.advance("12s")

    assert statuses(fake) == [500, 200]


def test_routes_that_were_made_since_are_gone(fake: FakeQStash) -> None:
    url = "https://new.test/hook"
    snapshot = fake.snapshot()
    since = fake.destination(url)
    fake.destination(HOOK + "?x=1").responds(204)
    fake.restore(snapshot)
    publish(fake, HOOK + "?x=1")
    publish(fake, url)

    with pytest.raises(UsageError, match="nothing serves that URL here"):
        fake.advance(0)
    assert statuses(fake) == [500]
    assert fake.destination(url) is not since


def test_what_was_read_before_tells_of_the_history_that_was_left(fake: FakeQStash) -> None:
    publish(fake, SLOW, retries=0)
    fake.advance("1s")
    snapshot = fake.snapshot()
    (delivery,) = fake.deliveries
    fake.advance("1m")
    assert delivery.status == 200

    fake.restore(snapshot)

    assert delivery.status == 200
    assert statuses(fake) == [None]


def test_an_answer_on_its_way_comes_in_every_history(fake: FakeQStash) -> None:
    message = publish(fake, SLOW)
    fake.advance("10s")
    snapshot = fake.snapshot()
    fake.fail(message, Fault.CLOSED)
    fake.restore(snapshot)
    report = fake.advance("30s")

    assert [(each.what, each.came_back) for each in report.fired] == [
        (f"end of attempt 1 of {message}", "200")
    ]


def test_a_snapshot_can_be_restored_again_and_again(fake: FakeQStash) -> None:
    publish(fake)
    snapshot = fake.snapshot()
    told: list[list[object]] = []
    for _ in range(3):
        fake.restore(snapshot)
        publish(fake, delay=MINUTE)
        fake.advance("1h")
        told.append(everything(fake))

    assert told == [told[0]] * 3


def test_a_later_snapshot_can_be_restored_after_an_earlier_one(fake: FakeQStash) -> None:
    first = fake.snapshot()
    publish(fake)
    fake.advance("1h")
    later = everything(fake)
    second = fake.snapshot()
    fake.restore(first)
    fake.restore(second)

    assert everything(fake) == later


def test_what_was_looked_at_in_the_history_that_was_left_was_not_looked_at(
    fake: FakeQStash,
) -> None:
    publish(fake, retries=0)
    fake.destination(SLOW)
    fake.advance(0)
    snapshot = fake.snapshot()
    found = fake.audit()
    assert len(fake.dead_letters) == 1
    assert fake.audit() != found

    fake.restore(snapshot)

    assert fake.audit() == found


def test_what_is_no_snapshot_of_this_fake_is_refused(fake: FakeQStash) -> None:
    other = FakeQStash().snapshot()
    nothing: object = None
    for given_one in (other, nothing):
        with pytest.raises(UsageError) as raised:
            fake.restore(given_one)  # type: ignore[arg-type]
        assert str(raised.value) == (
            f"{given_one!r} is no snapshot of this fake: restore() takes what snapshot() of the "
            "same one gave"
        )


def test_a_snapshot_of_a_branch_is_none_of_the_fake_it_comes_from(fake: FakeQStash) -> None:
    with fake.fork() as other, pytest.raises(UsageError, match="is no snapshot of this fake"):
        other.restore(fake.snapshot())


# --- branches ------------------------------------------------------------------------------


def test_a_branch_begins_where_the_fake_is_and_goes_its_own_way(fake: FakeQStash) -> None:
    publish(fake)
    fake.advance(0)
    before = everything(fake)

    with fake.fork() as other:
        assert isinstance(other, FakeQStash)
        assert everything(other) == before
        other.advance("12s")
        publish(other, delay=HOUR)
        assert statuses(other) == [500, 200]
        assert everything(fake) == before

    assert everything(fake) == before
    fake.advance("12s")
    assert statuses(fake) == [500, 200]


def test_the_fake_has_no_influence_on_its_branch(fake: FakeQStash) -> None:
    publish(fake)
    with fake.fork() as other:
        before = everything(other)
        fake.destination(HOOK).responds(404)
        fake.destination("https://new.test")
        fake.engine.rotate_signing_keys(USER)
        fake.advance("1h")

        assert everything(other) == before
        other.advance("12s")
        assert statuses(other) == [500, 200]
        publish(other, "https://new.test")
        with pytest.raises(UsageError, match="nothing serves that URL here"):
            other.advance(0)


def test_scripted_destinations_of_a_branch_are_its_own(fake: FakeQStash) -> None:
    publish(fake)
    with fake.fork() as other:
        theirs = other.destination(HOOK)
        theirs.responds(201)
        other.advance(0)

        assert theirs is not fake.destination(HOOK)
        assert (theirs.received, fake.destination(HOOK).received) == (1, 0)
    fake.advance(0)
    assert statuses(fake) == [500]


def test_functions_that_answer_are_shared() -> None:
    calls: list[str] = []
    fake = FakeQStash()
    fake.destination(HOOK).responds(lambda request: calls.append(request.message_id))
    message = publish(fake)
    with fake.fork() as other:
        other.advance(0)
    fake.advance(0)

    assert calls == [message, message]


def test_both_give_the_same_ids(fake: FakeQStash) -> None:
    with fake.fork() as other:
        assert publish(other) == publish(fake)


def test_a_branch_of_a_branch_is_one_too(fake: FakeQStash) -> None:
    publish(fake)
    with fake.fork() as other:
        other.advance(0)
        with other.fork() as third:
            third.advance("12s")
            assert [statuses(each) for each in (fake, other, third)] == [[], [500], [500, 200]]
    assert statuses(fake) == []


def test_a_branch_can_be_snapshot_and_restored(fake: FakeQStash) -> None:
    publish(fake)
    with fake.fork() as other:
        snapshot = other.snapshot()
        assert isinstance(snapshot, Snapshot)
        other.advance("1h")
        other.restore(snapshot)
        assert (statuses(other), other.now) == ([], START)


def test_a_branch_can_be_closed_without_the_fake(fake: FakeQStash) -> None:
    other = fake.fork()
    other.close()

    with pytest.raises(UsageError, match="was called on a fake that is closed"):
        other.advance(0)
    publish(fake)
    fake.advance(0)
    assert statuses(fake) == [500]


def test_only_one_of_them_moves_time_at_once(fake: FakeQStash) -> None:
    with fake.fork() as other, pytest.raises(NestedMoveError) as raised:
        other.run_until(lambda: bool(fake.advance(0)))

    assert str(raised.value).startswith("advance() was called while time was being moved already")


# --- apps ----------------------------------------------------------------------------------


class Shop:
    """An app that publishes back at its first delivery of a message, and knows how it lives."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.clients: list[httpx.AsyncClient] = []
        self.loops: set[asyncio.AbstractEventLoop] = set()
        self.app = Starlette(
            routes=[Route("/{path}", self.hook, methods=["POST"])], lifespan=self.lifespan
        )

    @contextlib.asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        self.log.append("up")
        yield
        self.log.append("down")

    async def hook(self, request: Request) -> Response:
        self.loops.add(asyncio.get_running_loop())
        self.log.append(request.url.path)
        if request.url.path == "/order":
            answer = await self.clients[0].post("/v2/publish/https://shop.test/confirmed")
            assert answer.status_code == 201
        return Response()


def test_what_an_app_publishes_back_reaches_the_fake_that_delivers_to_it() -> None:
    shop = Shop()
    with FakeQStash() as fake:
        fake.mount("https://shop.test", shop.app)
        bearer = {"Authorization": f"Bearer {fake.token}"}
        client = httpx.AsyncClient(transport=fake.transport, base_url=fake.url, headers=bearer)
        shop.clients.append(client)
        publish(fake, "https://shop.test/order", delay=1_000)

        with fake.fork() as other, other.fork() as third:
            third.advance("1s")
            assert [len(each.messages) for each in (fake, other, third)] == [1, 1, 2]
            other.advance("1s")
            assert [len(each.messages) for each in (fake, other, third)] == [1, 2, 2]
        fake.advance("1s")
        assert [each.url for each in fake.deliveries] == [
            "https://shop.test/order",
            "https://shop.test/confirmed",
        ]

    assert shop.log == ["up", *["/order", "/confirmed"] * 3, "down"]
    assert len(shop.loops) == 1


def test_over_a_socket_too_and_otherwise_the_address_is_that_of_the_fake() -> None:
    def published(url: str, token: str, name: str) -> None:
        bearer = {"Authorization": f"Bearer {token}"}
        place = f"{url}/v2/publish/https://shop.test/{name}"
        assert httpx.post(place, headers=bearer).status_code == 201

    with FakeQStash() as fake:
        url = fake.serve()

        def order(_: OutboundRequest) -> None:
            published(url, fake.token, "confirmed")

        fake.destination("https://shop.test")
        fake.destination("https://shop.test/order").responds(order)
        publish(fake, "https://shop.test/order")
        with fake.fork() as other:
            assert other.url == url
            other.advance(0)
            assert [len(each.messages) for each in (fake, other)] == [1, 2]
            published(url, fake.token, "a")
            assert [len(each.messages) for each in (fake, other)] == [2, 2]
            published(other.serve(), other.token, "b")
            assert other.url != url
            assert [len(each.messages) for each in (fake, other)] == [2, 3]


def test_a_branch_has_a_transport_of_its_own(fake: FakeQStash) -> None:
    with fake.fork() as other:
        client = httpx.Client(transport=other.transport, base_url=other.url)
        bearer = {"Authorization": f"Bearer {other.token}"}
        assert client.post(f"/v2/publish/{HOOK}", headers=bearer).status_code == 201

        assert [len(each.messages) for each in (fake, other)] == [0, 1]


def test_an_app_that_was_mounted_in_a_branch_is_shut_down_with_it() -> None:
    shop = Shop()
    with FakeQStash() as fake:
        with fake.fork() as other:
            other.mount("https://shop.test", shop.app)
            publish(other, "https://shop.test/hook")
            other.advance(0)
            assert shop.log == ["up", "/hook"]
        assert shop.log == ["up", "/hook", "down"]
        publish(fake, "https://shop.test/hook")
        with pytest.raises(UsageError, match="nothing serves that URL here"):
            fake.advance(0)


def test_a_clock_that_follows_shows_the_time_of_who_delivers_and_then_that_of_the_fake() -> None:
    shown: list[datetime] = []
    with FakeQStash(follow=shown.append) as fake:
        fake.destination(HOOK)
        publish(fake, delay=1_000)
        fake.advance("500ms")
        with fake.fork() as other, other.fork() as third:
            other.advance("1500ms")
            assert shown[-1] == fake.now
            shown.clear()
            third.advance("1s")
            assert shown[0] == START + timedelta(seconds=0.5)
            assert START + timedelta(seconds=1) in shown
            assert shown[-1] == fake.now == START + timedelta(seconds=0.5)
        shown.clear()
        snapshot = fake.snapshot()
        fake.advance("1h")
        fake.restore(snapshot)
        assert shown[-1] == fake.now == START + timedelta(seconds=0.5)


def test_a_clock_that_cannot_follow_keeps_nobody_from_trying_again() -> None:
    broken: list[ValueError] = []

    def follow(_: datetime) -> None:
        if broken:
            raise broken.pop()

    with FakeQStash(follow=follow) as fake, fake.fork() as other:
        broken.append(ValueError("no"))
        with pytest.raises(ValueError, match=r"^no$"):
            other.advance(0)

        assert other.advance("1s").ended_at == START + timedelta(seconds=1)
        assert fake.now == START


# --- at a bad time -------------------------------------------------------------------------

CALLS = ["snapshot", "fork", "restore"]


@pytest.mark.parametrize("call", CALLS)
def test_nothing_is_kept_or_branched_off_from_inside_a_delivery(call: str) -> None:
    fake = FakeQStash()
    snapshot = fake.snapshot()
    arguments = [snapshot] if call == "restore" else []
    fake.destination(HOOK).responds(lambda _: getattr(fake, call)(*arguments))
    publish(fake)

    with pytest.raises(NestedMoveError) as raised:
        fake.advance(0)
    assert str(raised.value) == (
        f"{call}() was called from inside a delivery: call it in the test, after the delivery"
    )


@pytest.mark.parametrize("call", CALLS)
def test_nothing_is_kept_or_branched_off_of_a_closed_fake(call: str) -> None:
    fake = FakeQStash()
    arguments = [fake.snapshot()] if call == "restore" else []
    fake.close()

    with pytest.raises(UsageError) as raised:
        getattr(fake, call)(*arguments)
    assert str(raised.value) == f"{call}() was called on a fake that is closed: its test is over"


def test_nothing_is_kept_while_another_thread_delivers(fake: FakeQStash) -> None:
    entered, over = threading.Event(), threading.Event()

    def hook(_: OutboundRequest) -> int:
        entered.set()
        over.wait(10)
        return 200

    fake.destination(HOOK).responds(hook)
    publish(fake)
    mover = threading.Thread(target=lambda: fake.advance(0))
    mover.start()
    entered.wait(10)
    try:
        with pytest.raises(NestedMoveError, match=r"^snapshot\(\) was called while time was being"):
            fake.snapshot()
    finally:
        over.set()
        mover.join()
    assert fake.snapshot().at == START


# --- any history ---------------------------------------------------------------------------


@st.composite
def acts(draw: st.DrawFn, most: int) -> list[tuple[str, int]]:
    """Things to do, each with a number that says to whom or how much."""
    kinds = ["publish", "queue", "key", "fail", "advance", "cancel", "hold", "now", "next"]
    one = st.tuples(st.sampled_from(kinds), st.integers(0, 5))
    return draw(st.lists(one, min_size=1, max_size=most))


def do(fake: FakeQStash, todo: list[tuple[str, int]]) -> None:
    """Do them. What is refused is refused in every history alike."""
    for kind, number in todo:
        with contextlib.suppress(UsageError):
            _do(fake, kind, number)


def _do(fake: FakeQStash, kind: str, number: int) -> None:
    messages = fake.messages
    one = messages[number % len(messages)].id if messages else "none"
    url, delay = (HOOK, SLOW)[number % 2], number // 2 * 1_000
    callback = CallbackSettings("https://shop.test/told")
    match kind:
        case "publish":
            publish(fake, url, delay=delay, extras=Extras(callback=callback))
        case "queue":
            publish(fake, url, delay=delay, extras=Extras(queue="orders"))
        case "key":
            control = FlowControl("tenant", parallelism=1 + number, rate=1, period=10)
            publish(fake, url, extras=Extras(flow_control=control))
        case "fail":
            fake.fail(one, 503)
        case "advance":
            fake.advance((0, 1, 12, 40, 148, 3_600)[number])
        case "cancel":
            if not messages.of(one)[:1] or messages.of(one)[0].state not in {"pending", "waiting"}:
                return
            fake.engine.cancel(USER, one, "127.0.0.1")
        case "hold":
            fake.hold(one)
        case "now":
            fake.deliver_now(one)
        case _:
            fake.next()


def new() -> FakeQStash:
    fake = FakeQStash(sign_with_virtual_time=True)
    fake.destination(HOOK).responds(500, (429, {"Retry-After": "3"}, None), Fault.DNS, 200, 489)
    fake.destination(SLOW).responds(200, 503, took="40s")
    fake.destination("https://shop.test/told").responds(200, 500)
    return fake


@given(before=acts(12), after=acts(12))
def test_the_same_follows_a_snapshot_byte_for_byte(
    before: list[tuple[str, int]], after: list[tuple[str, int]]
) -> None:
    fake = new()
    do(fake, before)
    then = everything(fake)
    snapshot = fake.snapshot()

    do(fake, after)
    first = everything(fake)
    fake.restore(snapshot)
    assert everything(fake) == then
    do(fake, after)

    assert everything(fake) == first
    alone = new()
    do(alone, before)
    do(alone, after)
    assert everything(alone) == first


@given(before=acts(12), here=acts(8), there=acts(8))
def test_branches_have_nothing_to_do_with_each_other_byte_for_byte(
    before: list[tuple[str, int]], here: list[tuple[str, int]], there: list[tuple[str, int]]
) -> None:
    def alone(todo: list[tuple[str, int]]) -> list[object]:
        fake = new()
        do(fake, before)
        do(fake, todo)
        return everything(fake)

    fake = new()
    do(fake, before)
    with fake.fork() as other:
        for number in range(max(len(here), len(there))):  # by turns
            do(fake, here[number : number + 1])
            do(other, there[number : number + 1])

        assert everything(fake) == alone(here)
        assert everything(other) == alone(there)
