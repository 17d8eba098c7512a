"""The stage on which steps are played: a scripted destination, and checks after every step."""

from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final, Protocol

import pytest

from fakestash.clock import VirtualClock
from fakestash.delivery.courier import Courier
from fakestash.delivery.outbound import OutboundRequest
from fakestash.delivery.router import ANY_ORIGIN, Router
from fakestash.drive.manual import ManualDriver
from fakestash.drive.report import Report
from fakestash.engine import Engine
from fakestash.engine.chaos import Chaos
from fakestash.errors import ServiceError
from fakestash.ids import Ids
from fakestash.model.messages import Message, MessageState, PublishCommand
from fakestash.model.outcomes import Outcome, Responded, TimedOut, Unreachable
from fakestash.model.settings import Extras, FlowControl
from fakestash.plans import PAYG, Plan
from fakestash.wire.callback_body import callback_body
from tests.builders import NOT_RETRYABLE, START, USER
from tests.engine.any_use.told import Listener, Told

KEPT_S: Final = 10**9
"""Nothing that is looked at here expires."""

SHOP: Final = "https://shop.test/"
"""Where messages go. The last part of a URL says what is answered there."""

ANSWERS: Final[dict[str, tuple[Outcome, ...]]] = {
    "ok": (Responded(200),),
    "slow": (Responded(204, took=1_500),),
    "broken": (Responded(500),),
    "broken-once": (Responded(500), Responded(200)),
    "broken-slowly": (Responded(500, took=700),),
    "never": (NOT_RETRYABLE,),
    "never-slowly": (NOT_RETRYABLE._replace(took=1_000),),
    "hangs": (TimedOut(),),
    "hangs-once": (TimedOut(), Responded(200)),
    "gone": (Unreachable("EOF", took=1),),
    "again": (Responded(429, (("Retry-After", "0"),)), Responded(200, took=1_000)),
    "later": (Responded(503, (("Retry-After", "2"),)),),
}
"""What is answered, attempt by attempt; the last answer from then on."""


@dataclass
class Fires:
    """A schedule: how often it fires (ms), where to, and when next."""

    every: int
    urls: "Callable[[Play], list[str] | None]"
    next_at: int
    paused: bool = False


class Step(Protocol):
    """Something that is done to the engine, and told to the listener where the log is silent."""

    def do(self, play: "Play", /) -> None:
        """Do it."""
        ...


def plan_for(most_in_flight: int) -> Plan:
    """A plan under which nothing expires."""
    return replace(
        PAYG,
        global_parallelism=most_in_flight,
        log_retention=KEPT_S,
        dead_letter_retention=KEPT_S,
    )


