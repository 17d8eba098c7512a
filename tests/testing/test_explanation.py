"""The life of a message as text: all that happened, why, and what is next."""

from typing import Any

import pytest

from fakestash import FakeQStash, Fault, UsageError
from fakestash.delivery.outbound import OutboundRequest
from fakestash.model.messages import PublishCommand, PublishRequest
from fakestash.model.resources import Endpoint
from fakestash.model.settings import CallbackSettings, Extras, FlowControl, Redaction
from fakestash.syntax.retry_delay import parse
from tests.builders import HOUR, MINUTE, START, USER
from tests.testing.acts import HOOK, publish, schedule

SLOW = "https://slow.test/report"
PLAIN = "  from 127.0.0.1, no body"
SINCE = "  from 2026-01-01T00:00:00Z:"


@pytest.fixture
def fake() -> FakeQStash:
    fake = FakeQStash()
    fake.destination(HOOK).responds(200)
    fake.destination(SLOW).responds(200, took="40s")
    return fake


def story(fake: FakeQStash, message_id: str) -> list[str]:
    """What happened and what is next, line by line."""
    lines = fake.explain(message_id).splitlines()
    return [line.strip() for line in lines[lines.index(SINCE) + 1 :]]


def settings(fake: FakeQStash, message_id: str) -> list[str]:
    """What it was published with, line by line."""
    lines = fake.explain(message_id).splitlines()
    return [line.strip() for line in lines[1 : lines.index(SINCE)]]


# --- whole lives ---------------------------------------------------------------------------


def test_a_message_that_waits_for_its_delay(fake: FakeQStash) -> None:
    message = publish(fake, body=b"hello", delay=MINUTE)
    fake.advance("20s")

    assert fake.explain(message) == "\n".join(
        [
            f"{message}: POST {HOOK}",
            "  from 127.0.0.1, 5 bytes",
            "  retries 3, delay 1 m",
            SINCE,
            "  +0 s            accepted, due in 1 m: its delay",
            "  next: attempt 1 of 4 at +1 m (2026-01-01T00:01:00Z), in 40 s",
        ]
    )


def test_a_message_that_is_retried_into_the_dead_letter_queue(fake: FakeQStash) -> None:
    def answer(request: OutboundRequest) -> int:
        if request.retried == 1:
            raise LookupError(f"no stock\nfor {request.retried}")
        return 503

    fake.destination(HOOK).responds(answer)
    message = publish(fake, retries=2)
    fake.run_until_idle()

    assert fake.explain(message) == "\n".join(
        [
            f"{message}: POST {HOOK}",
            PLAIN,
            "  retries 2",
            SINCE,
            "  +0 s            accepted, due at once",
            "  +0 s            attempt 1 of 3 starts",
            "  +0 s            attempt 1 of 3 is answered 503",
            "  +0 s            attempt 2 of 3 is due in 12 s: the default backoff",
            "  +12 s           attempt 2 of 3 starts",
            "  +12 s           attempt 2 of 3 is answered 500 (LookupError: no stock)",
            "  +12 s           attempt 3 of 3 is due in 2 m 28 s: the default backoff",
            "  +2 m 40 s       attempt 3 of 3 starts",
            "  +2 m 40 s       attempt 3 of 3 is answered 503",
            (
                "  +2 m 40 s       failed for good: it has no retries left; dead letter "
                f"{START + 160_000}-0"
            ),
            "  next: nothing, it is failed",
        ]
    )


def test_a_message_whose_answers_take_time_or_never_come(fake: FakeQStash) -> None:
    fake.destination(SLOW).responds(Fault.TIMEOUT, Fault.REFUSED, 202, took="1.5s")
    message = publish(fake, SLOW)
    fake.run_until_idle()

    assert story(fake, message) == [
        "+0 s            accepted, due at once",
        "+0 s            attempt 1 of 4 starts",
        "+2 h            attempt 1 of 4 fails: context deadline exceeded, after 2 h",
        "+2 h            attempt 2 of 4 is due in 12 s: the default backoff",
        "+2 h 12 s       attempt 2 of 4 starts",
        (
            "+2 h 13.5 s     attempt 2 of 4 fails: dial tcp 127.0.0.1:443: connect: connection "
            "refused, after 1.5 s"
        ),
        "+2 h 13.5 s     attempt 3 of 4 is due in 2 m 28 s: the default backoff",
        "+2 h 2 m 41.5 s attempt 3 of 4 starts",
        "+2 h 2 m 43 s   attempt 3 of 4 is answered 202, after 1.5 s: delivered",
        "next: nothing, it is delivered",
    ]


