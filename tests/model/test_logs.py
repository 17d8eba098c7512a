"""Log entries: the states of the wire, and the ids that are cursors."""

import pytest

from fakestash.model.logs import CLOSING, LogEntry, LogState
from fakestash.model.messages import Message, PublishCommand


@pytest.mark.fidelity("log: the eight states", "measured")
def test_the_states_are_spelled_as_on_the_wire() -> None:
    assert [str(state) for state in LogState] == [
        "CREATED",
        "ACTIVE",
        "RETRY",
        "ERROR",
        "DELIVERED",
        "FAILED",
        "CANCEL_REQUESTED",
        "CANCELED",
    ]


def test_an_attempt_is_closed_by_an_error_or_a_delivery() -> None:
    assert {LogState.ERROR, LogState.DELIVERED} == CLOSING


def test_the_id_of_an_entry_is_its_place_in_time() -> None:
    message = Message("msg_1", "user", PublishCommand("https://shop.test"), 10, 20, 20)

    assert LogEntry(1_752_829_295_505, 3, LogState.ACTIVE, message, "").id == "1752829295505-3"
