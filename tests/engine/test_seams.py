"""What other layers hook into: timers of their own, log entries, a wake-up call."""

import threading
from collections.abc import Callable
from typing import NamedTuple

import pytest

from fakestash.engine.due import Firing
from fakestash.errors import InternalError
from fakestash.model.logs import LogEntry
from fakestash.model.messages import MessageState
from tests.builders import (
    ACTIVE,
    CANCEL_REQUESTED,
    CREATED,
    DELIVERED,
    START,
    USER,
    Stage,
    after,
    happened,
    timeline,
)


class Reminder(NamedTuple):
    """An event of the tests' own."""

    text: str


def reminding(stage: Stage) -> list[tuple[int, str]]:
    """Where reminders that come up are noted: offset and text."""
    noted: list[tuple[int, str]] = []
    stage.engine.register(
        Reminder, lambda reminder, now: noted.append((now - START, reminder.text))
    )
    return noted


# --- timers ----------------------------------------------------------------------------------


def test_a_handler_is_called_at_the_instant_of_its_event() -> None:
    stage = Stage()
    noted = reminding(stage)
    stage.engine.at(START + 500, Reminder("tea"))
    stage.engine.at(START + 200, Reminder("milk"))

    stage.advance(500)

    assert noted == [(200, "milk"), (500, "tea")]


def test_an_event_comes_up_through_claim_without_an_attempt() -> None:
    stage = Stage()
    reminding(stage)
    stage.engine.at(START + 500, Reminder("tea"))

    assert stage.engine.claim(START + 500) == Firing(START + 500, Reminder("tea"), None, 1)


def test_an_event_of_the_past_comes_up_now() -> None:
    stage = Stage()
    noted = reminding(stage)
    stage.advance(300)

    timer = stage.engine.at(START + 100, Reminder("late"))
    stage.advance(0)

    assert (timer[0], noted) == (START + 300, [(300, "late")])


def test_events_and_deliveries_of_one_instant_come_up_as_they_were_set() -> None:
    order: list[str] = []
    stage = Stage(after(lambda request: order.append(request.body.decode())))
    stage.engine.register(Reminder, lambda reminder, _: order.append(reminder.text))

    stage.publish(body=b"1st", delay=100)
    stage.engine.at(START + 100, Reminder("2nd"))
    stage.publish(body=b"3rd", delay=100)
    stage.engine.at(START + 100, Reminder("4th"))
    stage.advance(100)

    assert order == ["1st", "2nd", "3rd", "4th"]


def test_a_handler_may_publish_and_set_further_events() -> None:
    stage = Stage()
    published = []

    def handle(reminder: Reminder, now: int) -> None:
        published.append(stage.publish())
        if len(published) < 3:
            stage.engine.at(now + 100, reminder)

    stage.engine.register(Reminder, handle)
    stage.engine.at(START + 100, Reminder("again"))
    stage.driver.run_until_idle()

    assert [timeline(message) for message in published] == [
        [(offset, CREATED), (offset, ACTIVE), (offset, DELIVERED)] for offset in (100, 200, 300)
    ]


def test_an_event_without_a_handler_is_refused() -> None:
    stage = Stage()

    with pytest.raises(InternalError, match=r"^no handler is registered for Reminder$"):
        stage.engine.at(START, Reminder("tea"))

    assert stage.engine.next_timer() is None


def test_an_event_can_be_taken_back_once() -> None:
    stage = Stage()
    noted = reminding(stage)
    timer = stage.engine.at(START + 500, Reminder("tea"))

    assert [stage.engine.cancel_timer(timer), stage.engine.cancel_timer(timer)] == [True, False]
    stage.advance(500)

    assert noted == []


def test_an_event_that_came_up_cannot_be_taken_back() -> None:
    stage = Stage()
    reminding(stage)
    timer = stage.engine.at(START, Reminder("tea"))
    stage.advance(0)

    assert stage.engine.cancel_timer(timer) is False


def test_what_a_handler_raises_comes_out_and_what_is_left_goes_on() -> None:
    stage = Stage()
    message = stage.publish(delay=100)

    def fail(_: Reminder, __: int) -> None:
        raise ValueError("no tea")

    stage.engine.register(Reminder, fail)
    stage.engine.at(START, Reminder("tea"))

    with pytest.raises(ValueError, match=r"^no tea$"):
        stage.advance(100)
    stage.advance(100)

    assert timeline(message) == [(0, CREATED), (100, ACTIVE), (100, DELIVERED)]


# --- listeners -------------------------------------------------------------------------------


def test_a_listener_hears_of_every_entry_in_order() -> None:
    stage = Stage()
    heard: list[LogEntry] = []
    stage.engine.subscribe(heard.append)

    message = stage.publish(delay=100)
    stage.cancel(stage.publish(user="testUser1"))
    stage.driver.run_until_idle()

    theirs, mine = stage.log("testUser1"), stage.log()
    assert heard == [mine[0], *theirs, *mine[1:]]
    assert timeline(message)[-1] == (100, DELIVERED)


def test_a_listener_hears_of_nothing_that_was_before_it() -> None:
    stage = Stage()
    stage.publish()
    heard: list[LogEntry] = []

    stage.engine.subscribe(heard.append)
    stage.advance(0)

    assert happened(heard) == [(0, ACTIVE), (0, DELIVERED)]


