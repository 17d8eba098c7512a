"""What of a destination's answer counts, and what of it is kept."""

from fakestash.model.outcomes import Outcome, Responded, TimedOut


def within(timeout: int, outcome: Outcome) -> tuple[Outcome, int]:
    """The outcome under a time limit (ms), and how long until it counts (D102).

    An answer that is complete exactly at the limit is in time.
    """
    took = timeout if outcome.took is None else outcome.took
    if took > timeout:
        return TimedOut(exception=outcome.exception), timeout
    return outcome, took


def as_kept(outcome: Outcome, limit: int) -> Outcome:
    """The outcome as it is kept: an answer's body is cut at ``limit`` bytes, all else stays."""
    if isinstance(outcome, Responded) and len(outcome.body) > limit:
        return outcome._replace(body=outcome.body[:limit])
    return outcome
