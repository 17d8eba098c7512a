"""The player, one for all tests of a process: a start of node costs more than a scene."""

from collections.abc import Iterator

import pytest

from tests.clients.npm.player import Player
from tests.npm_client import node_with_client


@pytest.fixture(scope="session")
def player() -> Iterator[Player]:
    """Who plays the scenes."""
    with Player(node_with_client()) as player:
        yield player
