"""Routes for what was delivered: list it, or wait for it in real time."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final, NamedTuple

from fakestash.api.openapi_schemas import INTEGER, NATURAL, POSITIVE, TEXT, array, record, ref
from fakestash.control.asked import (
    Answer,
    Asked,
    ControlError,
    Endpoint,
    Routes,
    told,
)
from fakestash.control.reading import instant, text, whole
from fakestash.control.schemas import DURATION, INSTANT
from fakestash.control.subject import in_event_loop
from fakestash.control.views import delivery_json
from fakestash.delivery.journal import Deliveries
from fakestash.drive.report import counted
from fakestash.errors import UsageError
from fakestash.syntax.moments import duration_text, instant_of, millis_of
from fakestash.testing.root import Root
from fakestash.wire.json_values import JsonObject
from fakestash.wire.places import place

MOST_SHOWN: Final = 10_000
SHOWN: Final = 100
"""So many of the latest ones are listed unless told otherwise."""

LONGEST_WAIT_MS: Final = 600_000
_USUAL_WAIT: Final = "5s"
_TIMED_OUT: Final = 408
_NEXT_SHOWN: Final = 5
_LOOK_AHEAD: Final = "7d"

_FILTERS: Final[Mapping[str, JsonObject]] = {
    "url": TEXT,
    "messageId": TEXT,
    "status": INTEGER,
    "since": INSTANT,
}
_LISTED: Final = record({"deliveries": array(ref("Delivery")), "count": NATURAL})


class _Filter(NamedTuple):
    url: str | None
    message_id: str | None
    status: int | None
    since: int | None

    def of(self, fake: Root) -> Deliveries:
        """The deliveries that pass."""
        found = fake.deliveries
        if self.url is not None:
            found = found.to(self.url)
        if self.message_id is not None:
            found = found.of(self.message_id)
        if self.status is not None:
            found = found.where(lambda each: each.status == self.status)
        if self.since is not None:
            since = self.since
            found = found.where(lambda each: each.attempt.started_at >= since)
        return found

    def __str__(self) -> str:
        parts = [
            "" if self.url is None else f" to {self.url}",
            "" if self.message_id is None else f" of {self.message_id}",
            "" if self.status is None else f" answered with {self.status}",
            "" if self.since is None else f" since {self.since}",
        ]
        return "".join(parts)


def _filter(given: Mapping[str, Any]) -> _Filter:
    """The filter that is asked for, in a query string or in JSON.

    Raises:
        UsageError: on a bad value.
    """
    url, message_id = given.get("url"), given.get("messageId")
    status, since = given.get("status"), given.get("since")
    if url is not None:
        place(text(url, "url"))
    return _Filter(
        url,
        None if message_id is None else text(message_id, "messageId"),
        None if status is None else whole(status, "status"),
        None if since is None else _since(since),
    )


def _since(since: object) -> int:
    if isinstance(since, str) and since.lstrip("-").isdecimal() and len(since) < 20:  # noqa: PLR2004 - more digits are no instant
        since = int(since)
    return instant_of(instant(since, "since"), name="since")


async def _list(asked: Asked) -> Answer:
    count = whole(asked.query.get("count", SHOWN), "count")
    if count > MOST_SHOWN:
        raise UsageError(f"count must be {MOST_SHOWN} at most, got {count}")
    return _shown(_filter(asked.query).of(asked.fake), count)


async def _wait(asked: Asked) -> Answer:
    fields = asked.fields
    wanted = _filter(fields)
    times = whole(fields.get("times", 1), "times", 1)
    timeout = millis_of(fields.get("timeout", _USUAL_WAIT), name="timeout")
    if timeout > LONGEST_WAIT_MS:
        longest = duration_text(LONGEST_WAIT_MS)
        raise UsageError(f"timeout must be {longest} at most, got {duration_text(timeout)}")
    fake = asked.fake
    if in_event_loop():
        await _until(fake, wanted, times, timeout / 1000)
    found = _answered(wanted, fake)
    if len(found) < times:
        raise ControlError(_TIMED_OUT, _waited_text(asked, wanted, found, times, timeout))
    return _shown(found, MOST_SHOWN)


def _answered(wanted: _Filter, fake: Root) -> Deliveries:
    """What is waited for: deliveries that have come back."""
    return wanted.of(fake).where(lambda each: each.outcome is not None)


async def _until(fake: Root, wanted: _Filter, times: int, seconds: float) -> None:
    """Wait until there are so many, or for as many seconds."""
    loop = asyncio.get_running_loop()
    news = asyncio.Event()

    def wake() -> None:
        with suppress(RuntimeError):  # the loop was closed in the meantime
            loop.call_soon_threadsafe(news.set)

    stop = fake.engine.on_change(wake)
    try:
        async with asyncio.timeout(seconds):
            while len(_answered(wanted, fake)) < times:
                await news.wait()
                news.clear()
    except TimeoutError:
        return
    finally:
        stop()


def _waited_text(asked: Asked, wanted: _Filter, found: Deliveries, times: int, timeout: int) -> str:
    """What there is instead of what was waited for, and what is due."""
    fake = asked.fake
    wished = counted(times, "delivery", "deliveries")
    there = f"there {'is' if len(found) == 1 else 'are'} {len(found) or 'none'}"
    lines = [
        f"waited {duration_text(timeout)} for {wished}{wanted}, and {there}",
        *(f"    {each!r}" for each in found[-_NEXT_SHOWN:]),
    ]
    due = fake.upcoming(_LOOK_AHEAD)[:_NEXT_SHOWN]
    lines.append("What is due next:" if due else "Nothing is due.")
    lines += [f"    {each}" for each in due]
    if due and not asked.subject.pace.runs:
        lines.append("The clock stands still: POST /_fakestash/clock/advance moves it.")
    return "\n".join(lines)


def _shown(found: Deliveries, count: int) -> Answer:
    latest = found[-count:] if count else found[:0]
    return told({"deliveries": [delivery_json(each) for each in latest], "count": len(found)})


DELIVERY_ROUTES: Final[Routes] = {
    ("GET", "/_fakestash/deliveries"): Endpoint(
        _list,
        "List the latest deliveries; `count` of the answer is how many there are in all.",
        _LISTED,
        query={**_FILTERS, "count": NATURAL},
    ),
    ("POST", "/_fakestash/deliveries/wait"): Endpoint(
        _wait,
        "Wait in real time until so many deliveries have come back.",
        _LISTED,
        {**_FILTERS, "times": POSITIVE, "timeout": DURATION},
        refusals=(_TIMED_OUT,),
    ),
}
