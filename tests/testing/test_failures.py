"""A gallery of failures: every text as a whole, as somebody would read it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fakestash import FakeQStash, Fault, UsageError, running
from fakestash.ids import Ids
from fakestash.model.queries import DeadLetterQuery, Paging
from fakestash.model.settings import Extras, FlowControl
from fakestash.model.users import DEFAULT_USER
from tests.testing.acts import HOOK, before_the_story, failure, publish, schedule

USER = DEFAULT_USER.id


@pytest.fixture
def fake() -> FakeQStash:
    return FakeQStash()


def failed_twice(fake: FakeQStash) -> str:
    """A message of four attempts, two of which have failed; its id."""
    fake.destination(HOOK).responds(500)
    message_id = publish(fake, body=b'{"id": 7}')
    fake.advance("64s")
    return message_id


# --- the answer is another one -------------------------------------------------------------


def test_an_answer_of_another_status_while_attempts_are_to_come(fake: FakeQStash) -> None:
    failed_twice(fake)

    text = before_the_story(failure(lambda: fake.assert_delivered(HOOK, status=200)))

    assert (
        text
        == f"""\
expected at least one delivery to {HOOK}, status=200; there was none.
Not yet:
  #1 POST {HOOK}: two of four attempts have happened; the third is due in 1 m 36 s at 00:02:40
  advance time: qstash.advance("1 m 36 s")
Closest first:
  #1 POST {HOOK}: attempt 1 at 00:00:00 (HTTP status 500), attempt 2 at 00:00:12 (HTTP status 500)
      status: expected 200, was 500"""
    )


def test_no_answer_and_none_yet(fake: FakeQStash) -> None:
    fake.destination(HOOK).responds(Fault.REFUSED)
    fake.destination("https://shop.test/slow").responds(200, took="5s")
    publish(fake, retries=0)
    publish(fake, "https://shop.test/slow")
    fake.advance(0)

    text = failure(lambda: fake.assert_delivered("https://shop.test", status=200))

    assert "      status: expected 200, was none yet\n" in text
    assert "      status: expected 200, was 0 (dial tcp" in text


# --- the truth is merely later -------------------------------------------------------------


def test_a_message_that_is_due_now(fake: FakeQStash) -> None:
    message_id = publish(fake, body=b'{"id": 7}')

    assert (
        failure(lambda: fake.assert_delivered(HOOK, json={"id": 7}))
        == f"""\
expected at least one delivery to {HOOK}, json={{'id': 7}}; there was none.
Not yet:
  #1 POST {HOOK}: it is due now
  advance time: qstash.advance(0)
What happened to them:
  from 2026-01-01T00:00:00Z:
  +0 s            #1   CREATED          POST {HOOK}
  #1 is {message_id}"""
    )


def test_a_message_that_is_due_later(fake: FakeQStash) -> None:
    publish(fake, delay=300_000)
    publish(fake, delay=86_400_000)

    assert (
        before_the_story(failure(lambda: fake.assert_delivered(HOOK)))
        == f"""\
expected at least one delivery to {HOOK}; there was none.
Not yet:
  #1 POST {HOOK}: it is due in 5 m at 00:05:00
  #2 POST {HOOK}: it is due in 1 d at 2026-01-02T00:00:00Z
  advance time: qstash.advance("5 m")"""
    )


def test_a_third_attempt_that_is_still_to_come(fake: FakeQStash) -> None:
    message_id = failed_twice(fake)

    assert (
        failure(lambda: fake.assert_delivered(HOOK, times=3))
        == f"""\
expected 3 deliveries to {HOOK}; there were 2.
Not yet:
  #1 POST {HOOK}: two of four attempts have happened; the third is due in 1 m 36 s at 00:02:40
  advance time: qstash.advance("1 m 36 s")
Found:
  #1 POST {HOOK}: attempt 1 at 00:00:00 (HTTP status 500), attempt 2 at 00:00:12 (HTTP status 500)
What happened to them:
  from 2026-01-01T00:00:00Z:
  +0 s            #1   CREATED          POST {HOOK}
  +0 s            #1   ACTIVE
  +0 s            #1   ERROR            HTTP status 500
  +0 s            #1   RETRY            again in 12 s
  +12 s           #1   ACTIVE
  +12 s           #1   ERROR            HTTP status 500
  +12 s           #1   RETRY            again in 2 m 28 s
  #1 is {message_id}"""
    )


