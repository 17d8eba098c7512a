"""The engine itself, asked in the terms of its model: nothing is read from or put on a wire."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from fakestash.engine import Engine
from fakestash.errors import ServiceError
from fakestash.model.logs import LogState
from fakestash.model.messages import (
    DEFAULT_RETRIES,
    ENDED,
    MessageState,
    PublishCommand,
    PublishRequest,
)
from fakestash.model.messages import Accepted as Made
from fakestash.model.outcomes import HeaderItems, Responded
from fakestash.model.queries import (
    CancelQuery,
    DeadLetterQuery,
    LogQuery,
    MessageFilter,
    Paging,
    Pin,
)
from fakestash.model.resources import Endpoint, EndpointRef
from fakestash.model.settings import (
    CallbackSettings,
    CronSettings,
    Extras,
    FlowControl,
    Redaction,
)
from fakestash.model.users import DEFAULT_USER
from fakestash.syntax import cron as cron_syntax
from fakestash.syntax.retry_delay import parse
from tests.scenarios.faces.face import CannotSayError, Face, known
from tests.scenarios.play import Accepted, Entries, Refused, Row
from tests.scenarios.shape import Args, Json

_USER = DEFAULT_USER.id
_CALLER = "127.0.0.1"
_ALL = Paging(count=1000, earliest_first=True)


class EngineFace(Face):
    """Speaks to an engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def refusal_of(self, error: Exception) -> Refused | None:
        return Refused(error.status, error.text) if isinstance(error, ServiceError) else None

    # --- messages ------------------------------------------------------------------------

    def publish(self, **settings: Json) -> list[Accepted]:
        return _accepted(self._engine.accept(_USER, request_of(settings)))

    def enqueue(self, *, queue: str, **settings: Json) -> list[Accepted]:
        return self.publish(queue=queue, **settings)

    def batch(self, *, messages: Sequence[Args]) -> Entries:
        requests = [request_of(one) for one in messages]
        answers = self._engine.accept_batch(_USER, requests)
        entries: Entries = []
        for request, answer in zip(requests, answers, strict=True):
            if isinstance(answer, ServiceError):
                entries.append(Accepted(answer.text))
            else:
                made = _accepted(answer)
                entries.append(made[0] if request.group is None else made)
        return entries

    def cancel(self, *, of: str) -> None:
        self._engine.cancel(_USER, of, _CALLER)

    def cancel_many(self, *, of: Sequence[str]) -> int:
        query = CancelQuery(filter=MessageFilter(message_ids=frozenset(of)))
        return self._engine.cancel_all(_USER, query, _CALLER)

    def cancel_all(self, **filters: Json) -> int:
        return self._engine.cancel_all(_USER, CancelQuery(filter=_filter(filters)), _CALLER)

    # --- queues --------------------------------------------------------------------------

    def set_queue(self, *, queue: str, parallelism: int = 1, paused: bool = False) -> None:
        self._engine.queues.upsert(_USER, queue, parallelism, paused)

    def pause_queue(self, *, queue: str) -> None:
        self._engine.queues.pause(_USER, queue)

    def resume_queue(self, *, queue: str) -> None:
        self._engine.queues.resume(_USER, queue)

    def delete_queue(self, *, queue: str) -> None:
        self._engine.queues.delete(_USER, queue)

    # --- URL groups ----------------------------------------------------------------------

    def add_endpoints(self, *, group: str, endpoints: Sequence[Mapping[str, str]]) -> None:
        found = tuple(Endpoint(one["url"], one.get("name")) for one in endpoints)
        self._engine.url_groups.add_endpoints(_USER, group, found)

    def remove_endpoints(self, *, group: str, endpoints: Sequence[Mapping[str, str]]) -> None:
        refs = tuple(EndpointRef(one.get("name"), one.get("url")) for one in endpoints)
        self._engine.url_groups.remove_endpoints(_USER, group, refs)

    # --- schedules -----------------------------------------------------------------------

    def schedule(self, *, cron: str, schedule_id: str | None = None, **settings: Json) -> str:
        when = CronSettings(cron_syntax.parse(cron), schedule_id)
        return self._engine.schedules.create(_USER, request_of(settings)._replace(cron=when))

    def pause_schedule(self, *, schedule: str) -> None:
        self._engine.schedules.pause(_USER, schedule)

    def resume_schedule(self, *, schedule: str) -> None:
        self._engine.schedules.resume(_USER, schedule)

    def delete_schedule(self, *, schedule: str) -> None:
        self._engine.schedules.delete(_USER, schedule)

    # --- flow control --------------------------------------------------------------------

    def pause_key(self, *, key: str) -> None:
        self._engine.flow_control.pause(_USER, key)

    def resume_key(self, *, key: str) -> None:
        self._engine.flow_control.resume(_USER, key)

    def pin(
        self,
        *,
        key: str,
        parallelism: int | None = None,
        rate: int | None = None,
        period: int = 1,
    ) -> None:
        self._engine.flow_control.pin(_USER, key, Pin(parallelism, rate, period))

    def unpin(self, *, key: str, parallelism: bool = False, rate: bool = False) -> None:
        self._engine.flow_control.unpin(_USER, key, parallelism=parallelism, rate=rate)

    def reset_rate(self, *, key: str) -> None:
        self._engine.flow_control.reset_rate(_USER, key)

    # --- dead letters --------------------------------------------------------------------

    def retry_letter(self, *, of: str, **changes: Json) -> list[Accepted]:
        plain, extras = _changes(changes)

        def change(command: PublishCommand) -> PublishCommand:
            return command._replace(**plain, extras=command.extras._replace(**extras))

        return [Accepted(self._engine.retry_dead_letter(_USER, of, change))]

    def retry_letters(self, *, of: Sequence[str]) -> list[Accepted]:
        query = DeadLetterQuery(paging=_ALL, dlq_ids=frozenset(of))
        page = self._engine.retry_dead_letters(_USER, query, lambda command: command)
        return [Accepted(one) for one in page.rows]

    def delete_letter(self, *, of: str) -> None:
        self._engine.delete_dead_letter(_USER, of)

    # --- what can be looked at -----------------------------------------------------------

    def message(self, *, of: str) -> Row:
        message = self._engine.message(_USER, of)
        command = message.command
        if command.extras.redaction is not None:
            raise CannotSayError("what is redacted is hidden on the wire only")
        extras = command.extras
        return {
            "url": command.url,
            "method": command.method,
            "body": command.body.decode(),
            "headers": {name: [value] for name, value in command.headers},
            "retries": command.retries,
            "group": extras.topic,
            "endpoint": extras.endpoint,
            "queue": extras.queue,
            "label": command.labels[0] if command.labels else None,
        }

    def log(self, *, state: str | None = None, **filters: Json) -> list[Row]:
        query = LogQuery(
            paging=_ALL,
            filter=_filter(filters),
            states=frozenset() if state is None else frozenset({LogState(state)}),
        )
        return [
            {
                "at": entry.at,
                "message": entry.message.id,
                "state": entry.state.value,
                "url": entry.message.command.url,
            }
            for entry in self._engine.log(_USER, query).rows
        ]

    def letters(self, *, status: int | None = None, **filters: Json) -> list[Row]:
        query = DeadLetterQuery(
            paging=_ALL,
            filter=_filter(filters),
            response_statuses=frozenset() if status is None else frozenset({status}),
        )
        rows: list[Row] = []
        for letter in self._engine.dead_letters(_USER, query).rows:
            outcome = letter.message.outcome
            answer = outcome if isinstance(outcome, Responded) else Responded(0)
            rows.append(
                {
                    "id": letter.dlq_id,
                    "at": letter.at,
                    "message": letter.message.id,
                    "status": answer.status,
                    "body": answer.body.decode(),
                }
            )
        return rows

    def queue(self, *, queue: str) -> Row:
        status = self._engine.queues.get(_USER, queue)
        return {"lag": status.lag, "parallelism": status.parallelism, "paused": status.paused}

    def key(self, *, key: str) -> Row:
        status = self._engine.flow_control.get(_USER, key)
        return {
            "waiting": status.wait_list_size,
            "parallelism": status.parallelism_max,
            "in_flight": status.parallelism_count,
            "rate": status.rate_max,
            "period": status.rate_period,
            "paused": status.is_paused,
            "pinned": [status.is_pinned_parallelism, status.is_pinned_rate],
        }

    def schedule_state(self, *, schedule: str) -> Row:
        found = self._engine.schedules.get(_USER, schedule)
        return {
            "cron": found.cron.text,
            "destination": found.destination,
            "paused": found.is_paused,
            "last": found.last_at,
            "next": found.next_at,
            "states": {
                message.id: _schedule_states(message.state) for message in found.last_messages
            },
        }


