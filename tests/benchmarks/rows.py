"""One line of the table: a figure, the baseline it was measured beside, and what is aimed for."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Final

ENOUGH_FOR_QUARTILES: Final = 4


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit on the figure, or on its ratio to the baseline; the limit itself is allowed."""

    limit: float
    is_least: bool = False
    on_ratio: bool = False


def at_most(limit: float) -> Budget:
    """The figure is to be no more than this."""
    return Budget(limit)


def at_least(limit: float) -> Budget:
    """The figure is to be no less than this."""
    return Budget(limit, is_least=True)


def at_most_times(limit: float) -> Budget:
    """The figure is to be no more than so many times the baseline."""
    return Budget(limit, on_ratio=True)


def at_least_times(limit: float) -> Budget:
    """The figure is to be no less than so many times the baseline."""
    return Budget(limit, is_least=True, on_ratio=True)


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured, slice by slice.

    ``baselines`` holds for each figure the one of the slice beside it, or is empty. ``against``
    says what the baseline is.
    """

    what: str
    unit: str
    figures: Sequence[float]
    baselines: Sequence[float] = ()
    against: str = ""
    budget: Budget | None = None

    @property
    def figure(self) -> float:
        """The median of the slices."""
        return median(self.figures)

    @property
    def spread(self) -> float:
        """The middle half of the slices, as a part of their median; 0 if there are too few."""
        if len(self.figures) < ENOUGH_FOR_QUARTILES or not self.figure:
            return 0.0
        low, _, high = quantiles(self.figures, n=4)
        return (high - low) / abs(self.figure)

    @property
    def baseline(self) -> float | None:
        """The median of the baseline's slices."""
        return median(self.baselines) if self.baselines else None

    @property
    def ratio(self) -> float | None:
        """The median ratio of a slice to the one beside it: what disturbs one disturbs both."""
        pairs = zip(self.figures, self.baselines, strict=bool(self.baselines))
        ratios = [figure / baseline for figure, baseline in pairs if baseline]
        return median(ratios) if ratios else None

    @property
    def is_met(self) -> bool | None:
        """Whether the budget is kept; None if there is none."""
        if self.budget is None:
            return None
        judged = self.ratio if self.budget.on_ratio else self.figure
        if judged is None:
            return False
        return judged >= self.budget.limit if self.budget.is_least else judged <= self.budget.limit