def test_the_way_there_leads_to_as_many_attempts_as_are_missing(fake: FakeQStash) -> None:
    for delay in (3_000, 1_000, 2_000):
        publish(fake, delay=delay)

    assert (
        before_the_story(failure(lambda: fake.assert_delivered(HOOK, times=2)))
        == f"""\
expected 2 deliveries to {HOOK}; there was none.
Not yet:
  #2 POST {HOOK}: it is due in 1 s at 00:00:01
  #3 POST {HOOK}: it is due in 2 s at 00:00:02
  #1 POST {HOOK}: it is due in 3 s at 00:00:03
  advance time: qstash.advance("2 s")"""
    )


def test_an_attempt_that_comes_only_if_others_fail(fake: FakeQStash) -> None:
    failed_twice(fake)

    assert (
        before_the_story(failure(lambda: fake.assert_delivered(HOOK, attempt=4)))
        == f"""\
expected at least one delivery to {HOOK}, attempt=4; there was none.
Not yet, and only if attempts fail:
  #1 POST {HOOK}: two of four attempts have happened; the third is due in 1 m 36 s at 00:02:40
  advance time: qstash.run_until_idle()
Closest first:
  #1 POST {HOOK}: attempt 1 at 00:00:00 (HTTP status 500)
      attempt: expected 4, was 1
  #1 POST {HOOK}: attempt 2 at 00:00:12 (HTTP status 500)
      attempt: expected 4, was 2"""
    )


def test_an_attempt_that_never_comes(fake: FakeQStash) -> None:
    publish(fake, retries=1)

    assert (
        before_the_story(failure(lambda: fake.assert_delivered(HOOK, attempt=3)))
        == f"""\
expected at least one delivery to {HOOK}, attempt=3; there was none.
Closest first:
  #1 POST {HOOK}: attempt 1 due now
      attempt: expected 3, was 1"""
    )


def test_a_retry_that_is_still_to_come(fake: FakeQStash) -> None:
    fake.destination(HOOK).responds(Fault.REFUSED)
    publish(fake, retries=1)
    fake.advance(0)
    publish(fake, "https://shop.test/other")

    assert (
        before_the_story(failure(lambda: fake.assert_retried("https://shop.test")))
        == f"""\
expected at least one retry of a delivery to https://shop.test; there was none.
Not yet:
  #1 POST {HOOK}: one of two attempts has happened; the second is due in 12 s at 00:00:12
  advance time: qstash.advance("12 s")
Not yet, and only if attempts fail:
  #2 POST https://shop.test/other: it is due now
  advance time: qstash.run_until_idle()
Closest first:
  #1 POST {HOOK}: attempt 1 at 00:00:00 (dial tcp 127.0.0.1:443: connect: connection refused)
      attempt: expected a retry, was the first"""
    )


def test_a_message_that_may_still_fail(fake: FakeQStash) -> None:
    failed_twice(fake)

    assert (
        before_the_story(failure(lambda: fake.assert_dead_lettered(HOOK, status=500)))
        == f"""\
expected at least one dead letter for {HOOK}, status=500; there was none.
Not yet, and only if attempts fail:
  #1 POST {HOOK}: two of four attempts have happened; the third is due in 1 m 36 s at 00:02:40
  advance time: qstash.run_until_idle()"""
    )


