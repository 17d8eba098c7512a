"""Reading the config file again when it changes.

What has happened stays, as do messages, the clock and the mode. Host rewrites and scripts are then
as the file says; groups, queues and schedules that it names are made or overwritten, and those
that it names no more stay until the server begins again. All else needs a start.
"""

import asyncio
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Final

from fakestash.dev.config.config import Config, read_config
from fakestash.dev.worlds import Worlds
from fakestash.errors import UsageError

LOOK_EVERY_S: Final = 0.3


async def watch(config: Config, worlds: Worlds, say: Callable[[str], None]) -> None:
    """Take over what changes in the file of ``config``, until this is cancelled."""
    path = config.path
    if path is None:
        return
    seen = _stamp(path)
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        stamp = _stamp(path)
        if stamp is not None and stamp != seen:
            seen = stamp
            config = reload(config, worlds, say)


def reload(config: Config, worlds: Worlds, say: Callable[[str], None]) -> Config:
    """Read the file again, and have it hold in all worlds; it is told what that came to."""
    try:
        latest = read_config(config.path)
        worlds.take_over(latest.preload, latest.rewrites)
    except UsageError as error:
        say(f"{error} (the server goes on with what it had)")
        return config
    waiting = _waiting_for_a_start(config, latest)
    more = f"; at the next start: {', '.join(waiting)}" if waiting else ""
    say(f"{config.path}: read again{more}")
    return latest


def _waiting_for_a_start(before: Config, after: Config) -> list[str]:
    changed = [
        "plan" if each.name == "quota" else each.name
        for each in fields(before.settings)
        if getattr(before.settings, each.name) != getattr(after.settings, each.name)
    ]
    return changed + (["users"] if before.users != after.users else [])


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:  # an editor may be about to put it back
        return None
    return found.st_mtime_ns, found.st_size
