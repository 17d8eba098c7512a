"""JSON schemas of what the control API takes and answers."""

from typing import Final

from fakestash.api.openapi_schemas import INTEGER, NATURAL, TEXT, array, record, ref
from fakestash.drive.modes import FASTEST, SLOWEST, Mode
from fakestash.wire.json_values import JsonObject

YES: Final[JsonObject] = {"enum": ["1", "0", "true", "false", "yes", "no", ""]}
NULL: Final[JsonObject] = {"type": "null"}

INSTANT: Final[JsonObject] = {
    "description": "Unix ms, or ISO 8601 text with a zone.",
    "type": ["integer", "string"],
}
DURATION: Final[JsonObject] = {
    "description": 'Text such as "1h30m", or a number of seconds.',
    "type": ["string", "number"],
}
ANY_JSON: Final[JsonObject] = {"description": "Any JSON: objects may hold more, lists may not."}
_TEXT_PATTERN: Final = record({"contains?": TEXT, "startsWith?": TEXT, "endsWith?": TEXT})
TEXT_LIKE: Final[JsonObject] = {"oneOf": [TEXT, _TEXT_PATTERN]}
NUMBER_LIKE: Final[JsonObject] = {"oneOf": [INTEGER, record({"min?": INTEGER, "max?": INTEGER})]}
HEADERS_LIKE: Final[JsonObject] = {
    "description": "By name; null is for a header that must not be there.",
    "type": "object",
    "additionalProperties": {"oneOf": [TEXT, _TEXT_PATTERN, NULL]},
}
LIMIT: Final[JsonObject] = {
    "description": "How many events may come up before it counts as a runaway.",
    "type": "integer",
    "minimum": 1,
}
MODE: Final[JsonObject] = {"enum": [str(mode) for mode in Mode]}
RATE: Final[JsonObject] = {"type": "number", "minimum": SLOWEST, "maximum": FASTEST}
SEED: Final[JsonObject] = NATURAL


def or_null(schema: JsonObject) -> JsonObject:
    """What a schema describes, or null."""
    return {"anyOf": [schema, NULL]}


_NEXT: Final = or_null(record({"at": INTEGER, "event": TEXT}))

CLOCK: Final = ref("Clock")
REPORT: Final = ref("Report")

CLOCK_SCHEMAS: Final[dict[str, JsonObject]] = {
    "Clock": record(
        {"now": INTEGER, "mode": MODE, "rate": {"type": "number"}, "next": _NEXT},
    ),
    "Attempt": record(
        {
            "at": INTEGER,
            "messageId": TEXT,
            "url": TEXT,
            "retried": NATURAL,
            "status": or_null(INTEGER),
            "error": or_null(TEXT),
        }
    ),
    "Report": record(
        {
            "started": INTEGER,
            "ended": INTEGER,
            "reason": TEXT,
            "delivered": NATURAL,
            "failed": NATURAL,
            "deliveries": array(ref("Attempt")),
            "next": _NEXT,
        }
    ),
}
