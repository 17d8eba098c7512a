"""The ways in which time can pass: by itself, faster or slower, in jumps, or by hand."""

from enum import StrEnum
from typing import Final, NamedTuple

from fakestash.errors import UsageError

SLOWEST: Final = 0.001
FASTEST: Final = 1_000_000


class Mode(StrEnum):
    """How time passes.

    - ``REAL``: as on the machine's clock.
    - ``RATE``: so many times as fast.
    - ``MANUAL``: only when it is moved.
    - ``AUTO``: it jumps to the next event as soon as every delivery in flight has come back.
    """

    REAL = "real"
    RATE = "rate"
    MANUAL = "manual"
    AUTO = "auto"


class Pace(NamedTuple):
    """A mode, and how many times as fast as the machine's clock time runs by itself in it."""

    mode: Mode
    rate: float

    @property
    def runs(self) -> bool:
        """Whether the clock runs by itself, and is not moved from event to event."""
        return self.rate != 0


REAL_TIME: Final = Pace(Mode.REAL, 1)
BY_HAND: Final = Pace(Mode.MANUAL, 0)
IN_JUMPS: Final = Pace(Mode.AUTO, 0)
_WITHOUT_RATE: Final = {pace.mode: pace for pace in (REAL_TIME, BY_HAND, IN_JUMPS)}


def pace_of(mode: object, rate: object = None) -> Pace:
    """The pace that somebody asks for by the name of a mode, and a rate if it needs one.

    Raises:
        UsageError: if there is no such mode, or the rate is missing, none, or out of place.
    """
    names = ", ".join(f'"{each}"' for each in Mode)
    if not isinstance(mode, str) or mode not in tuple(Mode):
        raise UsageError(f"mode must be one of {names}, got {mode!r}")
    if mode != Mode.RATE:
        if rate is not None:
            raise UsageError(f'rate ({rate!r}) goes with the mode "rate" only, not with "{mode}"')
        return _WITHOUT_RATE[Mode(mode)]
    if isinstance(rate, int | float) and not isinstance(rate, bool) and SLOWEST <= rate <= FASTEST:
        return Pace(Mode.RATE, rate)
    wanted = f"a number from {SLOWEST} to {FASTEST}, such as 60"
    if rate is None:
        raise UsageError(f'the mode "rate" needs a rate beside it: {wanted}')
    raise UsageError(f"rate must be {wanted}, got {rate!r}")
