"""The ways in which the official client makes messages, and what each makes without options."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import pytest
from qstash import QStash
from qstash.message import (
    BatchResponse,
    BatchUrlGroupResponse,
    EnqueueResponse,
    EnqueueUrlGroupResponse,
    Message,
    PublishResponse,
    PublishUrlGroupResponse,
)
from qstash.schedule import Schedule

from tests.clients.python.arrivals import HOOK, START
from tests.clients.python.inventory import METHODS, offered, used, written

CRON: Final = "1 0 * * *"
FIRES: Final = 60_000
"""When that fires first, in ms after the start of the clock."""

Options: TypeAlias = dict[str, Any]
Headers: TypeAlias = Mapping[str, list[str]]


def _as_they_are(options: Options) -> Options:
    return options


def _enqueued(options: Options) -> Options:
    return {"queue": "mail", **options}


def _in_a_batch(options: Options) -> Options:
    return {"messages": [options]}


def _scheduled(options: Options) -> Options:
    rest = dict(options)
    return {"destination": rest.pop("url"), "cron": CRON, **rest}


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A method that makes messages: how it is called, and what comes of a plain call.

    ``arguments`` brings options into the form that the method takes, ``given`` is the body that
    it is given and ``sent`` what it makes of that.
    """

    name: str
    arguments: Callable[[Options], Options] = _as_they_are
    response: Any = None
    group_response: Any = None
    queue: str | None = None
    given: Any = "hi"
    sent: bytes = b"hi"
    headers: Headers = field(default_factory=dict[str, list[str]])

    @property
    def header(self) -> dict[str, str]:
        """The headers as they are delivered."""
        return {name: value for name, (value,) in self.headers.items()}

    def call(self, client: QStash, options: Options) -> Any:  # noqa: ANN401 - as it comes
        """Call the method for one message; what it responds for that."""
        part, _, method = self.name.partition(".")
        response = getattr(getattr(client, part), method)(**self._completed(options))
        return response[0] if self.arguments is _in_a_batch else response

    def takes(self, options: Options) -> bool:
        """Whether the method has all these options."""
        given = self._completed(options)
        names = (
            {f"messages.{name}" for name in given["messages"][0]}
            if self.arguments is _in_a_batch
            else set(given)
        )
        return written(self.name, names) <= offered(self.name, METHODS[self.name])

    def covers(self, options: Options) -> frozenset[str]:
        """What of the client such a call covers."""
        return used(self.name, METHODS[self.name], (), self._completed(options))

    def _completed(self, options: Options) -> Options:
        return self.arguments({"url": HOOK, "body": self.given, **options})


RAW: Final[Options] = {}
AS_JSON: Final[Options] = {
    "given": {"id": 7},
    "sent": b'{"id": 7}',
    "headers": {"Content-Type": ["application/json"]},
}
PUBLISHED: Final[Options] = {
    "response": PublishResponse,
    "group_response": PublishUrlGroupResponse,
}
ENQUEUED: Final[Options] = {
    "arguments": _enqueued,
    "response": EnqueueResponse,
    "group_response": EnqueueUrlGroupResponse,
    "queue": "mail",
}
IN_A_BATCH: Final[Options] = {
    "arguments": _in_a_batch,
    "response": BatchResponse,
    "group_response": BatchUrlGroupResponse,
}
SCHEDULED: Final[Options] = {"arguments": _scheduled}

MESSAGES: Final = (
    Way(name="message.publish", **PUBLISHED),
    Way(name="message.publish_json", **PUBLISHED, **AS_JSON),
    Way(name="message.enqueue", **ENQUEUED),
    Way(name="message.enqueue_json", **ENQUEUED, **AS_JSON),
    Way(name="message.batch", **IN_A_BATCH),
    Way(name="message.batch_json", **IN_A_BATCH, **AS_JSON),
)
SCHEDULES: Final = (
    Way(name="schedule.create", **SCHEDULED),
    Way(name="schedule.create_json", **SCHEDULED, **AS_JSON),
)


def each(ways: tuple[Way, ...], options: Options) -> list[Any]:
    """The ways as parameters of a test that calls them with these options."""
    return [
        pytest.param(way, id=way.name, marks=pytest.mark.covers(*way.covers(options)))
        for way in ways
    ]


def plain_message(way: Way, message_id: str) -> Message:
    """What is read back of a message without options."""
    return Message(
        message_id=message_id,
        url=HOOK,
        url_group=None,
        endpoint=None,
        queue=way.queue,
        body=way.sent.decode(),
        body_base64=None,
        method="POST",
        headers=dict(way.headers),
        callback_headers=None,
        failure_callback_headers=None,
        max_retries=3,
        retry_delay_expression=None,
        not_before=START,
        created_at=START,
        callback=None,
        failure_callback=None,
        schedule_id=None,
        caller_ip="127.0.0.1",
        flow_control=None,
        label=None,
    )


def plain_schedule(way: Way, schedule_id: str) -> Schedule:
    """What is read back of a schedule without options, before it fires."""
    return Schedule(
        schedule_id=schedule_id,
        destination=HOOK,
        cron=CRON,
        created_at=START,
        body=way.sent.decode(),
        body_base64=None,
        method="POST",
        headers=dict(way.headers),
        callback_headers=None,
        failure_callback_headers=None,
        retries=3,
        retry_delay_expression=None,
        callback=None,
        failure_callback=None,
        queue=way.queue,
        delay=None,
        timeout=None,
        caller_ip="127.0.0.1",
        paused=False,
        flow_control=None,
        last_schedule_time=None,
        next_schedule_time=START + FIRES,
        last_schedule_states=None,
        error=None,
        label=None,
    )
