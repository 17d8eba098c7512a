"""Reading descriptions in OpenAPI's form."""

from collections.abc import Iterator
from typing import Any, TypeAlias

Json: TypeAlias = Any
"""Some part of the document."""


def operations_in(document: Json) -> dict[tuple[str, str], Json]:
    """The operations by method (upper case) and path."""
    return {
        (method.upper(), path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def references(part: Json) -> Iterator[str]:
    """Every ``$ref`` in a part of the document."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "$ref":
                yield value
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)
