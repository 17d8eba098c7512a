"""What single operations cost when there is a lot: in a queue, of keys, in the log."""

from time import process_time
from typing import Final

from fakestash import FakeQStash
from fakestash.engine import Engine
from fakestash.model.messages import PublishCommand
from fakestash.model.queries import LogQuery, MessageFilter, Paging
from fakestash.model.settings import Extras, FlowControl
from fakestash.model.users import DEFAULT_USER
from tests.benchmarks.in_process import BODY, HEADERS, URL
from tests.benchmarks.rows import Row, at_most_times
from tests.benchmarks.slices import MICROSECONDS, alternate

USER: Final = DEFAULT_USER.id
SLICES: Final = 20
FEW: Final = 100
REPEATED: Final = 200
EVENTS_OF_A_MESSAGE: Final = 3
LABELLED: Final = 333
"""So many messages have the label that is searched for, however long the log is."""
FLAT: Final = 2.0
"""Twice the cost at a hundred or a thousand times the size is the larger memory, not the work."""


def measure(quick: bool) -> list[Row]:
    """A long queue, many flow control keys, a long log."""
    slices, queued, keys, events = (1, 200, 50, 3_000) if quick else (SLICES, 10_000, 1_000, 10**6)
    return [_queue(slices, queued), *_keys(slices, keys), *_log(slices, events)]


# --- one queue -------------------------------------------------------------------------------


class _Queue:
    """A queue of parallelism 1 with about as many messages before each slice as after it."""

    def __init__(self, depth: int) -> None:
        self._fake = FakeQStash()
        self._destination = self._fake.destination("https://shop.test").responds(200)
        self._fake.engine.queues.upsert(USER, "orders", 1, paused=True)
        self._enqueue(depth)
        self._fake.advance(0)

    def turnover(self) -> float:
        """Microseconds to enqueue one message and to deliver one."""
        start = process_time()
        self._enqueue(FEW)
        self._fake.engine.queues.resume(USER, "orders")
        # Each start is an event; so many of them leave the queue as long as it was.
        enough = self._destination.received + FEW
        self._fake.run_until(lambda: self._destination.received >= enough)
        self._fake.engine.queues.pause(USER, "orders")
        return (process_time() - start) / FEW * MICROSECONDS

    def _enqueue(self, number: int) -> None:
        command = PublishCommand(URL, BODY, "POST", HEADERS, extras=Extras(queue="orders"))
        for _ in range(number):
            self._fake.engine.publish(USER, command)


def _queue(slices: int, depth: int) -> Row:
    deep, shallow = _Queue(depth), _Queue(FEW)
    figures, baselines = alternate(slices, deep.turnover, shallow.turnover)
    return Row(
        f"enqueue one and deliver one, {depth:,} in a FIFO queue",
        "us",
        figures,
        baselines,
        f"{FEW} in it",
        at_most_times(FLAT),
    )


# --- many keys -------------------------------------------------------------------------------


class _Keys:
    """A fake in which so many flow control keys are in use."""

    def __init__(self, number: int) -> None:
        self._fake = FakeQStash()
        self._fake.destination("https://shop.test").responds(200)
        self._number = number
        self.engine: Engine = self._fake.engine
        self._publish(number)
        self._fake.advance(0)

    def turnover(self) -> float:
        """Microseconds to publish and deliver one message under a key."""
        start = process_time()
        self._publish(REPEATED)
        self._fake.advance("10s")
        return (process_time() - start) / REPEATED * MICROSECONDS

    def look(self) -> float:
        """Microseconds to read the state of one key."""
        start = process_time()
        for number in range(REPEATED):
            self.engine.flow_control.get(USER, f"key-{number % self._number}")
        return (process_time() - start) / REPEATED * MICROSECONDS

    def _publish(self, messages: int) -> None:
        for number in range(messages):
            control = FlowControl(f"key-{number % self._number}", 10, 100, 1)
            command = PublishCommand(URL, BODY, extras=Extras(flow_control=control))
            self.engine.publish(USER, command)


def _keys(slices: int, number: int) -> list[Row]:
    many, few = _Keys(number), _Keys(10)
    against, budget = "10 keys", at_most_times(FLAT)
    return [
        Row(what, "us", *alternate(slices, mine, theirs), against, budget)
        for what, mine, theirs in (
            (f"publish and deliver one, {number:,} flow control keys", many.turnover, few.turnover),
            (f"read one of {number:,} flow control keys", many.look, few.look),
        )
    ]


# --- a long log ------------------------------------------------------------------------------


class _Log:
    """A log of so many events; a few of its messages are labelled."""

    def __init__(self, events: int) -> None:
        self._fake = FakeQStash()
        self._fake.destination("https://shop.test").responds(200)
        self._engine = self._fake.engine
        messages = events // EVENTS_OF_A_MESSAGE
        every = max(1, messages // LABELLED)
        for number in range(messages):
            command = PublishCommand(f"{URL}/{number % 100}", BODY, "POST", HEADERS)
            if number % every == 0:
                command = command._replace(labels=("rare",))
            self._engine.publish(USER, command)
            if number % every == 0:
                self._fake.advance("1s")
        self._fake.advance("1s", limit=10 * events)

    def page(self, wanted: MessageFilter) -> float:
        """Microseconds for a page of 100, each time further back."""
        paging = Paging(count=100)
        start = process_time()
        for _ in range(3):
            found = self._engine.log(USER, LogQuery(paging=paging, filter=wanted))
            if found.cursor is None:
                break
            last = found.rows[-1]
            paging = Paging(count=100, to_at=last.at)
        return (process_time() - start) / 3 * MICROSECONDS


def _log(slices: int, events: int) -> list[Row]:
    long, short = _Log(events), _Log(max(events // 50, 300))
    filters = {
        "without filter": MessageFilter(),
        f"by a label that {LABELLED} messages have": MessageFilter(labels=frozenset({"rare"})),
        "by url": MessageFilter(urls=frozenset({f"{URL}/7"})),
        "by a queue that none is in": MessageFilter(queues=frozenset({"none"})),
    }
    rows: list[Row] = []
    for name, wanted in filters.items():
        first = long.page(wanted)
        figures, baselines = alternate(
            slices,
            lambda: long.page(wanted),  # noqa: B023 - called here
            lambda: short.page(wanted),  # noqa: B023
        )
        what = f"a page of a log of {events:,} events, {name}"
        against = f"{max(events // 50, 300):,} events"
        rows.append(Row(what, "us", figures, baselines, against, at_most_times(FLAT)))
        rows.append(Row("the first such page", "us", [first]))
    return rows
