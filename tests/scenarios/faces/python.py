"""The official Python client, blocking or awaited: the same words for both.

A step that a method of the client has no parameter for cannot be said. The client itself is
asked, so that a newer one says more.
"""

import asyncio
import base64
import inspect
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from qstash import AsyncQStash, QStash
from qstash.dlq import DlqFilter
from qstash.errors import QStashError
from qstash.log import LogFilter, LogState
from qstash.message import BatchRequest

from tests.scenarios.faces import wire
from tests.scenarios.faces.face import CannotSayError, Face, known
from tests.scenarios.play import Accepted, Call, Entries, Raw, Refused, Row
from tests.scenarios.shape import Args, Json

Told: TypeAlias = Any
"""What the client gives back."""


class Said(NamedTuple):
    """A call of the client, and how its answer is read."""

    call: Callable[[], Raw]
    read: Callable[[Told], Raw]


class PythonFace(Face):
    """Speaks by a client. A blocking one is called in a thread where an event loop runs."""

    def __init__(self, client: QStash | AsyncQStash) -> None:
        self._client: Any = client
        self.needs_loop = isinstance(client, AsyncQStash)

    async def do_async(self, call: Call) -> Raw:
        if not self.needs_loop:
            return await asyncio.to_thread(self.do, call)
        said: Said = self._said(call)()
        try:
            return said.read(await said.call())
        except QStashError as error:
            refused = self.refusal_of(error)
            if refused is None:
                raise
            return refused

    def refusal_of(self, error: Exception) -> Refused | None:
        found = re.fullmatch(r"Request failed with status: (\d+), body: (.*)", str(error))
        return None if found is None else Refused(int(found[1]), json.loads(found[2])["error"])

    def _said(self, call: Call) -> Callable[[], Raw]:
        method = super()._said(call)
        said: Said = method()  # nothing is called yet
        return (lambda: said) if self.needs_loop else (lambda: said.read(said.call()))

    def _say(self, path: str, read: Callable[[Told], Raw], *args: object, **kwargs: object) -> Said:
        """A call of the method of the client at ``path``.

        Raises:
            CannotSayError: if the client has no such method, or it no such parameter.
        """
        method = self._client
        for part in path.split("."):
            method = getattr(method, part, None)
        if method is None:
            raise CannotSayError(f"the client has no {path}")
        try:
            inspect.signature(method).bind(*args, **kwargs)
        except TypeError as error:
            raise CannotSayError(f"{path}: {error}") from None
        return Said(lambda: method(*args, **kwargs), read)

    # --- messages ------------------------------------------------------------------------

    def publish(self, **settings: Json) -> Said:
        return self._say("message.publish", _accepted, **_keywords(settings))

    def enqueue(self, *, queue: str, **settings: Json) -> Said:
        return self._say("message.enqueue", _accepted, queue=queue, **_keywords(settings))

    def batch(self, *, messages: Sequence[Args]) -> Said:
        entries = [_keywords(one) for one in messages]
        for entry in entries:  # the client would leave out what it does not know
            known(entry, *BatchRequest.__annotations__)
        return self._say("message.batch", _accepted_batch, entries)

    def cancel(self, *, of: str) -> Said:
        return self._say("message.cancel", _nothing, of)

    def cancel_many(self, *, of: Sequence[str]) -> Said:
        return self._say("message.cancel_many", _itself, of)

    def cancel_all(self, **filters: Json) -> Said:
        return self._say("message.cancel_all", _itself, **filters)

    # --- queues --------------------------------------------------------------------------

    def set_queue(self, *, queue: str, **settings: Json) -> Said:
        return self._say("queue.upsert", _nothing, queue, **settings)

    def pause_queue(self, *, queue: str) -> Said:
        return self._say("queue.pause", _nothing, queue)

    def resume_queue(self, *, queue: str) -> Said:
        return self._say("queue.resume", _nothing, queue)

    def delete_queue(self, *, queue: str) -> Said:
        return self._say("queue.delete", _nothing, queue)

    # --- URL groups ----------------------------------------------------------------------

    def add_endpoints(self, *, group: str, endpoints: Sequence[Mapping[str, str]]) -> Said:
        return self._say("url_group.upsert_endpoints", _nothing, group, endpoints)

    def remove_endpoints(self, *, group: str, endpoints: Sequence[Mapping[str, str]]) -> Said:
        return self._say("url_group.remove_endpoints", _nothing, group, endpoints)

    # --- schedules -----------------------------------------------------------------------

    def schedule(self, **settings: Json) -> Said:
        keywords = _keywords(settings)
        destination = keywords.pop("url", None) or keywords.pop("url_group")
        return self._say("schedule.create", _itself, destination=destination, **keywords)

    def pause_schedule(self, *, schedule: str) -> Said:
        return self._say("schedule.pause", _nothing, schedule)

    def resume_schedule(self, *, schedule: str) -> Said:
        return self._say("schedule.resume", _nothing, schedule)

    def delete_schedule(self, *, schedule: str) -> Said:
        return self._say("schedule.delete", _nothing, schedule)

    # --- flow control --------------------------------------------------------------------

    def pause_key(self, *, key: str) -> Said:
        return self._say("flow_control.pause", _nothing, key)

    def resume_key(self, *, key: str) -> Said:
        return self._say("flow_control.resume", _nothing, key)

    def pin(self, *, key: str, **limits: int) -> Said:
        return self._say("flow_control.pin", _nothing, key, limits)

    def unpin(self, *, key: str, **which: bool) -> Said:
        return self._say("flow_control.unpin", _nothing, key, which)

    def reset_rate(self, *, key: str) -> Said:
        return self._say("flow_control.reset_rate", _nothing, key)

    # --- dead letters --------------------------------------------------------------------

    def retry_letter(self, *, of: str, **changes: Json) -> Said:
        return self._say("dlq.retry", _accepted, of, **_keywords(changes))

    def retry_letters(self, *, of: Sequence[str]) -> Said:
        return self._say("dlq.retry_many", _accepted, of)

    def delete_letter(self, *, of: str) -> Said:
        return self._say("dlq.delete", _nothing, of)

    # --- what can be looked at -----------------------------------------------------------

    def message(self, *, of: str) -> Said:
        return self._say("message.get", _message_row, of)

    def log(self, **filters: Json) -> Said:
        wanted = _filter(filters, LogFilter)
        if "state" in wanted:
            wanted["state"] = LogState(wanted["state"])
        return self._say("log.list", _log_rows, filter=wanted)

    def letters(self, **filters: Json) -> Said:
        wanted = _filter(filters, DlqFilter)
        return self._say("dlq.list", _letter_rows, filter=wanted)

    def queue(self, *, queue: str) -> Said:
        return self._say("queue.get", _queue_row, queue)

    def key(self, *, key: str) -> Said:
        return self._say("flow_control.get", _key_row, key)

    def schedule_state(self, *, schedule: str) -> Said:
        return self._say("schedule.get", _schedule_row, schedule)


