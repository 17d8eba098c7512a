"""The description of everything that a server has: the service, and the control API."""

import re
from http import HTTPStatus
from typing import Final, cast

from fakestash.api.openapi import openapi_document
from fakestash.api.openapi_schemas import ref
from fakestash.control.asked import Endpoint, Routes
from fakestash.control.asserting import ASSERT_SCHEMAS
from fakestash.control.chaos import CHAOS_SCHEMAS
from fakestash.control.destinations import DESTINATION_SCHEMAS
from fakestash.control.faults import FAULT_SCHEMAS
from fakestash.control.looking import LOOKING_SCHEMAS
from fakestash.control.probing import PROBING_SCHEMAS
from fakestash.control.schemas import CLOCK_SCHEMAS
from fakestash.control.snapshots import SNAPSHOT_SCHEMAS
from fakestash.control.strictness import STRICTNESS_SCHEMAS
from fakestash.control.views import VIEW_SCHEMAS
from fakestash.control.worlds import WORLD_SCHEMAS
from fakestash.wire.json_values import JsonObject

_PART: Final = re.compile(r"\{(\w+)\}")

_REFUSALS: Final = {
    400: "A value, field or parameter that cannot be understood; it is named.",
    401: "The token of nobody, or no control token.",
    403: "A read-only token, or a web page from elsewhere.",
    404: "What is named does not exist.",
    405: "The path exists, but not with the method of the call.",
    408: "It did not happen within the time that the call gave it.",
    409: "It cannot be done in the present state.",
    413: "The call is too large.",
    417: "What was asserted is not so.",
    429: "There are as many of them as there may be.",
    501: "Something that this server does not have.",
}
CONTROL_SCHEMAS: Final[dict[str, JsonObject]] = {
    **CLOCK_SCHEMAS,
    **VIEW_SCHEMAS,
    **SNAPSHOT_SCHEMAS,
    **DESTINATION_SCHEMAS,
    **LOOKING_SCHEMAS,
    **FAULT_SCHEMAS,
    **CHAOS_SCHEMAS,
    **PROBING_SCHEMAS,
    **ASSERT_SCHEMAS,
    **STRICTNESS_SCHEMAS,
    **WORLD_SCHEMAS,
}

_ALWAYS: Final = (400, 401, 403, 404, 405)


def document(routes: Routes) -> JsonObject:
    """The service's description with that of the control API in it, as an OpenAPI 3.1 document."""
    whole = openapi_document()
    paths = cast("dict[str, JsonObject]", whole["paths"])
    for (method, template), endpoint in routes.items():
        paths.setdefault(template, {})[method.lower()] = _operation(method, template, endpoint)
    schemas = cast("dict[str, JsonObject]", cast("JsonObject", whole["components"])["schemas"])
    schemas.update(CONTROL_SCHEMAS)
    return whole


def _operation(method: str, template: str, endpoint: Endpoint) -> JsonObject:
    words = re.findall(r"\w+", template.removeprefix("/_fakestash"))
    shown: JsonObject = {
        "operationId": "control" + "".join(_title(word) for word in (method.lower(), *words)),
        "tags": ["control"],
        "summary": endpoint.summary,
        "security": [{}, {"bearer": []}, {"queryToken": []}],
        "parameters": [
            *(_parameter(name, "path", {"type": "string"}) for name in _PART.findall(template)),
            *(_parameter(name, "query", schema) for name, schema in endpoint.query.items()),
        ],
        "responses": {
            str(endpoint.status): _success(endpoint),
            **{str(status): _refusal(status) for status in sorted(_refused(endpoint))},
        },
    }
    if endpoint.fields:
        schema: JsonObject = {
            "type": "object",
            "properties": dict(endpoint.fields),
            "additionalProperties": False,
        }
        if endpoint.required:
            schema["required"] = list(endpoint.required)
        shown["requestBody"] = {
            "content": {"application/json": {"schema": schema}},
            "required": bool(endpoint.required),
        }
    return shown


def _title(word: str) -> str:
    return word[0].upper() + word[1:]


def _parameter(name: str, place: str, schema: JsonObject) -> JsonObject:
    return {"name": name, "in": place, "required": place == "path", "schema": schema}


def _success(endpoint: Endpoint) -> JsonObject:
    shown: JsonObject = {"description": HTTPStatus(endpoint.status).phrase}
    content: JsonObject = {}
    if endpoint.answer is not None:
        content["application/json"] = {"schema": endpoint.answer}
    if endpoint.streams:
        content["application/x-ndjson"] = {}
    if endpoint.is_text:
        content["text/plain"] = {}
    return {**shown, "content": content} if content else shown


def _refused(endpoint: Endpoint) -> set[int]:
    with_body = (413,) if endpoint.fields else ()
    return {*_ALWAYS, *endpoint.refusals, *with_body}


def _refusal(status: int) -> JsonObject:
    schema = ref("Unmet") if status == HTTPStatus.EXPECTATION_FAILED else ref("Error")
    return {
        "description": _REFUSALS[status],
        "content": {"application/json": {"schema": schema}},
    }