def request_of(settings: Args) -> PublishRequest:
    """A publish in the terms of the model."""
    plain, extras = _changes(
        {key: value for key, value in settings.items() if key not in _OF_REQUEST}
    )
    headers: HeaderItems = plain.pop("headers", ())
    return PublishRequest(
        PublishCommand(
            settings.get("url", ""),
            headers=headers,
            body=settings.get("body", "").encode(),
            extras=Extras(**extras),
            **{"retries": DEFAULT_RETRIES, **plain},
        ),
        settings.get("group"),
        settings.get("deduplication_id"),
        settings.get("content_based_deduplication", False),
    )


_OF_REQUEST = frozenset({"url", "group", "body", "deduplication_id", "content_based_deduplication"})


def _changes(settings: Args) -> tuple[dict[str, Json], dict[str, Json]]:
    """Settings as parts of a command and of its extras."""
    known(settings, *_PLAIN, *_EXTRAS, "headers", "content_type")
    plain = {name: _PLAIN[name](value) for name, value in settings.items() if name in _PLAIN}
    extras = {
        _EXTRAS[name][0]: _EXTRAS[name][1](value)
        for name, value in settings.items()
        if name in _EXTRAS
    }
    headers = dict(settings.get("headers", {}))
    if "content_type" in settings:
        headers["Content-Type"] = settings["content_type"]
    if headers:
        plain["headers"] = tuple(headers.items())
    return plain, extras


