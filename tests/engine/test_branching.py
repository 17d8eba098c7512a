"""States that are put back: everything goes on as it would have, here or in another engine."""

import gc
from collections import deque
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Final, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakestash.clock import PacedClock, VirtualClock
from fakestash.delivery.courier import Journal
from fakestash.delivery.journal import Delivery
from fakestash.delivery.outbound import OutboundRequest
from fakestash.engine import Engine
from fakestash.engine.branching import State
from fakestash.errors import ServiceError, UsageError
from fakestash.ids import Ids
from fakestash.model.logs import LogEntry
from fakestash.model.messages import Message, MessageState, PublishCommand, PublishRequest
from fakestash.plans import FREE
from fakestash.wire.callback_body import callback_body
from tests.builders import (
    ACTIVE,
    CREATED,
    DELIVERED,
    HOUR,
    MINUTE,
    OK,
    SECOND,
    START,
    USER,
    Stage,
    after,
    timeline,
)
from tests.engine.any_use.play import Fires, Play, Step
from tests.engine.any_use.told import Key, Line, Listener, Told
from tests.engine.any_use.uses import uses

CLASSES: Final = (Delivery, OutboundRequest, Fires, Key, Line, Listener, Told)


class Beside(NamedTuple):
    """What a play and its courier know beside the engine."""

    listener: Listener
    play: dict[str, Any]
    journal: Journal


KNOWN: Final = ("groups", "schedules", "fired", "firsts", "during", "signing_key")


def taken(play: Play) -> State[Beside]:
    """Everything there is in a play."""
    known = {name: getattr(play, name) for name in KNOWN}
    beside = Beside(play.listener, known, play.courier.journal)
    return play.engine.states.take(beside, CLASSES)


def go_on_from(play: Play, state: State[Beside]) -> None:
    """Have a play go on from there."""
    listener, known, journal = play.engine.states.put_back(state, CLASSES)
    vars(play.listener).update(vars(listener))
    vars(play).update(known)
    play.courier.journal = journal


MOST_IN_FLIGHT = st.sampled_from([1, 2, 100])


@settings(max_examples=60)
@given(before=uses(25), after=uses(25), most_in_flight=MOST_IN_FLIGHT)
def test_what_follows_a_state_follows_it_again(
    before: list[Step], after: list[Step], most_in_flight: int
) -> None:
    play = Play(most_in_flight=most_in_flight)
    play.run(before)
    then = play.dump()
    state = taken(play)

    play.run(after)
    first = play.dump()
    go_on_from(play, state)
    assert play.dump() == then
    play.run(after)
    second = play.dump()
    go_on_from(play, state)
    play.drain()

    assert second == first


@settings(max_examples=60)
@given(before=uses(25), here=uses(15), there=uses(15), most_in_flight=MOST_IN_FLIGHT)
def test_what_happens_in_one_branch_does_not_happen_in_the_other(
    before: list[Step], here: list[Step], there: list[Step], most_in_flight: int
) -> None:
    def alone(steps: list[Step]) -> list[object]:
        play = Play(most_in_flight=most_in_flight)
        play.run(before)
        play.run(steps)
        return play.dump()

    play, branch = (Play(most_in_flight=most_in_flight) for _ in range(2))
    play.run(before)
    go_on_from(branch, taken(play))

    for number in range(max(len(here), len(there))):  # by turns
        play.run(here[number : number + 1])
        branch.run(there[number : number + 1])

    assert play.dump() == alone(here)
    assert branch.dump() == alone(there)
    play.drain()
    branch.drain()


# --- nothing that changes is in both ------------------------------------------------------


def reachable(root: object) -> Iterator[object]:
    """Everything that data leads to: members of containers, attributes of objects of our own."""
    seen: set[int] = set()
    left = [root]
    while left:
        found = left.pop()
        if id(found) not in seen:
            seen.add(id(found))
            yield found
            if isinstance(found, dict | list | set | tuple | deque) or is_ours(found):
                left += [each for each in gc.get_referents(found) if not isinstance(each, type)]


def is_ours(value: object) -> bool:
    """Whether it is an object of a class of the package, and no member of an enumeration."""
    return type(value).__module__.startswith("fakestash.") and not isinstance(value, type | str)


def can_change(value: object) -> bool:
    """Whether there is anything in it that can be changed in place."""
    if isinstance(value, dict | list | set | deque | Random):
        return True
    frozen = getattr(type(value), "__dataclass_params__", None)
    return (
        is_ours(value)
        and not isinstance(value, tuple)
        and not (frozen is not None and frozen.frozen)
    )


@settings(max_examples=30)
@given(steps=uses(40))
def test_nothing_that_can_change_is_shared(steps: list[Step]) -> None:
    play = Play(most_in_flight=2)
    play.run(steps)

    state = play.engine.states.take(None)

    copied = {id(each) for each in reachable(state)}
    whole = list(reachable(play.engine.states))
    assert sum(isinstance(each, Message) for each in whole) == len(play.messages)
    assert [each for each in whole if id(each) in copied and can_change(each)] == []