def test_messages_that_are_held_back(fake: FakeQStash) -> None:
    fake.destination(HOOK).responds(200, took="30s")
    limits = FlowControl("shop", rate=1, period=60)
    for extras in (
        Extras(queue="orders"),
        Extras(queue="orders"),
        Extras(flow_control=limits),
        Extras(flow_control=limits),
    ):
        publish(fake, extras=extras)
    fake.advance(0)

    assert (
        before_the_story(failure(lambda: fake.assert_delivered(HOOK, times=4)))
        == f"""\
expected 4 deliveries to {HOOK}; there were 2.
Not yet:
  #2 POST {HOOK}: it is due, but 1 other is before it in queue orders
  #4 POST {HOOK}: it is due, but flow control key shop has started 1 in 60 s, which is its limit; \
it may start in 1 m at 00:01:00
  advance time: qstash.run_until_idle()
Found:
  #1 POST {HOOK}: attempt 1 at 00:00:00 (under way)
  #3 POST {HOOK}: attempt 1 at 00:00:00 (under way)"""
    )


def test_of_many_that_are_still_to_come_the_next_are_told(fake: FakeQStash) -> None:
    for delay in range(1, 8):
        publish(fake, delay=delay * 1_000)

    text = failure(lambda: fake.assert_delivered(HOOK, times=7))

    assert before_the_story(text).splitlines()[-3:] == [
        f"  #5 POST {HOOK}: it is due in 5 s at 00:00:05",
        "  ... and 2 more",
        '  advance time: qstash.advance("7 s")',
    ]
    assert "#6" not in text


def test_time_does_not_help_where_something_is_paused(fake: FakeQStash) -> None:
    message_id = publish(fake, extras=Extras(queue="orders"))
    fake.engine.queues.pause(USER, "orders")
    fake.advance(0)

    assert (
        failure(lambda: fake.assert_delivered(HOOK))
        == f"""\
expected at least one delivery to {HOOK}; there was none.
Not yet:
  #1 POST {HOOK}: it is due, but queue orders is paused
  nothing is due: time alone will not change that
What happened to them:
  from 2026-01-01T00:00:00Z:
  +0 s            #1   CREATED          POST {HOOK}
  +0 s            #1   HELD             queue orders is paused
  #1 is {message_id}"""
    )


# --- never ---------------------------------------------------------------------------------


def test_messages_that_were_canceled(fake: FakeQStash) -> None:
    for delay in (1_000, 60_000):
        fake.engine.cancel(USER, publish(fake, delay=delay), "127.0.0.1")
    fake.advance("1s")

    assert (
        before_the_story(failure(lambda: fake.assert_delivered(HOOK)))
        == f"""\
expected at least one delivery to {HOOK}; there was none.
Ended otherwise:
  #1 POST {HOOK}: published at 00:00:00; it was canceled at 00:00:01 after no attempts
  #2 POST {HOOK}: published at 00:00:00; it is to be canceled: nothing more is delivered"""
    )


def test_a_message_that_is_canceled_while_it_is_tried(fake: FakeQStash) -> None:
    fake.destination(HOOK).responds(500, took="5s")
    message_id = publish(fake)
    fake.advance("1s")
    fake.engine.cancel(USER, message_id, "127.0.0.1")

    assert (
        before_the_story(failure(lambda: fake.assert_published(HOOK, times=2)))
        == f"""\
expected 2 messages to {HOOK}; there was 1.
Found:
  #1 POST {HOOK}: published at 00:00:00; the first of four attempts is under way; \
it ends in 4 s at 00:00:05; it is to be canceled then"""
    )


def test_a_message_that_was_delivered_and_not_dead_lettered(fake: FakeQStash) -> None:
    fake.destination(HOOK).responds(500, 200)
    publish(fake)
    fake.run_until_idle()

    assert (
        before_the_story(failure(lambda: fake.assert_dead_lettered(HOOK)))
        == f"""\
expected at least one dead letter for {HOOK}; there was none.
Ended otherwise:
  #1 POST {HOOK}: published at 00:00:00; it was delivered at 00:00:12 by its second attempt"""
    )