def test_callbacks_are_told_of_with_their_ends_and_lead_back(fake: FakeQStash) -> None:
    told, failed = "https://shop.test/told", "https://shop.test/failed"
    fake.destination(told).responds(200)
    fake.destination(failed).responds(500)
    fake.destination(HOOK).responds(500)
    extras = Extras(
        callback=CallbackSettings(told), failure_callback=CallbackSettings(failed, retries=0)
    )
    message = publish(fake, retries=1, extras=extras)
    fake.advance("12s")
    first, second, last = (each.id for each in fake.messages[1:])

    assert story(fake, message) == [
        "+0 s            accepted, due at once",
        "+0 s            attempt 1 of 2 starts",
        "+0 s            attempt 1 of 2 is answered 500",
        f"+0 s            callback {first} to {told}, delivered at +0 s",
        "+0 s            attempt 2 of 2 is due in 12 s: the default backoff",
        "+12 s           attempt 2 of 2 starts",
        "+12 s           attempt 2 of 2 is answered 500",
        f"+12 s           callback {second} to {told}, delivered at +12 s",
        (
            f"+12 s           failure callback {last} to {failed}, failed at +12 s, dead letter "
            f"{START + 12_000}-1"
        ),
        f"+12 s           failed for good: it has no retries left; dead letter {START + 12_000}-0",
        "next: nothing, it is failed",
    ]
    assert settings(fake, second)[0] == f"callback of {message}, on its attempt 2"
    assert settings(fake, last)[0] == f"failure callback of {message}, on its attempt 2"


def test_a_callback_that_has_not_ended_is_told_of_as_it_stands(fake: FakeQStash) -> None:
    extras = Extras(callback=CallbackSettings(SLOW))
    message = publish(fake, extras=extras)
    fake.advance(0)
    callback = fake.messages[1].id

    assert story(fake, message)[-2:] == [
        f"+0 s            callback {callback} to {SLOW}, active",
        "next: nothing, it is delivered",
    ]


def test_the_id_of_a_dead_letter_stays_when_that_is_gone(fake: FakeQStash) -> None:
    fake.destination(HOOK).responds((489, {"Upstash-NonRetryable-Error": "true"}, None))
    message, other = publish(fake), publish(fake, retries=0)
    fake.destination(SLOW).responds(500)
    third = publish(fake, SLOW, retries=0)
    fake.advance(0)
    fake.engine.delete_dead_letter(USER, f"{START}-0")

    assert story(fake, message)[-2] == (
        "+0 s            failed for good: the answer asks for no retries; dead letter "
        f"{START}-0, which is gone"
    )
    assert story(fake, other)[-2].startswith(
        "+0 s            failed for good: the answer asks for no retries; dead letter "
    )
    assert story(fake, third)[-2].startswith("+0 s            failed for good: it has no retries;")


# --- why it waits --------------------------------------------------------------------------


def test_a_time_not_to_start_before_is_told(fake: FakeQStash) -> None:
    command = PublishCommand(HOOK, not_before=START + HOUR)
    message = fake.engine.publish(USER, command).id

    assert settings(fake, message)[-1] == "retries 3, not before 2026-01-01T01:00:00Z"
    assert story(fake, message) == [
        "+0 s            accepted, due in 1 h: its not-before time",
        "next: attempt 1 of 4 at +1 h (2026-01-01T01:00:00Z), in 1 h",
    ]


def test_what_is_due_now_is_next_now(fake: FakeQStash) -> None:
    message = publish(fake)

    assert story(fake, message)[-1] == "next: attempt 1 of 4 at +0 s (2026-01-01T00:00:00Z), now"


@pytest.mark.parametrize(
    ("header", "wait"),
    [("Retry-After", "7"), ("X-RateLimit-Reset", "7s")],
)
def test_a_wait_that_the_answer_asks_for_is_told_with_its_header(
    fake: FakeQStash, header: str, wait: str
) -> None:
    fake.destination(HOOK).responds((429, {header: wait}, "slow down"), 200)
    message = publish(fake)
    fake.advance(0)
    (shown,) = (name for name, _ in fake.deliveries[0].response_headers.items_in_order)

    assert story(fake, message)[-2] == (
        f"+0 s            attempt 2 of 4 is due in 7 s: the answer's {shown} header"
    )


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("1000 * (1 + retried)", "in 1 s: its retry delay 1000 * (1 + retried)"),
        (
            "1 / retried",
            "in 12 s: the default backoff, for its retry delay 1 / retried gives no number",
        ),
    ],
)
def test_a_wait_by_an_expression_is_told_with_it(
    fake: FakeQStash, expression: str, reason: str
) -> None:
    fake.destination(HOOK).responds(500)
    command = PublishCommand(HOOK, retry_delay=parse(expression))
    message = fake.engine.publish(USER, command).id
    fake.advance(0)

    assert settings(fake, message)[-1] == f"retries 3, retry delay {expression}"
    assert story(fake, message)[-2] == f"+0 s            attempt 2 of 4 is due {reason}"