def _callback(
    *,
    url: str,
    method: str = "POST",
    retries: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> CallbackSettings:
    return CallbackSettings(url, method, tuple((headers or {}).items()), retries)


def _redaction(*, body: bool = False, headers: Sequence[str] = ()) -> Redaction:
    return Redaction(body=body, headers=frozenset(headers))


def _itself(value: Json) -> Json:
    return value


def _millis(seconds: int) -> int:
    return seconds * 1000


_PLAIN: Final[Mapping[str, Callable[[Json], object]]] = {
    "method": _itself,
    "retries": _itself,
    "labels": tuple,
    "retry_delay": parse,
    "timeout": _millis,
    "delay": _millis,
    "not_before": _millis,
}
"""How settings become parts of a command."""

_EXTRAS: Final[Mapping[str, tuple[str, Callable[[Json], object]]]] = {
    "queue": ("queue", _itself),
    "callback": ("callback", lambda value: _callback(**value)),
    "failure_callback": ("failure_callback", lambda value: _callback(**value)),
    "flow_control": ("flow_control", lambda value: FlowControl(**value)),
    "redact": ("redaction", lambda value: _redaction(**value)),
}
"""The same for extras, which have names of their own."""


def _filter(filters: Args) -> MessageFilter:
    known(filters, "label", "url", "queue", "group", "schedule", "key")
    fields = {
        "label": "labels",
        "url": "urls",
        "queue": "queues",
        "group": "topics",
        "schedule": "schedule_ids",
        "key": "flow_control_keys",
    }
    return MessageFilter(**{fields[name]: frozenset({value}) for name, value in filters.items()})


def _accepted(made: Sequence[Made]) -> list[Accepted]:
    return [Accepted(one.message_id, one.deduplicated) for one in made]


def _schedule_states(state: MessageState) -> str:
    if state not in ENDED:
        return "IN_PROGRESS"
    return "SUCCESS" if state is MessageState.DELIVERED else "FAIL"
