"""The demonstration: one message that arrives, one that fails for good, half an hour in no time.

Messages are published, and the dead letter queue is read, through the API like by any
client, but in this process. All of it is alike in every run except the time that it took.
"""

import asyncio
import json
from collections.abc import Iterator, MutableMapping
from enum import Enum, auto
from itertools import zip_longest
from typing import Any, Final, NamedTuple, TypeAlias

from fakestash.clock import steady_seconds
from fakestash.delivery.journal import Deliveries
from fakestash.fake import FakeQStash
from fakestash.syntax.moments import duration_text, millis_of

Json: TypeAlias = dict[str, Any]

_ARRIVES: Final = "https://shop.test/orders"
_FAILS: Final = "https://shop.test/refunds"
_RETRIES: Final = 3


class Tone(Enum):
    """How a line is meant."""

    TITLE = auto()
    PLAIN = auto()
    GOOD = auto()
    BAD = auto()


class Line(NamedTuple):
    """A line of the story, at most 80 characters long."""

    text: str = ""
    tone: Tone = Tone.PLAIN


def story() -> Iterator[Line]:
    """Tell it, line by line, as it happens."""
    began = steady_seconds()
    fake = FakeQStash()
    began_virtually = fake.now
    fake.destination(_ARRIVES).responds(200)
    fake.destination(_FAILS).responds((503, {}, "out of order"))
    yield Line("fakestash: QStash in memory, on a clock that moves only when it is told to.")
    yield Line()
    yield from _success(fake)
    yield Line()
    yield from _failure(fake)
    yield Line()
    passed = duration_text(millis_of(fake.now - began_virtually))
    took = round((steady_seconds() - began) * 1000)
    fake.close()
    yield Line(f"{passed} passed on this clock, {took} ms on yours.", Tone.GOOD)


def _success(fake: FakeQStash) -> Iterator[Line]:
    yield Line("A message that arrives", Tone.TITLE)
    yield from _publish(fake, _ARRIVES)
    yield Line(f"  it is {_clock(fake)}, and time stands still: {len(fake.deliveries)} deliveries")
    yield Line("  > advance(0): whatever is due now")
    fake.advance(0)
    yield from _attempts(fake.deliveries.to(_ARRIVES))


def _failure(fake: FakeQStash) -> Iterator[Line]:
    yield Line("A message that always fails", Tone.TITLE)
    yield from _publish(fake, _FAILS)
    yield Line("  > run_until_idle(): from event to event, until nothing is due")
    fake.run_until_idle()
    yield from _attempts(fake.deliveries.to(_FAILS))
    yield Line("  > GET /v2/dlq")
    for letter in _request(fake, "GET", "/v2/dlq")["messages"]:
        yield Line(
            f"  in the dead letter queue: {letter['url']}, "
            f"{letter['responseStatus']} {letter['responseBody']!r}",
            Tone.BAD,
        )


def _publish(fake: FakeQStash, url: str) -> Iterator[Line]:
    yield Line(f"  > POST /v2/publish/{url}")
    published = _request(fake, "POST", f"/v2/publish/{url}", ("upstash-retries", str(_RETRIES)))
    message_id: str = published["messageId"]
    yield Line(f"  accepted as {message_id[:8]}...{message_id[-8:]}")


def _attempts(deliveries: Deliveries) -> Iterator[Line]:
    """One line for each attempt, with the wait that follows it."""
    for this, following in zip_longest(deliveries, deliveries[1:]):
        what = f"  {this.at:%H:%M:%S}  attempt {this.retried + 1} of {_RETRIES + 1}  {this.status}"
        if this.error is None:
            yield Line(f"{what}  delivered", Tone.GOOD)
        elif following is not None:
            wait = duration_text(millis_of(following.at - this.at))
            yield Line(f"{what}  again in {wait}", Tone.BAD)
        else:
            yield Line(f"{what}  given up", Tone.BAD)


def _clock(fake: FakeQStash) -> str:
    return f"{fake.now:%Y-%m-%d %H:%M:%S} UTC"


def _request(fake: FakeQStash, method: str, path: str, *headers: tuple[str, str]) -> Json:
    """Call the API in this process, without a client library; the answer's JSON object."""
    sent = (("authorization", f"Bearer {fake.token}"), *headers)
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in sent],
    }
    body = bytearray()

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        body.extend(message.get("body", b""))

    async def call() -> None:
        await fake.app(scope, receive, send)

    asyncio.run(call())
    answer: Json = json.loads(body)
    return answer
