"""The clock and its moves in JSON.

Instants are unix ms as everywhere in the API of the service, and every answer tells what is
due next, so that a script can decide where to go without asking again.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

from fakestash.api.calls import JSON, Reply
from fakestash.control.asked import Json
from fakestash.control.subject import Subject, in_event_loop
from fakestash.drive.report import Report, describe_event
from fakestash.engine import Engine
from fakestash.model.logs import LogState
from fakestash.model.messages import Attempt
from fakestash.model.outcomes import Responded, error_text
from fakestash.syntax.moments import instant_of
from fakestash.wire.json_values import json_bytes

_AT_ONCE: Final = 500
"""So many deliveries are written in one go: nobody else's request is answered meanwhile."""


def clock_json(subject: Subject) -> Json:
    """What the clock shows, how it runs, and what is due next."""
    mode, rate = subject.pace
    engine = subject.fake.engine
    return {
        "now": engine.clock.now(),
        "mode": str(mode),
        "rate": int(rate) if float(rate).is_integer() else rate,
        "next": _next_event(engine),
    }


async def report_bytes(report: Report, engine: Engine) -> bytes:
    """A report of a move, written without holding others up."""

    def write() -> bytes:
        return _written(report, engine)

    if len(report.firings) <= _AT_ONCE or not in_event_loop():
        return write()
    return await asyncio.to_thread(write)


async def report_reply(report: Report, engine: Engine) -> Reply:
    """The same as a reply."""
    return Reply(200, await report_bytes(report, engine), JSON)


def _written(report: Report, engine: Engine) -> bytes:
    attempts = [firing.attempt for firing in report.firings if firing.attempt is not None]
    pieces: list[bytes] = []
    delivered = failed = 0
    for some in _in_parts(attempts):
        deliveries = [attempt_json(attempt) for attempt in some]
        failed += sum(each["error"] is not None for each in deliveries)
        delivered += sum(
            each["status"] is not None and each["error"] is None for each in deliveries
        )
        pieces.append(json_bytes(deliveries)[1:-1])
    before = {
        "started": instant_of(report.started_at),
        "ended": instant_of(report.ended_at),
        "reason": report.reason.value,
        "delivered": delivered,
        "failed": failed,
    }
    after = {"next": _next_event(engine)}
    listed = b',"deliveries":[' + b",".join(pieces) + b"],"
    return json_bytes(before)[:-1] + listed + json_bytes(after)[1:]


def attempt_json(attempt: Attempt) -> Json:
    """One attempt and what came back; neither status nor error if that is still to come."""
    message = attempt.message
    closing = attempt.closing
    outcome = attempt.outcome
    has_failed = closing is not None and closing.state is LogState.ERROR
    return {
        "at": attempt.started_at,
        "messageId": message.id,
        "url": message.command.url,
        "retried": attempt.number,
        "status": outcome.status if isinstance(outcome, Responded) else None,
        "error": error_text(outcome) if outcome is not None and has_failed else None,
    }


def _in_parts(attempts: Sequence[Attempt]) -> Sequence[Sequence[Attempt]]:
    return [attempts[start : start + _AT_ONCE] for start in range(0, len(attempts), _AT_ONCE)]


def _next_event(engine: Engine) -> Json | None:
    timer = engine.next_timer()
    return None if timer is None else {"at": timer[0], "event": describe_event(timer[2])}
