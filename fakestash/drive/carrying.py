"""Carrying one claimed attempt to its destination and its outcome back to the engine.

Whatever breaks the call off, the attempt is settled: none is left in the air.
"""

from collections.abc import Awaitable, Callable

from fakestash.delivery.courier import Courier
from fakestash.engine import Engine
from fakestash.errors import shown_where_it_was_made
from fakestash.model.messages import Attempt
from fakestash.model.outcomes import Outcome, broken_off

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
    return outcome
