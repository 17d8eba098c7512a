"""What the plugin's tests share: a project of its own to run tests in."""

import pytest

INI = """
[pytest]
addopts = -p no:fakestash -p pytest_fakestash.plugin -p no:cacheprovider --strict-markers
asyncio_default_fixture_loop_scope = function
filterwarnings = error
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project that loads the plugin by name, in whatever way it is installed here."""
    pytester.makeini(INI)
    return pytester
