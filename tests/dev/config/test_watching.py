"""Reading the config file again while the server runs."""

from pathlib import Path

import pytest

from fakestash.dev.config import read_config
from fakestash.dev.config.watching import reload
from fakestash.dev.run import worlds_of
from fakestash.dev.settings import Settings
from tests.dev.server import URL

BEFORE = """
port = 8080
[hosts]
"a.test" = "127.0.0.1"
[[queues]]
name = "q"
[[destinations]]
url = "https://a.test"
answers = [500]
[[destinations]]
url = "https://b.test"
"""
AFTER = """
port = 8081
plan = "free"
[hosts]
"b.test" = "127.0.0.1"
[[queues]]
name = "q"
parallelism = 5
[[queues]]
name = "r"
[[destinations]]
url = "https://a.test"
answers = [200, 201]
"""


@pytest.mark.asyncio
async def test_what_changed_holds_in_all_worlds_and_in_new_ones(tmp_path: Path) -> None:
    path = tmp_path / "fakestash.toml"
    path.write_text(BEFORE, encoding="utf-8")
    config = read_config(path)
    worlds = worlds_of(Settings(), URL, print, config)
    worlds.add(name="early", start=None, seed=None, plan=None, pace=None)
    told: list[str] = []
    fake = worlds.default.fake
    fake.destination("https://mine.test")
    path.write_text(AFTER, encoding="utf-8")

    latest = reload(config, worlds, told.append)
    worlds.add(name="late", start=None, seed=None, plan=None, pace=None)

    assert told == [f"{path}: read again; at the next start: port, plan"]
    assert latest.path == path
    for world in worlds.all:
        connect_to = world.http.connect_to
        assert connect_to is not None
        assert [connect_to(f"http://{host}.test/") for host in "ab"] == [
            "http://a.test/",
            "http://127.0.0.1/",
        ]
        assert [(each.name, each.parallelism) for each in world.fake.queues] == [("q", 5), ("r", 1)]
    assert [(each.url, each.answers_left) for each in fake.destinations] == [
        ("https://a.test", 2),
        ("https://mine.test", 0),
    ]
    for name in ("early", "late"):
        await worlds.end(name)


def test_a_mistake_in_the_file_is_told_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "fakestash.toml"
    path.write_text(BEFORE, encoding="utf-8")
    config = read_config(path)
    worlds = worlds_of(Settings(), URL, print, config)
    told: list[str] = []
    path.write_text("prot = 1", encoding="utf-8")

    assert reload(config, worlds, told.append) is config

    assert told[0].startswith(f"{path}: 'prot' means nothing in the file")
    assert told[0].endswith(" (the server goes on with what it had)")
    assert len(worlds.default.fake.destinations) == 2
