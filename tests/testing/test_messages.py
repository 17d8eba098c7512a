"""Messages as a test reads them: what is told of them, and that it stays what it was."""

from datetime import UTC, datetime, timedelta

import pytest

from fakestash import FakeQStash, Fault
from fakestash.delivery.headers import Headers
from fakestash.delivery.journal import Deliveries
from fakestash.model.settings import CallbackSettings, Extras, FlowControl
from fakestash.model.users import PREDEFINED_USERS
from fakestash.testing.messages import Message, Messages
from tests.testing.acts import HOOK, publish

MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)


def the_message(fake: FakeQStash) -> Message:
    (message,) = fake.messages
    return message


def test_a_message_tells_all_that_was_published() -> None:
    fake = FakeQStash()
    extras = Extras(
        queue="orders",
        flow_control=FlowControl("shop", rate=5),
        callback=CallbackSettings("https://shop.test/done"),
        failure_callback=CallbackSettings("https://shop.test/failed"),
        topic="news",
        schedule_id="scd_1",
    )
    message_id = publish(
        fake,
        "https://shop.test/orders?x=1",
        body=b'{"id": 7}',
        method="PUT",
        headers=(("X-A", "1"),),
        retries=2,
        delay=60_000,
        labels=("a", "b"),
        extras=extras,
    )

    message = the_message(fake)

    assert message == Message(
        id=message_id,
        url="https://shop.test/orders?x=1",
        method="PUT",
        headers=Headers((("X-A", "1"),)),
        body=b'{"id": 7}',
        state="pending",
        created_at=MIDNIGHT,
        due_at=MIDNIGHT + timedelta(minutes=1),
        ended_at=None,
        delay=timedelta(minutes=1),
        timeout=None,
        retries=2,
        attempts=0,
        labels=("a", "b"),
        queue="orders",
        topic="news",
        schedule_id="scd_1",
        flow_control_key="shop",
        callback="https://shop.test/done",
        failure_callback="https://shop.test/failed",
        dlq_id=None,
        _journal=Deliveries(),
    )
    assert (message.json(), message.message_id) == ({"id": 7}, message_id)
    assert (message.retried, message.has_ended) == (0, False)
    assert message.deliveries == []


def test_a_message_is_told_from_publish_to_dead_letter() -> None:
    fake = FakeQStash()
    fake.destination(HOOK).responds(500, took="2s")
    publish(fake, retries=1)
    told: list[tuple[str, int, datetime | None, datetime | None]] = []

    for seconds in (0, 0, 2, 12, 2):
        if told:
            fake.advance(seconds)
        message = the_message(fake)
        told.append((message.state, message.attempts, message.due_at, message.ended_at))

    second = timedelta(seconds=1)
    assert told == [
        ("pending", 0, MIDNIGHT, None),
        ("active", 1, None, None),
        ("pending", 1, MIDNIGHT + 14 * second, None),
        ("active", 2, None, None),
        ("failed", 2, None, MIDNIGHT + 16 * second),
    ]
    assert the_message(fake).dlq_id == fake.dead_letters[0].dlq_id
    assert the_message(fake).retried == 1
    assert [each.retried for each in the_message(fake).deliveries] == [0, 1]


def test_a_message_that_is_held_says_that_it_waits() -> None:
    fake = FakeQStash()
    fake.destination(HOOK).responds(200, took="5s")
    for _ in range(2):
        publish(fake, extras=Extras(queue="orders"))
    fake.advance(0)

    assert [(each.state, each.due_at) for each in fake.messages] == [
        ("active", None),
        ("waiting", MIDNIGHT),
    ]


def test_a_cancelled_message_is_told_too() -> None:
    fake = FakeQStash()
    message_id = publish(fake, delay=1_000)
    fake.engine.cancel("defaultUser", message_id, "127.0.0.1")
    before = the_message(fake)
    fake.advance("1s")

    assert (before.state, before.due_at) == ("canceling", MIDNIGHT + timedelta(seconds=1))
    assert (the_message(fake).state, the_message(fake).has_ended) == ("canceled", True)


def test_what_was_read_does_not_change_when_time_moves_on() -> None:
    fake = FakeQStash()
    fake.destination(HOOK).responds(200)
    publish(fake)
    messages, message = fake.messages, the_message(fake)
    fake.advance(0)

    assert (message.state, message.attempts) == ("pending", 0)
    assert message.deliveries == []
    assert messages == [message]
    assert messages != fake.messages
    assert fake.messages == fake.messages


def test_a_message_cannot_be_changed() -> None:
    fake = FakeQStash()
    publish(fake)

    with pytest.raises(AttributeError):
        the_message(fake).url = "https://other.test"  # type: ignore[misc]


def test_a_message_is_printed_in_a_line() -> None:
    fake = FakeQStash()
    fake.destination(HOOK).responds(Fault.REFUSED, 200)
    message_id = publish(fake)
    fake.advance("1s")
    pending = repr(the_message(fake))
    fake.run_until_idle()

    assert pending == (
        f"<Message {message_id} POST {HOOK}: pending, 1 of 4 attempts, due 2026-01-01T00:00:12Z>"
    )
    assert repr(the_message(fake)) == (
        f"<Message {message_id} POST {HOOK}: delivered, 2 of 4 attempts>"
    )


def test_messages_are_narrowed() -> None:
    fake = FakeQStash()
    fake.destination("https://shop.test").responds(200)
    first = publish(fake)
    second = publish(fake, "https://shop.test/other", delay=5)
    fake.advance(0)
    messages = fake.messages

    assert isinstance(messages.in_state("pending"), Messages)
    assert [each.id for each in messages.in_state("pending")] == [second]
    assert [each.id for each in messages.in_state("pending", "delivered")] == [first, second]
    assert [each.id for each in messages.to(HOOK)] == [first]
    assert [each.id for each in messages.of(second)] == [second]
    assert [each.id for each in messages.where(lambda each: each.delay)] == [second]


def test_messages_that_the_log_has_lost_are_gone() -> None:
    fake = FakeQStash()
    fake.destination(HOOK).responds(200)
    publish(fake)
    late = publish(fake, delay=8 * 86_400_000)
    fake.advance("7d")

    assert [each.id for each in fake.messages] == [late]


def test_messages_of_other_users_are_not_shown() -> None:
    fake = FakeQStash()
    publish(fake, user=PREDEFINED_USERS[1].id)

    assert fake.messages == []
