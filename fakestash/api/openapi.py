"""The description of the interface, both versions, as an OpenAPI 3.1 document.

It is made from the route table: a route that is not described is an error, and what a route
implies (parts of its path, authentication, limits) is taken from its entry in the table.
"""

import re
from copy import deepcopy
from http import HTTPStatus
from typing import Final

from fakestash.api.openapi_operations import OPERATIONS, Operation
from fakestash.api.openapi_operations_v1 import V1_OPERATIONS
from fakestash.api.openapi_parameters import PARAMETERS, PATH_PARTS, references
from fakestash.api.openapi_schemas import INTEGER, SCHEMAS, ref
from fakestash.api.openapi_schemas_v1 import V1_SCHEMAS
from fakestash.api.routes import Endpoint
from fakestash.api.table import V1, V2
from fakestash.wire.json_values import JsonObject

_REFUSALS: Final = {
    400: "A value, parameter or body that cannot be understood.",
    401: "No token, or one that belongs to nobody.",
    403: "A read-only token.",
    404: "What is named does not exist.",
    405: "The path exists, but not with the method of the call.",
    409: "The name is taken.",
    412: "Beyond what the plan allows.",
    413: "The call as a whole is too large.",
    429: "Too many messages in a day, or too many calls in a second.",
    501: "A part of the service that the fake does not have.",
}

_LIMIT_HEADERS: Final = tuple(
    f"{kind}RateLimit-{what}" for kind in ("", "Burst-") for what in ("Limit", "Remaining", "Reset")
)

_SHARED_PATHS: Final = {"/v2/schedules/{destination}": "/v2/schedules/{id}"}
"""Routes that a document has to show as one, because only the names of their parts differ."""

_PART: Final = re.compile(r"\{(\w+)\}")


def openapi_document() -> JsonObject:
    """Every route of both versions, as a new OpenAPI 3.1 document.

    Raises:
        KeyError: if a route of the table is not described.
    """
    return deepcopy(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "fakestash: Upstash QStash, version 2 and the deprecated version 1",
                "version": "2",
                "description": (
                    "Settings of a message are header fields; each may also be sent as a query "
                    "parameter with its name in lower case."
                ),
            },
            "servers": [{"url": "/"}],
            "security": [{"bearer": []}, {"queryToken": []}],
            "paths": _paths(),
            "components": {
                "securitySchemes": {
                    "bearer": {"type": "http", "scheme": "bearer"},
                    "queryToken": {"type": "apiKey", "in": "query", "name": "qstash_token"},
                },
                "parameters": dict(PARAMETERS),
                "responses": {str(status): _refusal(status) for status in _REFUSALS},
                "schemas": {**SCHEMAS, **V1_SCHEMAS},
            },
        }
    )


def _paths() -> dict[str, JsonObject]:
    paths: dict[str, JsonObject] = {}
    for template, endpoints in {**V2, **V1}.items():
        path = paths.setdefault(_SHARED_PATHS.get(template, template), {})
        for method, endpoint in endpoints.items():
            path[method.lower()] = _operation(method, template, endpoint)
    return paths


def _operation(method: str, template: str, endpoint: Endpoint) -> JsonObject:
    is_old = template in V1
    described = (V1_OPERATIONS if is_old else OPERATIONS)[method, template]
    shown: JsonObject = {
        "operationId": _operation_id(method, template),
        "tags": ["v1" if is_old else template.split("/")[2]],
        "summary": described.summary,
        "parameters": _parameters(template, described),
        "responses": _responses(method, described, endpoint),
    }
    if is_old:
        shown["deprecated"] = True
    if described.body is not None:
        shown["requestBody"] = described.body
    if endpoint.public is not None:
        shown["security"] = []
    return shown


def _operation_id(method: str, template: str) -> str:
    """As ``postPublishDestination``, and ``postV1PublishDestination`` in version 1."""
    words = re.findall(r"\w+", template.removeprefix("/v2"))
    return method.lower() + "".join(word[0].upper() + word[1:] for word in words)


def _parameters(template: str, described: Operation) -> list[JsonObject]:
    shown_as = _PART.findall(_SHARED_PATHS.get(template, template))
    path: list[JsonObject] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string"},
            "description": PATH_PARTS[part],
        }
        for part, name in zip(_PART.findall(template), shown_as, strict=True)
    ]
    required: list[JsonObject] = [
        {**PARAMETERS[name], "required": True}
        for name in described.headers
        if name == described.required
    ]
    optional = [
        name for name in (*described.query, *described.headers) if name != described.required
    ]
    return [*path, *required, *references(optional)]


def _responses(method: str, described: Operation, endpoint: Endpoint) -> JsonObject:
    answers = {
        str(status): _success(status, schema, described)
        for status, schema in sorted(described.answers.items())
    }
    refused = {
        str(status): {"$ref": f"#/components/responses/{status}"}
        for status in sorted(_refused(method, described, endpoint))
    }
    return {**answers, **refused}


def _refused(method: str, described: Operation, endpoint: Endpoint) -> set[int]:
    """The statuses of refusals: those of the operation and those that its route implies."""
    refused = {*described.refusals, HTTPStatus.METHOD_NOT_ALLOWED}
    if described.headers or described.query or described.body:
        refused.add(HTTPStatus.BAD_REQUEST)
    if endpoint.reads_body:
        refused.add(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if endpoint.public is not None:
        return refused
    refused.add(HTTPStatus.UNAUTHORIZED)
    if method != "GET":
        refused.add(HTTPStatus.FORBIDDEN)
    if endpoint.makes_messages or endpoint.is_managing:
        refused.add(HTTPStatus.TOO_MANY_REQUESTS)
    return refused


def _success(status: int, schema: JsonObject | None, described: Operation) -> JsonObject:
    shown: JsonObject = {"description": HTTPStatus(status).phrase}
    content: JsonObject = {}
    if schema is not None:
        content["text/plain" if described.is_text else "application/json"] = {"schema": schema}
    if described.json_form is not None:
        content["application/json"] = {"schema": described.json_form}
    if content:
        shown["content"] = content
    return shown


def _refusal(status: int) -> JsonObject:
    shown: JsonObject = {
        "description": _REFUSALS[status],
        "content": {"application/json": {"schema": ref("Error")}},
    }
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        shown["headers"] = {name: {"schema": INTEGER} for name in _LIMIT_HEADERS}
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        shown["headers"] = {"Allow": {"schema": {"type": "string"}}}
    return shown
