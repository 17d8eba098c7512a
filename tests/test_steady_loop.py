"""The event loop whose timers no test can freeze."""

import asyncio

import pytest
from freezegun import freeze_time

from fakestash.steady_loop import SteadyLoop


@pytest.mark.parametrize("instant", ["1980-01-01", "2100-01-01"])
def test_timers_end_while_time_is_frozen(instant: str) -> None:
    async def wait() -> None:
        with pytest.raises(TimeoutError), freeze_time(instant):
            await asyncio.wait_for(asyncio.Event().wait(), 0.001)

    with asyncio.Runner(loop_factory=SteadyLoop) as runner:
        runner.run(wait())


@pytest.mark.parametrize("instant", ["1980-01-01", "2100-01-01"])
def test_timers_do_not_end_early_when_time_jumps(instant: str) -> None:
    async def wait() -> bool:
        hour = asyncio.get_running_loop().call_later(3600, ended.set)
        with freeze_time(instant), pytest.raises(TimeoutError):
            await asyncio.wait_for(ended.wait(), 0.001)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ended.wait(), 0.001)
        hour.cancel()
        return ended.is_set()

    ended = asyncio.Event()
    with asyncio.Runner(loop_factory=SteadyLoop) as runner:
        assert not runner.run(wait())
