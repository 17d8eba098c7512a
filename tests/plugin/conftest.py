"""What the plugin's tests share: a project of its own to run tests in."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

INI = """
[pytest]
addopts = -p no:fakestash -p pytest_fakestash.plugin -p no:cacheprovider -p no:randomly
    --strict-markers
asyncio_default_fixture_loop_scope = function
filterwarnings = error
"""

BARE_INI = """
[pytest]
addopts = -p no:cacheprovider -p no:randomly
filterwarnings = error
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project that loads the plugin by name, from here, however it is installed."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(ROOT / "conftest_plugin")]))
    for name in ("CI", "BUILD_NUMBER"):
        monkeypatch.delenv(name, raising=False)  # where they are set, pytest tells more
    pytester.makeini(INI)
    return pytester


@pytest.fixture
def bare_project(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project that loads no plugins but those that it is told to: they take long to load."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    project.makeini(BARE_INI)
    return project