def test_a_dead_letter_that_is_gone(fake: FakeQStash) -> None:
    fake.destination(HOOK).responds(500)
    publish(fake, retries=0)
    fake.advance(0)
    fake.engine.delete_dead_letters(USER, DeadLetterQuery(paging=Paging(count=1)))

    assert (
        before_the_story(failure(lambda: fake.assert_dead_lettered(HOOK)))
        == f"""\
expected at least one dead letter for {HOOK}; there was none.
Ended otherwise:
  #1 POST {HOOK}: published at 00:00:00; it failed at 00:00:00 after one attempt, \
and its dead letter is gone"""
    )


def test_nothing_at_all(fake: FakeQStash) -> None:
    assert (
        failure(lambda: fake.assert_delivered(HOOK))
        == f"""\
expected at least one delivery to {HOOK}; there was none.
What happened:
  nothing was published"""
    )


# --- near misses ---------------------------------------------------------------------------


def test_the_closest_come_first_with_what_differs_and_nothing_else(fake: FakeQStash) -> None:
    fake.destination("https://shop.test").responds(200)
    fake.destination("https://mail.test").responds(200)
    publish(fake, "https://mail.test", body=b"hello")
    publish(fake, "https://shop.test/orders", body=b'{"id": 7, "items": [1]}')
    publish(fake, HOOK, body=b'{"id": 8, "items": [2, 3], "note": ""}', method="PUT")
    publish(fake, HOOK, body=b'{"id": 7, "items": [2]}', method="PUT", headers=(("X-A", "2"),))
    fake.advance(0)
    ids = Ids()
    names = [ids.message_id() for _ in range(4)]

    assert (
        failure(
            lambda: fake.assert_delivered(
                HOOK, method="put", json={"id": 7, "items": [1]}, headers={"X-A": "1"}
            )
        )
        == f"""\
expected at least one delivery to {HOOK}, method='PUT', json={{'id': 7, 'items': [1]}}, \
headers={{'X-A': '1'}}; there was none.
Closest first:
  #4 PUT {HOOK}: attempt 1 at 00:00:00 (200)
      json['items'][0]: expected 1, was 2
      header X-A: expected '1', was '2'
  #3 PUT {HOOK}: attempt 1 at 00:00:00 (200)
      json['id']: expected 7, was 8
      json['items']: expected 1 element, was 2 elements: [2, 3]
      header X-A: expected '1', was missing
  #2 POST https://shop.test/orders: attempt 1 at 00:00:00 (200)
      url: expected {HOOK}, was https://shop.test/orders
      method: expected 'PUT', was 'POST'
      header X-A: expected '1', was missing
  #1 POST https://mail.test: attempt 1 at 00:00:00 (200)
      url: expected {HOOK}, was https://mail.test
      method: expected 'PUT', was 'POST'
      json: expected {{'id': 7, 'items': [1]}}, was no JSON: b'hello'
      header X-A: expected '1', was missing
What happened to them:
  from 2026-01-01T00:00:00Z:
  +0 s            #1   CREATED          POST https://mail.test
  +0 s            #2   CREATED          POST https://shop.test/orders
  +0 s            #3   CREATED          PUT {HOOK}
  +0 s            #4   CREATED          PUT {HOOK}
  +0 s            #1   ACTIVE
  +0 s            #1   DELIVERED
  +0 s            #2   ACTIVE
  +0 s            #2   DELIVERED
  +0 s            #3   ACTIVE
  +0 s            #3   DELIVERED
  +0 s            #4   ACTIVE
  +0 s            #4   DELIVERED
  #1 is {names[0]}
  #2 is {names[1]}
  #3 is {names[2]}
  #4 is {names[3]}"""
    )