_NAMES = {"group": "url_group", "schedule": "schedule_id", "status": "response_status"}


def _keywords(settings: Args) -> dict[str, Json]:
    """Settings as the client takes them."""
    keywords: dict[str, Json] = {}
    for name, value in settings.items():
        match name:
            case "labels":
                keywords["label"] = ",".join(value)
            case "callback" | "failure_callback":
                keywords[name] = value["url"]
                prefix = f"Upstash-{name.replace('_', '-').title()}"
                more = dict(wire.callback_settings(prefix, value))
                if more:
                    keywords[f"{name}_headers"] = more
            case "redact":
                keywords[name] = {
                    "header" if key == "headers" else key: value[key] for key in value
                }
            case "query":
                keywords["url"] = wire.destination_of(settings)
            case _:
                keywords.setdefault(_NAMES.get(name, name), value)
    return keywords


def _filter(filters: Args, shape: type) -> dict[str, Json]:
    """Filters as the client takes them, which knows those that ``shape`` has."""
    wanted = {_NAMES.get(name, name): value for name, value in filters.items()}
    known(wanted, *shape.__annotations__)
    return wanted


# --- what comes back -----------------------------------------------------------------------


def _itself(answer: Told) -> Told:
    return answer


def _nothing(_: object) -> None:
    """It is told nothing."""


def _accepted(answer: Told) -> list[Accepted]:
    entries = answer if isinstance(answer, list) else [answer]
    return [Accepted(one.message_id, one.deduplicated) for one in entries]


def _accepted_batch(answer: Told) -> Entries:
    return [_accepted(one) if isinstance(one, list) else _accepted(one)[0] for one in answer]


def _message_row(message: Told) -> Row:
    return {
        "url": message.url,
        "method": message.method,
        "body": message.body or "",
        "headers": message.headers,
        "retries": message.max_retries,
        "group": message.url_group,
        "endpoint": message.endpoint,
        "queue": message.queue,
        "label": message.label,
    }


def _log_rows(answer: Told) -> list[Row]:
    return [
        {
            "at": log.time,
            "message": log.message_id,
            "state": log.state.value,
            "url": log.url,
            "body": base64.b64decode(log.body_base64 or "").decode(),
            "headers": log.headers,
        }
        for log in reversed(answer.logs)
    ]


def _letter_rows(answer: Told) -> list[Row]:
    return [
        {
            "id": letter.dlq_id,
            "at": int(letter.dlq_id.partition("-")[0]),
            "message": letter.message_id,
            "status": letter.response_status,
            "body": letter.response_body or "",
            "message_body": letter.body or "",
            "headers": letter.headers,
        }
        for letter in answer.messages
    ]


def _queue_row(queue: Told) -> Row:
    return {"lag": queue.lag, "parallelism": queue.parallelism, "paused": queue.paused}


def _key_row(key: Told) -> Row:
    return {
        "waiting": key.wait_list_size,
        "parallelism": key.parallelism_max,
        "in_flight": key.parallelism_count,
        "rate": key.rate_max,
        "period": key.rate_period,
        "paused": key.is_paused,
        "pinned": [key.is_pinned_parallelism, key.is_pinned_rate],
    }


def _schedule_row(schedule: Told) -> Row:
    return {
        "cron": schedule.cron,
        "destination": schedule.destination,
        "paused": schedule.paused,
        "last": schedule.last_schedule_time,
        "next": schedule.next_schedule_time,
        "states": {
            one: state.value for one, state in (schedule.last_schedule_states or {}).items()
        },
    }
