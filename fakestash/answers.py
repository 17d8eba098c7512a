"""Makers of answers for scripted destinations: ``destination(url).responds(retry_after("30s"))``.

What they give is what ``responds`` takes anyway; they know names and statuses by heart.
"""

from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Final

from fakestash.delivery.script import AnswerLike
from fakestash.delivery.scripted_answers import BodyLike, Late
from fakestash.errors import UsageError, shown_where_it_was_made
from fakestash.syntax.moments import DurationLike, datetime_of, instant_of, millis_of

__tracebackhide__ = shown_where_it_was_made

_WAITS: Final = (
    *("Retry-After", "X-RateLimit-Reset"),
    *("X-RateLimit-Reset-Requests", "X-RateLimit-Reset-Tokens"),
)


def retry_after(
    wait: str | float | timedelta | datetime,
    *,
    status: int = 429,
    header: str = "Retry-After",
    body: BodyLike = None,
) -> tuple[int, dict[str, str], BodyLike]:
    """A failure that says when to try again.

    Args:
        wait: text is sent as it is (``"120"``, ``"6m5s"``, a date, or anything odd); a number or a
            ``timedelta`` as seconds, an aware ``datetime`` as the date of HTTP.
        status: of the answer.
        header: the one that says it: any that the service heeds.
        body: of the answer.

    Raises:
        UsageError: if the service heeds no such header, or ``wait`` is neither.
    """
    names = {name.lower(): name for name in _WAITS}
    if header.lower() not in names:
        raise UsageError(f"header must be one of {', '.join(_WAITS)}, got {header!r}")
    return status, {names[header.lower()]: _written(wait)}, body


def non_retryable(body: BodyLike = None) -> tuple[int, dict[str, str], BodyLike]:
    """The failure after which there are no retries: 489 with ``Upstash-NonRetryable-Error``."""
    return 489, {"Upstash-NonRetryable-Error": "true"}, body


def late(took: DurationLike, answer: AnswerLike = 200) -> Late:
    """An answer, or a function that gives one, with a latency of its own on the fake's clock.

    Raises:
        UsageError: if ``took`` is no duration.
    """
    return Late(answer, millis_of(took, name="took"))


def _written(wait: str | float | timedelta | datetime) -> str:
    if isinstance(wait, str):
        return wait
    if isinstance(wait, datetime):
        return format_datetime(datetime_of(instant_of(wait, name="wait")), usegmt=True)
    seconds, millis = divmod(millis_of(wait, name="wait"), 1000)
    return f"{seconds}.{millis:03}" if millis else str(seconds)