def test_a_slip_in_the_url(fake: FakeQStash) -> None:
    fake.destination("https://shop.test").responds(200)
    for path in ("", "/customers", "/orders/7", "/orders?x=1"):
        publish(fake, f"https://shop.test{path}")
    fake.advance(0)
    publish(fake, "https://shop.test/order", delay=1_000)

    text = before_the_story(failure(lambda: fake.assert_delivered("https://shop.test/ordesr")))

    assert (
        text
        == """\
expected at least one delivery to https://shop.test/ordesr; there was none.
Closest first:
  #5 POST https://shop.test/order: attempt 1 due in 1 s at 00:00:01
      url: expected https://shop.test/ordesr, was https://shop.test/order
  #3 POST https://shop.test/orders/7: attempt 1 at 00:00:00 (200)
      url: expected https://shop.test/ordesr, was https://shop.test/orders/7
  #4 POST https://shop.test/orders?x=1: attempt 1 at 00:00:00 (200)
      url: expected https://shop.test/ordesr, was https://shop.test/orders?x=1
  #1 POST https://shop.test: attempt 1 at 00:00:00 (200)
      url: expected https://shop.test/ordesr, was https://shop.test
  #2 POST https://shop.test/customers: attempt 1 at 00:00:00 (200)
      url: expected https://shop.test/ordesr, was https://shop.test/customers"""
    )


def test_attempts_that_differ_alike_are_told_together(fake: FakeQStash) -> None:
    fake.destination(HOOK).responds(500)
    publish(fake, body=b"x", retries=5)
    fake.advance("1d")

    assert (
        before_the_story(failure(lambda: fake.assert_delivered(HOOK, body="y")))
        == f"""\
expected at least one delivery to {HOOK}, body='y'; there was none.
Closest first:
  #1 POST {HOOK}: attempt 1 at 00:00:00 (HTTP status 500), attempt 2 at 00:00:12 \
(HTTP status 500), 3 more, attempt 6 due in 6 h 39 m 54 s at 2026-01-02T06:39:54Z
      body: expected b'y', was b'x'"""
    )


def test_of_many_only_the_closest_are_told(fake: FakeQStash) -> None:
    fake.destination(HOOK).responds(200)
    for number in range(8):
        publish(fake, body=b"%d" % number)
    fake.advance(0)

    text = failure(lambda: fake.assert_delivered(HOOK, json=9))

    assert (
        before_the_story(text)
        == f"""\
expected at least one delivery to {HOOK}, json=9; there was none.
Closest first:
  #1 POST {HOOK}: attempt 1 at 00:00:00 (200)
      json: expected 9, was 0
  #2 POST {HOOK}: attempt 1 at 00:00:00 (200)
      json: expected 9, was 1
  #3 POST {HOOK}: attempt 1 at 00:00:00 (200)
      json: expected 9, was 2
  #4 POST {HOOK}: attempt 1 at 00:00:00 (200)
      json: expected 9, was 3
  #5 POST {HOOK}: attempt 1 at 00:00:00 (200)
      json: expected 9, was 4
  ... and 3 more"""
    )
    assert "#5 is msg_" in text
    assert "#6" not in text


def test_what_functions_say(fake: FakeQStash) -> None:
    def is_paid(order: dict[str, str]) -> bool:
        return order["state"] == "paid"

    fake.destination(HOOK).responds(200)
    publish(fake, body=b'{"state": "open"}')
    publish(fake, body=b'{"id": 7}')
    fake.advance(0)

    assert (
        before_the_story(failure(lambda: fake.assert_delivered(HOOK, json=is_paid)))
        == f"""\
expected at least one delivery to {HOOK}, json=is_paid(); there was none.
Closest first:
  #1 POST {HOOK}: attempt 1 at 00:00:00 (200)
      json: expected what is_paid() accepts, was {{'state': 'open'}}
  #2 POST {HOOK}: attempt 1 at 00:00:00 (200)
      json: expected what is_paid() accepts, was {{'id': 7}} (which raised KeyError: 'state')"""
    )


