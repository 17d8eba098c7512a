"""Plain HTTP: requests as one would write them by hand, to the ASGI app in this process."""

import json
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlencode

from starlette.types import ASGIApp

from tests.api.client import BEARER, Header, response_of, run, scope_of
from tests.scenarios.faces import wire
from tests.scenarios.faces.face import Face, known
from tests.scenarios.play import Accepted, Entries, Refused, Row
from tests.scenarios.shape import Args, Json


class RefusedError(Exception):
    """The service answered with an error."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__(f"{status} {body}")
        self.refused = Refused(status, json.loads(body)["error"])


class AppFace(Face):
    """Calls an app, by one version of its API."""

    version: str

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def refusal_of(self, error: Exception) -> Refused | None:
        return error.refused if isinstance(error, RefusedError) else None

    def _post(self, path: str, settings: Args, header: Iterable[Header] = ()) -> Json:
        body = settings.get("body", "").encode()
        return json.loads(self._send("POST", path, [*header, *wire.fields_of(settings)], body))

    def _json(self, method: str, path: str, value: object = None) -> Json:
        return json.loads(self._call(method, path, value))

    def _call(self, method: str, path: str, value: object = None) -> str:
        body = b"" if value is None else json.dumps(value).encode()
        return self._send(method, path, (), body)

    def _send(self, method: str, path: str, header: Iterable[Header], body: bytes) -> str:
        event = {"type": "http.request", "body": body, "more_body": False}
        scope = scope_of(method, f"/{self.version}/{path}", (BEARER, *header))
        response = response_of(run(self._app, scope, event))
        if response.status >= 400:
            raise RefusedError(response.status, response.body)
        return response.body


class HttpFace(AppFace):
    """Says all there is by version 2."""

    version = "v2"

    # --- messages ------------------------------------------------------------------------

    def publish(self, **settings: Json) -> list[Accepted]:
        return wire.accepted(self._post(f"publish/{wire.destination_of(settings)}", settings))

    def enqueue(self, *, queue: str, **settings: Json) -> list[Accepted]:
        path = f"enqueue/{queue}/{wire.destination_of(settings)}"
        return wire.accepted(self._post(path, settings))

    def batch(self, *, messages: Sequence[Args]) -> Entries:
        return wire.accepted_batch(self._json("POST", "batch", [_entry(**one) for one in messages]))

    def cancel(self, *, of: str) -> None:
        self._call("DELETE", f"messages/{of}")

    def cancel_many(self, *, of: Sequence[str]) -> Json:
        return self._json("DELETE", "messages", {"messageIds": of})["cancelled"]

    def cancel_all(self, **filters: Json) -> Json:
        return self._json("DELETE", f"messages{_query(filters)}")["cancelled"]

    # --- queues --------------------------------------------------------------------------

    def set_queue(self, *, queue: str, parallelism: int = 1, paused: bool = False) -> None:
        value = {"queueName": queue, "parallelism": parallelism, "paused": paused}
        self._call("POST", "queues", value)

    def pause_queue(self, *, queue: str) -> None:
        self._call("POST", f"queues/{queue}/pause")

    def resume_queue(self, *, queue: str) -> None:
        self._call("POST", f"queues/{queue}/resume")

    def delete_queue(self, *, queue: str) -> None:
        self._call("DELETE", f"queues/{queue}")

    # --- URL groups ----------------------------------------------------------------------

    def add_endpoints(self, *, group: str, endpoints: Sequence[Mapping[str, str]]) -> None:
        self._call("POST", f"topics/{group}/endpoints", {"endpoints": endpoints})

    def remove_endpoints(self, *, group: str, endpoints: Sequence[Mapping[str, str]]) -> None:
        self._call("DELETE", f"topics/{group}/endpoints", {"endpoints": endpoints})

    # --- schedules -----------------------------------------------------------------------

    def schedule(self, *, cron: str, schedule_id: str | None = None, **settings: Json) -> Json:
        header = [("Upstash-Cron", cron)]
        if schedule_id is not None:
            header.append(("Upstash-Schedule-Id", schedule_id))
        path = f"schedules/{wire.destination_of(settings)}"
        return self._post(path, settings, header)["scheduleId"]

    def pause_schedule(self, *, schedule: str) -> None:
        self._call("POST", f"schedules/{schedule}/pause")

    def resume_schedule(self, *, schedule: str) -> None:
        self._call("POST", f"schedules/{schedule}/resume")

    def delete_schedule(self, *, schedule: str) -> None:
        self._call("DELETE", f"schedules/{schedule}")

    # --- flow control --------------------------------------------------------------------

    def pause_key(self, *, key: str) -> None:
        self._call("POST", f"flowControl/{key}/pause")

    def resume_key(self, *, key: str) -> None:
        self._call("POST", f"flowControl/{key}/resume")

    def pin(self, *, key: str, **limits: int) -> None:
        known(limits, "parallelism", "rate", "period")
        self._call("POST", f"flowControl/{key}/pin?{urlencode(limits)}")

    def unpin(self, *, key: str, parallelism: bool = False, rate: bool = False) -> None:
        query = f"parallelism={str(parallelism).lower()}&rate={str(rate).lower()}"
        self._call("POST", f"flowControl/{key}/unpin?{query}")

    def reset_rate(self, *, key: str) -> None:
        self._call("POST", f"flowControl/{key}/resetRate")

    # --- dead letters --------------------------------------------------------------------

    def retry_letter(self, *, of: str, **changes: Json) -> list[Accepted]:
        return wire.accepted(self._post(f"dlq/retry/{of}", changes))

    def retry_letters(self, *, of: Sequence[str]) -> list[Accepted]:
        return wire.accepted(self._json("POST", "dlq/retry", {"dlqIds": of})["responses"])

    def delete_letter(self, *, of: str) -> None:
        self._call("DELETE", f"dlq/{of}")

    # --- what can be looked at -----------------------------------------------------------

    def message(self, *, of: str) -> Row:
        return wire.message_row(self._json("GET", f"messages/{of}"))

    def log(self, **filters: Json) -> list[Row]:
        answer = self._json("GET", f"logs{_query({'order': 'earliestFirst', **filters})}")
        return [wire.log_row(event) for event in answer["events"]]

    def letters(self, **filters: Json) -> list[Row]:
        answer = self._json("GET", f"dlq{_query(filters)}")
        return [wire.letter_row(letter) for letter in answer["messages"]]

    def queue(self, *, queue: str) -> Row:
        return wire.queue_row(self._json("GET", f"queues/{queue}"))

    def key(self, *, key: str) -> Row:
        return wire.key_row(self._json("GET", f"flowControl/{key}"))

    def schedule_state(self, *, schedule: str) -> Row:
        return wire.schedule_row(self._json("GET", f"schedules/{schedule}"))


def _entry(*, queue: str | None = None, body: str | None = None, **settings: Json) -> object:
    """A message of a batch."""
    return {
        "destination": wire.destination_of(settings),
        "headers": dict(wire.fields_of(settings)),
        "body": body,
        "queue": queue,
    }


def _query(filters: Args) -> str:
    names = {"order": "order", "state": "state", "status": "responseStatus", **wire.LOG_FILTERS}
    known(filters, *names)
    pairs = {names[name]: value for name, value in filters.items()}
    return f"?{urlencode(pairs)}" if pairs else ""