def test_who_is_held_by_a_queue_is_told_its_place(fake: FakeQStash) -> None:
    extras = Extras(queue="orders")
    _, second, third = (publish(fake, SLOW, extras=extras) for _ in range(3))
    fake.advance("10s")
    fake.engine.queues.pause(USER, "orders")
    assert story(fake, third)[-1] == "next: attempt 1 of 4, which is held: queue orders is paused"
    fake.engine.queues.resume(USER, "orders")
    fake.advance("40s")

    assert story(fake, third) == [
        "+0 s            accepted, due at once",
        "+0 s            attempt 1 of 4 is held: 2 others are before it in queue orders",
        "next: attempt 1 of 4, which is held: 1 other is before it in queue orders",
    ]
    assert story(fake, second) == [
        "+0 s            accepted, due at once",
        "+0 s            attempt 1 of 4 is held: 1 other is before it in queue orders",
        "+40 s           attempt 1 of 4 starts, 40 s after it came due",
        "next: the answer to attempt 1 of 4 at +1 m 20 s (2026-01-01T00:01:20Z), in 30 s",
    ]


def test_who_is_called_back_by_a_queue_is_told_so(fake: FakeQStash) -> None:
    control = FlowControl("tenant", parallelism=1)
    extras = Extras(queue="orders", flow_control=control)
    publish(fake, SLOW, extras=Extras(flow_control=control))
    message = publish(fake, extras=extras)
    fake.advance(0)
    fake.engine.queues.pause(USER, "orders")

    by_its_key = "flow control key tenant has 1 in flight, which is its limit"
    assert story(fake, message)[1:] == [
        f"+0 s            attempt 1 of 4 is held: {by_its_key}",
        "+0 s            attempt 1 of 4 is held: queue orders is paused",
        "next: attempt 1 of 4, which is held: queue orders is paused",
    ]


def test_a_retry_that_a_paused_queue_holds_is_told_of(fake: FakeQStash) -> None:
    fake.destination(HOOK).responds(500)
    extras = Extras(queue="orders")
    message = publish(fake, extras=extras)
    fake.advance(0)
    fake.engine.queues.pause(USER, "orders")
    fake.advance("12s")

    assert story(fake, message)[-2:] == [
        "+12 s           attempt 2 of 4 is held: queue orders is paused",
        "next: attempt 2 of 4, which is held: queue orders is paused",
    ]


def test_who_waits_for_a_rate_is_told_until_when(fake: FakeQStash) -> None:
    extras = Extras(flow_control=FlowControl("tenant", rate=1, period=60))
    _, second, third = (publish(fake, extras=extras) for _ in range(3))
    fake.advance("10s")
    why = "flow control key tenant has started 1 in 60 s, which is its limit"

    assert settings(fake, second)[-1] == "flow control key tenant: rate 1 in 60 s"
    assert story(fake, second)[1:] == [
        f"+0 s            attempt 1 of 4 is held: {why}",
        "next: attempt 1 of 4 at +1 m (2026-01-01T00:01:00Z), in 50 s, held until then: " + why,
    ]
    assert story(fake, third)[-1] == (
        "next: attempt 1 of 4 at +2 m (2026-01-01T00:02:00Z), in 1 m 50 s, held until then: " + why
    )


def test_who_waits_for_a_key_is_told_why(fake: FakeQStash) -> None:
    extras = Extras(flow_control=FlowControl("tenant", parallelism=1, rate=5, period=1))
    publish(fake, SLOW, extras=extras)
    message = publish(fake, extras=extras)
    fake.advance(0)
    assert settings(fake, message)[-1] == "flow control key tenant: parallelism 1, rate 5 in 1 s"
    assert story(fake, message)[-1] == (
        "next: attempt 1 of 4, which is held: flow control key tenant has 1 in flight, which is "
        "its limit"
    )
    fake.engine.flow_control.pause(USER, "tenant")

    assert story(fake, message)[-1] == (
        "next: attempt 1 of 4, which is held: flow control key tenant is paused"
    )


