"""Checks JSON against the schemas of the description, as far as those go."""

import re
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from fakestash.control.description import document
from fakestash.control.table import ROUTES

Json: TypeAlias = Any

DOCUMENT: Final[Json] = document(ROUTES)
_TYPES: Final[dict[str, Any]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


def looked_up(reference: str) -> Json:
    """What a reference leads to."""
    found = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found


def complaints(value: Json, schema: Json, place: str = "") -> Iterator[str]:
    """What is not as the schema says."""
    if "$ref" in schema:
        schema = looked_up(schema["$ref"])
    for word in ("anyOf", "oneOf"):
        if word in schema and not any(not list(complaints(value, each)) for each in schema[word]):
            yield f"{place}: {value!r} is none of {schema[word]}"
    allowed = [schema["const"]] if "const" in schema else schema.get("enum", [value])
    if value not in allowed:
        yield f"{place}: {value!r} is none of {allowed}"
    if "type" in schema and not _is_of(value, schema["type"]):
        yield f"{place}: {value!r} is no {schema['type']}"
        return
    if isinstance(value, dict):
        yield from _in_object(value, schema, place)
    if isinstance(value, list) and "items" in schema:
        for index, each in enumerate(value):
            yield from complaints(each, schema["items"], f"{place}[{index}]")
    if "minimum" in schema and isinstance(value, int | float) and value < schema["minimum"]:
        yield f"{place}: {value!r} is less than {schema['minimum']}"


def _in_object(value: dict[str, Json], schema: Json, place: str) -> Iterator[str]:
    properties = schema.get("properties", {})
    others = schema.get("additionalProperties", not properties)
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{place}.{name} is missing"
    for name, each in value.items():
        if name in properties:
            yield from complaints(each, properties[name], f"{place}.{name}")
        elif isinstance(others, dict):
            yield from complaints(each, others, f"{place}.{name}")
        elif not others:
            yield f"{place}.{name} is not described"


def _is_of(value: Json, names: str | list[str]) -> bool:
    listed = [names] if isinstance(names, str) else names
    return any(
        isinstance(value, _TYPES[name]) and (name == "boolean" or not isinstance(value, bool))
        for name in listed
    )


def described(method: str, path: str) -> tuple[str, Json] | None:
    """The operation of a request, and its path in the description."""
    for template, operations in DOCUMENT["paths"].items():
        pattern = re.sub(r"\{\w+\}", "[^/]*", template.replace(".", r"\."))
        if re.fullmatch(pattern, path) and method.lower() in operations:
            return template, operations[method.lower()]
    return None


def check_answer(method: str, path: str, status: int, body: Json) -> None:
    """See that an answer is as described; the path has no query."""
    found = described("GET" if method == "HEAD" else method, path)
    if found is None:
        assert status in {404, 405}, (method, path, status)
        return
    template, operation = found
    answers = operation["responses"]
    assert str(status) in answers, f"{method} {template} is not to answer {status}: {body}"
    content = answers[str(status)].get("content", {})
    if body is None:
        assert status == 204 or not content
        return
    wrong = list(complaints(body, content["application/json"]["schema"]))
    assert not wrong, (method, template, status, wrong)
