"""The scenes leave nothing of the client out: no method, and no option that it looks for."""

from pathlib import Path
from typing import Final

from tests.clients.npm.player import Player

PRIVATE: Final = {
    "Chat.createThirdParty",
    "Chat.getAuthorizationToken",
    "Receiver.verifyBodyAndUrl",
    "Receiver.verifyWithKey",
}
"""Private by the client's types, which nothing is when it runs."""

LEADS_OUTSIDE: Final = {"Chat.create.analytics"}
"""Has the client call a host of its own, whatever its configuration says."""

OF_ANYTHING: Final = {
    *("fromDate", "toDate", "callerIp", "label", "flowControlKey"),
    *("url", "urlGroup", "scheduleId", "queueName"),
}
OF_DEAD_LETTERS: Final = {*OF_ANYTHING, "messageId", "responseStatus", "api"}
OF_LOGS: Final = {
    *(*OF_ANYTHING, "messageId", "topicName", "state", "host", "path", "count", "api"),
}
FILTERS: Final = {
    "Messages.cancel": {*OF_ANYTHING, "host", "path"},
    "DLQ.listMessages": OF_DEAD_LETTERS,
    "DLQ.delete": OF_DEAD_LETTERS,
    "DLQ.retry": OF_DEAD_LETTERS,
    "Client.logs": OF_LOGS,
}
"""The filters by the client's types: it passes them on without looking at each."""


def test_every_public_method_is_called(player: Player) -> None:
    called = {method for scene in player.scenes for method in player.play(scene).methods}

    assert set(player.methods) - called == PRIVATE


def test_every_option_that_the_client_looks_for_is_given(player: Player) -> None:
    plays = [player.play(scene) for scene in player.scenes]
    sought = {option for play in plays for option in play.sought}
    given = {option for play in plays for option in play.given}

    assert sought - given == LEADS_OUTSIDE


def test_every_filter_is_given(player: Player) -> None:
    given = {option for scene in player.scenes for option in player.play(scene).given}
    filters = {f"{method}.filter.{name}" for method, names in FILTERS.items() for name in names}

    assert filters - given == set()


def test_every_scene_is_looked_at(player: Player) -> None:
    tests = "".join(file.read_text() for file in Path(__file__).parent.glob("test_*.py"))

    assert [scene for scene in player.scenes if f'play("{scene}")' not in tests] == []