def test_instants_and_spans(fake: FakeQStash) -> None:
    failed_twice(fake)

    text = failure(lambda: fake.assert_delivered(HOOK, at="1m", within="10s", times=1))

    assert (
        before_the_story(text)
        == f"""\
expected 1 delivery to {HOOK}, at=00:01:00 (start + 1 m), within=10 s; there was none.
Closest first:
  #1 POST {HOOK}: attempt 1 at 00:00:00 (HTTP status 500)
      at: expected 00:01:00 (start + 1 m), was 00:00:00 (start + 0 s)
  #1 POST {HOOK}: attempt 2 at 00:00:12 (HTTP status 500)
      at: expected 00:01:00 (start + 1 m), was 00:00:12 (start + 12 s)
      within: expected 10 s, was 12 s after its publish
  #1 POST {HOOK}: attempt 3 due in 1 m 36 s at 00:02:40
      at: expected 00:01:00 (start + 1 m), was 00:02:40 (start + 2 m 40 s)
      within: expected 10 s, was 2 m 40 s after its publish"""
    )


def test_headers(fake: FakeQStash) -> None:
    fake.destination(HOOK).responds(200)
    publish(fake, headers=(("X-A", "1"), ("X-A", "2"), ("X-B", "3")))
    fake.advance(0)

    text = failure(lambda: fake.assert_delivered(HOOK, headers={"X-A": "4", "X-B": None}))

    assert (
        before_the_story(text)
        == f"""\
expected at least one delivery to {HOOK}, headers={{'X-A': '4', 'X-B': None}}; there was none.
Closest first:
  #1 POST {HOOK}: attempt 1 at 00:00:00 (200)
      header X-A: expected '4', was '1' and '2'
      header X-B: expected none, was '3'"""
    )


def test_a_long_body(fake: FakeQStash) -> None:
    fake.destination(HOOK).responds(200)
    publish(fake, body=b"x" * 1_000 + b"1")
    fake.advance(0)

    text = failure(lambda: fake.assert_delivered(HOOK, body="x" * 1_000 + "2"))

    assert (
        before_the_story(text)
        == f"""\
expected at least one delivery to {HOOK}, body='{"x" * 200}'...; there was none.
Closest first:
  #1 POST {HOOK}: attempt 1 at 00:00:00 (200)
      body: expected ...b'{"x" * 20}2', was ...b'{"x" * 20}1'"""
    )


# --- where it is shown ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        lambda fake: fake.assert_delivered(HOOK),
        lambda fake: fake.assert_delivered(HOOK, times=1),
        lambda fake: fake.assert_retried(HOOK),
        lambda fake: fake.assert_dead_lettered(HOOK),
        lambda fake: fake.assert_published(HOOK, body="no"),
        lambda fake: fake.assert_scheduled(HOOK),
        lambda fake: fake.assert_nothing_pending(),
        lambda fake: fake.assert_delivered("/hook"),
        lambda fake: fake.assert_delivered(HOOK, times=-1),
        lambda fake: fake.assert_delivered(HOOK, at="noon"),
        lambda fake: fake.assert_delivered(HOOK, within="soon"),
        lambda fake: fake.assert_nothing_pending("/hook"),
        lambda fake: fake.messages.to("/hook"),
        lambda fake: fake.explain("msg_1"),
        lambda fake: fake.fire("morning"),
        lambda fake: fake.deliver_now("msg_1"),
        lambda fake: fake.fail(fake.messages[0].id),
        lambda fake: fake.hold(fake.messages[0].id),
        lambda fake: fake.release(fake.messages[0].id),
        lambda fake: fake.restore(FakeQStash().snapshot()),
        lambda fake: fake.upcoming("soon"),
        lambda fake: fake.advance("soon"),
        lambda fake: fake.run_until(3),
        lambda fake: fake.mount("/shop", print),
        lambda fake: fake.mount("https://shop.test", 3),
        lambda fake: fake.destination("/hook"),
        lambda fake: fake.destination(HOOK).responds("no"),
        lambda fake: fake.destination(HOOK).responds(200, took="soon"),
        lambda fake: fake.allow_http("/shop"),
        lambda fake: (fake.serve(port=0), fake.close(), fake.serve()),
        lambda fake: FakeQStash(start="soon"),
        lambda fake: FakeQStash(plan="gold"),
        lambda fake: running(start="soon").start(),
        lambda fake: fake.advance(0),
    ],
)
def test_pytest_shows_the_line_of_the_test(
    fake: FakeQStash, call: Callable[[FakeQStash], object]
) -> None:
    publish(fake)

    with pytest.raises((AssertionError, UsageError)) as raised:
        call(fake)

    shown = raised.traceback.filter(raised)
    assert {Path(entry.path).name for entry in shown} == {"test_failures.py"}


