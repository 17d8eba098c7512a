"""Which of the things that meet a rule it is for: by their number, or by chance."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, cast

from fakestash.errors import UsageError, shown_where_it_was_made

__tracebackhide__ = shown_where_it_was_made


def _check_whole(name: str, value: object, least: int) -> None:
    if type(value) is not int or value < least:
        raise UsageError(f"{name} must be a whole number from {least} on, got {value!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """A choice among things that come one by one.

    The first ``after`` are passed over, of the others every ``every``-th counts, each of these is
    chosen with ``probability``, and at most ``times`` are.
    """

    after: int = 0
    every: int = 1
    times: int | None = None
    probability: float = 1.0

    def __post_init__(self) -> None:
        """Refuse numbers that mean nothing.

        Raises:
            UsageError: naming the field and its value.
        """
        _check_whole("after", self.after, 0)
        _check_whole("every", self.every, 1)
        if self.times is not None:
            _check_whole("times", self.times, 1)
        given = cast("object", self.probability)
        is_number = isinstance(given, int | float) and not isinstance(given, bool)
        if not (is_number and 0 < self.probability <= 1):
            raise UsageError(
                f"probability must be a number above 0 and not above 1, got {given!r}: 0.1 chooses "
                "one in ten"
            )

    @property
    def is_by_chance(self) -> bool:
        """Whether the same things need not be chosen with another seed."""
        return self.probability < 1

    def chooses(self, number: int, chosen: int, chance: Callable[[], float]) -> bool:
        """Whether the thing of this ``number`` (from 1 on) is chosen after ``chosen`` others were.

        ``chance`` gives a number in [0, 1).
        """
        place = number - self.after
        if place < 1 or place % self.every or (self.times is not None and chosen >= self.times):
            return False
        return not self.is_by_chance or chance() < self.probability

    def __str__(self) -> str:
        """The fields that are set, as arguments: ``every=3, times=2``."""
        return ", ".join(
            f"{name}={value!r}"
            for name, default in _DEFAULTS.items()
            if (value := getattr(self, name)) != default
        )


_DEFAULTS: Final = {"after": 0, "every": 1, "times": None, "probability": 1.0}

ALL: Final = Selection()
"""Everything is chosen."""
