"""Carrying one claimed attempt to its destination and its outcome back to the engine.

Whatever breaks the call off, the attempt is settled: none is left in the air. In strict mode that
goes for what user code raised, too: it counts as always, and is raised again afterwards.
"""

from collections.abc import Awaitable, Callable
from typing import NoReturn

from fakestash.delivery.courier import Courier
from fakestash.engine import Engine
from fakestash.errors import RAISED_BY, shown_where_it_was_made
from fakestash.model.messages import Attempt
from fakestash.model.outcomes import Outcome, broken_off
from fakestash.syntax.moments import instant_text

__tracebackhide__ = shown_where_it_was_made


def carry(
    engine: Engine,
    courier: Courier,
    attempt: Attempt,
    wait: Callable[[Awaitable[Outcome]], Outcome],
) -> Outcome:
    """Call the destination; ``wait`` runs what has to be awaited after all."""
    try:
        outcome = courier.carry(attempt)
        if not isinstance(outcome, tuple):
            outcome = wait(outcome)
    except BaseException as error:
        engine.settle(attempt, broken_off(error))
        raise
    engine.settle(attempt, outcome)
    if outcome.exception is not None and courier.is_strict:
        _raise_again(attempt, outcome.exception)
    return outcome


async def carry_async(engine: Engine, courier: Courier, attempt: Attempt) -> Outcome:
    """``carry``, awaiting in the caller's event loop."""
    try:
        outcome = courier.carry(attempt)
        if not isinstance(outcome, tuple):
            outcome = await outcome
    except BaseException as error:
        engine.settle(attempt, broken_off(error))
        raise
    engine.settle(attempt, outcome)
    if outcome.exception is not None and courier.is_strict:
        _raise_again(attempt, outcome.exception)
    return outcome


def _raise_again(attempt: Attempt, error: BaseException) -> NoReturn:
    """Raise what user code raised, with a note that names the delivery, be it not the first."""
    message = attempt.message
    command = message.command
    number = f"attempt {attempt.number + 1} of {command.retries + 1}"
    at = instant_text(attempt.started_at)
    error.add_note(f"{RAISED_BY}{command.method} {command.url}, {number}, at {at} ({message.id})")
    raise error
