"""The clock of the process at the fake's instant, by freezegun.

The fake's clock leads. It begins where the test had frozen time already, unless the test says
where; from then on time moves with the fake alone, and what was there before comes back at the end.
"""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

from fakestash import UsageError


def frozen_instant() -> datetime | str | None:
    """Where the test has frozen time, be it to go on from there; None if it has not."""
    freezegun = sys.modules.get("freezegun.api")
    if freezegun is not None and freezegun.freeze_factories:
        at: datetime = freezegun.freeze_factories[-1]()
        return at.replace(tzinfo=UTC)
    if _time_machine_travels():
        return "now"  # it moves what the fake takes for the machine's time
    return None


class ProcessClock:
    """``time`` and ``datetime`` as all code of this process sees them.

    Raises:
        UsageError: if freezegun is not installed.
    """

    def __init__(self) -> None:
        self._api = _freezegun()
        self._move_to: Callable[[datetime], object] | None = None
        self._depth = 0

    def follow(self, instant: datetime) -> None:
        """Show ``instant``, once it is held.

        Raises:
            UsageError: if somebody else has taken over.
        """
        if self._move_to is None:
            return
        if _freezegun_depth() != self._depth:  # time-machine sees to it by itself
            __tracebackhide__ = True  # the line of the test is to blame
            raise UsageError(
                "freeze=True has the clock of the process follow the fake, and something has "
                "frozen time on top of that: two cannot lead. Move the fake's time instead "
                "(qstash.advance_to), or freeze time before the fixture is made, or take "
                "freeze=True away"
            )
        self._move_to(instant)

    @contextmanager
    def held_at(self, instant: datetime) -> Generator[None, None, None]:
        """Begin at ``instant``; at the end the clock is what it was before."""
        # Event loops have their own idea of time, which no test means to stop, and pytest
        # measures how long tests take.
        freezer = self._api.freeze_time(
            instant, real_asyncio=True, ignore=["trio", "_pytest.timing"]
        )
        with freezer as frozen:
            _reach_threads(self._api.api)
            self._depth = _freezegun_depth()
            self._move_to = frozen.move_to
            try:
                yield
            finally:
                self._move_to = None


def _freezegun() -> Any:  # noqa: ANN401 - a module
    try:
        import freezegun
    except ImportError:
        raise UsageError(
            "freeze=True needs freezegun, which is not installed: pip install freezegun"
        ) from None
    return freezegun


def _reach_threads(api: ModuleType) -> None:
    """Have code see the frozen time in worker threads as well.

    Where a function of ``threading`` is among the nearest callers, freezegun gives the real time,
    and so it would to each handler that its framework runs in a thread. ``threading`` itself has
    the real functions anyway.
    """
    api.ignore_lists[-1] = tuple(name for name in api.ignore_lists[-1] if name != "threading")


def _freezegun_depth() -> int:
    """How many times over freezegun has time frozen now."""
    api = sys.modules.get("freezegun.api")
    return 0 if api is None else len(api.freeze_factories)


def _time_machine_travels() -> bool:
    module = sys.modules.get("time_machine")
    return module is not None and bool(module.escape_hatch.is_travelling())
