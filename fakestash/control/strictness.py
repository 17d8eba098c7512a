"""Routes for what clients asked for that the service does not have."""

from typing import Final

from fakestash.api.calls import Reply
from fakestash.api.openapi_schemas import INTEGER, NATURAL, POSITIVE, TEXT, array, record, ref
from fakestash.api.strictness import NoteKind, notes_json
from fakestash.control.asked import Answer, Asked, Endpoint, Routes, told
from fakestash.wire.json_values import JsonObject

STRICTNESS_SCHEMAS: Final[dict[str, JsonObject]] = {
    "Unknown": record(
        {
            "kind": {"enum": [str(kind) for kind in NoteKind]},
            "value": TEXT,
            "where?": TEXT,
            "suggestion?": TEXT,
            "count": POSITIVE,
            "first": INTEGER,
            "last": INTEGER,
        }
    ),
}


async def _show(asked: Asked) -> Answer:
    return told(notes_json(asked.fake.strictness))


async def _forget(asked: Asked) -> Answer:
    asked.fake.strictness.clear()
    return Reply(204)


STRICTNESS_ROUTES: Final[Routes] = {
    ("GET", "/_fakestash/strictness"): Endpoint(
        _show,
        "Show what clients asked for that the service does not have.",
        record({"notes": array(ref("Unknown")), "omitted?": NATURAL}),
    ),
    ("DELETE", "/_fakestash/strictness"): Endpoint(_forget, "Forget it.", None, status=204),
}