def test_who_waits_for_the_limit_of_the_plan_is_told_so() -> None:
    fake = FakeQStash(plan="free")
    fake.destination(SLOW).responds(200, took="40s")
    *_, tenth, last, latest = (publish(fake, SLOW) for _ in range(12))
    fake.advance(0)
    fake.fail(tenth)

    by_the_plan = "10 attempts are in flight, which is the user's limit"
    assert story(fake, last)[1:] == [
        f"+0 s            attempt 1 of 4 is held: {by_the_plan}",
        "next: attempt 1 of 4 at +0 s (2026-01-01T00:00:00Z), now",
    ]
    assert story(fake, latest)[-1] == (
        "next: attempt 1 of 4, which is held: others that wait for the user's limit are before it"
    )


# --- cancellation, by hand -----------------------------------------------------------------


def test_a_cancellation_is_told_with_who_asked_and_when_it_takes_effect(fake: FakeQStash) -> None:
    message = publish(fake, delay=HOUR)
    fake.advance("10s")
    fake.engine.cancel(USER, message, "10.0.0.7")
    assert story(fake, message)[1:] == [
        "+10 s           cancellation asked for, from 10.0.0.7",
        "next: its cancellation at +1 h (2026-01-01T01:00:00Z), in 59 m 50 s",
    ]
    fake.advance("1h")

    assert story(fake, message)[1:] == [
        "+10 s           cancellation asked for, from 10.0.0.7",
        "+1 h            cancelled",
        "next: nothing, it is canceled",
    ]


def test_what_was_done_by_hand_is_told(fake: FakeQStash) -> None:
    message = publish(fake, SLOW, delay=HOUR)
    fake.advance("1m")
    fake.deliver_now(message)
    fake.hold(message)
    assert story(fake, message)[-1] == (
        "next: attempt 1 of 4 times out at +2 h 1 m (2026-01-01T02:01:00Z), in 2 h, unless its "
        "answer is released"
    )
    fake.release(message)
    fake.fail(message, 502)
    fake.deliver_now(message)

    assert story(fake, message) == [
        "+0 s            accepted, due in 1 h: its delay",
        "+1 m            by hand, attempt 1 of 4: started 59 m before it is due",
        "+1 m            attempt 1 of 4 starts",
        "+1 m            by hand, attempt 1 of 4: its answer is held back",
        "+1 m            by hand, attempt 1 of 4: its answer is let go",
        "+1 m            by hand, attempt 1 of 4: answered in place of its destination",
        "+1 m            attempt 1 of 4 is answered 502",
        "+1 m            attempt 2 of 4 is due in 12 s: the default backoff",
        "+1 m            by hand, attempt 2 of 4: started 12 s before it is due",
        "+1 m            attempt 2 of 4 starts",
        "next: the answer to attempt 2 of 4 at +1 m 40 s (2026-01-01T00:01:40Z), in 40 s",
    ]


def test_what_is_started_by_hand_when_it_is_due_is_not_early(fake: FakeQStash) -> None:
    message = publish(fake)
    fake.deliver_now(message)

    assert story(fake, message)[1] == (
        "+0 s            by hand, attempt 1 of 4: started before its time"
    )


def test_a_message_can_be_explained_while_it_is_delivered(fake: FakeQStash) -> None:
    told: list[str] = []

    def hook(request: OutboundRequest) -> int:
        told.append(story(fake, request.message_id)[-1])
        return 200

    fake.destination(HOOK).responds(hook)
    publish(fake)
    fake.advance(0)

    assert told == ["next: the answer to attempt 1 of 4, whose destination is being called"]


# --- settings ------------------------------------------------------------------------------


def test_every_setting_is_told(fake: FakeQStash) -> None:
    control = FlowControl("tenant", parallelism=2)
    extras = Extras(
        queue="orders",
        flow_control=control,
        callback=CallbackSettings("https://shop.test/told"),
        failure_callback=CallbackSettings("https://shop.test/failed", "PUT"),
        redaction=Redaction(body=True, headers=frozenset({"X-B", "X-A"})),
    )
    command = PublishCommand(
        HOOK,
        b"x" * 1234,
        "PUT",
        (("Content-Type", "text/plain"), ("X-A", "1")),
        retries=1,
        timeout=30_000,
        labels=("one", "two"),
        caller_ip="10.0.0.7",
        extras=extras,
    )
    message = fake.engine.publish(USER, command).id

    assert fake.explain(message).splitlines()[:10] == [
        f"{message}: PUT {HOOK}",
        "  from 10.0.0.7, 1,234 bytes, forwarded Content-Type, X-A",
        "  retries 1, timeout 30 s",
        "  labels one, two",
        "  queue orders",
        "  flow control key tenant: parallelism 2",
        "  callback https://shop.test/told",
        "  failure callback PUT https://shop.test/failed",
        "  redacted: body, headers X-A, X-B",
        SINCE,
    ]


