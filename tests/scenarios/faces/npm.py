"""The official JavaScript client, in a process of its own that is told what to call."""

import asyncio
import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from itertools import count
from pathlib import Path
from threading import Lock, Thread
from typing import Final, TypeAlias

from fakestash.model.users import DEFAULT_USER
from tests.scenarios.faces import wire
from tests.scenarios.faces.face import CannotSayError, Face, known
from tests.scenarios.play import Accepted, Call, Raw, Refused, Row
from tests.scenarios.shape import Args, Json

Said: TypeAlias = tuple[list[list[Json]], Callable[[Json], Raw]]
"""What to call, link by link, and how the answer is read."""

_WORKER: Final = Path(__file__).with_name("worker.mjs")
_PATIENCE_S: Final = 30

_SETTINGS: Final = {
    "url": "url",
    "group": "urlGroup",
    "body": "body",
    "method": "method",
    "headers": "headers",
    "retries": "retries",
    "retry_delay": "retryDelay",
    "delay": "delay",
    "not_before": "notBefore",
    "timeout": "timeout",
    "labels": "label",
    "flow_control": "flowControl",
    "deduplication_id": "deduplicationId",
    "content_based_deduplication": "contentBasedDeduplication",
}
_OF_SCHEDULES: Final = {"cron": "cron", "schedule_id": "scheduleId"}
_LOG_FILTERS: Final = {
    "state": "state",
    **wire.LOG_FILTERS,
    "group": "urlGroup",
}
_LETTER_FILTERS: Final = {"status": "responseStatus", **wire.LOG_FILTERS, "group": "urlGroup"}


