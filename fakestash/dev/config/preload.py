"""What every world has at its start: URL groups, queues, schedules and scripts.

All but scripts are made by calls of the service's own API, so that what it would refuse is
refused in its words.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from fakestash.control.reading import read_object, text, whole
from fakestash.control.scripts import SCRIPT_FIELDS, script
from fakestash.delivery.scripted import ScriptedDestination
from fakestash.dev.config.calling import call
from fakestash.dev.config.tables import tables_of
from fakestash.errors import UsageError
from fakestash.testing.root import Root

_GROUP: Final = ("name", "endpoints")
_QUEUE: Final = ("name", "parallelism", "paused")
_SCHEDULE: Final = ("id", "destination", "cron", "method", "body", "headers")


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the API; ``name`` is where it stands in the file."""

    name: str
    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Preload:
    """Calls to make, and scripts to write, by where they stand in the file."""

    calls: tuple[Call, ...] = ()
    scripts: tuple[tuple[str, Mapping[str, Any]], ...] = ()

    def into(self, fake: Root) -> None:
        """Have it all in a fake. What is there already is overwritten.

        Raises:
            UsageError: if the service refuses some of it.
        """
        for each in self.calls:
            status, answer = call(fake, each.method, each.path, each.headers, each.body)
            if status not in range(200, 300):
                raise UsageError(f"{each.name}: {answer}")
        for _, fields in self.scripts:
            script(fake.destination, dict(fields))

    @property
    def urls(self) -> frozenset[str]:
        """What scripts are for."""
        return frozenset(str(fields["url"]) for _, fields in self.scripts)


def preload_of(table: Mapping[str, Any]) -> Preload:
    """What a config file says of it.

    Raises:
        UsageError: on a bad value, or a key that means nothing.
    """
    calls = [_group(*each) for each in tables_of(table.get("url_groups", []), "url_groups")]
    for each in tables_of(table.get("queues", []), "queues"):
        calls += _queue(*each)
    calls += [_schedule(*each) for each in tables_of(table.get("schedules", []), "schedules")]
    scripts = list(tables_of(table.get("destinations", []), "destinations"))
    for name, fields in scripts:
        read_object(fields, SCRIPT_FIELDS, name)
        _required(fields, name, "url")
        try:
            script(ScriptedDestination, fields)
        except UsageError as error:
            raise UsageError(f"{name}: {error}") from error
    return Preload(tuple(calls), tuple(scripts))


def _group(name: str, table: dict[str, Any]) -> Call:
    read_object(table, _GROUP, name)
    _required(table, name, "name", "endpoints")
    endpoints = table["endpoints"]
    if not isinstance(endpoints, list):
        raise UsageError(f"{name}.endpoints must be a list of URLs, got {endpoints!r:.80}")
    listed = [
        {"url": text(url, f"{name}.endpoints[{index}]")}
        for index, url in enumerate(cast("list[object]", endpoints))
    ]
    group = text(table["name"], f"{name}.name")
    body = json.dumps({"endpoints": listed}).encode()
    return Call(name, "POST", f"/v2/topics/{group}/endpoints", body=body)


def _queue(name: str, table: dict[str, Any]) -> list[Call]:
    read_object(table, _QUEUE, name)
    _required(table, name, "name")
    queue = text(table["name"], f"{name}.name")
    parallelism = whole(table.get("parallelism", 1), f"{name}.parallelism", 1)
    paused = table.get("paused", False)
    if not isinstance(paused, bool):
        raise UsageError(f"{name}.paused must be true or false, got {paused!r:.80}")
    body = json.dumps({"queueName": queue, "parallelism": parallelism}).encode()
    turned = "pause" if paused else "resume"
    return [
        Call(name, "POST", "/v2/queues", body=body),
        Call(name, "POST", f"/v2/queues/{queue}/{turned}"),
    ]


def _schedule(name: str, table: dict[str, Any]) -> Call:
    read_object(table, _SCHEDULE, name)
    _required(table, name, "id", "destination", "cron")
    headers = table.get("headers", {})
    if not isinstance(headers, dict):
        raise UsageError(f"{name}.headers must be a table, got {headers!r:.80}")
    items = [
        ("Upstash-Cron", text(table["cron"], f"{name}.cron")),
        ("Upstash-Schedule-Id", text(table["id"], f"{name}.id")),
        *(
            (key, text(value, f"{name}.headers.{key}"))
            for key, value in cast("dict[str, object]", headers).items()
        ),
    ]
    if "method" in table:
        items.append(("Upstash-Method", text(table["method"], f"{name}.method")))
    destination = text(table["destination"], f"{name}.destination")
    body = table.get("body", "")
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return Call(name, "POST", f"/v2/schedules/{destination}", tuple(items), content)


def _required(table: Mapping[str, Any], name: str, *keys: str) -> None:
    for key in keys:
        if key not in table:
            raise UsageError(f"{name}.{key} is missing")
