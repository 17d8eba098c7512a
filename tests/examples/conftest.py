"""What the examples need here and their users do not: warnings are errors in this test run."""

import pytest


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let the official clients leave their connections to the garbage collector, as they do."""
    item.add_marker(pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"))
