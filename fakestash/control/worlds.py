"""Routes for worlds: each has its own users, clock, destinations and all else."""

from typing import Final

from fakestash.api.calls import Reply
from fakestash.api.openapi_schemas import TEXT, array, record, ref
from fakestash.control.asked import (
    NOT_THERE,
    REFUSED_NOW,
    TOO_MANY,
    Answer,
    Asked,
    ControlError,
    Endpoint,
    Routes,
    told,
)
from fakestash.control.reading import instant, text, whole
from fakestash.control.schemas import INSTANT, MODE, RATE, SEED
from fakestash.control.subject import Worlds
from fakestash.drive.modes import Mode, pace_of
from fakestash.wire.json_values import JsonObject

WORLD_SCHEMAS: Final[dict[str, JsonObject]] = {
    "World": record(
        {"name": TEXT, "environment": {"type": "object", "additionalProperties": TEXT}}
    ),
}
_ONLY_ONE: Final = (
    "this fake belongs to a test in Python, which has it to itself: worlds are for the development "
    "server, `fakestash dev`"
)


def _worlds(asked: Asked) -> Worlds:
    if asked.subject.worlds is None:
        raise ControlError(NOT_THERE, _ONLY_ONE)
    return asked.subject.worlds


async def _list(asked: Asked) -> Answer:
    worlds = _worlds(asked)
    return told(
        {
            "worlds": [
                {"name": name, "environment": worlds.environment(name)} for name in worlds.names
            ]
        }
    )


async def _make(asked: Asked) -> Answer:
    worlds, fields = _worlds(asked), asked.fields
    name, start, seed = (fields.get(each) for each in ("name", "start", "seed"))
    plan, mode, rate = (fields.get(each) for each in ("plan", "mode", "rate"))
    pace = None
    if mode is not None or rate is not None:
        pace = pace_of(Mode.RATE if mode is None else mode, rate)
    made = worlds.add(
        name=None if name is None else text(name, "name"),
        start=None if start is None else instant(start, "start"),
        seed=None if seed is None else whole(seed, "seed"),
        plan=None if plan is None else text(plan, "plan"),
        pace=pace,
    )
    return told({"name": made, "environment": worlds.environment(made)})


async def _end(asked: Asked) -> Answer:
    (name,) = asked.arguments
    await _worlds(asked).end(name)
    return Reply(204)


WORLD_ROUTES: Final[Routes] = {
    ("GET", "/_fakestash/worlds"): Endpoint(
        _list, "List the worlds.", record({"worlds": array(ref("World"))}), refusals=(NOT_THERE,)
    ),
    ("POST", "/_fakestash/worlds"): Endpoint(
        _make,
        "Make a world; requests with its token are for it.",
        ref("World"),
        {
            "name": TEXT,
            "start": INSTANT,
            "seed": SEED,
            "plan": TEXT,
            "mode": MODE,
            "rate": RATE,
        },
        refusals=(REFUSED_NOW, TOO_MANY, NOT_THERE),
    ),
    ("DELETE", "/_fakestash/worlds/{name}"): Endpoint(
        _end,
        "End a world, and what is in flight in it.",
        None,
        status=204,
        refusals=(REFUSED_NOW, NOT_THERE),
    ),
}
