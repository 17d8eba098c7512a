"""Routes for going back: snapshots are kept by name, as long as their world lasts."""

from typing import Final

from fakestash.api.calls import Reply
from fakestash.api.openapi_schemas import INTEGER, TEXT, array, record, ref
from fakestash.control.asked import (
    NOT_FOUND,
    REFUSED_NOW,
    TOO_MANY,
    Answer,
    Asked,
    ControlError,
    Endpoint,
    Json,
    Routes,
    told,
)
from fakestash.control.reading import text
from fakestash.control.schemas import CLOCK
from fakestash.control.told import clock_json
from fakestash.errors import UsageError
from fakestash.syntax.moments import instant_of
from fakestash.testing.branches import Snapshot
from fakestash.wire.json_values import JsonObject

MOST_SNAPSHOTS: Final = 100

SNAPSHOT_SCHEMAS: Final[dict[str, JsonObject]] = {
    "Snapshot": record({"id": TEXT, "at": INTEGER}),
}


async def _list(asked: Asked) -> Answer:
    found = [_shown(name, each) for name, each in asked.subject.snapshots.items()]
    return told({"snapshots": found})


async def _take(asked: Asked) -> Answer:
    subject = asked.subject
    name = asked.fields.get("name")
    if name is None:
        subject.snapshots_taken += 1
        name = f"snapshot-{subject.snapshots_taken}"
    name = text(name, "name")
    if name in subject.snapshots:
        raise ControlError(
            REFUSED_NOW,
            f"there is a snapshot {name!r} already: DELETE /_fakestash/snapshots/{name} first, or "
            "take another name",
        )
    if len(subject.snapshots) >= MOST_SNAPSHOTS:
        raise ControlError(
            TOO_MANY, f"there are {MOST_SNAPSHOTS} snapshots, which is the most: delete some"
        )
    try:
        snapshot = await subject.snapshot()
    except UsageError as error:
        raise ControlError(REFUSED_NOW, str(error)) from error
    subject.snapshots[name] = snapshot
    return told(_shown(name, snapshot))


async def _restore(asked: Asked) -> Answer:
    snapshot = asked.subject.snapshots[_named(asked)]
    try:
        await asked.subject.restore(snapshot)
    except UsageError as error:
        raise ControlError(REFUSED_NOW, str(error)) from error
    return told(clock_json(asked.subject))


async def _forget(asked: Asked) -> Answer:
    del asked.subject.snapshots[_named(asked)]
    return Reply(204)


def _named(asked: Asked) -> str:
    (name,) = asked.arguments
    known = asked.subject.snapshots
    if name not in known:
        there = ", ".join(known) or "none"
        raise ControlError(NOT_FOUND, f"there is no snapshot {name!r}; there are: {there}")
    return name


def _shown(name: str, snapshot: Snapshot) -> Json:
    return {"id": name, "at": instant_of(snapshot.at)}


SNAPSHOT_ROUTES: Final[Routes] = {
    ("GET", "/_fakestash/snapshots"): Endpoint(
        _list, "List the snapshots.", record({"snapshots": array(ref("Snapshot"))})
    ),
    ("POST", "/_fakestash/snapshots"): Endpoint(
        _take,
        "Keep all there is now, to come back to it.",
        ref("Snapshot"),
        {"name": TEXT},
        refusals=(REFUSED_NOW, TOO_MANY),
    ),
    ("POST", "/_fakestash/snapshots/{id}/restore"): Endpoint(
        _restore, "Go back to a snapshot.", CLOCK, refusals=(REFUSED_NOW,)
    ),
    ("DELETE", "/_fakestash/snapshots/{id}"): Endpoint(
        _forget, "Forget a snapshot.", None, status=204
    ),
}