def test_listeners_are_told_one_after_the_other() -> None:
    stage = Stage()
    heard: list[tuple[str, str]] = []
    stage.engine.subscribe(lambda entry: heard.append(("first", entry.state)))
    stage.engine.subscribe(lambda entry: heard.append(("second", entry.state)))

    stage.publish()
    stage.advance(0)

    assert heard == [
        (name, state) for state in (CREATED, ACTIVE, DELIVERED) for name in ("first", "second")
    ]


def test_a_listener_hears_of_an_entry_before_the_call_that_made_it_returns() -> None:
    stage = Stage()
    heard: list[LogEntry] = []
    stage.engine.subscribe(heard.append)

    message = stage.publish()
    after_publish = happened(heard)
    stage.cancel(message)

    assert after_publish == [(0, CREATED)]
    assert happened(heard) == [(0, CREATED), (0, CANCEL_REQUESTED)]


def test_a_listener_may_publish_and_read_and_hears_of_that_later() -> None:
    stage = Stage()
    heard: list[tuple[str, str]] = []

    def listen(entry: LogEntry) -> None:
        heard.append((entry.message.command.url, entry.state))
        if heard == [("https://a.test", CREATED)]:
            stage.publish("https://b.test")
            stage.engine.message(USER, entry.message.id)
        heard.append((entry.message.command.url, "done"))

    stage.engine.subscribe(listen)
    stage.publish("https://a.test")

    assert heard == [
        ("https://a.test", CREATED),
        ("https://a.test", "done"),
        ("https://b.test", CREATED),
        ("https://b.test", "done"),
    ]


def test_every_entry_is_heard_exactly_once_from_several_threads() -> None:
    stage = Stage()
    heard: list[LogEntry] = []
    together = threading.Barrier(4)

    def publish_many(user: str) -> None:
        together.wait(timeout=5)
        for _ in range(100):
            stage.publish(user=user)

    stage.engine.subscribe(heard.append)
    users = ("defaultUser", "testUser1", "testUser2", "testUser3")
    threads = [threading.Thread(target=publish_many, args=(user,)) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=5)

    assert len(heard) == 400
    for user in users:
        assert [entry for entry in heard if entry.message.user_id == user] == stage.log(user)


def test_an_entry_made_while_another_thread_is_telling_is_told_by_that_thread() -> None:
    stage = Stage()
    telling, published = threading.Event(), threading.Event()
    heard: list[tuple[str, str]] = []

    def listen(entry: LogEntry) -> None:
        if not heard:
            telling.set()
            assert published.wait(timeout=5)
        heard.append((entry.message.user_id, threading.current_thread().name))

    def publish_first() -> None:
        stage.publish()

    stage.engine.subscribe(listen)
    first = threading.Thread(target=publish_first, name="first")
    first.start()
    assert telling.wait(timeout=5)
    stage.publish(user="testUser1")
    published.set()
    first.join(timeout=5)

    assert heard == [(USER, "first"), ("testUser1", "first")]


def failing_once() -> Callable[[LogEntry], None]:
    left = [ValueError("not listening")]

    def listen(_: LogEntry) -> None:
        if left:
            raise left.pop()

    return listen


def test_what_a_listener_raises_comes_out_of_a_call_that_did_its_work() -> None:
    stage = Stage()
    heard: list[LogEntry] = []
    stage.engine.subscribe(failing_once())
    stage.engine.subscribe(heard.append)

    with pytest.raises(ValueError, match=r"^not listening$"):
        stage.publish()
    stage.advance(0)

    assert happened(stage.log()) == [(0, CREATED), (0, ACTIVE), (0, DELIVERED)]
    assert happened(heard) == [(0, ACTIVE), (0, DELIVERED)]


def test_what_a_listener_raises_leaves_no_attempt_in_the_air() -> None:
    stage = Stage()
    message = stage.publish()
    stage.engine.subscribe(failing_once())

    with pytest.raises(ValueError, match=r"^not listening$"):
        stage.advance(0)
    between = message.state
    stage.driver.run_until_idle()

    assert (between, message.state) == (MessageState.PENDING, MessageState.DELIVERED)
    assert [str(state) for _, state in timeline(message)] == [
        "CREATED",
        "ACTIVE",
        "ERROR",
        "RETRY",
        "ACTIVE",
        "DELIVERED",
    ]


# --- the wake-up call ------------------------------------------------------------------------


def test_whoever_waits_is_woken_when_something_new_may_be_due() -> None:
    stage = Stage()
    reminding(stage)
    woken: list[str] = []
    doing = "publish"
    stage.engine.on_change(lambda: woken.append(doing))

    stage.publish()
    doing = "at"
    stage.engine.at(START, Reminder("tea"))
    doing = "delivery"
    stage.advance(0)

    assert woken == ["publish", "at", "delivery"]


def test_the_wake_up_call_may_use_the_engine() -> None:
    stage = Stage()
    seen: list[int] = []
    stage.engine.on_change(lambda: seen.append(len(stage.engine.pending())))

    stage.publish()

    assert seen == [1]


def test_nobody_is_woken_any_more() -> None:
    stage = Stage()
    woken: list[None] = []
    others: list[None] = []
    stop = stage.engine.on_change(lambda: woken.append(None))
    stage.engine.on_change(lambda: others.append(None))
    stop()

    stage.publish()

    assert (woken, others) == ([], [None])