class Play:
    """An engine, a destination that answers by the URL, and a listener that knows better."""

    def __init__(
        self,
        *,
        most_in_flight: int = 100,
        seed: int = 0,
        needs_loop: bool = False,
        chaos: Chaos | None = None,
    ) -> None:
        plan = plan_for(most_in_flight)
        self.engine = Engine(
            clock=VirtualClock(START),
            callback_body=callback_body,
            ids=Ids(seed),
            plan=plan,
            chaos=chaos,
        )
        self.plan = plan
        self.needs_loop = needs_loop
        router = Router()
        router.add(ANY_ORIGIN, self)
        self.courier = Courier(router, region="EU-CENTRAL-1")
        self.driver = ManualDriver(self.engine, self.courier)
        self.listener = Listener(most_in_flight)
        self.engine.subscribe(self.listener.hear)
        self.signing_key = self.engine.signing_keys(USER).current
        self.groups: dict[str, list[str]] = {}
        self.schedules: dict[str, Fires] = {}
        self.fired: list[tuple[str, int, str]] = []
        """What schedules have to have made: of which, when, and where to."""
        self.firsts: dict[tuple[str, ...], tuple[str, int]] = {}
        """Message id and end of the window of publishes that later ones may be duplicates of."""
        self.repeated = 0
        """How many requests were forgotten, and made again or to be made again."""
        self.during: list[Step] = []
        """What destinations do, one in each delivery, before they answer."""

    @property
    def now(self) -> int:
        """The instant."""
        return self.engine.clock.now()

    @property
    def messages(self) -> list[Told]:
        """All messages, as they were made."""
        return list(self.listener.told.values())

    def run(self, steps: list[Step]) -> None:
        """Play the steps, one after the other, and look at everything after each."""
        for step in steps:
            step.do(self)
            self.check()

    @contextmanager
    def refused_unless(self, accepted: bool) -> Generator[None, None, None]:
        """A call that the engine must accept, or must refuse."""
        if accepted:
            yield
            return
        with pytest.raises(ServiceError):
            yield

    def move(self, ms: int) -> None:
        """Move time on."""
        self.driver.advance(f"{ms}ms")

    def next(self) -> Report:
        """Let the next thing happen."""
        return self.driver.next()

    def expect_firings(self) -> None:
        """Note what schedules have to have made up to now.

        Whether one that is due right now comes before or after what happens now is its own affair.
        """
        for name, schedule in self.schedules.items():
            shown = self.engine.schedules.get(USER, name)
            assert shown.is_paused == schedule.paused
            assert shown.next_at is not None
            while schedule.next_at < min(shown.next_at, self.now + 1):
                urls = [] if schedule.paused else schedule.urls(self)
                self.fired += [(name, schedule.next_at, url) for url in urls or ()]
                schedule.next_at += schedule.every
            assert shown.next_at == schedule.next_at >= self.now

    # --- the destination -----------------------------------------------------------------

    def call(self, request: OutboundRequest) -> Outcome | Awaitable[Outcome]:
        """Answer one request."""
        return self._answer_later(request) if self.needs_loop else self._answer(request)

    async def _answer_later(self, request: OutboundRequest) -> Outcome:
        return self._answer(request)

    def _answer(self, request: OutboundRequest) -> Outcome:
        told = self.listener.told[request.message_id]
        self.listener.catch_up()
        assert told.in_flight
        assert told.answer_at is None
        assert request.retried == told.attempts - 1
        assert request.attempt.signing_key == self.signing_key
        assert request.attempt.started_at == self.now
        if self.during:
            self.during.pop(0).do(self)
        answers = ANSWERS[request.url.rpartition("/")[2]]
        answer = answers[min(request.retried, len(answers) - 1)]
        limit = told.command.timeout or self.plan.max_timeout * 1_000
        took = limit if answer.took is None else answer.took
        told.answer = answer if took <= limit else TimedOut()
        told.answer_at = self.now + min(took, limit)
        return answer

    # --- what holds after every step -----------------------------------------------------

    def check(self) -> None:
        """Look at everything."""
        self.listener.catch_up()
        self.expect_firings()
        if self.is_at_rest:
            for told in self.messages:
                assert self.is_where_it_belongs(told), f"{told.history} is lost"
            assert all(each.next_at > self.now for each in self.schedules.values())
        self._check_messages()
        self._check_firings()
        self._check_log()
        self._check_queues()
        self._check_keys()

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing is due now: then whatever waits has a reason to."""
        timer = self.engine.next_timer()
        assert timer is None or timer[0] >= self.now
        return timer is None or timer[0] > self.now

    def is_where_it_belongs(self, told: Told) -> bool:
        """Whether a message has ended, runs, is to come, or has a reason to be held."""
        if told.end is not None:
            return True
        if told.in_flight:
            return told.answer_at is not None and told.answer_at > self.now
        return told.planned > self.now or (not told.asked and self._has_to_wait(told))

    def _has_to_wait(self, told: Told) -> bool:
        is_full = len(self.listener.in_flight) >= self.listener.most_in_flight
        return (
            not self._is_its_turn(told)
            or (told.key is not None and not told.key.is_open(self.now))
            or is_full
        )

    def _check_messages(self) -> None:
        pending = {message.id: message for message in self.engine.pending()}
        assert list(pending) == [each.id for each in self.messages if each.end is None]
        for told in self.messages:
            assert told.message.attempts == told.attempts
            if told.end is None:
                assert pending[told.id].state in states(told)
        letters = [letter.message.id for letter in self.engine.all_dead_letters(USER)]
        assert letters == [each.id for each in self.listener.letters]

    def _check_firings(self) -> None:
        fired = [
            (told.command.extras.schedule_id or "", told.created_at, told.command.url)
            for told in self.messages
            if told.command.extras.schedule_id and not told.is_second_try
        ]
        assert sorted(fired) == sorted(self.fired)

    def _check_log(self) -> None:
        assert self.engine.whole_log(USER) == self.listener.heard
        journal = [(each.message_id, each.retried) for each in self.courier.deliveries]
        assert len(journal) == sum(each.attempts for each in self.messages) + self.repeated
        if not self.repeated:
            assert len(set(journal)) == len(journal)
        for told in self.messages:
            settled = told.attempts - told.in_flight
            command = told.command.extras
            callbacks = [False] * settled if command.callback else []
            if command.failure_callback and told.end == "F":
                callbacks.append(True)
            assert [each.is_last_word for each in told.reports] == callbacks

    def _check_queues(self) -> None:
        queues = {each.name: each for each in self.engine.queues.list(USER)}
        assert list(queues) == list(self.listener.lines)
        for name, line in self.listener.lines.items():
            queue = queues[name]
            assert (queue.parallelism, queue.paused) == (line.parallelism, line.paused)
            assert queue.lag == line.lag

    def _check_keys(self) -> None:
        limit = self.engine.flow_control.global_parallelism(USER)
        assert limit == (self.listener.most_in_flight, len(self.listener.in_flight))
        statuses = self.engine.flow_control.list(USER)
        assert [each.key for each in statuses] == sorted(self.listener.keys)
        for status in statuses:
            key = self.listener.keys[status.key]
            assert status == key.status(self.now, status.wait_list_size)
            if self.is_at_rest:
                held = [each for each in self.messages if each.key is key]
                waiting = [
                    each for each in held if each.is_held(self.now) and self._is_its_turn(each)
                ]
                assert status.wait_list_size == len(waiting)

    def _is_its_turn(self, told: Told) -> bool:
        """Whether a message is not held by its queue."""
        line = told.line
        if line is None:
            return True
        return not line.paused and (
            told.has_started or (line.taken < line.parallelism and line.first(self.now) is told)
        )

    # --- what holds at the end -----------------------------------------------------------

    def drain(self) -> None:
        """Let everything go on and come to its end; then nothing may be left of it."""
        self.during.clear()
        for name in sorted(self.schedules):
            self.engine.schedules.delete(USER, name)
        self.schedules.clear()
        for name, line in self.listener.lines.items():
            self.engine.queues.resume(USER, name)
            line.paused = False
        for name, key in self.listener.keys.items():
            self.engine.flow_control.unpin(USER, name, parallelism=True, rate=True)
            self.engine.flow_control.resume(USER, name)
            key.paused = key.pinned_parallelism = key.pinned_rate = False
        since = self.now
        self.driver.run_until_idle()
        self.check()
        assert self.now == max([since, *(entry.at for entry in self.listener.heard)])
        assert self.engine.next_timer() is None
        assert all(told.end is not None for told in self.messages)
        assert all(line.lag == line.taken == 0 for line in self.listener.lines.values())
        assert self.listener.in_flight == []
        self._start_afresh()

    def _start_afresh(self) -> None:
        """A new message of every queue and every key starts and ends at once."""
        extras = [
            *(Extras(queue=name) for name in self.listener.lines),
            *(Extras(flow_control=FlowControl(key, parallelism=1)) for key in self.listener.keys),
        ]
        ids = [
            self.engine.publish(USER, PublishCommand(SHOP + "ok", extras=one)).id for one in extras
        ]
        self.let_start()
        self.check()
        assert all(self.listener.told[each].end == "D" for each in ids)

    def let_start(self) -> None:
        """Have what was published just now come to its end."""
        self.driver.advance(0)

    def story(self) -> list[tuple[int, int, str, int]]:
        """The log without ids: messages by their number."""
        return [
            (each.at, each.sequence, each.state, self.listener.told[each.message.id].number)
            for each in self.engine.whole_log(USER)
        ]

    def dump(self) -> list[object]:
        """Everything that can be seen, as values that can be compared."""
        return [
            [
                (e.at, e.sequence, e.state, e.message.id, e.next_delivery_at, e.outcome, e.duration)
                for e in self.engine.whole_log(USER)
            ],
            [_shown(told.message) for told in self.messages],
            [(each.message_id, each.retried, each.body) for each in self.courier.deliveries],
            [(letter.dlq_id, letter.message.id) for letter in self.engine.all_dead_letters(USER)],
            self.engine.queues.list(USER),
            self.engine.flow_control.list(USER),
            self.engine.flow_control.global_parallelism(USER),
            self.engine.url_groups.list(USER),
            [
                (each._replace(last_messages=()), [message.id for message in each.last_messages])
                for each in self.engine.schedules.list(USER)
            ],
            self.engine.signing_keys(USER),
        ]


def states(told: Told) -> set[MessageState]:
    """The states that a message that has not ended may be in."""
    if told.in_flight:
        return {MessageState.CANCELING_ACTIVE if told.asked else MessageState.ACTIVE}
    if told.asked:
        return {MessageState.CANCELING}
    return {MessageState.PENDING, MessageState.WAITING}


def _shown(message: Message) -> tuple[object, ...]:
    return (message.id, message.command, message.state, message.due_at, message.ended_at)
