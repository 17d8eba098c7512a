"""Header fields as a mapping: names match without regard to case, repeated ones are kept."""

from collections.abc import Iterator, Mapping

from fakestash.model.outcomes import HeaderItems


class Headers(Mapping[str, str]):
    """Read-only header fields. ``items_in_order`` has them exactly as sent."""

    __slots__ = ("_values", "items_in_order")

    def __init__(self, items: HeaderItems) -> None:
        self.items_in_order = items
        values: dict[str, list[tuple[str, str]]] = {}
        for name, value in items:
            values.setdefault(name.lower(), []).append((name, value))
        self._values = values

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()][0][1]

    def __iter__(self) -> Iterator[str]:
        return (found[0][0] for found in self._values.values())

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Headers({dict(self)!r})"

    def get_all(self, name: str) -> tuple[str, ...]:
        """Every value of a repeated header, in order; empty if there is none."""
        return tuple(value for _, value in self._values.get(name.lower(), ()))