# --- what is refused -----------------------------------------------------------------------


def test_a_state_cannot_be_taken_or_put_back_while_a_destination_is_called() -> None:
    errors: list[str] = []
    stage = Stage(after(lambda request: told_of(errors, lambda: stage.engine.states.take(None))))
    state = stage.engine.states.take(None)
    message = stage.publish()
    stage.advance(0)
    stage = Stage(
        after(lambda request: told_of(errors, lambda: stage.engine.states.put_back(state)))
    )
    second = stage.publish()
    stage.advance(0)

    assert errors == [
        f"the destination of message {each} for https://shop.test/hook is being called right now: "
        "take and restore snapshots between deliveries"
        for each in (message.id, second.id)
    ]


def told_of(errors: list[str], call: Callable[[], object]) -> None:
    """Note how a call is refused."""
    with pytest.raises(UsageError) as raised:
        call()
    errors.append(str(raised.value))


class Teller:
    """A clock that knows the time and nothing else."""

    def now(self) -> int:
        return START

    def reach(self, instant: int) -> None:
        """Do nothing."""


def test_a_clock_that_only_tells_the_time_is_not_put_back() -> None:
    engine = Engine(clock=Teller(), callback_body=callback_body, ids=Ids())
    state = Stage().engine.states.take(None)

    with pytest.raises(UsageError, match=r"^a clock that only tells the time cannot be put back$"):
        engine.states.put_back(state)


def test_a_clock_that_runs_goes_on_running_from_there() -> None:
    clock = PacedClock(1000, START + HOUR)
    engine = Engine(clock=clock, callback_body=callback_body, ids=Ids())

    engine.states.put_back(Stage().engine.states.take(None))

    assert START <= clock.now() < START + HOUR
    assert clock.rate == 1000


# --- details -------------------------------------------------------------------------------


def test_the_clock_goes_back_and_answers_on_their_way_come_in_each_history() -> None:
    stage = Stage(OK._replace(took=MINUTE))
    message = stage.publish()
    stage.advance(10 * SECOND)
    state = stage.engine.states.take(None)

    stage.advance(MINUTE)
    assert message.state is MessageState.DELIVERED
    stage.engine.states.put_back(state)
    assert stage.offset == 10 * SECOND
    again = stage.found(message.id)
    assert again.state is MessageState.ACTIVE
    stage.advance(MINUTE)

    assert timeline(again) == timeline(message) == [(0, CREATED), (0, ACTIVE), (MINUTE, DELIVERED)]


def test_a_state_can_be_put_back_any_number_of_times_and_gives_the_same_ids() -> None:
    stage = Stage()
    stage.publish()
    state = stage.engine.states.take(None)
    ids: list[list[str]] = []
    for _ in range(3):
        stage.engine.states.put_back(state)
        stage.publish()
        stage.advance(0)
        ids.append([entry.message.id for entry in stage.log()])

    assert ids == [ids[0]] * 3


def test_who_listens_hears_of_what_follows_and_not_of_going_back() -> None:
    stage = Stage()
    heard: list[str] = []
    stage.engine.subscribe(lambda entry: heard.append(entry.state))
    state = stage.engine.states.take(None)
    stage.publish(delay=1)
    stage.engine.states.put_back(state)
    stage.publish(delay=2)

    assert heard == ["CREATED", "CREATED"]
    assert [message.due_at for message in stage.engine.pending()] == [START + 2]


def test_another_engine_has_the_same_settings_and_nothing_in_it() -> None:
    stage = Stage(plan=FREE, strict_hosts=True)
    stage.publish()
    seen: list[int] = []
    stage.engine.register(str, lambda event, now: seen.append(now))

    other = stage.engine.another(VirtualClock(START + 5))

    assert (other.plan, other.clock.now(), other.whole_log(USER)) == (FREE, START + 5, [])
    with pytest.raises(ServiceError):
        other.accept(USER, PublishRequest(PublishCommand("http://localhost/hook")))
    other.at(START + 6, "tea")
    other.claim(START + 6)
    assert seen == [START + 6]


def test_what_nobody_heard_of_yet_is_not_told_after_going_back() -> None:
    stage = Stage()
    heard: list[str] = []

    def listen(entry: LogEntry) -> None:
        heard.append(entry.message.command.url)
        if heard == ["https://shop.test/a"]:
            raise ValueError("broken")

    state = stage.engine.states.take(None)
    stage.engine.subscribe(listen)
    urls = ("https://shop.test/a", "https://shop.test/b")
    with pytest.raises(ValueError, match=r"^broken$"):
        stage.engine.accept_batch(USER, [PublishRequest(PublishCommand(url)) for url in urls])

    stage.engine.states.put_back(state)
    stage.publish("https://shop.test/c")

    assert heard == ["https://shop.test/a", "https://shop.test/c"]
