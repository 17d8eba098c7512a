"""A config file that changes while the server runs."""

import asyncio
from pathlib import Path

import pytest

from fakestash.dev.config import read_config
from fakestash.dev.config.watching import watch
from fakestash.dev.run import worlds_of
from fakestash.dev.settings import Settings

DEADLINE_S = 10.0


@pytest.mark.asyncio
async def test_a_change_of_the_file_is_taken_over_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fakestash.dev.config.watching.LOOK_EVERY_S", 0.001)
    path = tmp_path / "fakestash.toml"
    path.write_text("", encoding="utf-8")
    config = read_config(path)
    worlds = worlds_of(Settings(), "http://127.0.0.1:8080", print, config)
    told: list[str] = []

    watching = asyncio.create_task(watch(config, worlds, told.append))
    async with asyncio.timeout(DEADLINE_S):
        for number, text in enumerate(['[[queues]]\nname = "q"\n', "prot = 1", "seed = 1\n"], 1):
            await asyncio.sleep(0.01)
            path.unlink()
            await asyncio.sleep(0.01)
            path.write_text(text, encoding="utf-8")
            while len(told) < number:  # noqa: ASYNC110 - it is told by a file
                await asyncio.sleep(0.001)
    watching.cancel()

    assert [queue.name for queue in worlds.default.fake.queues] == ["q"]
    assert told[0] == f"{path}: read again"
    assert told[1].endswith("(the server goes on with what it had)")
    assert told[2] == f"{path}: read again; at the next start: seed"


@pytest.mark.asyncio
async def test_without_a_file_nothing_is_watched() -> None:
    await watch(read_config(None, Path("/")), worlds_of(Settings(), "http://x", print), print)
