"""A clock and its moves in JSON, for those who drive it over HTTP.

Instants are unix ms as everywhere in the API of the service, and every answer tells what is
due next, so that a script can decide where to go without asking again.
"""

from typing import Any, Final, TypeAlias

from fakestash.drive.manual import ManualDriver
from fakestash.drive.report import Report, describe_event
from fakestash.engine import Engine
from fakestash.errors import UsageError
from fakestash.model.logs import LogState
from fakestash.model.messages import Attempt
from fakestash.model.outcomes import Responded, error_text
from fakestash.syntax.moments import (
    DurationLike,
    InstantLike,
    datetime_of,
    instant_of,
    instant_text,
)

Json: TypeAlias = dict[str, Any]

STANDS_STILL: Final = 0
"""The rate of a clock that is moved by hand."""


def clock_state(engine: Engine, rate: float) -> Json:
    """What the clock shows, how it runs, and what is due next.

    ``rate`` is how many times as fast as the machine's clock it runs, or ``STANDS_STILL``.
    """
    return {
        "now": engine.clock.now(),
        "mode": "manual" if rate == STANDS_STILL else "real",
        "rate": int(rate) if float(rate).is_integer() else rate,
        "next": _next_event(engine),
    }


class RemoteHand:
    """Moves a clock by its driver, in the caller's event loop, and reports in JSON.

    Raises:
        UsageError: from each move, as the driver does.
    """

    def __init__(self, engine: Engine, driver: ManualDriver) -> None:
        self._engine = engine
        self._driver = driver

    async def advance(self, duration: DurationLike) -> Json:
        """Move on by ``duration``, its end included."""
        return self._told(await self._driver.advance_async(duration))

    async def advance_to(self, instant: InstantLike) -> Json:
        """Move on to ``instant``, included. A number is unix ms, as this API tells instants."""
        until, now = _read(instant), self._engine.clock.now()
        if instant_of(until) < now:
            raise UsageError(
                f"instant is in the past: {instant!r}; the clock shows {instant_text(now)} and "
                "cannot go back"
            )
        return self._told(await self._driver.advance_to_async(until))

    async def next(self) -> Json:
        """Jump to the next event and run it alone."""
        return self._told(await self._driver.next_async())

    async def run_until_idle(self) -> Json:
        """Run events until nothing is due any more."""
        return self._told(await self._driver.run_until_idle_async())

    def _told(self, report: Report) -> Json:
        deliveries = [_delivery(firing.attempt) for firing in report.firings if firing.attempt]
        outcomes = [(delivery["status"], delivery["error"]) for delivery in deliveries]
        return {
            "started": instant_of(report.started_at),
            "ended": instant_of(report.ended_at),
            "reason": report.reason.value,
            "delivered": sum(status is not None and not error for status, error in outcomes),
            "failed": sum(error is not None for _, error in outcomes),
            "deliveries": deliveries,
            "next": _next_event(self._engine),
        }


def _read(instant: InstantLike) -> InstantLike:
    """A number as unix ms; what is none stays as it is."""
    match instant:
        case bool():
            return instant
        case int():
            return datetime_of(instant)
        case float() if instant.is_integer():
            return datetime_of(int(instant))
        case float():
            raise UsageError(
                f"instant must be a whole number of unix ms, or ISO text, got {instant!r}"
            )
        case _:
            return instant


def _delivery(attempt: Attempt) -> Json:
    """One attempt and what came back; neither status nor error if that is still to come."""
    message = attempt.message
    closing = message.closing(attempt.number)
    outcome = None if closing is None else closing.outcome
    has_failed = closing is not None and closing.state is LogState.ERROR
    return {
        "at": attempt.started_at,
        "messageId": message.id,
        "url": message.command.url,
        "retried": attempt.number,
        "status": outcome.status if isinstance(outcome, Responded) else None,
        "error": error_text(outcome) if outcome is not None and has_failed else None,
    }


def _next_event(engine: Engine) -> Json | None:
    timer = engine.next_timer()
    return None if timer is None else {"at": timer[0], "event": describe_event(timer[2])}