def test_the_url_group_and_the_schedule_that_it_comes_from_are_told(fake: FakeQStash) -> None:
    endpoints = (Endpoint(HOOK, "shop"), Endpoint(SLOW))
    fake.engine.url_groups.add_endpoints(USER, "all", endpoints)
    hidden = Extras(redaction=Redaction(all_headers=True))
    schedule(fake, "all", group="all", extras=hidden)
    named, nameless = fake.fire("morning")
    (answer, _) = fake.engine.accept(USER, PublishRequest(PublishCommand(""), group="all"))

    assert settings(fake, named)[2:] == [
        "made by schedule morning",
        "fanned out to URL group all, endpoint shop",
        "redacted: all headers",
    ]
    assert settings(fake, nameless)[3] == "fanned out to URL group all"
    assert settings(fake, answer.message_id)[2:] == ["fanned out to URL group all, endpoint shop"]


# --- ids -----------------------------------------------------------------------------------


def refusal(fake: FakeQStash, message_id: str) -> str:
    with pytest.raises(UsageError) as raised:
        fake.explain(message_id)
    return str(raised.value)


def test_where_nothing_was_published_an_unknown_id_is_told_so(fake: FakeQStash) -> None:
    assert refusal(fake, "msg_1") == "no message has the id 'msg_1'; nothing was published"


@pytest.mark.parametrize("given", [["msg_1"], 7, None, b"msg_1"])
def test_what_is_no_id_is_refused_as_such(fake: FakeQStash, given: object) -> None:
    message_id: Any = given
    assert refusal(fake, message_id) == f"message_id must be an id as text, got {given!r}"


def test_an_unknown_id_is_refused_with_the_nearest_ones(fake: FakeQStash) -> None:
    one = publish(fake)
    assert refusal(fake, "msg_1") == (
        f"no message has the id 'msg_1'; the only one is\n  {one}: POST {HOOK}, pending"
    )
    fake.advance(0)
    others = [publish(fake, method="PUT") for _ in range(3)]

    assert refusal(fake, one[:-1] + "_") == "\n".join(
        [
            f"no message has the id '{one[:-1]}_'; the nearest are",
            f"  {one}: POST {HOOK}, delivered",
            *(f"  {each}: PUT {HOOK}, pending" for each in nearest(one[:-1] + "_", others)),
        ]
    )
    for each in others:
        assert refusal(fake, each[:30] + "x" + each[31:]).splitlines()[1].startswith(f"  {each}: ")


def nearest(wanted: str, ids: list[str]) -> list[str]:
    """The two that begin most like ``wanted``, the latest first: none of them ends like it."""
    begun = {each: next(n for n, c in enumerate(each) if wanted[n] != c) for each in ids}
    return sorted(ids, key=lambda each: (begun[each], ids.index(each)), reverse=True)[:2]


def test_an_id_of_something_else_is_told_what_it_is(fake: FakeQStash) -> None:
    fake.destination(HOOK).responds(500)
    schedule(fake)
    message = publish(fake, retries=0)
    fake.advance(0)
    letter = f"{START}-0"
    request = PublishRequest(PublishCommand(SLOW), is_publication=True)
    (publication,) = fake.engine.accept(USER, request)

    part = fake.messages[1].id
    assert [refusal(fake, each).split("; ")[0] for each in (letter, "morning", publication[0])] == [
        f"no message has the id '{letter}': it is that of the dead letter of {message}",
        "no message has the id 'morning': it is that of a schedule",
        f"no message has the id '{publication[0]}': it is that of a publication, made of {part}",
    ]


def test_messages_of_other_users_are_explained_too(fake: FakeQStash) -> None:
    message = publish(fake, user="testUser1")

    assert story(fake, message)[0] == "+0 s            accepted, due at once"


# --- the same again ------------------------------------------------------------------------


def test_the_same_seed_and_calls_give_the_same_text() -> None:
    def told(seed: int) -> list[str]:
        fake = FakeQStash(seed=seed)
        fake.destination(HOOK).responds(500, 200)
        extras = Extras(queue="orders", callback=CallbackSettings("https://shop.test/told"))
        fake.destination("https://shop.test/told")
        for _ in range(3):
            publish(fake, extras=extras)
        fake.advance("20s")
        return [fake.explain(each.id) for each in fake.messages]

    assert told(1) == told(1)
    assert told(1) != told(2)
