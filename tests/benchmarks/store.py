"""What a full store costs: time per message at depth, and bytes per message."""

import gc
import tracemalloc
from collections.abc import Callable
from itertools import count
from time import process_time
from typing import Final

from fakestash import FakeQStash
from fakestash.clock import VirtualClock
from fakestash.decisions import D98_REGION
from fakestash.delivery.courier import Courier
from fakestash.delivery.router import Router
from fakestash.delivery.scripted import ScriptedDestination
from fakestash.drive.manual import ManualDriver
from fakestash.engine import Engine
from fakestash.engine.capacity import Capacity
from fakestash.ids import Ids
from fakestash.model.messages import PublishCommand
from fakestash.model.users import DEFAULT_USER
from fakestash.wire.callback_body import callback_body
from fakestash.wire.publish import read_publish
from tests.benchmarks.by_hand import ByHand
from tests.benchmarks.in_process import BODY, HEADERS, URL
from tests.benchmarks.no_op import starlette_app
from tests.benchmarks.rows import Row, at_most, at_most_times
from tests.benchmarks.slices import MICROSECONDS, alternate

SLICES: Final = 20
SHALLOW: Final = 1_000
DEEP: Final = 1_000_000
TURNOVER: Final = 1_000
"""So many messages come and about as many go in each slice, whatever the depth."""

WEIGHED: Final = 20_000
HOUR_MS: Final = 3_600_000
STRIDE: Final = 2_654_435_761
"""Odd and large: its multiples fall all over the hour, as if the delays were drawn by lot."""


def measure(quick: bool) -> list[Row]:
    """Time at depth, then weight."""
    slices, deep, weighed = (1, 5_000, 200) if quick else (SLICES, DEEP, WEIGHED)
    return [*_depth(slices, deep), *_weight(weighed)]


# --- depth -----------------------------------------------------------------------------------


class _Held:
    """Parts of a fake, in which the number of pending messages stays about the same.

    Put together here so that there is room for more of them than a fake keeps.
    """

    def __init__(self, depth: int) -> None:
        self._engine = Engine(
            clock=VirtualClock(0),
            ids=Ids(),
            callback_body=callback_body,
            capacity=Capacity(messages=2 * depth + SLICES * TURNOVER, body_bytes=2**40),
        )
        router = Router()
        router.add("https://shop.test", ScriptedDestination("https://shop.test").responds(200))
        self._driver = ManualDriver(self._engine, Courier(router, region=D98_REGION))
        self._depth = depth
        self._numbers = count(1)
        start = process_time()
        self._publish(depth)
        self.fill_cost = (process_time() - start) / depth * MICROSECONDS

    def turnover(self) -> float:
        """Microseconds for the publish and the delivery of one message."""
        start = process_time()
        self._publish(TURNOVER)
        between = process_time()
        report = self._driver.advance(HOUR_MS * TURNOVER // self._depth / 1000)
        end = process_time()
        delivered = max(len(report.deliveries), 1)
        return ((between - start) / TURNOVER + (end - between) / delivered) * MICROSECONDS

    def _publish(self, messages: int) -> None:
        for _, number in zip(range(messages), self._numbers, strict=False):
            delay = number * STRIDE % HOUR_MS
            command = PublishCommand(URL, BODY, "POST", HEADERS, delay=delay)
            self._engine.publish(DEFAULT_USER.id, command)


def _depth(slices: int, depth: int) -> list[Row]:
    deep, shallow = _Held(depth), _Held(SHALLOW)
    figures, baselines = alternate(slices, deep.turnover, shallow.turnover)
    return [
        Row(
            f"publish and deliver one with {depth:,} pending",
            "us",
            figures,
            baselines,
            f"with {SHALLOW:,} pending",
            at_most_times(1.5),
        ),
        Row(
            f"publish one, mean while filling up to {depth:,}",
            "us",
            [deep.fill_cost],
            [shallow.fill_cost],
            f"up to {SHALLOW:,}",
        ),
    ]


# --- weight ----------------------------------------------------------------------------------


def _weight(messages: int) -> list[Row]:
    scripted, mounted = FakeQStash(), FakeQStash()
    scripted.destination("https://shop.test").responds(200)
    mounted.mount("https://shop.test", starlette_app("/orders"))
    by_hand = ByHand()
    mine = _weighed(lambda: _publish_by_hand(by_hand, messages)) / messages
    mine_after = mine + _weighed(lambda: by_hand.deliver(lambda record: 200)) / messages
    rows: list[Row] = []
    for fake, kind in ((scripted, "scripted destination"), (mounted, "mounted app")):
        pending = _weighed(lambda: _publish(fake, messages)) / messages  # noqa: B023 - called here
        finished = pending + _weighed(lambda: fake.advance(0)) / messages  # noqa: B023
        if fake is scripted:
            rows.append(_bytes("pending message of 200 bytes", pending, mine, 1600))
        rows.append(_bytes(f"finished message, {kind}, log and journal kept", finished, mine_after))
        fake.close()
    return rows


def _bytes(what: str, weight: float, by_hand: float, limit: int | None = None) -> Row:
    budget = None if limit is None else at_most(limit)
    return Row(f"{what} (tracemalloc)", "bytes", [weight], [by_hand], "by hand", budget)


def _weighed(work: Callable[[], object]) -> int:
    """The bytes that are held after ``work`` and were not before."""
    tracemalloc.start()
    try:
        work()
        gc.collect()
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


def _publish(fake: FakeQStash, messages: int) -> None:
    """As over the API, with texts and bytes of their own for each message."""
    for number in range(messages):
        headers = [(b"authorization", b"Bearer x"), (b"content-type", b"application/%d" % number)]
        url = f"{URL}?{number % 100}"
        request = read_publish(
            url, "", headers, _body(number), caller_ip="127.0.0.1", token_in_header=True
        )
        fake.engine.publish(DEFAULT_USER.id, request.command)


def _publish_by_hand(messages: ByHand, number_of: int) -> None:
    for number in range(number_of):
        messages.publish(f"{URL}?{number % 100}", _body(number), 1_767_225_600_000)


def _body(number: int) -> bytes:
    return b"%0200d" % number
