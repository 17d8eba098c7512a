"""An option of a message and what it does: what is read back, and what arrives."""

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from qstash.message import Message
from qstash.schedule import Schedule

from fakestash.delivery.script import AnswerLike
from tests.clients.python.arrivals import HOOK, START, Arrival, arrival, compact
from tests.clients.python.ways import FIRES, Headers, Options, Way, plain_message, plain_schedule

NOTHING: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A delivery of the message, ``after`` so many ms from when it is due, and its outcome."""

    after: int = 0
    came_back: int | str = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A callback: the request, and what its body tells of the answer to the message.

    ``of`` is the number of the attempt that it is about; ``dead`` says that the message is in
    the dead letter queue.
    """

    url: str
    of: int = 0
    method: str = "POST"
    header: Mapping[str, str] = field(default_factory=dict[str, str])
    answer_header: Headers = field(default_factory=dict[str, list[str]])
    answer: bytes = b""
    dead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Options, and all in which their message differs from one without.

    Args:
        options: what the method is called with.
        answers: what the destination answers, each after ``took`` seconds.
        delay: ms from acceptance to when the message is due.
        headers: what is forwarded to the destination.
        hidden: the names of those that are shown as a digest, ``hides_body`` the same of the body.
        shown: other fields of the message or schedule as it is read back.
        in_schedule: such fields that only a schedule has.
        attempts: the deliveries of the message.
        reports: the callbacks.
    """

    options: Options
    answers: tuple[AnswerLike, ...] = (200,)
    took: int = 0
    method: Any = "POST"
    url: str = HOOK
    retries: int = 3
    delay: int = 0
    headers: Headers = field(default_factory=dict[str, list[str]])
    hidden: tuple[str, ...] = ()
    hides_body: bool = False
    shown: Mapping[str, Any] = field(default_factory=dict[str, Any])
    in_schedule: Mapping[str, Any] = field(default_factory=dict[str, Any])
    attempts: tuple[Attempt, ...] = (Attempt(),)
    reports: tuple[Report, ...] = ()


def expected_message(way: Way, case: Case, message_id: str) -> Message:
    """What is read back of a message."""
    return replace(
        plain_message(way, message_id),
        url=case.url,
        max_retries=case.retries,
        not_before=START + case.delay,
        **_shown(way, case),
    )


def expected_schedule(way: Way, case: Case, schedule_id: str) -> Schedule:
    """What is read back of a schedule, before it fires."""
    return replace(
        plain_schedule(way, schedule_id),
        retries=case.retries,
        **{**_shown(way, case), **case.in_schedule},
    )


def expected_arrivals(way: Way, case: Case, origin: Mapping[str, str] = NOTHING) -> list[Arrival]:
    """What is delivered; ``origin`` is the header of a message that comes from a schedule."""
    accepted = FIRES if origin else 0
    due = accepted + case.delay
    attempts = [
        arrival(
            due + attempt.after,
            method=case.method,
            url=case.url,
            body=way.sent,
            retried=number,
            header={**_joined(_headers(way, case)), **origin},
            came_back=attempt.came_back,
        )
        for number, attempt in enumerate(case.attempts)
    ]
    reports = [
        arrival(
            attempts[report.of].at,
            method=report.method,
            url=report.url,
            body=compact(_told(way, case, report, accepted, bool(origin))),
            message=f"message {number}",
            header={"Content-Type": "application/json", **report.header},
        )
        for number, report in enumerate(case.reports, 1)
    ]
    return sorted(attempts + reports, key=lambda made: made.at)


def _shown(way: Way, case: Case) -> Options:
    headers = _headers(way, case)
    return {
        "method": case.method,
        "body": _digest(way.sent) if case.hides_body else way.sent.decode(),
        "headers": {
            name: [_digest(value.encode()) for value in values] if name in case.hidden else values
            for name, values in headers.items()
        },
        **case.shown,
    }


def _headers(way: Way, case: Case) -> Headers:
    return {**way.headers, **case.headers}


def _joined(headers: Headers) -> dict[str, str]:
    return {name: value for name, values in headers.items() for value in values}


def _digest(value: bytes) -> str:
    return f"REDACTED:{hashlib.sha256(value).hexdigest()}"


def _told(way: Way, case: Case, report: Report, accepted: int, has_schedule: bool) -> Options:
    """The body of a callback, in the order of the service."""
    attempt = case.attempts[report.of]
    at = START + accepted + case.delay + attempt.after
    retried = {"retried": report.of} if report.of else {}
    return {
        "status": attempt.came_back,
        "header": report.answer_header,
        "body": b64encode(report.answer).decode(),
        **retried,
        **({"dlqId": f"{at}-0"} if report.dead else {}),
        "sourceMessageId": "message",
        "url": case.url,
        "method": case.method,
        "sourceHeader": _headers(way, case),
        "sourceBody": b64encode(way.sent).decode(),
        "maxRetries": case.retries,
        "notBefore": START + accepted + case.delay,
        "createdAt": START + accepted,
        **({"scheduleId": "schedule"} if has_schedule else {}),
        "callerIP": "127.0.0.1",
    }
