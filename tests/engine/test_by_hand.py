"""By hand, as drivers and listeners see it; ``tests/testing/test_hand.py`` has what users see."""

import pytest

from fakestash.errors import UsageError
from fakestash.model.logs import LogEntry
from fakestash.model.messages import Attempt, MessageState
from fakestash.model.outcomes import Unreachable
from tests.builders import (
    ACTIVE,
    BROKEN,
    CREATED,
    DELIVERED,
    ERROR,
    HOUR,
    OK,
    RETRY,
    SECOND,
    START,
    USER,
    Stage,
    happened,
    timeline,
)


def test_an_attempt_is_claimed_before_its_time_and_settled_like_any_other() -> None:
    stage = Stage()
    message = stage.publish(delay=HOUR, timeout=5 * SECOND)

    attempt = stage.engine.claim_now(message.id)

    assert attempt == Attempt(message, 0, START, 5 * SECOND, attempt.signing_key, attempt.nonce)
    assert attempt.signing_key == stage.engine.signing_keys(USER).current
    assert (message.state, message.attempt, message.due_at) == (MessageState.ACTIVE, attempt, START)
    assert stage.engine.next_timer() is None
    stage.engine.settle(attempt, OK)
    assert timeline(message) == [(0, CREATED), (0, ACTIVE), (0, DELIVERED)]


def test_who_listens_hears_of_a_start_before_the_destination_is_called() -> None:
    stage = Stage()
    heard: list[LogEntry] = []
    stage.engine.subscribe(heard.append)
    message = stage.publish(delay=HOUR)

    stage.engine.claim_now(message.id)

    assert happened(heard) == [(0, CREATED), (0, ACTIVE)]


def test_a_listener_that_breaks_leaves_no_attempt_in_the_air() -> None:
    stage = Stage()
    message = stage.publish(delay=HOUR)
    error = ValueError("no")

    def listen(entry: LogEntry) -> None:
        if entry.state is ACTIVE:
            raise error

    stage.engine.subscribe(listen)

    with pytest.raises(ValueError, match=r"^no$"):
        stage.engine.claim_now(message.id)
    assert timeline(message) == [(0, CREATED), (0, ACTIVE), (0, ERROR), (0, RETRY)]
    assert message.outcome == Unreachable("EOF", exception=error)


def test_the_driver_of_real_time_hears_that_something_may_be_due() -> None:
    stage = Stage(OK._replace(took=SECOND))
    slow = stage.publish()
    stage.advance(0)
    woken: list[str] = []
    stage.engine.on_change(lambda: woken.append("news"))
    stage.engine.hand.keep(slow.id)
    stage.engine.hand.let_go(slow.id)
    stage.engine.hand.answer(slow.id, BROKEN)
    stage.engine.claim_now(slow.id)

    assert woken == ["news"] * 4


def test_what_is_refused_leaves_the_timer_where_it_was() -> None:
    stage = Stage()
    first = stage.send("a", queue="orders")
    late = stage.send("b", queue="orders", delay=HOUR)

    with pytest.raises(UsageError, match="1 other is before it in queue orders"):
        stage.engine.claim_now(late.id)
    stage.driver.run_until_idle()

    assert timeline(first)[-1] == (0, DELIVERED)
    assert timeline(late) == [(0, CREATED), (HOUR, ACTIVE), (HOUR, DELIVERED)]
