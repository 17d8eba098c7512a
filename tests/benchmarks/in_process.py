"""Publish to DELIVERED in one process, with a scripted destination: engine, driver, courier."""

from typing import Final

from fakestash import FakeQStash
from fakestash.model.messages import PublishCommand
from fakestash.model.users import DEFAULT_USER
from tests.benchmarks.by_hand import ByHand
from tests.benchmarks.rows import Row, at_least
from tests.benchmarks.slices import MICROSECONDS, alternate, seconds

SLICES: Final = 14
MESSAGES: Final = 10_000

URL: Final = "https://shop.test/orders"
BODY: Final = b"x" * 200
HEADERS: Final = (("Content-Type", "application/json"),)


def measure(quick: bool) -> list[Row]:
    """Messages/s, and the cost of one beside the same written by hand."""
    slices, count = (1, 200) if quick else (SLICES, MESSAGES)
    fakes, by_hand = alternate(slices, lambda: _fake(count), lambda: _by_hand(count))
    rates = [count / total for total in fakes]
    return [
        Row(
            "publish to DELIVERED in process, scripted destination",
            "messages/s",
            rates,
            [count / total for total in by_hand],
            "heap, dicts, tuples by hand",
            at_least(50_000),
        ),
        Row(
            "cost of that",
            "us",
            [total / count * MICROSECONDS for total in fakes],
            [total / count * MICROSECONDS for total in by_hand],
            "heap, dicts, tuples by hand",
        ),
    ]


def _fake(count: int) -> float:
    with FakeQStash() as fake:
        fake.destination("https://shop.test").responds(200)

        def work() -> None:
            for _ in range(count):
                fake.engine.publish(DEFAULT_USER.id, PublishCommand(URL, BODY, "POST", HEADERS))
            fake.advance(0)

        return seconds(work)


def _by_hand(count: int) -> float:
    messages = ByHand()

    def work() -> None:
        for _ in range(count):
            messages.publish(URL, BODY, 1_767_225_600_000)
        messages.deliver(lambda record: 200)

    return seconds(work)
