"""What tests are built from: an engine on a virtual clock, ends that answer, histories as lists.

Every instant that a test expects is an offset in ms from ``START``.
"""

from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

from fakestash.clock import VirtualClock
from fakestash.delivery.courier import Courier
from fakestash.delivery.outbound import OutboundRequest
from fakestash.delivery.router import ANY_ORIGIN, Router
from fakestash.drive.manual import ManualDriver
from fakestash.engine import Engine
from fakestash.engine.capacity import UNLIMITED, Capacity
from fakestash.engine.chaos import Chaos
from fakestash.errors import ServiceError
from fakestash.ids import Ids
from fakestash.model.logs import LogEntry, LogState
from fakestash.model.messages import (
    DEFAULT_RETRIES,
    Accepted,
    Message,
    PublishCommand,
    PublishRequest,
)
from fakestash.model.outcomes import HeaderItems, Outcome, Responded, Unreachable
from fakestash.model.settings import NO_EXTRAS, CallbackSettings, Extras, FlowControl
from fakestash.model.users import DEFAULT_USER
from fakestash.plans import PAYG, Plan
from fakestash.syntax.retry_delay import parse
from fakestash.wire.callback_body import callback_body

START: Final = 1_767_225_600_000
"""2026-01-01T00:00:00Z."""

USER: Final = DEFAULT_USER.id
URL: Final = "https://shop.test/hook"
SHOP: Final = "https://shop.test/"

OK: Final = Responded(200)
BROKEN: Final = Responded(500)
NOT_RETRYABLE: Final = Responded(489, (("Upstash-NonRetryable-Error", "true"),))
REFUSED: Final = Unreachable("dial tcp 127.0.0.1:80: connect: connection refused")

CREATED: Final = LogState.CREATED
ACTIVE: Final = LogState.ACTIVE
RETRY: Final = LogState.RETRY
ERROR: Final = LogState.ERROR
DELIVERED: Final = LogState.DELIVERED
FAILED: Final = LogState.FAILED
CANCEL_REQUESTED: Final = LogState.CANCEL_REQUESTED
CANCELED: Final = LogState.CANCELED

SECOND: Final = 1_000
MINUTE: Final = 60_000
HOUR: Final = 3_600_000
DAY: Final = 86_400_000

Answer: TypeAlias = Outcome | Callable[[OutboundRequest], Outcome]


class Answers:
    """A destination that gives one answer after the other, and the last one from then on.

    A callable is called with the request and gives the outcome.
    """

    needs_loop = False

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers or (OK,))
        self.requests: list[OutboundRequest] = []

    def call(self, request: OutboundRequest) -> Outcome:
        """Answer one request."""
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return answer(request) if callable(answer) else answer


def after(
    action: Callable[[OutboundRequest], object], outcome: Outcome = OK
) -> Callable[[OutboundRequest], Outcome]:
    """An answer that is given after ``action`` was called with the request."""

    def act_and_answer(request: OutboundRequest) -> Outcome:
        action(request)
        return outcome

    return act_and_answer


class Stage:
    """An engine on a virtual clock, one destination for every URL, and a driver to move time."""

    def __init__(
        self,
        *answers: Answer,
        plan: Plan = PAYG,
        seed: int = 0,
        start: int = START,
        strict_hosts: bool = False,
        limits_by_host: bool = False,
        capacity: Capacity = UNLIMITED,
        chaos: Chaos | None = None,
    ) -> None:
        self.engine = Engine(
            clock=VirtualClock(start),
            callback_body=callback_body,
            ids=Ids(seed),
            plan=plan,
            strict_hosts=strict_hosts,
            limits_by_host=limits_by_host,
            capacity=capacity,
            chaos=chaos,
        )
        self.destination = Answers(*answers)
        self.router = Router()
        self.router.add(ANY_ORIGIN, self.destination)
        self.courier = Courier(self.router, region="EU-CENTRAL-1")
        self.driver = ManualDriver(self.engine, self.courier)

    @property
    def offset(self) -> int:
        """How far the clock is from ``START``, in ms."""
        return self.engine.clock.now() - START

    def publish(
        self,
        url: str = URL,
        *,
        user: str = USER,
        method: str = "POST",
        headers: HeaderItems = (),
        body: bytes = b"",
        retries: int = DEFAULT_RETRIES,
        retry_delay: str | None = None,
        timeout: int | None = None,
        delay: int = 0,
        not_before: int | None = None,
        labels: tuple[str, ...] = (),
        caller_ip: str = "127.0.0.1",
        extras: Extras = NO_EXTRAS,
    ) -> Message:
        """Publish as ``user``; the message is the engine's own, so it shows what becomes of it."""
        command = PublishCommand(
            url,
            body,
            method,
            headers,
            retries,
            None if retry_delay is None else parse(retry_delay),
            timeout,
            delay,
            not_before,
            labels,
            caller_ip,
            extras,
        )
        return self.engine.publish(user, command)

    def send(
        self,
        name: str,
        *,
        queue: str | None = None,
        flow: FlowControl | None = None,
        callback: CallbackSettings | None = None,
        failure_callback: CallbackSettings | None = None,
        user: str = USER,
        retries: int = DEFAULT_RETRIES,
        delay: int = 0,
    ) -> Message:
        """Publish to ``https://shop.test/<name>``: stories call a message by this name."""
        extras = Extras(queue, flow, callback, failure_callback)
        return self.publish(
            SHOP + name,
            user=user,
            retries=retries,
            delay=delay,
            extras=NO_EXTRAS if extras == NO_EXTRAS else extras,
        )

    def accept(self, request: PublishRequest, user: str = USER) -> tuple[Accepted, ...]:
        """Publish as through the API: to a URL group, or unless it is a duplicate."""
        return self.engine.accept(user, request)

    def found(self, message_id: str, user: str = USER) -> Message:
        """The engine's own message."""
        return next(each.message for each in self.log(user) if each.message.id == message_id)

    def cancel(self, message: Message, caller_ip: str = "127.0.0.1") -> None:
        """Ask for ``message`` to be cancelled."""
        self.engine.cancel(message.user_id, message.id, caller_ip)

    def advance(self, ms: int) -> None:
        """Move time on by ``ms``."""
        self.driver.advance(f"{ms}ms")

    def log(self, user: str = USER) -> list[LogEntry]:
        """The whole log of ``user``."""
        return self.engine.whole_log(user)


def timeline(message: Message) -> list[tuple[int, LogState]]:
    """What was logged about ``message``: offset and state."""
    return happened(message.entries)


def happened(entries: Iterable[LogEntry]) -> list[tuple[int, LogState]]:
    """Log entries as offset and state."""
    return [(entry.at - START, entry.state) for entry in entries]


def name_of(message: Message) -> str:
    """What a story calls a message: the end of its URL."""
    return message.command.url.rpartition("/")[2]


def story(stage: Stage, *states: LogState, user: str = USER) -> list[tuple[int, str, LogState]]:
    """What is in the log of these states: offset, message and state."""
    return [
        (entry.at - START, name_of(entry.message), entry.state)
        for entry in stage.log(user)
        if entry.state in states
    ]


def starts(stage: Stage, user: str = USER) -> list[tuple[int, str]]:
    """All attempts that were started: offset and message."""
    return [(at, name) for at, name, _ in story(stage, ACTIVE, user=user)]


def refused(call: Callable[[], object]) -> tuple[int, str]:
    """The status and the text that a call is refused with."""
    try:
        call()
    except ServiceError as error:
        return error.status, error.text
    raise AssertionError("the call was not refused")
