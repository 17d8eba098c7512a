"""``fakestash snapshot``: kept, listed, gone back to, forgotten."""

from fakestash import FakeQStash
from tests.cli.running import CommandLine

ORDERS = "https://shop.test/orders"


def test_everything_goes_back_to_how_it_was(line: CommandLine, fake: FakeQStash) -> None:
    line.done("publish", ORDERS, "--delay", "1d")
    saved = line.done("snapshot", "save").out.strip()
    line.done("reset")

    restored = line.done("snapshot", "restore", saved).lines

    assert restored[0] == "2026-01-01T00:00:00Z, manual"
    assert len(fake.messages) == 1


def test_snapshots_have_names_and_are_listed_and_deleted(
    line: CommandLine, fake: FakeQStash
) -> None:
    assert line.done("snapshot", "list").out == "there is no snapshot\n"
    assert line.done("snapshot", "save", "before lunch").out == "before lunch\n"

    assert line.done("snapshot", "list").lines == [
        "ID            AT",
        "before lunch  2026-01-01T00:00:00Z",
    ]
    (listed,) = line.done("snapshot", "list", "--json").json["snapshots"]
    assert line.done("snapshot", "restore", "before lunch", "--json").json["now"] == listed["at"]
    assert line.done("snapshot", "delete", "before lunch").out == ""
    assert "before lunch" in line.refused("snapshot", "restore", "before lunch")
    assert line.done("snapshot", "save", "x", "--json").json == {"id": "x", "at": listed["at"]}
    assert line.done("snapshot", "delete", "x", "--json").json == {"deleted": "x"}