# --- too many ------------------------------------------------------------------------------


def test_more_than_were_expected(fake: FakeQStash) -> None:
    failed_twice(fake)

    assert (
        before_the_story(failure(lambda: fake.assert_delivered(HOOK, times=1)))
        == f"""\
expected 1 delivery to {HOOK}; there were 2.
Found:
  #1 POST {HOOK}: attempt 1 at 00:00:00 (HTTP status 500), \
attempt 2 at 00:00:12 (HTTP status 500)"""
    )


def test_one_that_was_not_expected(fake: FakeQStash) -> None:
    failed_twice(fake)

    assert (
        before_the_story(failure(lambda: fake.assert_not_delivered(HOOK, attempt=2)))
        == f"""\
expected no delivery to {HOOK}, attempt=2; there was 1.
Found:
  #1 POST {HOOK}: attempt 2 at 00:00:12 (HTTP status 500)"""
    )


def test_messages_that_should_not_be_pending(fake: FakeQStash) -> None:
    fake.destination("https://slow.test").responds(200, took="5s")
    first = publish(fake, "https://slow.test", retries=0)
    second = publish(fake, "https://slow.test", extras=Extras(queue="orders"))
    failed_twice(fake)
    publish(fake, "https://slow.test", retries=0)
    publish(fake, "https://slow.test", retries=2)
    fake.advance(0)

    assert (
        before_the_story(failure(fake.assert_nothing_pending))
        == f"""\
expected nothing to be pending; 3 messages are.
Still to come:
  #4 POST https://slow.test: its only attempt is under way; it ends in 5 s at 00:01:09
  #5 POST https://slow.test: the first of three attempts is under way; it ends in 5 s at 00:01:09
  #3 POST {HOOK}: two of four attempts have happened; the third is due in 1 m 36 s at 00:02:40
  advance time: qstash.run_until_idle()"""
    )
    assert {first, second}.isdisjoint(failure(fake.assert_nothing_pending).split())
    assert failure(lambda: fake.assert_nothing_pending(HOOK)).startswith(
        f"expected nothing to be pending to {HOOK}; 1 message is.\nStill to come:\n  #3 POST "
    )


# --- dead letters, messages, schedules -----------------------------------------------------


def test_dead_letters_that_come_close(fake: FakeQStash) -> None:
    fake.destination(HOOK).responds(500, 404)
    for _ in range(2):
        publish(fake, retries=0)
    fake.advance("1m")

    text = failure(lambda: fake.assert_dead_lettered(HOOK, status=503, error="gone", at="1s"))

    assert (
        before_the_story(text)
        == f"""\
expected at least one dead letter for {HOOK}, status=503, error='gone', \
at=00:00:01 (start + 1 s); there was none.
Closest first:
  #1 POST {HOOK}: HTTP status 500 at 00:00:00
      status: expected 503, was 500
      error: expected 'gone', was 'HTTP status 500'
      at: expected 00:00:01 (start + 1 s), was 00:00:00 (start + 0 s)
  #2 POST {HOOK}: HTTP status 404 at 00:00:00
      status: expected 503, was 404
      error: expected 'gone', was 'HTTP status 404'
      at: expected 00:00:01 (start + 1 s), was 00:00:00 (start + 0 s)"""
    )
    assert (
        before_the_story(failure(lambda: fake.assert_dead_lettered(HOOK, times=0)))
        == f"""\
expected no dead letter for {HOOK}; there were 2.
Found:
  #1 POST {HOOK}: HTTP status 500 at 00:00:00
  #2 POST {HOOK}: HTTP status 404 at 00:00:00"""
    )


