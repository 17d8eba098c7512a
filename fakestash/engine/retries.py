"""When the next attempt happens, if there is one: a pure decision.

The default waits are e^(2.5 n) whole seconds, at most a day: the documented formula, seen
rounded down in traffic. The order of the rules beyond that is D104; no jitter is D105.
"""

from typing import Final, NamedTuple

from fakestash.model.messages import Message, PublishCommand
from fakestash.model.outcomes import HeaderItems, Outcome, Responded
from fakestash.syntax.retry_after import AskedWait, asked_wait

BACKOFF_MS: Final = (12_000, 148_000, 1_808_000, 22_026_000)
"""Waits before the first four retries; all later ones wait ``LONGEST_BACKOFF_MS``."""
LONGEST_BACKOFF_MS: Final = 86_400_000

NON_RETRYABLE_STATUS: Final = 489
NON_RETRYABLE_HEADER: Final = "upstash-nonretryable-error"


class Wait(NamedTuple):
    """How long to wait for the next attempt (ms), and what says so.

    ``header`` is that of the answer; without one it is the message's own expression if
    ``is_expression``, or else the default backoff.
    """

    millis: int
    header: str | None = None
    is_expression: bool = False


def is_non_retryable(outcome: Outcome) -> bool:
    """Whether the destination asked for no retries: status and header, both (D100)."""
    return (
        isinstance(outcome, Responded)
        and outcome.status == NON_RETRYABLE_STATUS
        and _has_true(outcome.headers, NON_RETRYABLE_HEADER)
    )


def retry_at(message: Message, outcome: Outcome, now: int) -> int | None:
    """The instant of the next attempt after a failed one; None if there is none."""
    retried = message.retried
    if retried >= message.command.retries or is_non_retryable(outcome):
        return None
    return now + wait_after(message.command, retried, outcome, now).millis


def wait_after(command: PublishCommand, retried: int, outcome: Outcome, now: int) -> Wait:
    """The wait for the next attempt after a failed one, which had so many retries before it."""
    asked = _answered_wait(outcome, now)
    if asked is not None:
        return Wait(asked.millis, asked.header)
    if command.retry_delay is not None:
        millis = command.retry_delay.millis(retried)
        if millis is not None:
            return Wait(millis, is_expression=True)
    return Wait(BACKOFF_MS[retried] if retried < len(BACKOFF_MS) else LONGEST_BACKOFF_MS)


def _answered_wait(outcome: Outcome, now: int) -> AskedWait | None:
    """The wait that the destination's answer asks for, if it does usably."""
    if not isinstance(outcome, Responded):
        return None
    return asked_wait(outcome.headers, now)


def _has_true(headers: HeaderItems, name: str) -> bool:
    return any(key.lower() == name and value.strip().lower() == "true" for key, value in headers)
