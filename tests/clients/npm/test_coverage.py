"""The scenes leave nothing of the client out: no method, and no option that it looks for."""

from typing import Final

from tests.clients.npm.player import Player

PRIVATE: Final = {
    "Chat.createThirdParty",
    "Chat.getAuthorizationToken",
    "Receiver.verifyBodyAndUrl",
    "Receiver.verifyWithKey",
}
"""Private by the client's types, which nothing is when it runs."""


def test_every_public_method_is_called(player: Player) -> None:
    called = {method for scene in player.scenes for method in player.play(scene).methods}

    assert set(player.methods) - called == PRIVATE


def test_every_option_that_the_client_looks_for_is_given(player: Player) -> None:
    plays = [player.play(scene) for scene in player.scenes]
    sought = {option for play in plays for option in play.sought}
    given = {option for play in plays for option in play.given}

    assert sought - given == set()