def test_messages_that_come_close(fake: FakeQStash) -> None:
    publish(fake, labels=("a", "b"), delay=60_000)

    text = failure(
        lambda: fake.assert_published(
            HOOK, times=2, queue="orders", delay="5m", label="c", at="2026-01-02T00:00:00Z"
        )
    )

    assert (
        before_the_story(text)
        == f"""\
expected 2 messages to {HOOK}, queue='orders', \
at=2026-01-02T00:00:00Z (start + 1 d), delay=5 m, label='c'; there was none.
Closest first:
  #1 POST {HOOK}: published at 00:00:00; it is due in 1 m at 00:01:00
      queue: expected 'orders', was None
      at: expected 2026-01-02T00:00:00Z (start + 1 d), was 00:00:00 (start + 0 s)
      delay: expected 5 m, was 1 m
      label: expected 'c', was 'a' and 'b'"""
    )


def test_schedules_that_come_close(fake: FakeQStash) -> None:
    schedule(fake, body=b"[1]")
    schedule(fake, "https://mail.test", "0 0 31 2 *", name="never")
    schedule(fake, name="paused")
    fake.engine.schedules.pause(USER, "paused")

    text = failure(
        lambda: fake.assert_scheduled(
            HOOK, cron="0 8 * * *", json=[1], next_at="8h", is_paused=True
        )
    )

    assert (
        text
        == f"""\
expected at least one schedule for {HOOK}, cron='0 8 * * *', json=[1], is_paused=True, \
next_at=08:00:00 (start + 8 h); there was none.
Closest first:
  morning '0 9 * * *' POST {HOOK}: next at 09:00:00
      cron: expected '0 8 * * *', was '0 9 * * *'
      is_paused: expected True, was False
      next_at: expected 08:00:00 (start + 8 h), was 09:00:00 (start + 9 h)
  paused '0 9 * * *' POST {HOOK}: paused
      cron: expected '0 8 * * *', was '0 9 * * *'
      json: expected [1], was no JSON: b''
      next_at: expected 08:00:00 (start + 8 h), was 09:00:00 (start + 9 h)
  never '0 0 31 2 *' POST https://mail.test: never
      url: expected {HOOK}, was https://mail.test
      cron: expected '0 8 * * *', was '0 0 31 2 *'
      json: expected [1], was no JSON: b''
      is_paused: expected True, was False
      next_at: expected 08:00:00 (start + 8 h), was None
What happened:
  nothing was published"""
    )


def test_messages_keep_the_numbers_that_the_timeline_gives_them(fake: FakeQStash) -> None:
    fake.destination(HOOK).responds(200)
    publish(fake, "https://mail.test", delay=1_000)
    second = publish(fake)
    fake.advance(0)

    text = failure(lambda: fake.assert_not_delivered(HOOK))

    assert f"  #2 is {second}" in fake.timeline()
    assert (
        text
        == f"""\
expected no delivery to {HOOK}; there was 1.
Found:
  #2 POST {HOOK}: attempt 1 at 00:00:00 (200)
What happened to them:
  from 2026-01-01T00:00:00Z:
  +0 s            #2   CREATED          POST {HOOK}
  +0 s            #2   ACTIVE
  +0 s            #2   DELIVERED
  #2 is {second}"""
    )


def test_a_message_that_the_log_has_lost_is_called_by_its_id(fake: FakeQStash) -> None:
    fake.destination(HOOK).responds(200)
    message_id = publish(fake)
    fake.advance("8d")

    assert (
        before_the_story(failure(lambda: fake.assert_not_delivered(HOOK)))
        == f"""\
expected no delivery to {HOOK}; there was 1.
Found:
  {message_id} POST {HOOK}: attempt 1 at 00:00:00 (200)"""
    )
