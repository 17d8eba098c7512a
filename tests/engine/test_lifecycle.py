"""The table of changes: every pair of state and action is tried, and what is not there is a bug."""

from itertools import product

import pytest

from fakestash.engine.lifecycle import TRANSITIONS, Action, move
from fakestash.engine.user_log import UserLog
from fakestash.errors import InternalError
from fakestash.model.logs import LogState
from fakestash.model.messages import ENDED, Message, MessageState, PublishCommand

EXPECTED: dict[str, dict[str, tuple[str, list[str]]]] = {
    "new": {"create": ("pending", ["CREATED"])},
    "pending": {
        "come due": ("active", ["ACTIVE"]),
        "hold": ("waiting", []),
        "request cancel": ("canceling", ["CANCEL_REQUESTED"]),
    },
    "waiting": {
        "admit": ("active", ["ACTIVE"]),
        "request cancel": ("canceled", ["CANCEL_REQUESTED", "CANCELED"]),
    },
    "active": {
        "succeed": ("delivered", ["DELIVERED"]),
        "retry later": ("pending", ["ERROR", "RETRY"]),
        "give up": ("failed", ["ERROR", "FAILED"]),
        "lose the answer": ("pending", []),
        "request cancel": ("canceling while active", ["CANCEL_REQUESTED"]),
    },
    "canceling": {"come due": ("canceled", ["CANCELED"])},
    "canceling while active": {
        "succeed": ("delivered", ["DELIVERED"]),
        "retry later": ("canceling", ["ERROR", "RETRY"]),
        "give up": ("failed", ["ERROR", "FAILED"]),
    },
    "delivered": {},
    "failed": {},
    "canceled": {},
}
LEGAL = [(state, action) for state, actions in EXPECTED.items() for action in actions]
PAIRS = [(str(state), str(action)) for state, action in product(MessageState, Action)]


def message_in(state: str) -> Message:
    command = PublishCommand("https://shop.test")
    message = Message("msg_1", "user", command, 10, 20, 20, MessageState(state))
    UserLog().add(message, LogState.CREATED, 10, "127.0.0.1")
    UserLog().add(message, LogState.ACTIVE, 20, "127.0.0.1")
    return message


def test_every_state_is_in_the_expectation() -> None:
    assert list(EXPECTED) == [str(state) for state in MessageState]


@pytest.mark.parametrize(("state", "action"), LEGAL)
def test_a_change_in_the_table_is_made_and_says_what_is_logged(state: str, action: str) -> None:
    message = message_in(state)

    logged = move(message, Action(action))

    assert (str(message.state), [str(entry) for entry in logged]) == EXPECTED[state][action]


@pytest.mark.parametrize(("state", "action"), [pair for pair in PAIRS if pair not in LEGAL])
def test_any_other_change_is_a_defect_and_changes_nothing(state: str, action: str) -> None:
    message = message_in(state)
    before = list(message.entries)

    with pytest.raises(InternalError) as raised:
        move(message, Action(action))

    assert str(raised.value) == (
        f"message msg_1 cannot {action} while it is {state} (CREATED, ACTIVE)"
    )
    assert (message.state, message.entries) == (MessageState(state), before)


def test_a_message_without_history_says_so() -> None:
    message = Message("msg_1", "user", PublishCommand("https://shop.test"), 10, 20, 20)

    with pytest.raises(InternalError, match=r"^message msg_1 cannot succeed while it is new \(n"):
        move(message, Action.SUCCEED)


def test_nothing_leads_out_of_an_end() -> None:
    assert {state for state in MessageState if not EXPECTED[state]} == ENDED


def test_every_state_but_new_can_be_reached() -> None:
    assert {new for new, _ in TRANSITIONS.values()} == set(MessageState) - {MessageState.NEW}
