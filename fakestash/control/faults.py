"""Routes for faults of the service's own API: what calls of it meet instead of an answer."""

from typing import Final

from fakestash.api.calls import Reply
from fakestash.api.faults.active import ActiveFault
from fakestash.api.faults.fault import ApiFaultKind, FaultFields, fault_of_json, json_of_fault
from fakestash.api.openapi_schemas import NATURAL, TEXT, array, record, ref
from fakestash.control.asked import (
    NOT_FOUND,
    TOO_MANY,
    Answer,
    Asked,
    ControlError,
    Endpoint,
    Json,
    Routes,
    told,
)
from fakestash.control.reading import camel
from fakestash.errors import UsageError
from fakestash.wire.json_values import JsonObject

MOST_FAULTS: Final = 1000

_KIND: Final[JsonObject] = {"enum": [str(kind) for kind in ApiFaultKind]}
_FIELDS: Final[dict[str, JsonObject]] = {
    "kind": _KIND,
    **{camel(name): {} for name in FaultFields.__annotations__},
}

FAULT_SCHEMAS: Final[dict[str, JsonObject]] = {
    "Fault": {
        **record({"id": TEXT, "met": NATURAL, "struck": NATURAL, "kind": _KIND}),
        "additionalProperties": True,
    },
}


async def _list(asked: Asked) -> Answer:
    return told({"faults": [_shown(fault) for fault in asked.fake.faults]})


async def _add(asked: Asked) -> Answer:
    faults = asked.fake.faults
    if len(faults) >= MOST_FAULTS:
        raise ControlError(
            TOO_MANY, f"there are {MOST_FAULTS} faults, which is the most: delete some"
        )
    return told(_shown(faults.add_fault(fault_of_json(asked.fields))))


async def _clear(asked: Asked) -> Answer:
    asked.fake.faults.clear()
    return Reply(204)


async def _remove(asked: Asked) -> Answer:
    (fault_id,) = asked.arguments
    try:
        asked.fake.faults.remove(fault_id)
    except UsageError as error:
        raise ControlError(NOT_FOUND, str(error)) from error
    return Reply(204)


def _shown(fault: ActiveFault) -> Json:
    return {"id": fault.id, "met": fault.met, "struck": fault.struck, **json_of_fault(fault.fault)}


FAULT_ROUTES: Final[Routes] = {
    ("GET", "/_fakestash/faults"): Endpoint(
        _list, "List the faults that are active.", record({"faults": array(ref("Fault"))})
    ),
    ("POST", "/_fakestash/faults"): Endpoint(
        _add,
        "Have calls of the service's API fail, or be answered late.",
        ref("Fault"),
        _FIELDS,
        ("kind",),
        refusals=(TOO_MANY,),
    ),
    ("DELETE", "/_fakestash/faults"): Endpoint(_clear, "End all faults.", None, status=204),
    ("DELETE", "/_fakestash/faults/{id}"): Endpoint(_remove, "End a fault.", None, status=204),
}
