"""The rows as text."""

from collections.abc import Iterable, Sequence
from typing import Final

from tests.benchmarks.rows import Budget, Row

HEAD: Final = ("what", "figure", "spread", "baseline of the same run", "ratio", "budget", "met")
_MET: Final = {True: "yes", False: "NO", None: ""}
_WHOLE_FROM: Final = 100
_ONE_DIGIT_FROM: Final = 10


def lines(rows: Iterable[Row]) -> list[str]:
    """A table with a head."""
    cells = [HEAD, *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    rule = tuple("-" * width for width in widths)
    return [_line(row, widths) for row in (HEAD, rule, *cells[1:])]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return " | ".join(padded).rstrip()


def _cells(row: Row) -> tuple[str, ...]:
    baseline = row.baseline
    beside = "" if baseline is None else f"{_number(baseline)} {row.unit}"
    return (
        row.what,
        f"{_number(row.figure)} {row.unit}",
        f"{row.spread:.0%}",
        f"{beside} ({row.against})" if beside and row.against else beside,
        "" if row.ratio is None else f"{row.ratio:.2f}",
        "" if row.budget is None else _budget(row.budget, row.unit),
        _MET[row.is_met],
    )


def _budget(budget: Budget, unit: str) -> str:
    sign = ">=" if budget.is_least else "<="
    return f"{sign} {budget.limit:,g} {'times' if budget.on_ratio else unit}"


def _number(value: float) -> str:
    if abs(value) >= _WHOLE_FROM:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= _ONE_DIGIT_FROM else f"{value:.2f}"
