"""Trying a scenario under chaos, seed by seed, and making what breaks it as small as it gets.

Each run gets a fake of its own, served and announced as by ``running``. Whatever else the scenario
needs new, it has to make itself: what an earlier run left behind must make no difference.
"""

from collections.abc import Awaitable, Callable, Generator
from inspect import iscoroutine
from typing import Final, NamedTuple, TypeAlias, Unpack

from fakestash.errors import UsageError, shown_where_it_was_made
from fakestash.fake import FakeQStash
from fakestash.served import Settings, running
from fakestash.syntax.disturbances import Disturbances, shrinking

__tracebackhide__ = shown_where_it_was_made

SEEDS: Final = 20
"""So many seeds are tried, unless told otherwise."""


class _Trial(NamedTuple):
    """One run: what was disturbed, in words too, and how it failed, if it did."""

    disturbances: Disturbances
    told: str
    error: Exception | None


_Search: TypeAlias = Generator[Settings, _Trial, Exception | None]
"""Says how to run the scenario next, is told what came of it, and ends with what to raise."""


def explore(
    scenario: Callable[[FakeQStash], object], *, seeds: int = SEEDS, **settings: Unpack[Settings]
) -> None:
    """Run ``scenario(fake)`` undisturbed, then once for each seed, until it fails.

    What it raised is raised, from the run with the fewest disturbances that still fails alike, and
    with a note that has the smallest seed, these disturbances, and the line that reproduces it.

    Args:
        scenario: publishes, moves time and asserts; ``explore_async`` takes one that is awaited.
        seeds: how many are tried, from 1 on.
        settings: how each fake is made, as for ``running``. With ``chaos`` there is one run.

    Raises:
        UsageError: if ``seeds`` is no number from 1 on, or a ``chaos_seed`` is given.
        Exception: what the scenario raised.
    """
    search = _search(_name(scenario), seeds, settings)
    how = next(search)
    error: Exception | None = None
    while True:
        trial = _tried(scenario, how)
        try:
            how = search.send(trial)
        except StopIteration as end:
            error = end.value
            break
    if error is not None:
        raise error


async def explore_async(
    scenario: Callable[[FakeQStash], Awaitable[object]],
    *,
    seeds: int = SEEDS,
    **settings: Unpack[Settings],
) -> None:
    """``explore`` for a scenario that is awaited, in the caller's event loop."""
    search = _search(_name(scenario), seeds, settings)
    how = next(search)
    error: Exception | None = None
    while True:
        trial = await _tried_async(scenario, how)
        try:
            how = search.send(trial)
        except StopIteration as end:
            error = end.value
            break
    if error is not None:
        raise error


def _tried(scenario: Callable[[FakeQStash], object], how: Settings) -> _Trial:
    trial = running(**how)
    fake = trial.start()
    try:
        try:
            returned = scenario(fake)
        finally:
            trial.stop()
    except Exception as error:  # noqa: BLE001 - whatever it raises, it fails
        return _Trial(fake.disturbances, fake.explain_chaos(), error)
    if iscoroutine(returned):
        returned.close()
        raise UsageError("explore() was given a scenario to be awaited: use explore_async()")
    return _Trial(fake.disturbances, "", None)


async def _tried_async(
    scenario: Callable[[FakeQStash], Awaitable[object]], how: Settings
) -> _Trial:
    trial = running(**how)
    fake = trial.start()
    try:
        try:
            await scenario(fake)
        finally:
            trial.stop()
    except Exception as error:  # noqa: BLE001 - whatever it raises, it fails
        return _Trial(fake.disturbances, fake.explain_chaos(), error)
    return _Trial(fake.disturbances, "", None)


def _search(name: str, seeds: int, settings: Settings) -> _Search:
    """The runs of one exploration."""
    if type(seeds) is not int or seeds < 1:
        raise UsageError(f"seeds must be a whole number from 1 on, got {seeds!r}")
    if "chaos_seed" in settings:
        raise UsageError("explore() tries seeds by itself: say how many with seeds=")
    if settings.get("chaos"):
        trial = yield settings
        return _with_note(trial, trial.told)
    for seed in range(seeds + 1):
        trial = yield {**settings, "chaos_seed": seed}
        if trial.error is None:
            continue
        if not trial.disturbances:
            return _with_note(trial, "nothing was disturbed in this run: chaos is not to blame")
        smallest = yield from _shrunk(trial, settings)
        return _with_note(smallest, _account(name, seed, smallest))
    return None


def _shrunk(failed: _Trial, settings: Settings) -> Generator[Settings, _Trial, _Trial]:
    """The run with the fewest disturbances that fails as ``failed`` did."""
    smaller = shrinking(failed.disturbances)
    smallest, still_fails = failed, None
    while True:
        try:
            chaos = next(smaller) if still_fails is None else smaller.send(still_fails)
        except StopIteration:
            return smallest
        trial = yield {**settings, "chaos": chaos}
        still_fails = type(trial.error) is type(failed.error)
        if still_fails:
            smallest = trial


def _account(name: str, seed: int, trial: _Trial) -> str:
    """What is told of a failure under chaos."""
    before = "seed 0, undisturbed, passes" if seed == 1 else f"seeds 0 to {seed - 1} pass"
    return (
        f"chaos seed {seed} breaks it, {before}; what is left of it:\n"
        f"{trial.told}\n"
        f'to reproduce: fakestash.explore({name}, chaos="{trial.disturbances}")'
    )


def _with_note(trial: _Trial, note: str) -> Exception | None:
    if trial.error is not None:
        trial.error.add_note(note)
    return trial.error


def _name(scenario: object) -> str:
    name: str = getattr(scenario, "__name__", "scenario")
    return name
