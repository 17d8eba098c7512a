"""Questions about what cannot be: told, for to find nothing would pass for an answer."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from fakestash import FakeQStash, UsageError
from tests.testing.acts import HOOK, publish

ANSWER: Any = SimpleNamespace(message_id="msg_1")


@pytest.mark.parametrize(
    "ask",
    [
        lambda fake, asked: fake.explain(asked),
        lambda fake, asked: fake.deliver_now(asked),
        lambda fake, asked: fake.hold(asked),
        lambda fake, asked: fake.release(asked),
        lambda fake, asked: fake.fail(asked),
        lambda fake, asked: fake.deliveries.of(asked),
        lambda fake, asked: fake.logs.of(asked),
        lambda fake, asked: fake.upcoming("1d").of(asked),
    ],
)
def test_what_is_no_id_is_refused_and_the_id_in_it_pointed_out(
    ask: Callable[[FakeQStash, object], object],
) -> None:
    fake = FakeQStash()
    publish(fake)

    with pytest.raises(UsageError) as raised:
        ask(fake, ANSWER)
    assert str(raised.value) == (
        "message_id must be an id as text, got namespace(message_id='msg_1'): give its .message_id"
    )
    with pytest.raises(UsageError) as raised:
        ask(fake, None)
    assert str(raised.value) == "message_id must be an id as text, got None"


def test_what_is_no_id_of_a_schedule_is_refused() -> None:
    with pytest.raises(UsageError, match=r"^schedule_id must be an id as text, got \[\]$"):
        FakeQStash().fire([])  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("ask", "known"),
    [
        (lambda fake: fake.messages.in_state("delivered", "FAILED"), "pending, waiting, active, "),
        (lambda fake: fake.logs.in_state("FAILED", "failed"), "CREATED, ACTIVE, RETRY, "),
    ],
)
def test_a_state_that_there_is_not_is_refused_with_those_there_are(
    ask: Callable[[FakeQStash], object], known: str
) -> None:
    with pytest.raises(UsageError, match=rf"^state must be one of {known}.*, got '(?i:failed)'$"):
        ask(FakeQStash())


@pytest.mark.parametrize(
    ("rule", "complaint"),
    [
        ({"json": 1, "test": 5}, "test must be a function of the request, or a function that"),
        ({"attempt": 0}, "attempt must be a whole number from 1 on, got 0"),
        ({"body": {"id": 7}}, "body must be bytes or text"),
        ({"headers": 5}, "headers must be values by name in a dict, got 5"),
    ],
)
def test_a_rule_that_nothing_can_meet_is_refused(rule: dict[str, Any], complaint: str) -> None:
    with pytest.raises(UsageError, match=f"^{complaint}"):
        FakeQStash().destination(HOOK).when(**rule)
