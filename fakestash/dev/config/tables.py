"""Arrays of tables in the config file."""

from collections.abc import Iterator
from typing import Any, cast

from fakestash.errors import UsageError


def tables_of(value: object, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each table of an array, and what it is called in complaints.

    Raises:
        UsageError: if it is no array of tables.
    """
    if not isinstance(value, list):
        raise UsageError(f"{name} must be written as [[{name}]], got {value!r:.80}")
    for index, table in enumerate(cast("list[object]", value)):
        if not isinstance(table, dict):
            raise UsageError(f"{name}[{index}] must be a table, got {table!r:.80}")
        yield f"{name}[{index}]", cast("dict[str, Any]", table)