class RefusedError(Exception):
    """The client was refused."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status} {text}")
        self.refused = Refused(status, text)


class Worker:
    """The process with the client, for any number of calls at once.

    Args:
        node: the command that runs JavaScript.
        project: the folder of the project that the client is installed in.
    """

    def __init__(self, node: str, project: Path) -> None:
        self._process = subprocess.Popen(
            (node, str(_WORKER), str(project)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._numbers = count()
        self._waiting: dict[int, Future[dict[str, Json]]] = {}
        self._lock = Lock()
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def ask(self, url: str, chain: Sequence[Sequence[object]]) -> "Future[dict[str, Json]]":
        """Have the client at ``url`` called; what comes of it."""
        answer: Future[dict[str, Json]] = Future()
        with self._lock:
            number = next(self._numbers)
            self._waiting[number] = answer
            call = {"number": number, "url": url, "token": DEFAULT_USER.token, "chain": chain}
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(call) + "\n")
            self._process.stdin.flush()
        return answer

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(_PATIENCE_S)
        self._reader.join()
        self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            said = json.loads(line)
            self._waiting.pop(said["number"]).set_result(said)
        for answer in self._waiting.values():
            answer.set_exception(RuntimeError("the process with the JavaScript client ended"))


class NpmFace(Face):
    """Speaks by the client at ``url``."""

    def __init__(self, worker: Worker, url: str) -> None:
        self._worker = worker
        self._url = url

    def do(self, call: Call) -> Raw:
        chain, read = self._said(call)()
        return _answer(self._worker.ask(self._url, chain).result(_PATIENCE_S), read)

    async def do_async(self, call: Call) -> Raw:
        chain, read = self._said(call)()
        said = await asyncio.wrap_future(self._worker.ask(self._url, chain))
        return _answer(said, read)

    # --- messages ------------------------------------------------------------------------

    def publish(self, **settings: Json) -> Said:
        return [["publish", _request(settings)]], wire.accepted

    def enqueue(self, *, queue: str, **settings: Json) -> Said:
        chain = [["queue", {"queueName": queue}], ["enqueue", _request(settings)]]
        return chain, wire.accepted

    def batch(self, *, messages: Sequence[Args]) -> Said:
        entries = [_request(one, {**_SETTINGS, "queue": "queueName"}) for one in messages]
        return [["batch", entries]], wire.accepted_batch

    def cancel(self, *, of: str) -> Said:
        return [["messages"], ["cancel", of]], _nothing

    def cancel_many(self, *, of: Sequence[str]) -> Said:
        return [["messages"], ["cancel", of]], _cancelled

    def cancel_all(self, **filters: Json) -> Said:
        wanted = {"filter": _named(filters, _LETTER_FILTERS)} if filters else {"all": True}
        return [["messages"], ["cancel", wanted]], _cancelled

    # --- queues --------------------------------------------------------------------------

    def set_queue(self, *, queue: str, **settings: Json) -> Said:
        return [["queue", {"queueName": queue}], ["upsert", settings]], _nothing

    def pause_queue(self, *, queue: str) -> Said:
        return [["queue", {"queueName": queue}], ["pause"]], _nothing

    def resume_queue(self, *, queue: str) -> Said:
        return [["queue", {"queueName": queue}], ["resume"]], _nothing

    def delete_queue(self, *, queue: str) -> Said:
        return [["queue", {"queueName": queue}], ["delete"]], _nothing

    # --- URL groups ----------------------------------------------------------------------

    def add_endpoints(self, *, group: str, endpoints: Sequence[Mapping[str, str]]) -> Said:
        request = {"name": group, "endpoints": endpoints}
        return [["urlGroups"], ["addEndpoints", request]], _nothing

    def remove_endpoints(self, *, group: str, endpoints: Sequence[Mapping[str, str]]) -> Said:
        request = {"name": group, "endpoints": endpoints}
        return [["urlGroups"], ["removeEndpoints", request]], _nothing

    # --- schedules -----------------------------------------------------------------------

    def schedule(self, **settings: Json) -> Said:
        names = {**_SETTINGS, **_OF_SCHEDULES, "queue": "queueName"}
        request = _request(settings, {**names, "url": "destination", "group": "destination"})
        return [["schedules"], ["create", request]], lambda answer: answer["scheduleId"]

    def pause_schedule(self, *, schedule: str) -> Said:
        return [["schedules"], ["pause", {"schedule": schedule}]], _nothing

    def resume_schedule(self, *, schedule: str) -> Said:
        return [["schedules"], ["resume", {"schedule": schedule}]], _nothing

    def delete_schedule(self, *, schedule: str) -> Said:
        return [["schedules"], ["delete", schedule]], _nothing

    # --- flow control --------------------------------------------------------------------

    def pause_key(self, *, key: str) -> Said:
        return [["flowControl"], ["pause", key]], _nothing

    def resume_key(self, *, key: str) -> Said:
        return [["flowControl"], ["resume", key]], _nothing

    def pin(self, *, key: str, **limits: int) -> Said:
        return [["flowControl"], ["pin", key, limits]], _nothing

    def unpin(self, *, key: str, **which: bool) -> Said:
        return [["flowControl"], ["unpin", key, which]], _nothing

    def reset_rate(self, *, key: str) -> Said:
        return [["flowControl"], ["resetRate", key]], _nothing

    # --- dead letters --------------------------------------------------------------------

    def retry_letter(self, *, of: str) -> Said:
        return [["dlq"], ["retry", of]], _retried

    def retry_letters(self, *, of: Sequence[str]) -> Said:
        return [["dlq"], ["retry", of]], _retried

    def delete_letter(self, *, of: str) -> Said:
        return [["dlq"], ["delete", of]], _nothing

    # --- what can be looked at -----------------------------------------------------------

    def message(self, *, of: str) -> Said:
        return [["messages"], ["get", of]], wire.message_row

    def log(self, **filters: Json) -> Said:
        return [["logs", {"filter": _named(filters, _LOG_FILTERS)}]], _log_rows

    def letters(self, **filters: Json) -> Said:
        wanted = {"filter": _named(filters, _LETTER_FILTERS)}
        return [["dlq"], ["listMessages", wanted]], _letter_rows

    def queue(self, *, queue: str) -> Said:
        return [["queue", {"queueName": queue}], ["get"]], wire.queue_row

    def key(self, *, key: str) -> Said:
        return [["flowControl"], ["get", key]], wire.key_row

    def schedule_state(self, *, schedule: str) -> Said:
        return [["schedules"], ["get", schedule]], wire.schedule_row


def _answer(said: Args, read: Callable[[Json], Raw]) -> Raw:
    if "refused" in said:
        return Refused(**said["refused"])
    if "unsaid" in said:
        raise CannotSayError(said["unsaid"])
    assert "broken" not in said, said
    return read(said["answer"])


def _request(settings: Args, names: Mapping[str, str] = _SETTINGS) -> dict[str, Json]:
    """Settings as the client takes them."""
    request: dict[str, Json] = {}
    headers: dict[str, str] = {}
    for name, value in settings.items():
        match name:
            case "headers":
                headers.update(value)
            case "content_type":
                headers["Content-Type"] = value
            case "callback" | "failure_callback":
                prefix = f"Upstash-{name.replace('_', '-').title()}"
                request["callback" if name == "callback" else "failureCallback"] = value["url"]
                headers.update(wire.callback_settings(prefix, value))
            case "redact":
                request[name] = {"header" if key == "headers" else key: value[key] for key in value}
            case "query":
                request["url"] = wire.destination_of(settings)
            case _:
                known({name: value}, *names)
                request.setdefault(names[name], value)
    if headers:
        request["headers"] = headers
    return request


def _named(filters: Args, names: Mapping[str, str]) -> dict[str, Json]:
    known(filters, *names)
    return {names[name]: value for name, value in filters.items()}


# --- what comes back -----------------------------------------------------------------------


def _nothing(_: object) -> None:
    """It is told nothing."""


def _cancelled(answer: Json) -> int:
    cancelled: int = answer["cancelled"]
    return cancelled


def _retried(answer: Json) -> list[Accepted]:
    return wire.accepted(answer["responses"])


def _log_rows(answer: Json) -> list[Row]:
    return [wire.log_row(event) for event in reversed(answer["logs"])]


def _letter_rows(answer: Json) -> list[Row]:
    return [wire.letter_row(letter) for letter in answer["messages"]]
